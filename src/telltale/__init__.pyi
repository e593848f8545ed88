from telltale import anthropic as anthropic
from telltale import azure as azure
from telltale import bedrock as bedrock
from telltale import crewai as crewai
from telltale import entities as entities
from telltale import gemini as gemini
from telltale import litellm as litellm
from telltale import openai as openai
from telltale.nouns.errors import TelltaleError as TelltaleError
from telltale.tracing.control import configure as configure
from telltale.tracing.control import flush as flush
from telltale.tracing.control import get_tracking_uri as get_tracking_uri
from telltale.tracing.control import set_experiment as set_experiment
from telltale.tracing.control import set_tracking_uri as set_tracking_uri
from telltale.tracing.decorator import trace as trace
from telltale.tracing.spans import get_current_active_span as get_current_active_span
from telltale.tracing.spans import start_span as start_span
from telltale.tracing.spans import update_current_trace as update_current_trace

__version__: str
