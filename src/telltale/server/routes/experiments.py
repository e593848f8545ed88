"""Experiments: the groups that traces are filed under."""

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from telltale.nouns.answers import Experiments
from telltale.nouns.nearest import nearest
from telltale.nouns.trace import Experiment
from telltale.server.problems import Refusal, problem
from telltale.server.resources import Resources
from telltale.server.route import Call
from telltale.store.questions import CountTraces

BODY_LIMIT = 1 << 10
_MOST_NAMED = 8
_GIB = 1 << 30


class Keep(Struct, frozen=True, forbid_unknown_fields=True):
    """How long traces are kept and how much room they may take; what is absent has no bound."""

    experiment: str
    """Id or name."""
    days: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    gib: Annotated[float, Meta(gt=0, le=1_000_000)] | None = None
    """About: by the share that an experiment's spans have of all that is stored."""


def keep_traces(resources: Resources, call: Call) -> Experiment:
    """Bound what is kept of one experiment; the oldest go within a minute, and then as they age."""
    id_ = experiment_id(resources, call.given.experiment)
    assert id_ is not None, "None means all, and is not given"
    size = None if call.given.gib is None else int(call.given.gib * _GIB)
    kept = resources.metadata.keep(id_, call.given.days, size)
    assert kept is not None, "it was found, and none is ever taken away"
    return replace(kept, traces=resources.store.read(CountTraces()).get(id_, 0))


def list_experiments(resources: Resources, call: Call) -> Experiments:
    """All experiments with the number of their traces."""
    counts = resources.store.read(CountTraces())
    return Experiments(
        tuple(
            replace(experiment, traces=counts.get(experiment.id, 0))
            for experiment in resources.metadata.experiments()
        )
    )


def experiment_id(resources: Resources, given: str | None) -> int | None:
    """The id that a query parameter means, which may be an id or a name; None for all.

    An id is looked for first: the page asks by id, and an experiment that is called `1` must not
    stand in the way of the one whose id that is.

    Raises:
        Refusal: 404 if there is no such experiment, naming those that sound like it.
    """
    if given is None:
        return None
    find, is_number = resources.metadata.find_experiment, given.isascii() and given.isdigit()
    experiment = (find(int(given[:20])) if is_number else None) or find(given)
    if experiment is not None:
        return experiment.id
    names = [known.name for known in resources.metadata.experiments()]
    near = nearest(given, names)
    raise Refusal(
        problem(
            404,
            "not-found",
            "Not stored here",
            f"experiment {given!r}: expected the id or the name of one that is here; "
            f"{_those_here(list(dict.fromkeys((*near, *names))))}",
            given=given,
            expected="an experiment's id or name",
            remedy="give one of these",
            suggestions=near,
        )
    )


def _those_here(names: list[str]) -> str:
    shown = ", ".join(map(repr, names[:_MOST_NAMED]))
    more = len(names) - _MOST_NAMED
    return f"there are {shown} and {more} more" if more > 0 else f"there are {shown}"
