"""Crews and flows that work while somebody reads their words."""

import asyncio
from typing import Any

from crewai import Crew
from crewai.flow.flow import Flow, start

import telltale
from matrix.variants.parts import crew, method_of, understands


def crew_streams() -> Any:
    """A crew that hands its words on while it works."""
    understands(Crew, "stream")
    streaming = crew("Stream. [[say:One word after another.]]", stream=True).kickoff()
    words = "".join(chunk.content for chunk in streaming)
    return f"{words} {streaming.result}"


def crew_streams_behind_its_request() -> Any:
    """The same, asked for inside a span and read behind it, as a web server does."""
    understands(Crew, "stream")
    with telltale.start_span("request", span_type="CHAIN"):
        streaming = crew("Stream. [[say:One word.]]", stream=True).kickoff()
    return f"{''.join(chunk.content for chunk in streaming)} {streaming.result}"


def crews_stream_on_a_loop() -> Any:
    """The same of two ways that are awaited."""
    understands(Crew, "stream")

    async def read() -> str:
        with telltale.start_span("request", span_type="CHAIN"):
            first = await crew("Stream. [[say:One word.]]", stream=True).kickoff_async()
            begin = method_of(crew("Stream. [[say:Two words.]]", stream=True), "akickoff")
            second = await begin()
        words = [chunk.content async for chunk in first]
        words += [chunk.content async for chunk in second]
        return "".join(words)

    return asyncio.run(read())


def crews_stream_one_by_one() -> Any:
    """A batch of crews that stream."""
    understands(Crew, "stream")
    batch = crew("Stream {n}. [[say:One word.]]", stream=True).kickoff_for_each(
        [{"n": "1"}, {"n": "2"}]
    )
    return [f"{''.join(chunk.content for chunk in one)} {one.result}" for one in batch]


def flow_streams_behind_its_request() -> Any:
    """A flow of which the same holds."""
    understands(Flow, "stream")

    class Streaming(Flow):
        stream = True

        @start()
        def ask(self) -> Any:
            return crew("Stream. [[say:One word.]]").kickoff().raw

    with telltale.start_span("request", span_type="CHAIN"):
        streaming = Streaming().kickoff()
    for _ in streaming:
        pass
    return streaming.result


VARIANTS = (
    crew_streams,
    crew_streams_behind_its_request,
    crews_stream_on_a_loop,
    crews_stream_one_by_one,
    flow_streams_behind_its_request,
)
