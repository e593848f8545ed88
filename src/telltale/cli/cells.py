"""Text in a terminal, measured in cells: `东京` is two characters and four cells."""

import unicodedata

_WIDE = frozenset("WF")
_NO_WIDTH = frozenset({"Mn", "Me", "Cf"})
_JOINERS = frozenset({"\u200c", "\u200d"})
"""Invisible, and part of words and emoji; other format characters could turn a line around."""
ELLIPSIS = "…"


def cells(text: str) -> int:
    """How many columns of the terminal a text takes."""
    return len(text) if text.isascii() else sum(map(_cell, text))


def fit(text: str, width: int) -> str:
    """The text in exactly `width` cells: padded, or cut visibly."""
    text = plain(text)
    size = cells(text)
    if size <= width:
        return text + " " * (width - size)
    kept, used = [], 0
    for character in text:
        size = _cell(character)
        if used + size > width - 1:
            break
        kept.append(character)
        used += size
    return "".join(kept) + ELLIPSIS[: max(width, 0)] + " " * (width - used - 1)


def plain(text: str) -> str:
    """One line without control characters: a span's name must not steer the terminal."""
    if text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    return " " if character.isspace() else "�"


def _cell(character: str) -> int:
    if unicodedata.east_asian_width(character) in _WIDE:
        return 2
    return 0 if unicodedata.category(character) in _NO_WIDTH else 1
