"""What the tests of all providers' clients ask of what was recorded."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from recording import Recording
from telltale.demo.scripted_llm import ScriptedLLM
from telltale.nouns.span import Kind, RawSpan
from telltale.tracing.live import LiveSpan, current
from telltale.tracing.spans import begin

KEY = "a-key-of-no-known-form-but-long"
ATTEMPT = "telltale.attempt.failed"


def said(span: RawSpan, key: str = "gen_ai.output.messages") -> Any:
    """What a JSON attribute holds."""
    return json.loads(span.attributes[key])


def tokens(span: RawSpan) -> tuple[int, ...]:
    """Input, cached, written to the cache, output: as recorded."""
    usage = span.attributes
    return (
        usage["gen_ai.usage.input_tokens"],
        usage["gen_ai.usage.cache_read.input_tokens"],
        usage["gen_ai.usage.cache_write.input_tokens"],
        usage["gen_ai.usage.output_tokens"],
    )


def logged(llm: ScriptedLLM) -> list[tuple[int, ...]]:
    """The same, as the server counted them, of the calls that succeeded."""
    return [
        (call.input_tokens, call.cached_tokens, call.cache_write_tokens, call.output_tokens)
        for call in llm.calls
        if call.status == 200
    ]


def attempts(span: RawSpan) -> list[str]:
    """The errors of the tries that failed."""
    return [e.attributes["exception.type"] for e in span.events if e.name == ATTEMPT]


def written(recording: Recording) -> bytes:
    """All that is on the disk."""
    return b"".join(path.read_bytes() for path in recording.files)


@contextmanager
def inside_a_frameworks_call(*joins: str) -> Iterator[LiveSpan]:
    """An LLM span of a framework, which speaks for calls of these clients."""
    span = begin("chat", Kind.LLM, joins=frozenset(joins))
    token = current.set(span)
    try:
        yield span
    finally:
        current.reset(token)
        span.end()
