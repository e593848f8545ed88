"""`telltale.crewai.autolog()`: every run of a crew traced in full, with nothing else to do."""

from telltale.integrations.anthropic import INTEGRATION as ANTHROPIC
from telltale.integrations.azure import INTEGRATION as AZURE
from telltale.integrations.bedrock import INTEGRATION as BEDROCK
from telltale.integrations.crewai.integration import INTEGRATION
from telltale.integrations.gemini import INTEGRATION as GEMINI
from telltale.integrations.litellm import INTEGRATION as LITELLM
from telltale.integrations.openai import INTEGRATION as OPENAI
from telltale.tracing.integration import switch

_CLIENTS = (ANTHROPIC, AZURE, BEDROCK, GEMINI, LITELLM, OPENAI)


def autolog(disable: bool = False) -> None:
    """Trace crewAI from now on, its embeddings and model calls included; or stop."""
    switch(INTEGRATION, _CLIENTS, disable=disable)
