"""Everything that a person does with crewAI, on every version: does the trace say what happened?

variants/   what is done, a function each
perform.py  runs them inside one version, as a user's program would
judge.py    holds the trace against the run, its result and the model server's log
versions.py the environments, one a version
"""

from pathlib import Path

ROOT = Path(__file__).parent.parent
