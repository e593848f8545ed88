"""Keys of ours that travel along in OTLP, whatever its encoding.

- `telltale.experiment`, on the resource: the experiment's name, where any OTLP receiver of ours
  looks for it.
- `telltale.added`, on a span: which of its attributes export computed and added (kind, cost,
  state). They are for other tools; reading takes them off again, so that a file that is exported
  and imported gives the same spans, read in the same dialect.

An attribute of a program's own that bears one of these names is written with `~` behind it.
"""

from typing import Any

from telltale.conventions.attributes import ADDED, EXPERIMENT
from telltale.nouns.errors import BadInput


def escaped(key: str, reserved: str) -> str:
    """A program's own key, out of the way of one of ours."""
    return f"{key}~" if key.rstrip("~") == reserved else key


def unescaped(key: str, reserved: str) -> str:
    """The key as the program had it."""
    return key[:-1] if key.endswith("~") and key.rstrip("~") == reserved else key


def split_resource(attributes: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """A resource's attributes as its program had them, and the experiment that it names, if any.

    Raises:
        BadInput: If the experiment is no text.
    """
    if not any(key.startswith(EXPERIMENT) for key in attributes):
        return attributes, ""
    experiment = attributes.pop(EXPERIMENT, "")
    if not isinstance(experiment, str):
        raise BadInput(
            f"OTLP: resource attribute {EXPERIMENT} is {experiment!r:.80}: expected a string; "
            "give the experiment's name",
            given=repr(experiment)[:80],
            expected="a string",
            remedy="give the experiment's name",
        )
    return {unescaped(key, EXPERIMENT): value for key, value in attributes.items()}, experiment


def without_added(attributes: dict[str, Any]) -> dict[str, Any]:
    """A span's attributes as its program had them."""
    # Nearly none has one: all keys at once take a tenth of the time that each alone does.
    if ADDED not in "\0".join(attributes):
        return attributes
    added = attributes.pop(ADDED, ())
    for key in added if isinstance(added, list) else ():
        if isinstance(key, str):
            attributes.pop(key, None)
    return {unescaped(key, ADDED): value for key, value in attributes.items()}
