"""What somebody who mistyped a word may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(given: str, known: Iterable[str]) -> tuple[str, ...]:
    """What may have been meant, nearest first, at most three."""
    names = {name.casefold(): name for name in known}
    return tuple(names[name] for name in get_close_matches(given.casefold(), names, n=3))
