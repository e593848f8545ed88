"""Stored spans are read again, by what this version understands and at today's prices."""

import time
from typing import Annotated

import msgspec

from telltale.ingest.pipeline import priced, read
from telltale.nouns.answers import ReadAgain
from telltale.nouns.span import RawSpan, Span
from telltale.server.resources import Resources
from telltale.server.route import Call

BODY_LIMIT = 1 << 10
WITHIN_S = 0.5
"""Seconds after which it is answered how far it has come."""


class WhatToRead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to go on, and which spans."""

    after: Annotated[int, msgspec.Meta(ge=0)] = 0
    """`next` of the answer before."""
    all: bool = False
    """Also those that this version has read: prices may have changed."""


def read_again(resources: Resources, call: Call) -> ReadAgain:
    """Some of the spans; whoever asks goes on with `next`, also after a restart."""
    until_s = time.monotonic() + WITHIN_S
    after, spans = call.given.after, 0
    while True:
        done = resources.store.reread(after, _read, is_all=call.given.all)
        spans += done.spans
        if done.next is None or time.monotonic() > until_s:
            resources.live.ring()
            return ReadAgain(done.next, spans)
        after = done.next


def _read(raw: RawSpan) -> Span:
    return priced(read(raw), raw.start_ns)
