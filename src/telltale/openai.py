"""`telltale.openai.autolog()`: every call of the openai client traced."""

from telltale.integrations.openai import INTEGRATION
from telltale.tracing.integration import switch


def autolog(disable: bool = False) -> None:
    """Trace the openai client from now on; or stop."""
    switch(INTEGRATION, disable=disable)
