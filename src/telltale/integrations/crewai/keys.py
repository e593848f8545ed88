"""The keys of models, embedders and of those that an agent asks, learnt before they may be said."""

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from telltale.tracing.secrets import is_secret_name
from telltale.tracing.state import TRACING

_MODELS = ("llm", "function_calling_llm", "manager_llm", "planning_llm", "chat_llm")
_KEYS = ("api_key", "aws_secret_access_key", "aws_session_token")
_HEADERS = (("client_params", "default_headers"), ("additional_params", "extra_headers"))
"""Where an LLM keeps headers beside its own `default_headers`."""
_STORES = ("memory", "_memory", "knowledge")
_DEEPEST = 3
"""An embedder's specification has its configuration one level down, and headers another."""

_AUTH = (
    "token",
    "password",
    "api_key",
    "client_secret",
    "signature_secret",
    "private_key_pem",
    "_access_token",
    "_refresh_token",
)
"""Where the ways to say who one is keep what only oneself may know."""


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


def learn_embedder(embedder: Any, depth: int = 0) -> None:
    """The same for what makes vectors: its specification, its provider, or what was made of it."""
    held: list[Any] = [embedder] if isinstance(embedder, dict) else []
    if not held and not isinstance(embedder, type):
        # What a provider's class has no field for it keeps apart.
        held = [getattr(embedder, name, None) for name in ("__dict__", "__pydantic_extra__")]
    for name, value in (item for said in held if isinstance(said, dict) for item in said.items()):
        if is_secret_name(str(name)):
            TRACING.secrets.learn(value)
        elif isinstance(value, dict) and depth < _DEEPEST:
            if "headers" in str(name):
                TRACING.secrets.learn_headers(value)
            learn_embedder(value, depth + 1)
        elif isinstance(value, str) and "://" in value:
            _learn_address(value)


def learn_of(beginning: Any) -> None:
    """The same for all that a crew, with its agents, or an agent is about to call."""
    agents = getattr(beginning, "agents", None)
    for holder in (beginning, *(agents if isinstance(agents, list) else ())):
        _learn_asked(holder)
        for remote in (*_each(holder, "a2a"), *_each(holder, "mcps")):
            _learn_remote(remote)


def learn_store(store: Any) -> None:
    """The same for a memory, a part of one, or knowledge."""
    for one in (store, getattr(store, "_memory", None), getattr(store, "storage", None)):
        learn_embedder(getattr(one, "embedder", None))


def _learn_asked(holder: Any) -> None:
    """The keys of models and embedders."""
    for name in _MODELS:
        if (llm := getattr(holder, name, None)) is not None:
            learn(llm)
    learn_embedder(getattr(holder, "embedder", None))
    for name in _STORES:
        learn_store(getattr(holder, name, None))


def _each(holder: Any, name: str) -> Iterator[Any]:
    """One value, or those of a list."""
    value = getattr(holder, name, None)
    yield from value if isinstance(value, list | tuple) else () if value is None else (value,)


def _learn_remote(remote: Any) -> None:
    """What a remote agent or a tool server is told: headers, variables, a part of its address."""
    secrets = TRACING.secrets
    for holder in filter(
        None, (getattr(remote, name, None) for name in ("auth", "push_notifications", "updates"))
    ):
        for name in _AUTH:
            secrets.learn(getattr(holder, name, None))
        _learn_basic(getattr(holder, "username", None), getattr(holder, "password", None))
    secrets.learn_headers(getattr(remote, "headers", None))
    variables = getattr(remote, "env", None)
    for name, value in variables.items() if isinstance(variables, dict) else ():
        if is_secret_name(str(name)):
            secrets.learn(value)
    for address in (remote, getattr(remote, "url", None), getattr(remote, "endpoint", None)):
        if isinstance(address, str):
            _learn_address(address)


def _learn_basic(user: Any, password: Any) -> None:
    """The word that stands in a header for a name and a password."""
    if isinstance(user, str) and isinstance(password, str):
        TRACING.secrets.learn(base64.b64encode(f"{user}:{password}".encode()).decode())


def _learn_address(url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:  # Who is to connect there will complain of it.
        return
    TRACING.secrets.learn(parts.password)
    for name, value in parse_qsl(parts.query):
        if is_secret_name(name) or "key" in name.lower():
            TRACING.secrets.learn(value)
