"""One running server for all tests that only add traces of their own."""

from running import free_port as free_port
from running import http as http
from running import server as server
