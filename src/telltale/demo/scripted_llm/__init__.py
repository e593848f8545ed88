"""A small server on 127.0.0.1 that answers from a script, in the dialects of several providers.

The same request always gets the same answer, so a trace of a run against it can be compared
figure by figure. It needs nothing beyond the SDK, because the demo must run where only the
SDK and crewAI are installed.
"""

from telltale.demo.scripted_llm.call import Call
from telltale.demo.scripted_llm.server import ScriptedLLM

__all__ = ["Call", "ScriptedLLM"]
