"""From a span to a journal record: the last place that sees it in the process.

All this runs inside the user's call, so it is little: mask, bound, and hand one record to the
journal. It never raises.
"""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import msgspec

from telltale.conventions import attributes as names
from telltale.nouns.span import RawEvent, RawSpan
from telltale.tracing.guard import fault, is_users, say_once
from telltale.tracing.records import FRAME_BYTES, MAX_RECORD_BYTES, RecordType, encode_span
from telltale.tracing.secret_names import is_secret_name
from telltale.tracing.secrets import KnownSecrets
from telltale.tracing.serialise import clean, cut, words
from telltale.tracing.settings import Redact

MAX_START_VALUE_CHARACTERS = 480
"""At most 2 KB. A start record shows that a span runs; the end record has its values whole."""
MAX_START_BYTES = 2_000
"""Of a start record whose values are not looked at one by one: none of them can be too long."""
# Members of an enum are looked up by Python code, which costs more than a name.
_START, _END = RecordType.START, RecordType.END

_PLAIN = frozenset((str, int, float, bool))
_HARMLESS = frozenset(
    name for name in vars(names).values() if isinstance(name, str) and not is_secret_name(name)
)
"""Most names of attributes: to ask of each whether it is a secret's costs more."""
_MESSAGE = "exception.message"
"""What the redact function is told that the status's message is, which is nothing else."""
_CUTS = (1_000_000, 100_000, 10_000, 500, 20)
"""Characters that a value may keep, tried in turn until the record fits."""
_MANY = 1_000
"""Attributes and events that are kept of a record which does not fit even so."""


Searched = tuple[tuple[str, ...], RawSpan]
"""A span that holds no secret, and the secrets that were looked for."""


class Recorder:
    """Writes each span's start and end to the journal, masked and bounded."""

    def __init__(
        self,
        write: Callable[[bytes], None],
        secrets: KnownSecrets,
        redact: Callable[[], Redact | None],
    ) -> None:
        self._write = write
        self._secrets = secrets
        self._redact = redact

    def start(self, raw: RawSpan) -> Searched | None:
        """Record that the span runs; tell what need not be looked at again when it has ended."""
        try:
            searched = self._secrets.refresh()
            is_to_mask = self._is_to_mask(raw)
            self._write(self._record(_START, raw, is_to_mask))
            return None if is_to_mask else (searched, raw)
        except Exception as error:  # noqa: BLE001  the user's program comes first
            fault("recording a span's start", error)
            return None

    def end(self, raw: RawSpan, before: Searched | None) -> None:
        """Record the span, whole.

        Raises:
            RecursionError: If the stack is full; it may be asked for again.
        """
        try:
            searched = self._secrets.refresh()
            seen = before[1] if before is not None and before[0] is searched else None
            self._write(self._record(_END, raw, self._is_to_mask(raw, seen)))
        except RecursionError:
            raise  # To look for secrets takes more of the stack than the start did: not now.
        except Exception as error:  # noqa: BLE001  the user's program comes first
            fault("recording a span's end", error)

    def _record(self, kind: RecordType, raw: RawSpan, is_to_mask: bool) -> bytes:
        """The span as it is kept: masked, cut where it is too long.

        Few spans have anything to mask or to cut; the others are told at a glance and written as
        they are.
        """
        if is_to_mask:
            raw = self._masked(raw)
        record = _encoded(kind, raw)
        most = MAX_START_BYTES if kind is _START else MAX_RECORD_BYTES
        if record is not None and len(record) <= most:
            return record
        if kind is _START:
            raw = _cut_values(raw, MAX_START_VALUE_CHARACTERS)
        return _fitting(kind, raw)

    def _is_to_mask(self, raw: RawSpan, seen: RawSpan | None = None) -> bool:
        """Whether there may be something to mask; False is certain.

        Args:
            seen: The same span at its start, when there was nothing.
        """
        if raw.events or self._redact() is not None:
            return True
        attributes = raw.attributes
        if seen is not None:
            before = seen.attributes
            if attributes == before and raw.name == seen.name and not raw.status_message:
                return False
            # A client tells in the same words what the framework around it has told.
            attributes = {key: v for key, v in attributes.items() if before.get(key) != v}
        if not _HARMLESS.issuperset(attributes) and any(map(is_secret_name, attributes)):
            return True
        texts = [raw.name, raw.status_message]
        for value in attributes.values():
            kind = type(value)
            if kind is str:
                texts.append(value)
            elif kind is tuple and all(type(item) is str for item in value):
                texts.extend(value)
            elif kind not in _PLAIN:
                return True
        return self._secrets.may_be_in("\0".join(texts))

    def _masked(self, raw: RawSpan) -> RawSpan:
        message = {_MESSAGE: raw.status_message} if raw.status_message else {}
        return msgspec.structs.replace(
            raw,
            name=self._secrets.mask(raw.name),
            attributes=self._masked_attributes(raw.attributes),
            status_message=words(self._masked_attributes(message).get(_MESSAGE, "")),
            events=tuple(
                msgspec.structs.replace(event, attributes=self._masked_attributes(event.attributes))
                for event in raw.events
            ),
        )

    def _masked_attributes(self, attributes: dict[str, Any]) -> dict[str, Any]:
        masked, redact = self._secrets.mask_attributes(attributes), self._redact()
        if redact is None:
            return masked
        out = {}
        for key, value in masked.items():
            try:
                out[key] = redact(key, value)
            except Exception as error:
                if is_users(error):
                    raise
                say_once(
                    "redact",
                    "Telltale: your redact function failed, and what it fails for is left out of "
                    "traces (said once): %s: %s",
                    type(error).__name__,
                    error,
                )
        return out


