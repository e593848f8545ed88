"""Runs small crews under Telltale, under other tracers, and under several at once.

python beside.py STEP …

A step switches a tracer on (`+openinference`) or off (`-openinference`), or performs a variant.
Variants stand in an experiment that has the step's number. A line of JSON tells what came of one;
what another tracer has recorded, as it is switched off; and where a step says `same`, whether all
functions are those that stood there at first.
"""

import contextlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from openinference.instrumentation.crewai import CrewAIInstrumentor
from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import telltale

PROGRAM = __file__


class _Kept(InMemorySpanExporter):
    def shutdown(self) -> None:
        """crewAI's session ends; we go on reading."""


EXPORTER = _Kept()


@contextlib.contextmanager
def _telltale() -> Iterator[None]:
    telltale.crewai.autolog()
    yield
    telltale.crewai.autolog(disable=True)


@contextlib.contextmanager
def _openinference() -> Iterator[None]:
    instrumentors = (CrewAIInstrumentor(), OpenAIInstrumentor())
    for one in instrumentors:
        one.instrument()
    yield
    for one in reversed(instrumentors):
        one.uninstrument()


def _session() -> AbstractContextManager[Any]:
    """crewAI's own tracing of one run."""
    from crewai.telemetry.tracing import telemetry_session

    return telemetry_session("a kickoff", "a crew", exporters=[EXPORTER])


TRACERS = {"telltale": _telltale, "openinference": _openinference, "session": _session}


def main(steps: list[str]) -> None:
    """Take the steps, one after the other."""
    # Theirs is the global one, as their documentation sets it up.
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(EXPORTER))
    trace.set_tracer_provider(provider)
    from matrix.variants import variants

    do, first, on = variants(), _standing(), {}
    for number, step in enumerate(steps):
        if step.startswith("+"):
            EXPORTER.clear()
            on[step[1:]] = stack = ExitStack()
            stack.enter_context(TRACERS[step[1:]]())
        elif step.startswith("-"):
            on.pop(step[1:]).close()
            _say(number, theirs=_recorded())
        elif step == "same":
            told = [was is now for was, now in zip(first, _standing(), strict=True)]
            _say(number, same=all(told))
        else:
            telltale.set_experiment(str(number))
            with contextlib.redirect_stdout(sys.stderr):
                result = do[step]()
            _say(number, result=str(result))


def _recorded() -> list[tuple[str, str]]:
    """Name and parent's name of each span that the other tracers have."""
    spans = EXPORTER.get_finished_spans()
    # OpenInference names a flow by its id.
    named = {span.context.span_id: re.sub(r"_[0-9a-f-]{36}", "", span.name) for span in spans}
    return sorted(
        (
            named[span.context.span_id],
            named.get(span.parent.span_id, "elsewhere") if span.parent else "",
        )
        for span in spans
    )


def _say(number: int, **told: Any) -> None:
    os.write(1, f"{json.dumps({'step': number, **told})}\n".encode())


def _standing() -> list[Callable[..., Any]]:
    """The functions that both of us replace, and some that one of us does."""
    from crewai.agent.core import Agent
    from crewai.crew import Crew
    from crewai.events.event_bus import CrewAIEventsBus
    from crewai.flow.runtime import Flow
    from crewai.task import Task
    from openai import OpenAI
    from openai.resources.chat.completions.completions import Completions

    return [
        Agent._execute_without_timeout,
        Crew.kickoff,
        CrewAIEventsBus._prepare_event,
        Flow.kickoff_async,
        Task._execute_core,
        OpenAI.request,
        Completions.create,
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
