"""Traces that somebody wants to be gone."""

import time

import msgspec

from telltale.nouns.answers import Deleted
from telltale.nouns.errors import BadInput
from telltale.nouns.ids import parse_trace_id
from telltale.query.ast import EVERYTHING
from telltale.query.parse import parse
from telltale.server.resources import Resources
from telltale.server.route import Call
from telltale.server.routes.experiments import experiment_id
from telltale.server.routes.traces import found, trace_id_of
from telltale.store.questions import FindTraces

BODY_LIMIT = 1 << 20
_A_PAGE = 1000


class WhatToDelete(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Either traces by their ids, or those that a filter is true of."""

    trace_ids: list[str] | None = None
    """Those that are not there are passed over."""
    filter: str = ""
    """As docs/filter.md says."""
    experiment: str | None = None
    """Id or name; of all experiments without it."""
    all: bool = False
    """To be said where neither ids nor filter nor experiment is given: of everything."""


def delete_trace(resources: Resources, call: Call) -> Deleted:
    """One trace."""
    trace_id = trace_id_of(call)
    return Deleted(found(_delete(resources, [trace_id]) or None, trace_id))


def delete_traces(resources: Resources, call: Call) -> Deleted:
    """Several traces; one answer when none of them is in any answer any more."""
    given: WhatToDelete = call.given
    if given.trace_ids is not None:
        if given.filter or given.experiment is not None or given.all:
            raise _unclear("ids and something else beside them", "either ids, or a filter")
        return Deleted(_delete(resources, [*map(parse_trace_id, given.trace_ids)]))
    wanted = parse(given.filter)
    if wanted == EVERYTHING and given.experiment is None and not given.all:
        raise _unclear("nothing", 'trace_ids, a filter, an experiment, or "all": true')
    # A moment for all pages: what comes meanwhile is not meant.
    asked = FindTraces(
        experiment_id=experiment_id(resources, given.experiment),
        filter=wanted,
        now_ns=time.time_ns(),
        limit=_A_PAGE,
    )
    count, cursor = 0, None
    while True:
        page = resources.store.read(msgspec.structs.replace(asked, cursor=cursor))
        count += _delete(resources, [parse_trace_id(one.trace_id) for one in page.traces])
        cursor = page.next
        if cursor is None:
            return Deleted(count)


def _delete(resources: Resources, trace_ids: list[bytes]) -> int:
    count = resources.store.delete(trace_ids)
    if count:
        resources.live.say_gone([trace_id.hex() for trace_id in trace_ids])
    return count


def _unclear(given: str, expected: str) -> BadInput:
    return BadInput(
        f"what to delete: given {given}, expected {expected}",
        given=given,
        expected=expected,
        remedy="say in the body which traces are meant",
    )
