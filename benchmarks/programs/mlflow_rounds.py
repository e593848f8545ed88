"""Spans by MLflow as it comes, written to its own SQLite database by threads of its own."""

import json
import sys

import mlflow
from rounds import ATTRIBUTES, in_turns, trace_by

mlflow.set_tracking_uri("sqlite:///mlflow.db")
rounds = in_turns(
    int(sys.argv[1]),
    trace_by(lambda name: mlflow.start_span(name, attributes=ATTRIBUTES)),
    mlflow.flush_trace_async_logging,
)
print(json.dumps({"rounds": rounds, "version": mlflow.__version__}))
