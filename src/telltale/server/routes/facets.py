"""What many traces have in common: values with counts, and sums."""

import time
from typing import Annotated

import msgspec

from telltale.nouns.errors import BadInput
from telltale.nouns.facets import Facets, Summary
from telltale.nouns.nearest import nearest
from telltale.query.fields import FIELDS, Reading
from telltale.query.parse import parse
from telltale.query.values import read_duration
from telltale.server.resources import Resources
from telltale.server.route import Call
from telltale.server.routes.experiments import experiment_id
from telltale.store.questions import CountFacets, SumUp

_TAG = "tag."
_SHORTEST_NS = 10**9
_TEXTS = frozenset((Reading.TEXT, Reading.CHOICE))
_GROUPS = [name for name, field in FIELDS.items() if field.reading in _TEXTS and name != "tag"]


class FacetsQuery(msgspec.Struct, frozen=True):
    """Of which traces."""

    experiment: str | None = None
    """Id or name; all experiments without it."""
    filter: str = ""
    """Which traces, as docs/filter.md says; all without it."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    """Values a field."""


class SummaryQuery(msgspec.Struct, frozen=True):
    """Of which traces, and how they are grouped."""

    experiment: str | None = None
    """Id or name; all experiments without it."""
    filter: str = ""
    """Which traces, as docs/filter.md says; all without it."""
    by: str | None = None
    """A field of text such as `model`, or `tag.<key>`. Grouped by what spans have (model, tool,
    agent, …), the sums are of these spans and not of all of their traces'."""
    every: str | None = None
    """Stretches of time that are summed up by themselves, such as `1h` or `1d`, in UTC."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    """Values a stretch."""


def count_facets(resources: Resources, call: Call) -> Facets:
    """The values that most of the traces have."""
    return resources.store.read(
        CountFacets(
            experiment_id=experiment_id(resources, call.query.experiment),
            filter=parse(call.query.filter),
            now_ns=time.time_ns(),
            limit=call.query.limit,
        )
    )


def sum_up(resources: Resources, call: Call) -> Summary:
    """What the traces come to."""
    return resources.store.read(
        SumUp(
            experiment_id=experiment_id(resources, call.query.experiment),
            filter=parse(call.query.filter),
            now_ns=time.time_ns(),
            by=_group(call.query.by),
            every_ns=_stretch(call.query.every),
            limit=call.query.limit,
        )
    )


def _group(by: str | None) -> str | None:
    if by is None or by in _GROUPS or (by.startswith(_TAG) and by != _TAG):
        return by
    expected = f"one of {', '.join(_GROUPS)} or tag.<key>"
    raise BadInput(
        f"by {by!r:.80}: nothing is grouped by that; expected {expected}",
        given=by,
        expected=expected,
        remedy="leave it out to sum up all in one",
        suggestions=nearest(by, _GROUPS),
    )


def _stretch(every: str | None) -> int | None:
    if every is None:
        return None
    duration_ns = read_duration(every)
    # Shorter ones say nothing, and our times are told in microseconds.
    if duration_ns is None or duration_ns < _SHORTEST_NS:
        raise BadInput(
            f"every {every!r:.80}: expected a duration of at least 1s, such as 5m, 1h or 1d",
            given=every,
            expected="a duration of at least 1s, such as 5m, 1h or 1d",
            remedy="leave it out to sum up all in one",
        )
    return duration_ns
