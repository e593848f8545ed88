"""What a program says about its tracing: where to, under which experiment, with what care."""

import inspect
from pathlib import Path
from typing import Any, cast

from telltale.nouns.errors import BadInput
from telltale.tracing.settings import Redact, read_destination
from telltale.tracing.state import TRACING


def set_tracking_uri(uri: str) -> None:
    """Send spans to the server at this address; without it to http://127.0.0.1:5000.

    Raises:
        BadInput: If it is not an http or https address.
    """
    TRACING.change(destination=read_destination(uri), destination_origin="code")


def get_tracking_uri() -> str:
    """The address that spans are sent to."""
    return TRACING.settings.destination


def set_experiment(experiment_name: str | None = None, experiment_id: object = None) -> None:
    """File traces that start from now on under this name; the server makes it when they arrive.

    Args:
        experiment_id: MLflow's; ids are the server's here, and it may not be there yet.

    Raises:
        BadInput: If the name is empty or no string, or an id is given instead.
    """
    if experiment_id is not None and experiment_name is None:
        raise BadInput(
            f"experiment_id {experiment_id!r}: expected experiment_name; a program files its "
            "traces by name, and the server gives the name an id",
            given=experiment_id,
            expected="experiment_name",
            remedy="give the experiment's name",
        )
    if not isinstance(experiment_name, str) or not experiment_name.strip():
        raise BadInput(
            f"experiment {experiment_name!r}: expected a name, for example 'CrewAI'",
            given=experiment_name,
            expected="a name of at least one character",
        )
    TRACING.change(experiment=experiment_name.strip())


def configure(
    *,
    home: str | Path | None = None,
    redact: Redact | None = None,
    ignore_otel_disabled: bool | None = None,
) -> None:
    """Change how this process traces; what is not given stays as it is.

    Args:
        home: Folder of the journal, instead of `$TELLTALE_HOME` or `~/.telltale`.
        redact: Called with each attribute's key and value before anything is written; what it
            returns is recorded instead. If it raises, the value is left out, and that is said once.
        ignore_otel_disabled: Trace even though OTEL_SDK_DISABLED=true is set.

    Raises:
        BadInput: If redact cannot be called with a key and a value.
        SettingFixed: If home or ignore_otel_disabled changes after the first span.
    """
    changes: dict[str, Any] = {}
    if home is not None:
        changes["home"] = Path(home).expanduser().absolute()
    if redact is not None:
        changes["redact"] = _checked(redact)
    if ignore_otel_disabled is not None:
        changes["ignore_otel_disabled"] = ignore_otel_disabled
    TRACING.change(**changes)


def _checked(redact: Any) -> Redact:
    """The function itself; at once, for later its values would be left out with a word in a log.

    Raises:
        BadInput: If it cannot be called with a key and a value.
    """
    wrong = "" if callable(redact) else "it cannot be called"
    if not wrong and inspect.iscoroutinefunction(redact):
        wrong = "it returns a coroutine, not a value"
    if not wrong and (signature := _signature(redact)) is not None:
        try:
            signature.bind("key", "value")
        except TypeError:
            wrong = f"it takes {signature}"
    if wrong:
        expected = "a function of two arguments, an attribute's key and its value"
        remedy = "give one like `lambda key, value: value`, which returns what is recorded"
        raise BadInput(
            f"redact={redact!r}: {wrong}; expected {expected}; {remedy}",
            given=redact,
            expected=expected,
            remedy=remedy,
        )
    return cast("Redact", redact)


def _signature(redact: Any) -> inspect.Signature | None:
    """What it takes; None where that cannot be told, as of some functions that are written in C."""
    try:
        return inspect.signature(redact)
    except (TypeError, ValueError):
        return None


def flush(timeout_s: float = 10.0) -> bool:
    """Wait until the server has everything that was recorded; False if it has not in time."""
    return TRACING.flush(timeout_s)
