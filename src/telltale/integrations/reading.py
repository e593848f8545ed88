"""Read what a foreign client takes and gives: plain dictionaries, or typed objects of its own."""

from collections.abc import Mapping
from typing import Any

from telltale.conventions import attributes as names

_PLAIN = (str, int, float, bool)


def field(value: Any, name: str) -> Any:
    """What is there under a name; None where nothing is."""
    # An abstract class is slow to say what a dictionary is.
    if type(value) is dict or isinstance(value, Mapping):
        return value.get(name)
    return getattr(value, name, None)


def given(value: Any) -> Any:
    """Plain data of what a client takes."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, list | tuple):
        return [given(item) for item in value]
    dump = getattr(type(value), "to_dict", None)
    if not callable(dump):
        return value
    try:
        # A parsed answer holds the user's own objects, of which pydantic would warn the user.
        return dump(value, warnings=False)
    except TypeError:
        return dump(value)


def parameters(told: Mapping[str, Any], spelled: Mapping[str, str]) -> dict[str, Any]:
    """What was asked for beside the words, under our names.

    What was not given is a sentinel of the client's, not None.
    """
    return {name: value for key, name in spelled.items() if type(value := told.get(key)) in _PLAIN}


def texts(told: Any, spelled: Mapping[str, str]) -> dict[str, str]:
    """Fields that hold text, under our names."""
    return {
        name: said for key, name in spelled.items() if isinstance(said := field(told, key), str)
    }


def counts(told: Mapping[str, Any]) -> dict[str, int]:
    """Those of the counts that were told."""
    return {name: count for name, count in told.items() if type(count) is int}


def answered(response: Any) -> dict[str, Any]:
    """Which model has answered, and how the answer is called."""
    return dict(texts(response, {"model": names.RESPONSE_MODEL, "id": names.RESPONSE_ID}))
