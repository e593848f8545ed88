"""Bytes, ages and addresses as a person reads them."""

from collections.abc import Sequence

_UNITS = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
_AGES = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_MOST_NAMED = 3


def size(count: int) -> str:
    """`812 bytes`, `26.8 KiB`, `1.2 GiB`."""
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return many(count, "byte")


def age(ns: int) -> str:
    """`3 days`, `1 hour`; the largest unit that is not zero."""
    seconds = max(0, ns) // 1_000_000_000
    for unit, name in _AGES:
        if seconds >= unit:
            return many(seconds // unit, name)
    return "0 seconds"


def many(count: int, noun: str, plural: str = "") -> str:
    """`1 segment`, `2 segments`; the plural is said where it does not end in just an `s`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def some(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def without_password(uri: str) -> str:
    """An address as it may be shown: a name and a password in it are left out."""
    scheme, slashes, rest = uri.partition("://")
    if not slashes:
        return uri
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"
