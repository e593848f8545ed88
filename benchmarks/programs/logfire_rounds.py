"""Spans by Logfire as it comes, its scrubbing on, that are neither sent nor shown nor written."""

import importlib.metadata
import json
import sys

import logfire
from rounds import ATTRIBUTES, in_turns, trace_by

logfire.configure(send_to_logfire=False, console=False)
rounds = in_turns(int(sys.argv[1]), trace_by(lambda name: logfire.span(name, **ATTRIBUTES)))
print(json.dumps({"rounds": rounds, "version": importlib.metadata.version("logfire")}))
