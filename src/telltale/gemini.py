"""`telltale.gemini.autolog()`: every call of the google-genai client traced."""

from telltale.integrations.gemini import INTEGRATION
from telltale.tracing.integration import switch


def autolog(disable: bool = False) -> None:
    """Trace the google-genai client from now on; or stop."""
    switch(INTEGRATION, disable=disable)
