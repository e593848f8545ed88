"""What other programs send by OTLP: the same agents' traces for whoever is measured."""

import os
import random
import time
from collections.abc import Callable
from typing import Any

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

from benchmarks.texts import chinese_words, paragraphs, words
from telltale.nouns.span import RawSpan, Status

SPANS = 20
_PARAGRAPHS = 2_000
_MS = 1_000_000

Trace = list[RawSpan]
Tell = Callable[[], str]
"""A new text of some 500 characters or, of ideographs, 500 bytes."""


def separate_calls(chance: random.Random) -> Callable[[], Trace]:
    """Traces of calls that have nothing to do with each other; 2 KB a span."""
    told = _english(chance)
    return lambda: _trace(lambda number: _once(number, told))


def chinese_calls(chance: random.Random) -> Callable[[], Trace]:
    """The same in Chinese."""
    told = paragraphs(chance, chinese_words(), _PARAGRAPHS, 84, between="")
    return lambda: _trace(lambda number: _once(number, lambda: chance.choice(told)))


def one_conversation(chance: random.Random) -> Callable[[], Trace]:
    """Traces of an agent that tells its model, with each call, all that was said before.

    Its instructions and what a tool answers take 2 KB each, its own words 0.5 KB.
    """
    told = _english(chance)

    def long() -> str:
        return "\n".join(told() for _ in range(4))

    def trace() -> Trace:
        said = [_message("system", long())]

        def step(number: int) -> dict[str, Any]:
            if number % 2 == 0:
                result = long()
                said.append(_message("tool", result))
                return _tool(f"query {number}", result)
            answer = _message("assistant", told())
            call = _chat(said, [answer])
            said.append(answer)
            return call

        return _trace(step)

    return trace


def otlp(traces: list[Trace]) -> bytes:
    """An export request with these traces, as protobuf."""
    request = ExportTraceServiceRequest()
    entry = request.resource_spans.add()
    entry.resource.attributes.append(_pair("service.name", "benchmark"))
    spans = entry.scope_spans.add().spans
    for trace in traces:
        spans.extend(map(_protobuf, trace))
    return request.SerializeToString()


def _english(chance: random.Random) -> Tell:
    told = paragraphs(chance, words(), _PARAGRAPHS, 90)
    return lambda: chance.choice(told)


def _trace(step: Callable[[int], dict[str, Any]]) -> Trace:
    trace_id, root_id, start_ns = os.urandom(16), os.urandom(8), time.time_ns()
    made = []
    for number in range(SPANS):
        said = step(number) if number else {"gen_ai.operation.name": "invoke_agent"}
        made.append(
            RawSpan(
                trace_id=trace_id,
                span_id=os.urandom(8) if number else root_id,
                parent_id=root_id if number else None,
                name=said["gen_ai.operation.name"],
                start_ns=start_ns + number * _MS,
                end_ns=start_ns + (number + 1 if number else SPANS) * _MS,
                status=Status.OK,
                attributes=said,
                scope="benchmark",
                resource={"service.name": "benchmark"},
            )
        )
    return made


def _once(number: int, told: Tell) -> dict[str, Any]:
    if number % 2 == 0:
        return _tool(f"{told()} {told()}", f"{told()} {told()}")
    asked = [_message("system", told()), _message("user", f"{told()} {told()}")]
    return _chat(asked, [_message("assistant", told())])


def _chat(asked: list[dict[str, Any]], answered: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4.1-mini",
        "gen_ai.usage.input_tokens": 150 * len(asked),
        "gen_ai.usage.output_tokens": 150,
        "gen_ai.input.messages": msgspec.json.encode(asked).decode(),
        "gen_ai.output.messages": msgspec.json.encode(answered).decode(),
    }


def _tool(arguments: str, result: str) -> dict[str, Any]:
    return {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "search",
        "gen_ai.tool.call.arguments": msgspec.json.encode({"query": arguments}).decode(),
        "gen_ai.tool.call.result": result,
    }


def _message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def _protobuf(span: RawSpan) -> trace_pb2.Span:
    return trace_pb2.Span(
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_span_id=span.parent_id or b"",
        name=span.name,
        kind=trace_pb2.Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=span.start_ns,
        end_time_unix_nano=span.end_ns or 0,
        attributes=[_pair(key, value) for key, value in span.attributes.items()],
        status=trace_pb2.Status(code=trace_pb2.Status.STATUS_CODE_OK),
    )


def _pair(key: str, value: str | int) -> KeyValue:
    if isinstance(value, int):
        return KeyValue(key=key, value=AnyValue(int_value=value))
    return KeyValue(key=key, value=AnyValue(string_value=value))
