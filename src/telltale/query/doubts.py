"""What is a filter and probably not the one that was meant: asked where nothing was found.

`cost>0.01` and a small `or` are words to look for, and nobody looks for these.
"""

import re
from collections.abc import Iterator

from telltale.query.fields import FIELDS

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_WORD = re.compile(r"[^\s()]+")
_COMPARED = re.compile(r"(-?)((\w+)(?:\.[^\s:<>=]+)?)(==?|>=|<=|>|<)(.+)")
_JOINTS = frozenset(("and", "or", "not"))


def doubts(text: str) -> tuple[str, ...]:
    """What may have been meant instead, one end of a sentence each."""
    return tuple(dict.fromkeys(_doubts(_QUOTED.sub('""', text))))


def _doubts(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        if word.lower() in _JOINTS and word != word.upper():
            yield f"{word.upper()} is written in capitals"
            continue
        found = _COMPARED.fullmatch(word)
        if found is not None and found[3].lower() in FIELDS:
            minus, field, _, sign, value = found.groups()
            yield f"did you mean `{minus}{field}:{sign.strip('=') and sign}{value}`?"
