"""`telltale.anthropic.autolog()`: every call of the anthropic client traced."""

from telltale.integrations.anthropic import INTEGRATION
from telltale.tracing.integration import switch


def autolog(disable: bool = False) -> None:
    """Trace the anthropic client from now on; or stop."""
    switch(INTEGRATION, disable=disable)
