"""Flows: the user's, which are spans, and those that crewAI runs inside itself, which are not."""

from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai.crews import failed
from telltale.integrations.crewai.opened import Opened, is_crewais, said, text, words
from telltale.integrations.crewai.scopes import Scope
from telltale.tracing.serialise import to_json, to_text

_PURPOSES = {"AgentExecutor": "agent", "RecallFlow": "recall", "EncodingFlow": "encode"}
"""crewAI's internal flows, by what an LLM is called for inside them."""
_SEARCHING = ("RecallFlow", "EncodingFlow")
"""Those that know what words the vectors were made of that they search with."""


def is_internal(flow: Any) -> bool:
    """Whether crewAI runs this flow inside itself; a user's may have the same name."""
    return type(flow).__name__ in _PURPOSES and is_crewais(type(flow))


def name_of(flow: Any) -> str:
    """What its events call it."""
    told = (getattr(getattr(flow, "_definition", None), "name", None), getattr(flow, "name", None))
    return next(filter(None, map(text, told)), type(flow).__name__)


def flow_started(flow: Any, event: Any) -> Opened:
    """A flow begins; one of crewAI's own serves what is around it."""
    name = text(getattr(event, "flow_name", None)) or type(flow).__name__
    inputs = getattr(event, "inputs", None)
    if is_internal(flow):
        name = type(flow).__name__
        attributes = {names.INPUTS: to_json(_memories(inputs))} if name == "EncodingFlow" else {}
        return Opened(
            name=name,
            folded=True,
            purpose=_PURPOSES[name],
            attributes=attributes,
            source=flow if name in _SEARCHING else None,
        )
    attributes = said(
        **{
            names.WORKFLOW_NAME: name,
            names.CREW_OP: "resumed" if _goes_on(flow) else None,
            names.INPUTS: to_json(inputs) if inputs else None,
        }
    )
    return Opened(name=name, attributes=attributes, source=flow)


def _goes_on(flow: Any) -> bool:
    """Whether it has begun before: it was kept half-way, or a person has answered."""
    return any(
        getattr(flow, name, False) is True
        for name in ("_restored_from_checkpoint", "_is_execution_resuming")
    )


def flow_finished(event: Any, scope: Scope) -> None:
    """A flow has its result; of an internal one its calls have told everything."""
    if scope.owns_span:
        set_outputs(getattr(event, "result", None), scope)
    else:
        scope.source = None  # Threads inherit the scope, and would keep its vectors.


def flow_failed(event: Any, scope: Scope) -> None:
    """A flow failed; an internal one's failure is told by what it serves."""
    if scope.owns_span:
        failed(event, scope)
    else:
        scope.source = None


def method(event: Any) -> str | None:
    """A method's name: methods of a flow may run at the same time."""
    return text(getattr(event, "method_name", None))


def method_started(flow: Any, event: Any) -> Opened:
    """A method of a flow begins."""
    name = method(event) or "method"
    parameters = getattr(event, "params", None)
    return Opened(
        name=name,
        key=method(event),
        attributes=said(**{names.INPUTS: to_json(parameters) if parameters else None}),
        source=flow,
    )


def method_finished(event: Any, scope: Scope) -> None:
    """A method has its result; of a router it is the route taken."""
    set_outputs(getattr(event, "result", None), scope)


def paused(event: Any, scope: Scope) -> None:
    """Something waits for a person, perhaps beyond the life of the process."""
    if scope.span is not None and scope.owns_span:
        scope.span.set_attribute(names.CREW_OP, "paused")


def set_outputs(result: Any, scope: Scope) -> None:
    """What came of a flow or of a method."""
    result = words(result)
    if result is not None and scope.span is not None:
        scope.span.set_attribute(names.OUTPUTS, to_text(result))


def _memories(inputs: Any) -> list[str]:
    """The words that are to be remembered; the event of the write only counts them."""
    items = inputs.get("items") if isinstance(inputs, dict) else None
    return [item["content"] for item in items or () if isinstance(item, dict) and "content" in item]
