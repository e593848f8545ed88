"""Spans and attributes as programs write them, and strategies for what no program should write."""

import json
from typing import Any

import msgspec
from hypothesis import strategies as st

from telltale.nouns.span import RawSpan, Span


def raw(attributes: dict[str, Any] | None = None, **fields: Any) -> RawSpan:
    """A span with the given attributes; ended, unless told otherwise."""
    told = {"name": "chat gpt-5", "start_ns": 1, "end_ns": 2} | fields
    return RawSpan(trace_id=b"t" * 16, span_id=b"s" * 8, attributes=attributes or {}, **told)


def said(role: str, *parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """One message in OpenTelemetry's form."""
    return {"role": role, "parts": list(parts), **fields}


def text(content: str) -> dict[str, Any]:
    return {"type": "text", "content": content}


def call(tool: str, arguments: Any = None) -> dict[str, Any]:
    return {"type": "tool_call", "name": tool, "arguments": arguments or {}, "id": "call_1"}


def messages(*given: dict[str, Any]) -> str:
    """Messages as they stand on a span: JSON text."""
    return json.dumps(given)


halves = st.sampled_from(["\ud800", "a\udc00", "\ud83d half", "\udead\ud800"])
words = st.text(max_size=20) | halves
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([19, 63, 5000]).map(lambda digits: 10**digits)
    | st.floats()
    | words
    | st.binary(max_size=8)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


def as_json(value: Any) -> str:
    """JSON text as Python writes it, NaN and half surrogates included."""
    try:
        return json.dumps(value, default=repr)
    except ValueError:  # A number of thousands of digits.
        return '{"half": "\\ud800", "n": NaN'


_parts = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["text", "reasoning", "tool_call", "tool_call_response", "uri"]),
        "content": values,
        "name": words,
        "arguments": values | values.map(as_json),
        "response": values,
        "id": scalars,
    },
)
_messages = st.fixed_dictionaries(
    {},
    optional={
        "role": st.sampled_from(["user", "tool"]) | scalars,
        "parts": st.lists(_parts, max_size=3),
        "content": values,
        "tool_calls": st.lists(st.builds(dict, id=scalars, function=_parts), max_size=2),
        "tool_call_id": scalars,
        "finish_reason": scalars,
    },
)
conversations = st.lists(_messages, max_size=3)
"""Messages that are nearly right."""

messy = values | values.map(as_json) | conversations.map(as_json)


def check_storable(span: Span) -> None:
    """Whatever was read, a store takes it, and no count is larger than what it is part of."""
    assert msgspec.json.encode(span)
    assert msgspec.msgpack.encode(span)
    assert len(span.label) <= 48
    assert span.label.isprintable() or "\u200d" in span.label
    if span.usage is not None:
        parts = span.usage.cache_read_tokens + span.usage.cache_write_tokens
        assert parts <= span.usage.input_tokens < 2**63
        assert span.usage.reasoning_tokens <= span.usage.output_tokens < 2**63
