"""What crewAI's own bus says of a run, taken down by a handler of the user's.

Run as a program it performs variants, traced, and writes each one's account beside it:

python witness.py hello model_fails …
"""

import functools
import sys
from pathlib import Path
from typing import Any

import msgspec

PROGRAM = __file__
FOLDER = Path("accounts")
"""In the program's working directory."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One event, in crewAI's words."""

    type: str
    event_id: str
    parent_event_id: str | None = None
    started_event_id: str | None = None
    """On an end: what it says that it ends."""
    sequence: int | None = None
    call_id: str | None = None
    usage: dict[str, Any] | None = None
    finish_reason: str | None = None
    status: str | None = None


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


def main(variants: list[str]) -> None:
    """Perform them one after the other, with a handler for every event that there is."""
    import telltale

    telltale.crewai.autolog()
    import crewai.events.types as events
    from crewai.events import crewai_event_bus as bus
    from crewai.events.base_events import BaseEvent

    from matrix import perform

    for module in Path(events.__file__).parent.glob("*_events.py"):
        __import__(f"{events.__name__}.{module.stem}")
    heard: list[Any] = []
    for kind in _classes(BaseEvent):
        bus.on(kind)(functools.partial(_listen, heard))
    FOLDER.mkdir()
    for name in variants:
        perform.main([name])
        bus.flush()
        told = sorted(map(_told, heard), key=lambda one: one[0])
        (FOLDER / f"{name}.json").write_bytes(msgspec.json.encode([one for _, one in told]))
        heard.clear()


def _classes(base: type) -> list[type]:
    return [one for cls in base.__subclasses__() for one in (cls, *_classes(cls))]


def _listen(heard: list[Any], source: Any, event: Any) -> None:
    heard.append(event)


def _told(event: Any) -> tuple[int, Told]:
    known = {name: getattr(event, name, None) for name in Told.__struct_fields__}
    return event.emission_sequence or 0, Told(**{**known, "sequence": event.emission_sequence})


if __name__ == "__main__":
    main(sys.argv[1:])
