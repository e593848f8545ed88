"""The keys of models, learnt before anything is written that may say them."""

from typing import Any

from telltale.tracing.state import TRACING

_MODELS = ("llm", "function_calling_llm", "manager_llm", "planning_llm", "chat_llm")
_KEYS = ("api_key", "aws_secret_access_key", "aws_session_token")
_HEADERS = (("client_params", "default_headers"), ("additional_params", "extra_headers"))
"""Where an LLM keeps headers beside its own `default_headers`."""


def learn(llm: Any) -> None:
    """Mask what a model's class was given to say who it is."""
    secrets = TRACING.secrets
    for name in _KEYS:
        secrets.learn(getattr(llm, name, None))
    secrets.learn_headers(getattr(llm, "default_headers", None))
    for holder, key in _HEADERS:
        parameters = getattr(llm, holder, None)
        if isinstance(parameters, dict):
            secrets.learn_headers(parameters.get(key))


def learn_of(beginning: Any) -> None:
    """The same for all the models that a crew, with its agents, or an agent is about to call."""
    agents = getattr(beginning, "agents", None)
    for holder in (beginning, *(agents if isinstance(agents, list) else ())):
        for name in _MODELS:
            if (llm := getattr(holder, name, None)) is not None:
                learn(llm)
