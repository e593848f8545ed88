"""Lists and objects that were spelt out in the names of attributes, put together again.

OpenTelemetry's attributes long knew no structure, so two conventions flatten it into names:
`llm.input_messages.0.message.role`, `gen_ai.prompt.0.content`. Numbers may have holes and come in
any order. What fits nowhere is passed over here; it stands in the raw span as it came.
"""

from collections.abc import Mapping
from typing import Any

from telltale.conventions.reading import storable, structured

_MOST_NAMES = 16
"""A longer path ends in one long name: nesting has a limit, whatever the sender thinks of."""
_MOST_DIGITS = 9
_STRUCTURED = (dict, list, tuple)


def listed(attributes: Mapping[str, Any], name: str) -> list[Any]:
    """The items of a list: those under `<name>.<number>…`, or what stands whole under the name."""
    if name in attributes and isinstance(whole := structured(attributes[name]), list):
        return sequence(whole)
    start = f"{name}."
    found: dict[str, Any] = {}
    for key, value in attributes.items():
        if key.startswith(start):
            _put(found, key[len(start) :], value)
    return sequence(found)


def sequence(value: Any) -> list[Any]:
    """The items of a list, or of an object whose keys are numbers; none where it is neither."""
    if isinstance(value, dict):
        value = [value[key] for key in sorted(filter(is_number, value), key=int)]
    if not isinstance(value, list | tuple):
        return []
    return [_nested(item) if isinstance(item, dict) else item for item in value]


def is_number(name: str) -> bool:
    """Whether a part of a name is the place of an item in its list."""
    return name.isascii() and name.isdecimal() and len(name) <= _MOST_DIGITS


def _nested(item: dict[str, Any]) -> dict[str, Any]:
    """An object some of whose names are paths."""
    if not any("." in str(key) for key in item):
        return item
    made: dict[str, Any] = {}
    for key, value in item.items():
        _put(made, str(key), value)
    return made


def _put(holder: dict[str, Any], path: str, value: Any) -> None:
    *names, last = path.split(".", _MOST_NAMES)
    for name in names:
        holder = holder.setdefault(name, {})
        if not isinstance(holder, dict):
            return  # Both a value and an object stand under this name; the first to come stays.
    # A copy of what has parts, for what is put into it later must not reach the raw span.
    holder.setdefault(last, storable(value) if isinstance(value, _STRUCTURED) else value)
