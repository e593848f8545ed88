"""A run of the trip crew as the server would answer it, made up but in the recorded shape.

A span is written as one line of a drawing: how deep, what kind, when, how long. The texts are of
the length that real runs have, in the two languages that the demo speaks.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from telltale.nouns.message import Message, Text, ToolCall, ToolResult
from telltale.nouns.span import Kind, Span, State, Status
from telltale.nouns.trace import EventDetail, LinkDetail, RawDetail, SpanDetail
from telltale.nouns.usage import Cost, Usage

PRICE_REF = "genai-prices 2026-11-02 openai/gpt-4.1-mini"
MODEL = "gpt-4.1-mini-2025-04-14"
EMBEDDER = "text-embedding-3-small"


class Line(msgspec.Struct, frozen=True):
    """A span of the drawing, in milliseconds after the trace's start."""

    depth: int
    kind: Kind
    name: str
    label: str
    start_ms: float
    length_ms: float
    more: dict[str, Any] = {}


def trip_lines() -> Iterator[Line]:
    """The tree of formats.md: knowledge, then two tasks with memory, knowledge, agent, extract."""
    yield Line(0, Kind.CREW, "TripCrew", "California → Tokyo", 0, 27_620, CREW)
    for i in range(4):
        yield Line(1, Kind.KNOWLEDGE, "knowledge ingest", f"source {i + 1} of 4", 20 + i * 70, 62)
        yield Line(2, Kind.EMBEDDING, "embed", "1 text", 24 + i * 70, 55, {"tokens": (31, 0, 0)})
    yield from _task(
        0, 320, "Identify the best city for the trip", "City Selection Expert", IDENTIFY
    )
    yield from _task(
        1, 12_900, "Gather a guide to the chosen city", "Local Expert at this city", GATHER
    )


def _task(index: int, at: float, label: str, role: str, texts: dict[str, Any]) -> Iterator[Line]:
    long = 12_400 if index == 0 else 14_700
    yield Line(1, Kind.TASK, f"Task {index + 1}", label, at, long, texts["task"])
    yield Line(
        2, Kind.MEMORY, "memory read", "sports, 12–20 December, from California", at + 8, 900
    )
    yield Line(3, Kind.LLM, "→ answer", "recall: what to look for", at + 12, 700, texts["recall"])
    yield Line(3, Kind.EMBEDDING, "embed", "1 text", at + 730, 96, {"tokens": (18, 0, 0)})
    yield Line(2, Kind.KNOWLEDGE, "knowledge query", "preferences for sport trips", at + 920, 640)
    yield Line(3, Kind.LLM, "→ answer", "rewrite the query", at + 924, 480, texts["rewrite"])
    yield Line(3, Kind.EMBEDDING, "embed", "1 text", at + 1_420, 88, {"tokens": (12, 0, 0)})
    yield from _agent(role, at, long, texts)
    yield Line(
        2, Kind.LLM, "→ answer", "extract: 2 memories", at + long - 1_700, 1_200, texts["extract"]
    )
    yield Line(2, Kind.MEMORY, "memory write", "2 memories", at + long - 480, 1_350)
    for i in range(2):
        yield Line(
            3,
            Kind.LLM,
            "→ answer",
            f"encode memory {i + 1}",
            at + long - 470 + i * 600,
            520,
            texts["recall"],
        )
        yield Line(
            3,
            Kind.EMBEDDING,
            "embed",
            "1 text",
            at + long + 60 + i * 600,
            70,
            {"tokens": (44, 0, 0)},
        )


def _agent(role: str, at: float, long: float, texts: dict[str, Any]) -> Iterator[Line]:
    yield Line(2, Kind.AGENT, role, "", at + 1_580, long - 3_300, texts["agent"])
    yield Line(
        3, Kind.LLM, "→ search(…)", "Tokyo December sport events", at + 1_600, 1_840, texts["first"]
    )
    yield Line(
        3,
        Kind.TOOL,
        "search_in_a_specific_website",
        "sport events in December",
        at + 3_450,
        412,
        texts["tool"],
    )
    for i in range(2):
        yield Line(
            4,
            Kind.EMBEDDING,
            "embed",
            f"{3 - i} texts",
            at + 3_460 + i * 180,
            150,
            {"tokens": (420, 0, 0)},
        )
    yield Line(
        3,
        Kind.LLM,
        "→ final answer",
        "Tokyo is the best choice: mild, dry, …",
        at + 3_880,
        long - 5_650,
        texts["last"],
    )


