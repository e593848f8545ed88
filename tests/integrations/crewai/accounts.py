"""One run in three accounts: crewAI's, ours, and that of the server that played the model."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from witness import FOLDER, PROGRAM, Told

from matrix import ROOT
from matrix.recorded import Recorded, Tree, run_program
from matrix.rounds import by_variant
from telltale.demo.scripted_llm import Call, ScriptedLLM
from telltale.nouns.span import RawSpan

MENDED = "crewAI no longer says this wrongly"


class Account:
    """All that one run's events say, in the order in which they were emitted."""

    def __init__(self, told: list[Told]) -> None:
        self.told = told
        self._by_id = {event.event_id: event for event in told}

    @property
    def types(self) -> list[str]:
        """Their types, in that order."""
        return [event.type for event in self.told]

    def of(self, kind: str) -> list[Told]:
        """Those of one type."""
        return [event for event in self.told if event.type == kind]

    def parent(self, event: Told) -> str | None:
        """Type of the event that it hangs below."""
        return self._type(event.parent_event_id)

    def closed_by(self, kind: str) -> list[str | None]:
        """What each event of a type says it ends, by type; None where it ends nothing known."""
        return [self._type(event.started_event_id) for event in self.of(kind)]

    def unended(self, kind: str) -> int:
        """Starts of a type that no event says it ends."""
        ended = {event.started_event_id for event in self.told}
        return sum(event.event_id not in ended for event in self.of(kind))

    def ends_late(self, start: Told) -> bool:
        """Whether the end of what starts here comes behind that of what it hangs below."""
        ends = {event.started_event_id: place for place, event in enumerate(self.told)}
        return ends[start.event_id] > ends[start.parent_event_id]

    def _type(self, event_id: str | None) -> str | None:
        event = self._by_id.get(event_id or "")
        return event.type if event is not None else None


def account(folder: Path, variant: str) -> Account:
    """What was written down of one variant, by a program that was run in that folder."""
    path = folder / FOLDER / f"{variant}.json"
    return Account(msgspec.json.decode(path.read_bytes(), type=list[Told]))


class Run:
    """One variant, told by crewAI, by us, and by the server that played the model."""

    def __init__(self, name: str, recorded: Recorded, folder: Path, calls: Sequence[Call]) -> None:
        self.account: Account = account(folder, name)
        self.recorded = recorded.of_experiment(name)
        self.trees: list[Tree] = self.recorded.traces()
        self.calls = [call for call in calls if call.kind in ("chat", "embedding")]

    @property
    def tree(self) -> Tree:
        (tree,) = self.trees
        return tree

    def tokens(self) -> tuple[int, int]:
        """Of the server's log: asked, answered."""
        answered = [call for call in self.calls if call.kind == "chat" and call.status == 200]
        return sum(c.input_tokens for c in answered), sum(c.output_tokens for c in answered)

    def traced_tokens(self) -> tuple[int, int]:
        """The same by our spans."""
        calls = [span.attributes for tree in self.trees for span in tree.of_kind("llm")]
        asked, answered = "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"
        return sum(c.get(asked, 0) for c in calls), sum(c.get(answered, 0) for c in calls)


def witnessed(folder: Path, variants: Sequence[str]) -> Callable[[str], Run]:
    """Perform them in one program, in that order; then each is found by its name."""
    # As slow as a model is: crewAI writes memories meanwhile, behind their agent's end.
    with ScriptedLLM(port=0, delay_s=0.25) as llm:
        path = f"{ROOT / 'src'}:{ROOT}"
        recorded = run_program([PROGRAM, *variants], folder, llm, timeout_s=500, PYTHONPATH=path)
    assert recorded.returncode == 0, recorded.stderr
    calls = by_variant(recorded.calls)
    return lambda name: Run(name, recorded, folder, calls[name])


def above(tree: Tree, span: RawSpan) -> list[str]:
    """Kinds of what a span stands in, from the nearest outwards."""
    by_id = {one.span_id: one for one in tree.spans}
    kinds = []
    while span.parent_id is not None:
        span = by_id[span.parent_id]
        kinds.append(span.attributes["telltale.kind"])
    return kinds


def only(tree: Tree, kind: str) -> RawSpan:
    (span,) = tree.of_kind(kind)
    return span


def errors(spans: Sequence[RawSpan]) -> set[str]:
    return {span.attributes.get("error.type", "") for span in spans}