def _encoded(kind: RecordType, raw: RawSpan) -> bytes | None:
    """The record; None where it holds what cannot be encoded: a lone surrogate, a huge number."""
    try:
        return encode_span(kind, raw)
    except (UnicodeEncodeError, OverflowError, TypeError, msgspec.MsgspecError):
        return None


def _fitting(kind: RecordType, raw: RawSpan) -> bytes:
    """The record, its values cut visibly where it would not fit or could not be encoded."""
    record = _encoded(kind, raw)
    if record is None:
        raw = _encodable(raw)
        record = encode_span(kind, raw)
    for limit in _CUTS:
        if len(record) <= MAX_RECORD_BYTES - FRAME_BYTES:
            break
        raw = _cut_values(raw, limit)
        record = encode_span(kind, raw)
    else:
        if len(record) > MAX_RECORD_BYTES - FRAME_BYTES:
            record = encode_span(kind, _with_fewer(raw))
    return record


def _cut_values(raw: RawSpan, limit: int) -> RawSpan:
    def cut_value(value: Any) -> Any:
        if isinstance(value, str):
            return cut(value, limit)
        if isinstance(value, list | tuple):
            return [cut_value(item) for item in value]
        return value

    return _with_values(raw, cut_value)


def _with_fewer(raw: RawSpan) -> RawSpan:
    left_out = f"{len(raw.attributes):,} attributes, {len(raw.events):,} events"
    kept = dict(islice(raw.attributes.items(), _MANY))
    return msgspec.structs.replace(
        raw,
        attributes=kept | {"telltale.cut": f"cut by telltale: {left_out}"},
        events=raw.events[:_MANY],
        links=raw.links[:_MANY],
    )


def _encodable(raw: RawSpan) -> RawSpan:
    raw = _with_values(raw, _encodable_value)
    return msgspec.structs.replace(raw, experiment=clean(raw.experiment))


def _encodable_value(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool | float | bytes) or value is None:
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else str(value)
    if isinstance(value, Mapping):
        return {clean(str(key)): _encodable_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable_value(item) for item in value]
    return words(value)


def _with_values(raw: RawSpan, change: Callable[[Any], Any]) -> RawSpan:
    def changed(attributes: dict[str, Any]) -> dict[str, Any]:
        return {change(key): change(value) for key, value in attributes.items()}

    return msgspec.structs.replace(
        raw,
        name=change(raw.name),
        status_message=change(raw.status_message),
        attributes=changed(raw.attributes),
        events=tuple(
            RawEvent(change(event.name), event.time_ns, changed(event.attributes))
            for event in raw.events
        ),
    )
