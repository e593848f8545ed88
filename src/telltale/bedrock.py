"""`telltale.bedrock.autolog()`: every chat with a model of Bedrock's traced."""

from telltale.integrations.bedrock import INTEGRATION
from telltale.tracing.integration import switch


def autolog(disable: bool = False) -> None:
    """Trace Converse and ConverseStream of botocore's clients from now on; or stop."""
    switch(INTEGRATION, disable=disable)
