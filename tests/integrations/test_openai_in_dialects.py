"""One call of the openai client, traced by OpenInference's instrumentor and by us: one reading."""

from collections.abc import Iterator

import openai
import pytest
from openai_calls import CLOCK, MODEL, SNAPSHOT, ask, autologged, counted
from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from exported import exported
from recording import Recording
from telltale.conventions.normalise import normalise
from telltale.nouns.message import Message, Text, ToolCall, ToolResult
from telltale.nouns.span import Kind, Span, Status
from telltale.nouns.usage import Usage


@pytest.fixture
def both(recording: Recording) -> Iterator["Both"]:
    """Traces by both; theirs goes to an exporter in memory, as any OpenTelemetry program's may."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = OpenAIInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    try:
        with autologged():
            yield Both(recording, exporter)
    finally:
        instrumentor.uninstrument()


class Both:
    """The readings of what the two have recorded."""

    def __init__(self, recording: Recording, exporter: InMemorySpanExporter) -> None:
        self._recording, self._exporter = recording, exporter

    @property
    def ours(self) -> list[Span]:
        return [normalise(span) for span in self._recording.spans]

    @property
    def theirs(self) -> list[Span]:
        return [normalise(exported(span)) for span in self._exporter.get_finished_spans()]


def same(span: Span) -> dict[str, object]:
    """What a reader, a search and a bill go by."""
    return {
        name: getattr(span, name)
        for name in (
            "kind", "name", "label", "state", "model", "requested_model", "provider", "usage",
            "input_messages", "output_messages", "inputs", "outputs", "error_message",
        )
    }  # fmt: skip


def options(stream: bool) -> dict[str, object]:
    """The counts of a stream come if they are asked for."""
    return {"stream": True, "stream_options": {"include_usage": True}} if stream else {}


def drained(answer: object, stream: bool) -> None:
    """Read a stream to its end."""
    if stream:
        list(answer)  # type: ignore[call-overload]


def test_words_read_the_same(both, client, llm, stream):
    drained(ask(client, "[[say:Good morning.]]", temperature=0.2, **options(stream)), stream)

    (ours,), (theirs,) = both.ours, both.theirs
    assert (ours.dialect, theirs.dialect) == ("telltale", "openinference")
    assert same(theirs) == same(ours)
    assert (theirs.kind, theirs.name, theirs.provider) == (Kind.LLM, "→ final answer", "openai")
    assert (theirs.model, theirs.requested_model) == (SNAPSHOT, MODEL)
    assert theirs.output_messages == (
        Message("assistant", (Text("Good morning."),), finish_reason="stop"),
    )
    (call,) = llm.calls
    assert theirs.usage == Usage(*told(counted(call)))


def told(counts: tuple[int, int, int]) -> tuple[int, int, int]:
    """Input, output and cached tokens, from the server's order."""
    tokens_in, cached, tokens_out = counts
    return tokens_in, tokens_out, cached


def test_calls_of_tools_read_the_same_with_their_ids(both, client, stream):
    prompt = '[[call:clock {"zone": "Asia/Tokyo"} clock {}]]'
    drained(ask(client, prompt, tools=[CLOCK], **options(stream)), stream)

    (ours,), (theirs,) = both.ours, both.theirs
    assert same(theirs) == same(ours)
    (message,) = theirs.output_messages
    assert message.finish_reason == "tool_calls"
    assert theirs.name == "→ clock(…) ×2"
    first, second = message.parts
    assert isinstance(first, ToolCall) and isinstance(second, ToolCall)
    assert (first.arguments, second.arguments) == ({"zone": "Asia/Tokyo"}, {})
    assert first.id and second.id and first.id != second.id


def test_a_conversation_with_cached_tokens_reads_the_same(both, client, llm, stream):
    asked = [
        {"role": "system", "content": "Be brief. " * 80},
        {"role": "user", "content": [{"type": "text", "text": "[[say:Noon.]]"}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "t1", "type": "function", "function": {"name": "clock", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "t1", "content": "12"},
    ]
    answer = client.chat.completions.create(
        model=MODEL, messages=asked, tools=[CLOCK], **options(stream)
    )
    drained(answer, stream)

    (ours,), (theirs,) = both.ours, both.theirs
    assert same(theirs) == same(ours)
    assert theirs.usage is not None and theirs.usage.cache_read_tokens > 0
    assert theirs.usage == Usage(*told(counted(llm.calls[0])))
    assert theirs.input_messages[2:] == (
        Message("assistant", (ToolCall("clock", {}, "t1"),)),
        Message("tool", (ToolResult("12", "t1"),)),
    )


def test_a_stream_without_counts_has_none_in_either(both, client):
    drained(ask(client, "[[say:Good morning.]]", stream=True), True)

    (ours,), (theirs,) = both.ours, both.theirs
    assert same(theirs) == same(ours)
    assert theirs.usage is None


def test_a_failure_reads_the_same(both, client):
    with pytest.raises(openai.RateLimitError):
        ask(client.with_options(max_retries=0), "[[fail:429:9]]")

    (ours,), (theirs,) = both.ours, both.theirs
    assert (theirs.status, theirs.name) == (ours.status, ours.name) == (Status.ERROR, "→ error")
    assert (theirs.model, theirs.input_messages) == (ours.model, ours.input_messages)
    # Theirs puts the class before the message, and the module before the class.
    assert theirs.error_message.endswith(ours.error_message)
    assert (theirs.error_type, ours.error_type) == ("openai.RateLimitError", "RateLimitError")


def test_embeddings_read_the_same(both, client):
    client.embeddings.create(model="text-embedding-3-small", input=["Tokyo", "大阪"], dimensions=4)

    (ours,), (theirs,) = both.ours, both.theirs
    assert (theirs.kind, theirs.model, theirs.usage) == (ours.kind, ours.model, ours.usage)
    assert (theirs.inputs, theirs.outputs) == (ours.inputs, ours.outputs)
    assert (theirs.label, theirs.provider) == (ours.label, ours.provider)


def test_responses_read_the_same(both, client, stream):
    clock = {"type": "function", "name": "clock", "parameters": {"type": "object"}}
    answer = client.responses.create(
        model=MODEL,
        instructions="Be brief.",
        input='[[call:clock {"zone": "Asia/Tokyo"}]]',
        tools=[clock],
        stream=stream,
    )
    drained(answer, stream)

    (ours,), (theirs,) = both.ours, both.theirs
    assert (theirs.kind, theirs.name, theirs.label) == (ours.kind, ours.name, ours.label)
    assert (theirs.model, theirs.provider) == (ours.model, ours.provider)
    assert theirs.usage == ours.usage
    assert theirs.input_messages == ours.input_messages
    assert parts(theirs) == parts(ours)


def parts(span: Span) -> list[object]:
    """What was said, whoever says why it ended."""
    return [part for message in span.output_messages for part in message.parts]
