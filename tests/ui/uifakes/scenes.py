"""Ready-made contents for the fake server."""

import random
import time

from telltale.nouns.span import Kind, State
from uifakes.crew import Line, trip_lines
from uifakes.server import FakeServer
from uifakes.stored import Stored

TRIP_ID = "6922c1a0" + "5e" * 12


def now_us() -> int:
    """Unix time, microseconds."""
    return time.time_ns() // 1000


def trip(server: FakeServer, trace_id: str = TRIP_ID, ago_s: float = 120) -> Stored:
    """The finished trip crew, with one failed tool."""
    trace = Stored(
        trace_id,
        now_us() - round(ago_s * 1e6),
        session="holiday-2026",
        user="mara",
        tags={"version": "3f2a"},
    )
    trace.add(list(trip_lines()), server.next_seq())
    return server.store(trace)


def running_trip(
    server: FakeServer, trace_id: str = "6922c1ff" + "aa" * 12, spans: int = 13
) -> Stored:
    """The trip crew in the middle of its first task."""
    trace = Stored(trace_id, now_us() - 4_000_000)
    for i, line in enumerate(list(trip_lines())[:spans]):
        open_now = line.kind in (Kind.CREW, Kind.TASK) or i == spans - 1
        trace.add([line], server.next_seq(), State.RUNNING if open_now else State.ENDED)
    return server.store(trace)


def many(server: FakeServer, count: int = 60) -> None:
    """A morning's traces: of each outcome some, long and short."""
    chance = random.Random(7)
    names = ["TripCrew", "ResearchCrew", "市场调研团队", "SupportFlow", "nightly-summary"]
    wishes = [
        "Find the best city for a trip in December",
        "东京十二月的运动旅行，从加利福尼亚出发",
        '{"origin": "California", "cities": "Tokyo"}',
    ]
    for i in range(count):
        name = names[i % len(names)]
        kind = Kind.FLOW if name == "SupportFlow" else Kind.CREW
        facts = {"inputs": wishes[i % 3] + f", for {i + 1} people who like sports and good food"}
        if i % 9 == 4:
            facts["error"] = ("RateLimitError", "429: too many requests")
        trace = Stored(
            f"{0x69220000 - i:08x}" + f"{i:024x}",
            now_us() - (i + 3) * 310_000_000,
            experiment_id=i % 2,
        )
        length = chance.lognormvariate(9, 1.1)
        lines = [Line(0, kind, name, "", 0, length, facts)]
        for n in range(chance.randrange(1, 16)):
            lines.append(
                Line(
                    1,
                    Kind.LLM,
                    "→ final answer",
                    f"{n}",
                    n * 20,
                    length / 20,
                    {
                        "tokens": (chance.randrange(200, 9000), 100, 80),
                        "priced": i % 7 != 2 or n > 0,
                    },
                )
            )
        if i % 6 == 1:
            lines.append(
                Line(
                    1,
                    Kind.TOOL,
                    "web_search",
                    "",
                    50,
                    100,
                    {"error": ("Timeout", "no answer in 10 s")},
                )
            )
        state = State.LOST if i % 13 == 6 else State.ENDED
        trace.add(lines[:1], server.next_seq(), state)
        trace.add(lines[1:], server.next_seq())
        server.store(trace)


def large(server: FakeServer, spans: int = 10_000) -> Stored:
    """A crew that went round and round."""
    trace = Stored("f" * 32, now_us() - 3_600_000_000)
    lines = [Line(0, Kind.CREW, "LongCrew", "", 0, spans * 10)]
    while len(lines) < spans:
        at = len(lines) * 10
        lines.append(Line(1, Kind.TASK, f"Task {len(lines) // 50}", "go on", at, 480))
        lines.append(Line(2, Kind.AGENT, "Worker", "", at, 470))
        for n in range(24):
            lines.append(
                Line(
                    3,
                    Kind.LLM,
                    "→ search(…)",
                    f"turn {n}",
                    at + n * 20,
                    12,
                    {"tokens": (900, 0, 40)},
                )
            )
            lines.append(Line(3, Kind.TOOL, "search", f"q{n}", at + n * 20 + 12, 6))
    trace.add(lines[:spans], server.next_seq())
    return server.store(trace)
