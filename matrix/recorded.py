"""Run crews as a user's program would be run, and read what they recorded."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec

from telltale.demo.environment import offline_environment
from telltale.demo.scripted_llm import Call, ScriptedLLM
from telltale.nouns.span import RawSpan
from telltale.tracing.records import read_segment

KIND = "telltale.kind"


class Recorded(msgspec.Struct, frozen=True):
    """What one program left behind."""

    spans: tuple[RawSpan, ...]
    """Ended ones, in the order in which they ended."""
    left_open: tuple[RawSpan, ...]
    """Spans that started and did not end."""
    calls: tuple[Call, ...]
    """The scripted server's log: the truth."""
    stdout: str
    stderr: str
    returncode: int
    home: Path

    def of_experiment(self, name: str) -> "Recorded":
        """The part that was filed under one experiment."""
        return msgspec.structs.replace(
            self,
            spans=tuple(span for span in self.spans if span.experiment == name),
            left_open=tuple(span for span in self.left_open if span.experiment == name),
        )

    def traces(self) -> list["Tree"]:
        """One tree a trace, in order of their start."""
        by_trace: dict[bytes, list[RawSpan]] = {}
        for span in self.spans:
            by_trace.setdefault(span.trace_id, []).append(span)
        return sorted(map(Tree, by_trace.values()), key=lambda tree: tree.root.start_ns)


class Tree:
    """One trace, checked for what every trace must be: one root, no orphan, each span once."""

    def __init__(self, spans: list[RawSpan]) -> None:
        ids = Counter(span.span_id for span in spans)
        assert set(ids.values()) == {1}, "a span ended twice"
        roots = [span for span in spans if span.parent_id is None]
        assert len(roots) == 1, [span.name for span in roots]
        orphans = [span.name for span in spans if span.parent_id and span.parent_id not in ids]
        assert not orphans
        self.spans = spans
        self.root = roots[0]

    def of_kind(self, kind: str) -> list[RawSpan]:
        """Spans of a kind, earliest first."""
        return sorted(
            (span for span in self.spans if span.attributes[KIND] == kind),
            key=lambda span: span.start_ns,
        )

    def children(self, parent: RawSpan) -> list[RawSpan]:
        """Direct children, earliest first."""
        found = [span for span in self.spans if span.parent_id == parent.span_id]
        return sorted(found, key=lambda span: span.start_ns)

    def shape(self, span: RawSpan | None = None) -> tuple[str, list]:
        """Kinds and their nesting; siblings in order of their start."""
        span = span or self.root
        kind = span.attributes[KIND]
        word = span.attributes.get("telltale.crew.purpose") or span.attributes.get(
            "telltale.crew.op"
        )
        return (f"{kind} ({word})" if word else kind, [self.shape(c) for c in self.children(span)])


def run_program(
    program: list[str],
    folder: Path,
    llm: ScriptedLLM,
    *,
    python: str = sys.executable,
    timeout_s: float = 200,
    **environment: str,
) -> Recorded:
    """Run a Python program offline against the scripted server, with an empty home.

    Raises:
        subprocess.TimeoutExpired: If it goes on for longer.
    """
    home, storage = folder / "home", folder / "storage"
    for path in (home, storage):
        path.mkdir(parents=True)
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        # Nobody listens there: what was recorded stays in the journal for the test to read.
        "TELLTALE_TRACKING_URI": "http://127.0.0.1:9",
        **offline_environment(llm.base_url, storage),
        **environment,
    }
    done = subprocess.run(
        [python, *program],
        env=variables,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    spans, left_open = read_journal(home / ".telltale" / "journal")
    return Recorded(
        spans, left_open, tuple(llm.calls), done.stdout, done.stderr, done.returncode, home
    )


def read_journal(folder: Path) -> tuple[tuple[RawSpan, ...], tuple[RawSpan, ...]]:
    """Ended spans, and those that only started."""
    started: dict[bytes, RawSpan] = {}
    ended: list[RawSpan] = []
    for path in sorted(folder.glob("*.0*")):
        segment = read_segment(path.read_bytes())
        assert segment.damaged == 0
        for span in segment.spans:
            if span.end_ns is None:
                started[span.span_id] = span
            else:
                ended.append(span)
    for span in ended:
        started.pop(span.span_id, None)
    return tuple(ended), tuple(started.values())
