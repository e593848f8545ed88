"""The keys of models, embedders and of those that an agent asks, learnt before they may be said."""

from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

from telltale.tracing.secret_forms import basic
from telltale.tracing.secrets import holds_secret
from telltale.tracing.state import TRACING

_MODELS = ("llm", "function_calling_llm", "manager_llm", "planning_llm", "chat_llm")
_HOLDERS = ("agents", "agent", "manager_agent", "tasks")
_USED = ("tools", "knowledge_sources", "guardrail", "guardrails", "_guardrail", "_guardrails")
"""What an agent or a task uses, of classes of anybody's: a tool's client has its key, a guardrail's
model."""
_STORES = ("memory", "_memory", "knowledge")
_FIELDS = ("__dict__", "__pydantic_extra__", "__pydantic_private__")
"""Where an object keeps what it was given; what its class has no field for stands apart."""
_PLAIN = frozenset((int, float, bool, bytes, type(None)))
_PAIR = ("name", "password")
_MOST_PARTS = 60
_MOST_OF_A_LIST = 20
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


def learn(holder: Any, depth: int = 0) -> None:
    """Mask what an object was given to say who it is.

    A model, a tool, what makes vectors, or the specification of one: whoever wrote its class, keys
    are known by what they are called, and an address by what it looks like.
    """
    for name, value in _fields(holder):
        if not isinstance(value, dict):
            TRACING.secrets.learn_named(str(name), value)
        elif "headers" in str(name):
            TRACING.secrets.learn_headers(value)
        elif depth < _DEEPEST:
            learn(value, depth + 1)


def learn_throughout(holder: Any) -> None:
    """The same of what a class of anybody's holds: its client, that one's settings and session."""
    waiting, seen = [(holder, 0)], set[int]()
    while waiting and len(seen) < _MOST_PARTS:
        one, depth = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        for name, value in _fields(one):
            if type(value) in _PLAIN:
                continue
            if isinstance(value, str) or holds_secret(value):
                TRACING.secrets.learn_named(str(name), value)
            elif "headers" in str(name):
                TRACING.secrets.learn_headers(value)
            elif name == "auth" and isinstance(value, tuple) and len(value) == len(_PAIR):
                TRACING.secrets.learn(value[1])
                _learn_basic(*value)
            elif depth < _DEEPEST:
                parts = value[:_MOST_OF_A_LIST] if isinstance(value, list | tuple) else (value,)
                # What crewAI's own objects hold is looked at where they are used.
                waiting += (
                    (part, depth + 1) for part in parts if depth == 0 or not _is_crewais(part)
                )


def learn_of(beginning: Any) -> None:
    """The same for all that a crew, with its agents and tasks, or one of them is about to call."""
    for name, value in _fields(beginning):
        if isinstance(value, str):  # A flow keeps what it works with in itself.
            TRACING.secrets.learn_named(str(name), value)
    _learn_asked(beginning)
    for name in _HOLDERS:
        for holder in _each(beginning, name):
            _learn_asked(holder)


def learn_store(store: Any) -> None:
    """The same for a memory, a part of one, or knowledge."""
    for one in (store, getattr(store, "_memory", None), getattr(store, "storage", None)):
        for name in ("embedder", "llm"):
            learn(getattr(one, name, None))


def _learn_asked(holder: Any) -> None:
    """The keys of whatever an agent asks, or a task has its output judged by."""
    held = dict(_fields(holder))
    for name in (*_MODELS, "embedder"):
        # Where it is held: crewAI warns its user of some of these, if they are asked for.
        asked = held.get(name)
        (learn if _is_crewais(asked) else learn_throughout)(asked)
    for name in _USED:
        for one in _each(holder, name):
            learn_throughout(one)
    for name in _STORES:
        learn_store(getattr(holder, name, None))
    for remote in (*_each(holder, "a2a"), *_each(holder, "mcps")):
        _learn_remote(remote)


def _is_crewais(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "crewai"


def _fields(holder: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(holder, type | FunctionType | ModuleType):
        return
    held = [holder] if isinstance(holder, dict) else [getattr(holder, n, None) for n in _FIELDS]
    for slots in (vars(cls).get("__slots__", ()) for cls in type(holder).__mro__[:-1]):
        names = (slots,) if isinstance(slots, str) else tuple(slots)
        held.append({n: getattr(holder, n, None) for n in names if not n.startswith("__")})
    for said in held:
        yield from tuple(said.items()) if isinstance(said, dict) else ()


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
    if isinstance(variables, dict):
        secrets.learn_variables({str(name): str(value) for name, value in variables.items()})
    for address in (remote, getattr(remote, "url", None), getattr(remote, "endpoint", None)):
        if isinstance(address, str):
            secrets.learn_address(address)


def _learn_basic(user: Any, password: Any) -> None:
    """The word that stands in a header for a name and a password."""
    if isinstance(user, str) and isinstance(password, str):
        TRACING.secrets.learn(basic(user, password))
