"""What do others record of the same crew?

The trip crew runs once under each tracer, which is set up as its own documentation says, in a
virtual environment of its own (`scripts/peers-crew.sh`). The truth is the log of the server that
plays the model, and crewAI's own word of what it did, from a run that nobody traced.
"""

import json
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.machine import load
from benchmarks.processes import Server, fresh_home, run_program, server
from benchmarks.vocabularies import KINDS, PeerSpan, call_id, cost_usd, kind_of, tokens
from telltale.demo.environment import offline_environment
from telltale.demo.scripted_llm import Call, ScriptedLLM
from telltale.nouns.trace import TracePage
from telltale.nouns.usage import Usage
from telltale.pricing.rates import Rate, rate

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "crewai.md"
_SCALE = 10**18
"""What a price of `Rate` is to be divided by for US dollars a million tokens."""
_TRUTH = "what happened"


class Peer(msgspec.Struct, frozen=True):
    """One tracer, set up in one way."""

    called: str
    """With a gap for its version."""
    environment: str
    """What follows `.venv/peers-`; empty for the development one."""
    setup: str
    """As the program `trip_crew_peer` names it."""


PEERS = (
    Peer("Telltale", "", "telltale"),
    Peer("MLflow {}", "mlflow", "mlflow"),
    Peer("… and its openai autolog", "mlflow", "mlflow+openai"),
    Peer("MLflow {}, crewAI {crewai}", "mlflow-older", "mlflow"),
    Peer("… and its openai autolog", "mlflow-older", "mlflow+openai"),
    Peer("OpenInference {}", "openinference", "openinference"),
    Peer("… and its openai instrumentor", "openinference", "openinference+openai"),
    Peer("… instead by `use_event_listener`", "openinference", "openinference-events"),
    Peer("OpenLLMetry {}, crewAI's instrumentor", "openllmetry", "openllmetry-crewai"),
    Peer("OpenLLMetry {}, `Traceloop.init()`", "openllmetry", "openllmetry"),
    Peer("OpenLIT {}", "openlit", "openlit"),
)


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What one program recorded, and what the server answered meanwhile."""

    called: str
    spans: tuple[PeerSpan, ...]
    calls: tuple[Call, ...]
    crewai: str
    outside: tuple[str, ...]
    """Hosts that were asked for and refused."""


def compare(python: str, place: str) -> str:
    """Both tables, and beneath them where and how they were made.

    Raises:
        SystemExit: If a tracer cannot be installed, or changes what the crew does.
    """
    before = load()
    subprocess.run(["sh", "scripts/peers-crew.sh"], cwd=ROOT, check=True)
    truth = _run(python, Peer(_TRUTH, "", "witness"))
    happened = _happened(truth)
    runs = [_run(python, peer) for peer in PEERS]
    for run in runs:
        if Counter(map(_asked, run.calls)) != Counter(map(_asked, truth.calls)):
            raise SystemExit(f"peers: under {run.called} the crew called something else")
        for host in run.outside:
            print(f"peers: {run.called} asked for {host}, which was refused")
    made = f"{place}, {before}, crewAI {truth.crewai}. `make bench ARGS=peers`"
    return "\n".join(
        [
            *_lines(["spans", *KINDS, "all"], [_counts(truth), *map(_recorded, runs)]),
            "",
            *_lines(
                ["known of them", "traces", "orphans", "LLM calls in the crew's trace",
                 "LLM spans with tokens", "LLM tokens in", "… out", "embedding tokens",
                 "tool spans with the call's id", "cost, US $"],
                [happened, *map(_known, runs)],
            ),
            "",
            f"<sub>{made}</sub>",
        ]
    )  # fmt: skip


def _run(python: str, peer: Peer) -> Run:
    """One crew under one tracer."""
    there = ROOT / ".venv" / f"peers-{peer.environment}" / "bin" / "python"
    with (
        fresh_home() as home,
        server(python, home) as running,
        ScriptedLLM(port=0) as llm,
        tempfile.TemporaryDirectory() as storage,
    ):
        prices = Path(storage) / "prices.json"
        prices.write_text(json.dumps(_openlit_prices()), "utf-8")
        told = run_program(
            str(there) if peer.environment else python,
            "trip_crew_peer",
            peer.setup,
            f"--site={llm.url}",
            f"--prices={prices}",
            **offline_environment(llm.base_url, Path(storage) / "crew"),
            HOME=storage,
            PYTHONPATH=str(ROOT / "src"),
            PYTHONWARNINGS="ignore",
            TELLTALE_TRACKING_URI=running.address,
            # MLflow and Traceloop would tell their makers that they are used.
            DO_NOT_TRACK="true",
            TRACELOOP_TELEMETRY="false",
        )
        spans = msgspec.convert(told["spans"], list[PeerSpan])
        return Run(
            called=peer.called.format(told["version"], crewai=told["crewai"]),
            spans=tuple(spans or _stored(running)),
            calls=llm.calls,
            crewai=told["crewai"],
            outside=tuple(told["outside"]),
        )


def _stored(running: Server) -> list[PeerSpan]:
    """All spans that our own server holds."""
    page = msgspec.json.decode(running.ask("/api/v1/traces?limit=1000"), type=TracePage)
    found = []
    for trace in page.traces:
        for ordinal in range(trace.spans):
            detail = json.loads(running.ask(f"/api/v1/traces/{trace.trace_id}/spans/{ordinal}"))
            cost = {"telltale.cost_usd": detail["cost_usd"]} if detail["cost_usd"] else {}
            found.append(
                PeerSpan(
                    name=detail["raw"]["name"],
                    scope=detail["raw"]["scope"],
                    trace=trace.trace_id,
                    id=detail["span_id"],
                    parent=detail["parent_id"],
                    attributes=detail["raw"]["attributes"] | cost,
                )
            )
    return found


def _counts(truth: Run) -> list[str]:
    """What there was to record. Nobody says how often crewAI asks a vector store."""
    counts = Counter(span.name for span in truth.spans)
    counts["LLM"] = len(_answered(truth.calls, "chat"))
    counts["embedding"] = len(_answered(truth.calls, "embedding"))
    counts["HTTP"] = len(truth.calls)
    unknown = ("vector store", "other")
    return [truth.called, *("" if kind in unknown else str(counts[kind]) for kind in KINDS), ""]


def _recorded(run: Run) -> list[str]:
    counts = Counter(map(kind_of, run.spans))
    return [run.called, *(str(counts[kind]) for kind in KINDS), str(len(run.spans))]


def _happened(truth: Run) -> list[str]:
    chats, embeddings = (_answered(truth.calls, kind) for kind in ("chat", "embedding"))
    tools = sum(span.name == "tool" for span in truth.spans)
    return [
        truth.called, "", "", str(len(chats)), str(len(chats)),
        f"{sum(call.input_tokens for call in chats):,}",
        f"{sum(call.output_tokens for call in chats):,}",
        f"{sum(call.input_tokens for call in embeddings):,}",
        str(tools), f"{sum(map(_listed_usd, [*chats, *embeddings])):.6f}",
    ]  # fmt: skip


def _known(run: Run) -> list[str]:
    ids = {(span.trace, span.id) for span in run.spans}
    orphans = [s for s in run.spans if s.parent and (s.trace, s.parent) not in ids]
    chats, embeddings, tools = (_of(run, kind) for kind in ("LLM", "embedding", "tool"))
    crews = {span.trace for span in _of(run, "crew")}
    costs = [cost for span in (*chats, *embeddings) if (cost := cost_usd(span)) is not None]
    return [
        run.called, str(len({span.trace for span in run.spans})), str(len(orphans)),
        str(sum(span.trace in crews for span in chats)),
        str(sum(tokens(span, "input_tokens") is not None for span in chats)),
        *(_sum(chats, which) for which in ("input_tokens", "output_tokens")),
        _sum(embeddings, "input_tokens"),
        str(sum(call_id(span) is not None for span in tools)),
        f"{sum(costs):.6f}" if costs else "–",
    ]  # fmt: skip


def _of(run: Run, kind: str) -> list[PeerSpan]:
    return [span for span in run.spans if kind_of(span) == kind]


def _sum(spans: Sequence[PeerSpan], which: str) -> str:
    counts = [count for span in spans if (count := tokens(span, which)) is not None]
    return f"{sum(counts):,}" if counts else "–"


def _answered(calls: Sequence[Call], kind: str) -> list[Call]:
    return [call for call in calls if call.kind == kind and call.status == 200]


def _asked(call: Call) -> tuple[str, str | None, str | None]:
    return call.kind, call.purpose, call.model


def _listed_usd(call: Call) -> float:
    """What the call costs by the list."""
    usage = Usage(
        input_tokens=call.input_tokens,
        output_tokens=call.output_tokens,
        cache_read_tokens=call.cached_tokens,
    )
    return (_listed(call.model or "").pico_usd(usage) or 0) / 10**12


def _listed(model: str) -> Rate:
    found = rate("openai", model, time.time_ns())
    assert found is not None, model
    return found


def _openlit_prices() -> dict[str, Any]:
    """The same list in OpenLIT's format, by a thousand tokens: its own it would fetch."""

    def usd(tiers: Any) -> float:
        return tiers.base / _SCALE / 1000

    chat, embeddings = {}, {}
    for model in ("gpt-4.1-mini", "gpt-4.1-mini-2025-04-14"):
        row = _listed(model)
        chat[model] = {
            "promptPrice": usd(row.input),
            "completionPrice": usd(row.output),
            "cacheReadPrice": usd(row.cache_read),
        }
    for model in ("text-embedding-3-small", "text-embedding-3-large"):
        embeddings[model] = usd(_listed(model).input)
    return {"chat": chat, "embeddings": embeddings}


def _lines(head: list[str], rows: Sequence[list[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
