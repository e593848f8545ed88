"""The server's HTTP API as Python: what the command line, evaluation and MCP speak."""
