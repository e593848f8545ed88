"""`telltale.azure.autolog()`: every call of the azure-ai-inference client traced."""

from telltale.integrations.azure import INTEGRATION
from telltale.tracing.integration import switch


def autolog(disable: bool = False) -> None:
    """Trace the azure-ai-inference client from now on; or stop."""
    switch(INTEGRATION, disable=disable)
