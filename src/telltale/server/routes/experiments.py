"""Experiments: the groups that traces are filed under."""

from msgspec.structs import replace

from telltale.nouns.answers import Experiments
from telltale.nouns.nearest import nearest
from telltale.server.problems import Refusal, problem
from telltale.server.resources import Resources
from telltale.server.route import Call
from telltale.store.questions import CountTraces

_MOST_NAMED = 8


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
            remedy="give one of these; without an experiment all traces are found",
            suggestions=near,
        )
    )


def _those_here(names: list[str]) -> str:
    shown = ", ".join(map(repr, names[:_MOST_NAMED]))
    more = len(names) - _MOST_NAMED
    return f"there are {shown} and {more} more" if more > 0 else f"there are {shown}"
