"""Experiments: the groups that traces are filed under."""

from msgspec.structs import replace

from telltale.client.answers import Experiments
from telltale.server.problems import Refusal, nearest, problem
from telltale.server.resources import Resources
from telltale.server.route import Call
from telltale.store.questions import CountTraces


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

    An id is looked for first: names of digits alone are rare.

    Raises:
        Refusal: 404 if there is no such experiment, naming those that sound like it.
    """
    if given is None:
        return None
    known = resources.metadata.experiments()
    for experiment in known:
        if given == str(experiment.id):
            return experiment.id
    for experiment in known:
        if given == experiment.name:
            return experiment.id
    names = [experiment.name for experiment in known]
    raise Refusal(
        problem(
            404,
            "not-found",
            "Not stored here",
            f"experiment {given!r}: expected an id or a name from /api/v1/experiments",
            given=given,
            expected="an experiment's id or name",
            remedy="see /api/v1/experiments",
            suggestions=nearest(given, names),
        )
    )
