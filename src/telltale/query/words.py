"""What it means that words stand in a text, in every script.

Case and width are set aside, and so is all that stands between words: spaces, punctuation, signs
of a programming language. Letters and digits of ASCII make words, which are found as a whole:
`hotel` is not found in `hotels`, but `hotel*` is. Whatever else there is, Chinese or Cyrillic or
an emoji, needs no space around it, and is found wherever it stands: `京` in `東京駅`.

An index of words holds this language if it is given the words of `indexed` and asked for those of
`sought`: for the ASCII words themselves, for all else pairs of neighbours, and the last of a row
alone. Where more than one is sought, it finds too much, and the text has to be looked at again.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, pairwise

import msgspec

_ASCII_BETWEEN = re.compile(r"[^0-9a-z]+")
_RUN = re.compile(r"[0-9a-z]+|[^0-9a-z ]+")
_OTHER_RUN = re.compile(r"[^\x00-\x7f]+")
_BETWEEN = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"))
"""Categories of characters that stand between words."""
_PLANES = (range(0x80, 0xD800), range(0xE000, 0x20000), range(0xE0000, 0xE0200))
"""Where Unicode has such characters."""


class Sought(msgspec.Struct, frozen=True):
    """What to ask of an index for some words."""

    words: tuple[str, ...]
    """Each of them stands in the text."""
    beginnings: tuple[str, ...]
    """A word that begins like this does."""
    is_enough: bool
    """Whether the text needs no second look."""


def folded(text: str) -> str:
    """The words of a text, one space between them, their case aside; empty where it has none."""
    if text.isascii():
        return _ASCII_BETWEEN.sub(" ", text.lower()).strip(" ")
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _between().sub(" ", text).strip(" ")


def stand_in(needle: str, text: str, *, is_open: bool = False) -> bool:
    """Whether words stand in a text, one behind the other, both as `folded` makes them.

    Args:
        is_open: Whether the last word may go on.
    """
    begins_ascii, ends_ascii = needle[:1].isascii(), needle[-1:].isascii() and not is_open
    at = text.find(needle)
    while at >= 0:
        end = at + len(needle)
        if not (begins_ascii and _is_of_a_word(text[at - 1 : at])) and not (
            ends_ascii and _is_of_a_word(text[end : end + 1])
        ):
            return True
        at = text.find(needle, at + 1)
    return False


def indexed(text: str) -> str:
    """What an index of words is given of a text: words of ASCII in any case, pairs of all else.

    The index has to part them as `folded` does and to set aside the case of ASCII.
    """
    if text.isascii():
        return text
    return _OTHER_RUN.sub(_pairs, folded(text))


def sought(needle: str, *, is_open: bool = False) -> Sought:
    """What to ask an index of `indexed` texts for, of a needle that `folded` has made."""
    words: list[str] = []
    beginnings: list[str] = []
    runs = _RUN.findall(needle)
    for place, run in enumerate(runs, start=1):
        if not run.isascii():
            words += map("".join, pairwise(run))
            beginnings += [run] if len(run) == 1 else []
        elif is_open and place == len(runs):
            beginnings.append(run)
        else:
            words.append(run)
    return Sought(tuple(words), tuple(beginnings), len(words) + len(beginnings) == 1)


def _pairs(run: re.Match[str]) -> str:
    characters = run[0]
    return f" {' '.join(map(''.join, pairwise(characters)))} {characters[-1]} "


def _is_of_a_word(character: str) -> bool:
    return character.isascii() and character.isalnum()


@cache
def _between() -> re.Pattern[str]:
    """Whatever stands between words, in any script."""
    ranges = (f"{chr(first)}-{chr(last)}" for first, last in _ranges(chain(*_PLANES)))
    return re.compile(rf"(?:[\x00-\x2f\x3a-\x60\x7b-\x7f]|[{''.join(ranges)}])+")


def _ranges(codes: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The codes that stand between words, as ranges; both ends included."""
    first = last = -2
    for code in codes:
        if unicodedata.category(chr(code)) not in _BETWEEN:
            continue
        if code != last + 1:
            if last >= 0:
                yield first, last
            first = code
        last = code
    yield first, last
