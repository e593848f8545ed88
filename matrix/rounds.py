"""All variants on one version: performed with autolog and without, and judged."""

import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from matrix import ROOT
from matrix.judge import Told, Verdict, judge
from matrix.perform import MARK
from matrix.recorded import Recorded, run_program
from matrix.versions import python_of
from telltale.demo.scripted_llm import Call, ScriptedLLM

_MOST_S = 600.0
_NOT_RUN = "not run: the program ended before it"


class Round(msgspec.Struct, frozen=True):
    """What one program did."""

    recorded: Recorded
    told: dict[str, Told]
    calls: dict[str, Sequence[Call]]
    """By variant."""


def run(version: str, names: Sequence[str]) -> list[Verdict]:
    """Judge these variants on one version."""
    traced, plain = perform(version, names), perform(version, names, "--plain")
    return [_judged(name, traced, plain) for name in names]


def perform(version: str, names: Sequence[str], *options: str) -> Round:
    """Run variants in one process.

    Raises:
        subprocess.TimeoutExpired: If they take more than ten minutes.
    """
    with ScriptedLLM(port=0) as llm, tempfile.TemporaryDirectory() as folder:
        recorded = run_program(
            ["-m", "matrix.perform", *options, *names],
            Path(folder) / "ran",
            llm,
            python=python_of(version),
            timeout_s=_MOST_S,
            PYTHONPATH=f"{ROOT / 'src'}:{ROOT}",
        )
    return Round(recorded, _told(recorded.stdout), by_variant(recorded.calls))


def _judged(name: str, traced: Round, plain: Round) -> Verdict:
    if name not in traced.told:
        last = traced.recorded.stderr.strip().splitlines()[-1:]
        return Verdict(name, wrong=(" ".join([_NOT_RUN, *last]),))
    before = plain.told.get(name, Told(name=name))
    mine = traced.recorded.of_experiment(name)
    return judge(traced.told[name], before, mine, traced.calls.get(name, ()))


def _told(stdout: str) -> dict[str, Told]:
    lines = (line for line in stdout.splitlines() if line.startswith('{"name"'))
    told = (msgspec.json.decode(line, type=Told) for line in lines)
    return {one.name: _without_ids(one) for one in told}


def _without_ids(told: Told) -> Told:
    """A result without what differs from run to run."""
    result = told.result and re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|0x[0-9a-f]+", "…", told.result)
    return msgspec.structs.replace(told, result=result)


def by_variant(calls: Iterable[Call]) -> dict[str, Sequence[Call]]:
    """The log, each variant's beginning with its mark."""
    parts: dict[str, list[Call]] = {}
    name = ""
    for call in calls:
        if MARK in call.path:
            name = call.path.rpartition("/")[2]
        parts.setdefault(name, []).append(call)
    return dict(parts)