PROMPT = """You are City Selection Expert. An expert in travel data who picks ideal destinations.
Your personal goal is: Select the best city based on weather, season, prices, and interests

You ONLY have access to the following tools, and should NEVER make up others."""

TASK_TEXT = """Current Task: Analyze and select the best city for the trip by criteria such as \
weather patterns, seasonal events, and travel costs. This task involves comparing multiple cities.

<context>
Traveling from: **California**
City options: Tokyo
Trip dates: December 12 – December 20
Interests: sports
</context>

Your final answer must be a detailed report on the chosen city with:

1. actual flight costs
2. the weather forecast
3. attractions, as a table

| City | Weather | Flights |
| --- | --- | --- |
| Tokyo | 5–12 °C, dry | $780 |

你必须用中文补充一句总结。"""

ANSWER = """## Tokyo, December 12–20

Tokyo is the **best choice** for a sports-minded traveller from California in December:

- *Weather*: 5–12 °C, dry and sunny; ideal for running and outdoor ice rinks.
- *Events*: the final games of the rugby league, sumo training sessions open to visitors.
- *Flights*: from $780 return, LAX–HND.

> "The dry season makes for clear views of Mount Fuji."

```python
budget = flights + hotel * 8  # about $2,100
```

总结：十二月的东京干燥晴朗，适合运动旅行。"""


def _llm(
    messages: tuple[Message, ...],
    answer: Message,
    tokens: tuple[int, int, int],
    priced: bool = True,
) -> dict[str, Any]:
    return {
        "input_messages": messages,
        "output_messages": (answer,),
        "tokens": tokens,
        "priced": priced,
    }


def _said(role: str, *parts: Any, finish: str | None = None) -> Message:
    return Message(
        role=role,
        parts=tuple(Text(p) if isinstance(p, str) else p for p in parts),
        finish_reason=finish,
    )


SEARCH = ToolCall(
    name="search_in_a_specific_website",
    id="call_7fQ2",
    arguments={
        "search_query": "sport events in Tokyo in December",
        "website": "http://127.0.0.1:5000/pages/tokyo.html",
    },
)
FOUND = ToolResult(
    id="call_7fQ2",
    response="Relevant Content:\nTokyo in December: the Emperor's Cup, sumo training …",
)
SMALL = _llm(
    (
        _said("system", "You analyse queries for a memory system. Answer in JSON."),
        _said("user", TASK_TEXT[:240]),
    ),
    _said(
        "assistant",
        json.dumps(
            {
                "queries": ["sport trips", "Tokyo"],
                "scopes": ["/"],
                "complexity": 0.4,
                "keywords": {"place": "Tokyo", "month": 12, "dry": True, "none": None},
            }
        ),
        finish="stop",
    ),
    (212, 0, 38),
)
CREW = {
    "inputs": json.dumps(
        ensure_ascii=False,
        obj={
            "origin": "California",
            "cities": "Tokyo",
            "interests": "sports",
            "date_range": "Dec 12 – Dec 20",
        },
    ),
    "outputs": ANSWER,
    "links": (("b" * 32, "c" * 16, {"telltale.link": "knowledge ingestion"}),),
}
IDENTIFY = {
    "task": {"inputs": TASK_TEXT, "outputs": ANSWER},
    "recall": SMALL,
    "rewrite": SMALL,
    "extract": SMALL,
    "agent": {"inputs": TASK_TEXT, "outputs": ANSWER, "agent": "City Selection Expert"},
    "first": _llm(
        (_said("system", PROMPT), _said("user", TASK_TEXT)),
        _said("assistant", SEARCH, finish="tool_calls"),
        (1_520, 507, 91),
    ),
    "tool": {
        "inputs": json.dumps(SEARCH.arguments),
        "outputs": str(FOUND.response),
        "tool": "search_in_a_specific_website",
    },
    "last": _llm(
        (
            _said("system", PROMPT),
            _said(
                "user",
                TASK_TEXT + "\n\n" + "\n".join(f"Note {n}: more context." for n in range(60)),
            ),
            _said("assistant", SEARCH),
            _said("tool", FOUND),
        ),
        _said("assistant", ANSWER, finish="stop"),
        (2_944, 1_280, 412),
    ),
}
GATHER = {
    **IDENTIFY,
    "agent": {"inputs": TASK_TEXT, "outputs": ANSWER, "agent": "Local Expert at this city"},
    "first": {**IDENTIFY["first"], "priced": False},
    "tool": {
        "inputs": json.dumps(SEARCH.arguments),
        "tool": "search_in_a_specific_website",
        "error": (
            "ConnectionError",
            "HTTPConnectionPool(host='127.0.0.1', port=5000): Max retries exceeded with url: /a",
        ),
    },
}


