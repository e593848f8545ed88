"""Spans around calls of crewAI's, known while they are open: they may have to be cut off."""

from collections.abc import Mapping
from typing import Any

from telltale.nouns.span import Kind
from telltale.tracing.forks import in_a_pools_worker
from telltale.tracing.live import LiveSpan
from telltale.tracing.spans import Entered

_begun: dict[int, LiveSpan] = {}
"""By identity; of those that have ended some are there until the next one begins."""


class Block(Entered):
    """A block as any other. How it is left is not touched: that has to work with a full stack."""

    __slots__ = ()

    def __enter__(self) -> LiveSpan:
        span = super().__enter__()
        for key, other in list(_begun.items()):
            if not other.is_open:
                _begun.pop(key, None)
        _begun[id(span)] = span
        return span


def entered(
    name: str,
    kind: Kind,
    attributes: Mapping[str, Any] | None = None,
    *,
    op: str | None = None,
    joins: frozenset[str] = frozenset(),
) -> Block:
    """A span that begins with the block, is current inside it and ended behind it."""
    return Block(name, kind, attributes, "", op, joins)


def leave_all() -> list[LiveSpan]:
    """What is open, to be ended by whoever asks."""
    spans = [span for span in list(_begun.values()) if span.is_open]
    _begun.clear()
    return spans


in_a_pools_worker(_begun.clear)
