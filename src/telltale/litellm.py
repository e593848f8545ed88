"""`telltale.litellm.autolog()`: every call of LiteLLM traced."""

from telltale.integrations.litellm import INTEGRATION
from telltale.tracing.integration import switch


def autolog(disable: bool = False) -> None:
    """Trace LiteLLM from now on; or stop."""
    switch(INTEGRATION, disable=disable)
