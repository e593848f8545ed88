"""The keys of models, embedders and of those that an agent asks, learnt before they may be said."""

from collections import deque
from collections.abc import Iterator, Sequence
from types import FunctionType, ModuleType
from typing import Any

from telltale.integrations.crewai.opened import is_crewais, listed
from telltale.tracing.secret_forms import basic
from telltale.tracing.secrets import holds_secret
from telltale.tracing.state import TRACING

_MODELS = ("llm", "function_calling_llm", "manager_llm", "planning_llm", "chat_llm")
_HOLDERS = ("agents", "agent", "manager_agent", "tasks")
_USED = ("tools", "knowledge_sources", "guardrail", "guardrails", "_guardrail", "_guardrails")
"""What an agent or a task uses, of classes of anybody's: a tool's client has its key, a guardrail's
model."""
_REMOTES = ("a2a", "mcps")
_STORES = ("memory", "_memory", "knowledge")
_FIELDS = ("__dict__", "__pydantic_extra__", "__pydantic_private__")
"""Where an object keeps what it was given; what its class has no field for stands apart."""
_PLAIN = frozenset((int, float, bool, bytes, type(None)))
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


def learn(holder: Any, *, throughout: bool = False) -> None:
    """Mask what an object was given to say who it is.

    A model, a tool, what makes vectors, or the specification of one: whoever wrote its class, keys
    are known by what they are called, and an address by what it looks like.

    Args:
        throughout: Look at the objects that it holds, too: a client, that one's settings and
            session; otherwise at dictionaries alone.
    """
    waiting, seen = deque([(holder, 0)]), set[int]()
    while waiting and len(seen) < _MOST_PARTS:
        one, depth = waiting.popleft()
        if id(one) in seen:
            continue
        seen.add(id(one))
        for name, value in _fields(one):
            if type(value) in _PLAIN:
                continue
            for part in _learn_field(str(name), value):
                # What crewAI's own objects hold is looked at where they are used.
                is_to_see = throughout and (depth == 0 or not is_crewais(type(part)))
                if depth < _DEEPEST and (is_to_see or isinstance(part, dict)):
                    waiting.append((part, depth + 1))


def _learn_field(name: str, value: Any) -> Sequence[Any]:
    """What the value of a field holds in turn, where it is none that can be learnt."""
    secrets = TRACING.secrets
    if isinstance(value, str) or holds_secret(value):
        secrets.learn_named(name, value)
        return ()
    if "headers" in name:
        secrets.learn_headers(value)
        return ()
    match value:
        case (str() as user, str() as password) if name == "auth":
            secrets.learn(password)
            _learn_basic(user, password)
            return ()
    return value[:_MOST_OF_A_LIST] if isinstance(value, list | tuple) else (value,)


def learn_of(beginning: Any) -> None:
    """The same for all that a crew, with its agents and tasks, or one of them is about to call."""
    for name, value in _fields(beginning):
        if isinstance(value, str):  # A flow keeps what it works with in itself.
            TRACING.secrets.learn_named(str(name), value)
    _learn_asked(beginning)
    for name in _HOLDERS:
        for holder in listed(getattr(beginning, name, None)):
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
        learn(asked, throughout=not is_crewais(type(asked)))
    for name in _USED:
        for one in listed(getattr(holder, name, None)):
            learn(one, throughout=True)
    for name in _STORES:
        learn_store(getattr(holder, name, None))
    for name in _REMOTES:
        for remote in listed(getattr(holder, name, None)):
            _learn_remote(remote)


def _fields(holder: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(holder, type | FunctionType | ModuleType):
        return
    held = [holder] if isinstance(holder, dict) else [getattr(holder, n, None) for n in _FIELDS]
    for slots in (vars(cls).get("__slots__", ()) for cls in type(holder).__mro__[:-1]):
        names = (slots,) if isinstance(slots, str) else tuple(slots)
        held.append({n: getattr(holder, n, None) for n in names if not n.startswith("__")})
    for said in held:
        yield from tuple(said.items()) if isinstance(said, dict) else ()


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
