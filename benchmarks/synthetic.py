"""Journals of programs that never ran, as large as is asked, shaped and filled like a crew's."""

import os
import time
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from telltale.nouns.span import RawSpan, Status
from telltale.tracing.records import Header, RecordType, encode_header, encode_span

_MS = 1_000_000
_STEP = ("llm", "tool", "llm", "memory", "embedding")
"""What an agent does over and over."""
_TASK = 10
"""Steps of a task."""
_WORDS = (
    "Kyoto in December is cold and clear; the gardens are lit in the evening, and the queues at "
    "the temples are short. A room near the station costs 14,000 yen. "
)


def trace(spans: int, seed: int = 0, ago_s: float = 0) -> list[RawSpan]:
    """A trace of so many spans: a crew, its tasks, their agents, and what these did.

    Args:
        seed: Another one gives other texts.
        ago_s: How long ago it ended.
    """
    trace_id = os.urandom(16)
    start_ns = time.time_ns() - spans * 20 * _MS - int(ago_s * 1e9)
    crew = _span(
        trace_id, None, "TripCrew", "crew", start_ns, spans * 20, {"telltale.inputs": "{}"}
    )
    made = [crew]
    while len(made) < spans:
        if (len(made) - 1) % (_TASK + 2) == 0:
            at_ns = start_ns + len(made) * 20 * _MS
            left = min(_TASK + 2, spans - len(made))
            task = _span(trace_id, crew, f"task {len(made)}", "task", at_ns, left * 20, {})
            agent = _span(trace_id, task, "City scout", "agent", at_ns, left * 20, {})
            made += [task, agent]
        made.append(_step(trace_id, made, agent, start_ns, seed))
    return made[:spans]


def piece(spans: Iterable[RawSpan], *, open_only: bool = False, whole: bool = True) -> bytes:
    """A header record and the spans behind it, as the SDK's shipper posts them.

    Args:
        open_only: Start records alone, as they arrive while the program runs.
        whole: Start and end of each span, as in a journal that has waited; else ends alone.
    """
    header = Header(
        journal_id=os.urandom(16),
        segment=0,
        destination="http://127.0.0.1:5000",
        pid=os.getpid(),
        started_ns=time.time_ns(),
        resource={"service.name": "benchmark", "process.pid": os.getpid()},
    )
    return encode_header(header) + b"".join(_records(spans, open_only, whole))


def _records(spans: Iterable[RawSpan], open_only: bool, whole: bool) -> Iterator[bytes]:
    for span in spans:
        if open_only or whole:
            opened = {"end_ns": None, "status": Status.UNSET}
            yield encode_span(RecordType.START, msgspec.structs.replace(span, **opened))
        if not open_only:
            yield encode_span(RecordType.END, span)


def _step(
    trace_id: bytes, made: list[RawSpan], agent: RawSpan, start_ns: int, seed: int
) -> RawSpan:
    number = len(made)
    kind = _STEP[number % len(_STEP)]
    at_ns = start_ns + number * 20 * _MS
    return _span(trace_id, agent, kind, kind, at_ns, 15, _said(kind, number + seed))


def _said(kind: str, number: int) -> dict[str, Any]:
    if kind == "llm":
        text = f"{number}: {_WORDS * 4}"
        return {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4.1-mini",
            "gen_ai.response.model": "gpt-4.1-mini-2026-04-14",
            "gen_ai.usage.input_tokens": 1200 + number % 100,
            "gen_ai.usage.output_tokens": 40,
            "gen_ai.input.messages": _messages("user", text),
            "gen_ai.output.messages": _messages("assistant", text, finish_reason="stop"),
        }
    if kind == "tool":
        return {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "search",
            "telltale.inputs": f'{{"query":"hotel {number}"}}',
            "telltale.outputs": _WORDS * 2,
        }
    return {"telltale.inputs": f"recall {number}", "telltale.outputs": _WORDS}


def _messages(role: str, text: str, **more: str) -> str:
    message = {"role": role, "parts": [{"type": "text", "content": text}], **more}
    return msgspec.json.encode([message]).decode()


def _span(
    trace_id: bytes,
    under: RawSpan | None,
    name: str,
    kind: str,
    start_ns: int,
    ms: int,
    attributes: dict[str, Any],
) -> RawSpan:
    return RawSpan(
        trace_id=trace_id,
        span_id=os.urandom(8),
        parent_id=under.span_id if under else None,
        name=name,
        start_ns=start_ns,
        end_ns=start_ns + ms * _MS,
        span_kind="client" if kind == "llm" else "internal",
        status=Status.OK,
        attributes={"telltale.kind": kind, **attributes},
        scope="telltale",
        experiment="benchmark",
    )
