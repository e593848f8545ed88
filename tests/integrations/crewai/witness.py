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
