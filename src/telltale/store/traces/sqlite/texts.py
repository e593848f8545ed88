"""The texts of a span that can be looked for.

What a person may have read: names, inputs and outputs, messages, errors, whatever attributes hold
words. Each message of a conversation is a text of its own, because a model is told all of them
again with each call, and what is known of a trace already need not be read again.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from telltale.nouns.span import RawSpan
from telltale.nouns.text import sound
from telltale.query.words import folded, stand_in
from telltale.store.traces.sqlite.border import DEEPEST, INT_MAX, INT_MIN

MOST_CHARACTERS = 1 << 20
"""Of one text; what stands behind them is not found."""
OWN_CHARACTERS = 200
"""What is shorter stands together with a span's other short ones."""
_NOBODYS_WORDS = frozenset(
    {
        "gen_ai.operation.name",
        "gen_ai.response.id",
        "gen_ai.tool.call.id",
        "telltale.agent.key",
        "telltale.crew.definition",
        "telltale.crew.id",
        "telltale.crew.op",
        "telltale.foreign_parent",
        "telltale.kind",
        "telltale.span_type",
        "telltale.task.id",
    }
)
"""Attributes that hold ids, or words that are ours."""
_OF_A_MESSAGE = frozenset(("role", "type", "id", "finish_reason"))
"""What nobody has said in it."""
_JSON = frozenset('[{"')
"""What a text begins with that may be JSON."""
_HASH_BYTES = 16
_BETWEEN_IN_JSON = rb"(?:\\[bfnrt]|\\u[0-9a-f]{4}|[^0-9a-z])+"
"""Between words of a text that may stand in JSON, and that in JSON again."""
_list_of_raw = msgspec.json.Decoder(list[msgspec.Raw])


class SpanText(msgspec.Struct, frozen=True, gc=False):
    """A text that is told from others before it is read."""

    hash: bytes
    source: str | bytes
    """The words, or the JSON that they stand in."""

    def passages(self) -> list[str]:
        """What it consists of; no words are looked for across two of them."""
        source = self.source
        found = [source] if isinstance(source, str) else _leaves(msgspec.json.decode(source))
        return [sound(passage)[:MOST_CHARACTERS] for passage in found]


Told: TypeAlias = dict[str | bytes, SpanText]
"""Texts by what they were made of: a conversation says the same again with each call, and that is
hashed once."""


def texts_of(raw: RawSpan, told: Told | None = None) -> list[SpanText]:
    """What can be looked for in a span.

    Args:
        told: What spans before it have said; what it says is added.
    """
    told = {} if told is None else told
    own: list[str | bytes] = []
    short = [raw.name, raw.status_message]
    for attributes in (raw.attributes, *[event.attributes for event in raw.events]):
        for key, value in attributes.items():
            if key in _NOBODYS_WORDS:
                continue
            if isinstance(value, str) and len(value) < OWN_CHARACTERS and value[:1] not in _JSON:
                short.append(value)
                continue
            for text in _texts(value):
                if len(text) >= OWN_CHARACTERS:
                    own.append(text)
                elif isinstance(text, str):
                    short.append(text)
                else:
                    short += _leaves(msgspec.json.decode(text))
    together = msgspec.json.encode([sound(text) for text in short if text])
    return [_told(text, told) for text in (*own, together)]


def may_stand(needle: str) -> Callable[[bytes], bool]:
    """A quick look at a span's body: False where words that are `folded` do not stand in it.

    Of words of ASCII alone; whatever else there is may be written in escapes.
    """
    if not needle.isascii():
        return lambda body: True
    words = _BETWEEN_IN_JSON.join(map(re.escape, needle.encode().split()))
    look = re.compile(words)
    return lambda body: look.search(body.lower()) is not None


def stand_in_span(needle: str, raw: RawSpan, *, is_open: bool) -> bool:
    """Whether words that are `folded` stand in one of a span's texts."""
    return any(
        stand_in(needle, folded(passage), is_open=is_open)
        for text in texts_of(raw)
        for passage in text.passages()
    )


def _told(source: str | bytes, told: Told) -> SpanText:
    text = told.get(source)
    if text is None:
        words = sound(source) if isinstance(source, str) else source
        content = words.encode() if isinstance(words, str) else words
        hash_ = hashlib.blake2b(content, digest_size=_HASH_BYTES).digest()
        text = told[source] = SpanText(hash_, words)
    return text


def _texts(value: Any) -> list[str] | list[bytes]:
    """The texts of an attribute, as they stand or as JSON; of a list in JSON each item."""
    if not isinstance(value, str):
        return _leaves(value)
    try:
        match value[:1]:
            case "[":
                return list(map(bytes, _list_of_raw.decode(value)))
            case "{":
                msgspec.json.decode(value)
                return [value.encode()]
            case '"':
                return [msgspec.json.decode(value, type=str)]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass  # It only looks like JSON.
    return [value]


def _leaves(value: Any) -> list[str]:
    """Texts and numbers inside a value, without the names that they have there."""
    found: list[str] = []
    _gather(value, found, 0)
    return found


def _gather(value: Any, found: list[str], depth: int) -> None:
    if isinstance(value, str):
        found.append(value)
    elif isinstance(value, int | float):
        if not isinstance(value, bool) and INT_MIN <= value <= INT_MAX:
            found.append(str(value))
    elif depth == DEEPEST:
        return
    elif isinstance(value, dict):
        is_message = "role" in value or "type" in value
        for key, item in value.items():
            if not (is_message and key in _OF_A_MESSAGE):
                _gather(item, found, depth + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            _gather(item, found, depth + 1)
