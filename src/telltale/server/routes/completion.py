"""What may be written next in a filter: fields, then values with counts."""

from msgspec import Struct

from telltale.nouns.answers import Completion, Proposal
from telltale.nouns.facets import FacetValue
from telltale.query.complete import Spot, choices_like, field_at, fields_like, spot
from telltale.query.write import quoted
from telltale.server.resources import Resources
from telltale.server.route import Call
from telltale.server.routes.experiments import experiment_id
from telltale.store.questions import FindTagKeys, FindValues


class CompletionQuery(Struct, frozen=True):
    """What is written up to the cursor."""

    text: str = ""
    experiment: str | None = None
    """Id or name; all experiments without it."""


def complete(resources: Resources, call: Call) -> Completion:
    """What may take the place of the word before the cursor; nothing within words."""
    here = spot(call.query.text)
    if here is None:
        return Completion(len(call.query.text), ())
    experiment = experiment_id(resources, call.query.experiment)
    return Completion(here.start, tuple(_proposals(resources, here, experiment)))


def _proposals(resources: Resources, here: Spot, experiment: int | None) -> list[Proposal]:
    if here.field == "" and here.written.startswith("tag.") and not here.of_span:
        beginning = here.written.removeprefix("tag.")
        keys = resources.store.read(FindTagKeys(beginning=beginning, experiment_id=experiment))
        return [Proposal(f"tag.{quoted(key.value)}:", traces=key.traces) for key in keys]
    if here.field == "":
        return fields_like(here.written, of_span=here.of_span)
    field = field_at(here)
    if field is None:
        return []
    name = f"{here.field}.{here.key}" if field.has_keys else here.field
    found = resources.store.read(
        FindValues(field=name, beginning=here.written, experiment_id=experiment)
    )
    if field.choices:
        counts = {facet.value: facet.traces for facet in found}
        return [
            Proposal(one.text, traces=counts.get(one.text))
            for one in choices_like(field, here.written)
        ]
    return [_proposal(facet) for facet in found] or choices_like(field, here.written)


def _proposal(facet: FacetValue) -> Proposal:
    return Proposal(quoted(facet.value), traces=facet.traces)
