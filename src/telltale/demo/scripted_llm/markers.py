"""Stage directions inside a prompt, by which a test or a demo asks for what it wants to see.

    [[fail:429:2]]                     this very request fails twice with 429, then succeeds
    [[sleep:0.3]]                      the answer takes 0.3 s longer
    [[cut:3]]                          the connection breaks after 3 events of the answer, once
    [[say:Hello]]                      the agent answers this
    [[think:Hm.]]                      … after it has thought this
    [[call:search {"q": "x"}]]         the agent calls this tool, if it is on offer
    [[call:search {…} fetch {…}]]      … several at once

Several `fail` are played one after another, and after them each `cut`; the n-th `call` is the
agent's n-th turn, after which it says what it would have said. Markers are read from system and
user messages only: what a model or a tool said directs nobody.
"""

import json
import re

import msgspec

OPEN = re.compile(r"\[\[(fail|cut|sleep|say|think|call):")
TOOL_NAME = re.compile(r"\s*([\w-]+)\s*")
MAX_SLEEP_S = 60.0


class Markers(msgspec.Struct, frozen=True):
    """The directions of one prompt, read."""

    failures: tuple[int, ...] = ()
    """The status of the first try, the second, …; later ones succeed."""
    sleep_s: float = 0.0
    say: str | None = None
    think: str | None = None
    turns: tuple[tuple[tuple[str, str], ...], ...] = ()
    """Per turn the tool calls made at once: name and arguments as JSON text."""
    cuts: tuple[int, ...] = ()
    """Per try, after the failures: how many events go out before the connection breaks."""

    def status_of_try(self, number: int) -> int | None:
        """The status that the try fails with, counted from 0; None if it succeeds."""
        return self.failures[number] if number < len(self.failures) else None

    def cut_of_try(self, number: int) -> int | None:
        """After how many events the try's answer breaks off; None if it comes to its end."""
        place = number - len(self.failures)
        return self.cuts[place] if 0 <= place < len(self.cuts) else None


def read_markers(prompt: str) -> Markers:
    """Read the directions; what is malformed is left as plain text."""
    failures: list[int] = []
    turns: list[tuple[tuple[str, str], ...]] = []
    cuts: list[int] = []
    sleep_s = 0.0
    said: dict[str, str] = {}
    for opening in OPEN.finditer(prompt):
        rest = prompt[opening.end() :]
        if opening[1] == "call":
            turns.extend(_turn(rest))
            continue
        inside, closed, _ = rest.partition("]]")
        if not closed:
            continue
        if opening[1] == "fail":
            failures.extend(_failures(inside))
        elif opening[1] == "cut":
            cuts.extend(int(number) for number in re.findall(r"^\s*(\d{1,3})\s*$", inside))
        elif opening[1] == "sleep":
            sleep_s += _seconds(inside)
        else:
            said[opening[1]] = inside
    return Markers(
        failures=tuple(failures),
        sleep_s=min(sleep_s, MAX_SLEEP_S),
        say=said.get("say"),
        think=said.get("think"),
        turns=tuple(turns),
        cuts=tuple(cuts),
    )


def _failures(inside: str) -> list[int]:
    match = re.fullmatch(r"([45]\d\d)(?::(\d{1,3}))?", inside.strip())
    return [int(match[1])] * int(match[2] or 1) if match else []


def _seconds(inside: str) -> float:
    match = re.fullmatch(r"\d+(\.\d+)?", inside.strip())
    return float(match[0]) if match else 0.0


def _turn(rest: str) -> list[tuple[tuple[str, str], ...]]:
    """The calls of one marker, or nothing; JSON is read as such, for it may contain `]]`."""
    calls: list[tuple[str, str]] = []
    while not rest.lstrip().startswith("]]"):
        name = TOOL_NAME.match(rest)
        if not name:
            return []
        rest = rest[name.end() :]
        arguments: object = {}
        if rest.startswith("{"):
            try:
                arguments, end = json.JSONDecoder().raw_decode(rest)
            except ValueError:
                return []
            rest = rest[end:]
        calls.append((name[1], json.dumps(arguments, ensure_ascii=False)))
    return [tuple(calls)] if calls else []
