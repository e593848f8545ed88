"""What crewAI's bus says nothing of: a crew that goes on from a checkpoint, a task left out."""

import functools
from collections.abc import Callable
from typing import Any

import msgspec

from telltale.conventions import attributes as names
from telltale.integrations.crewai.crews import task_started
from telltale.integrations.crewai.observe import observe
from telltale.nouns.span import Kind
from telltale.tracing.guard import fault
from telltale.tracing.live import current
from telltale.tracing.spans import begin


class _GoesOn(msgspec.Struct, frozen=True, kw_only=True):
    """The event that crewAI leaves out, for the run that it belongs to has begun before."""

    crew_name: str | None
    inputs: Any
    type: str = "crew_kickoff_started"
    op: str = "resumed"


def tell_resumed(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Open the crew whose kickoff has these arguments, if it goes on from a checkpoint.

    One that streams calls its kickoff again, in a thread, and does not stream in there.
    """
    crew = args[0] if args else None
    if not getattr(crew, "checkpoint_kickoff_event_id", None) or getattr(crew, "stream", False):
        return
    given = kwargs.get("inputs", args[1] if len(args) > 1 else None)
    inputs = given or getattr(crew, "checkpoint_inputs", None)
    observe(crew, _GoesOn(crew_name=getattr(crew, "name", None), inputs=inputs))


def skipping(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for `ConditionalTask.get_skipped_task_output`: the output of a task left out."""

    @functools.wraps(original)
    def traced(task: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            opened = task_started(task, None)
            attributes = opened.attributes | {names.CREW_OP: "skipped"}
            begin(opened.name, Kind.TASK, attributes, parent=current.get()).end()
        except Exception as error:  # noqa: BLE001  the user's program comes first
            fault("telling of a task that was skipped", error)
        return original(task, *args, **kwargs)

    return traced
