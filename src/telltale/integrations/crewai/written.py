"""What a user has written, where crewAI has put something else in its place.

A copy of a crew that has run has its inputs where the user's words stood, a plan is added to a
task's description, and a crew with a model for its manager has a manager from its first run on.
Beside the objects, not in them, it is kept what is told of them and what was told before. As soon
as something else is told, that is the user's again.
"""

import weakref
from typing import Any

_Kept = tuple[weakref.ref[Any], dict[str, tuple[Any, Any]]]
_kept: dict[int, _Kept] = {}
"""By identity of an agent, task or crew, for pydantic compares by value. By name: what was told of
it afterwards, and before."""


def as_written(holder: Any, told: dict[str, Any]) -> dict[str, Any]:
    """What is told of an agent, task or crew, with what its user has written."""
    kept = _kept.get(id(holder))
    if kept is None or kept[0]() is not holder:
        return told
    return {name: _before(kept[1].get(name), value) for name, value in told.items()}


def keep(holder: Any, before: dict[str, Any], told: dict[str, Any]) -> None:
    """It is crewAI by whom something else is told of it now.

    Args:
        before: As the user has written it.
        told: As it is found now.
    """
    changed = {name: (told[name], before.get(name)) for name in told if told[name] != before[name]}
    if not changed:
        return
    kept = _kept.get(id(holder))
    if kept is not None and kept[0]() is holder:
        kept[1].update(changed)
        return
    number = id(holder)
    _kept[number] = weakref.ref(holder, lambda gone: _forget(number, gone)), changed


def _before(kept: tuple[Any, Any] | None, told: Any) -> Any:
    return kept[1] if kept is not None and kept[0] == told else told


def _forget(number: int, gone: weakref.ref[Any]) -> None:
    """Unless another object has its number by now."""
    kept = _kept.get(number)
    if kept is not None and kept[0] is gone:
        del _kept[number]