def span_of(line: Line, state: State = State.ENDED, more: dict[str, Any] | None = None) -> Span:
    """The reading of a line of the drawing."""
    facts = line.more if more is None else more
    running = state is State.RUNNING
    error_type, error_message = facts.get("error", (None, ""))
    known = (
        {}
        if running
        else {"output_messages": facts.get("output_messages", ()), "outputs": facts.get("outputs")}
    )
    return Span(
        dialect="genai",
        kind=line.kind,
        name=line.name,
        label=line.label,
        state=state,
        status=Status.ERROR if error_type else Status.UNSET if running else Status.OK,
        error_type=error_type,
        error_message=error_message,
        model=_model(line.kind),
        requested_model="gpt-4.1-mini" if line.kind is Kind.LLM else None,
        provider="openai" if _model(line.kind) else None,
        tool=facts.get("tool"),
        agent=facts.get("agent"),
        usage=None if running else _usage(facts),
        cost=None if running else _cost(facts),
        inputs=facts.get("inputs"),
        input_messages=facts.get("input_messages", ()),
        **known,
    )


def detail_of(
    line: Line, span: Span, *, ordinal: int, span_id: str, parent_id: str | None, base_us: int
) -> SpanDetail:
    """Everything that the server knows of a span."""
    start = base_us + round(line.start_ms * 1000)
    events = ()
    if span.error_type:
        stack = "Traceback (most recent call last):\n" + "\n".join(
            f'  File "/site-packages/urllib3/connectionpool.py", line {700 + n}, in urlopen'
            for n in range(48)
        )
        events = (
            EventDetail(
                "exception",
                start + 400_000,
                {
                    "exception.type": span.error_type,
                    "exception.message": span.error_message,
                    "exception.stacktrace": stack,
                },
            ),
        )
    attributes = {
        "telltale.kind": line.kind.value,
        "gen_ai.operation.name": "chat",
        "telltale.crew.op": "run",
    }
    if span.inputs:
        attributes["telltale.inputs"] = span.inputs
    return SpanDetail(
        ordinal=ordinal,
        span_id=span_id,
        parent_id=parent_id,
        start_us=start,
        duration_us=None if span.state is not State.ENDED else round(line.length_ms * 1000),
        span=span,
        cost_usd=span.cost.usd if span.cost else None,
        raw=RawDetail(
            name=line.name,
            span_kind="internal",
            status_message=span.error_message,
            attributes=attributes,
            events=events,
            links=tuple(LinkDetail(*link) for link in line.more.get("links", ())),
            scope="telltale.crewai",
            resource={
                "service.name": "trip.py",
                "telemetry.sdk.language": "python",
                "process.pid": 4711,
            },
        ),
    )


def _model(kind: Kind) -> str | None:
    return {Kind.LLM: MODEL, Kind.EMBEDDING: EMBEDDER}.get(kind)


def _usage(facts: dict[str, Any]) -> Usage | None:
    if "tokens" not in facts:
        return None
    given, cached, out = facts["tokens"]
    return Usage(input_tokens=given, cache_read_tokens=cached, output_tokens=out)


def _cost(facts: dict[str, Any]) -> Cost | None:
    if "tokens" not in facts or not facts.get("priced", True):
        return None
    given, cached, out = facts["tokens"]
    dollars = (
        Decimal(given - cached) * Decimal("0.4") + cached * Decimal("0.1") + out * Decimal("1.6")
    ) / 1_000_000
    return Cost(pico_usd=int(dollars * 10**12), price_ref=PRICE_REF)
