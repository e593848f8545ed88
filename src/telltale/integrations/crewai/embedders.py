"""Calls of embedders, whoever wrote them.

crewAI has some twenty providers of embedders, and takes any function in their place. Most speak to
their server by clients that nobody else watches, so their own calls are: of whatever class crewAI
has built one, or a store holds one, and of whatever a memory was given. A client that is watched
adds what it knows.
"""

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from telltale.conventions import attributes as names
from telltale.integrations.crewai import keys, llms
from telltale.integrations.crewai.blocks import entered
from telltale.integrations.crewai.opened import said, text
from telltale.integrations.model_calls import counted_vectors, texts_asked
from telltale.nouns.span import Kind
from telltale.tracing.guard import sheltered
from telltale.tracing.live import LiveSpan, current, known_attributes
from telltale.tracing.patching import Watched, within
from telltale.tracing.spans import Entered

_JOINS = llms.JOINS | {"embedder"}
"""Last: an embedder that calls its parent's, or another, is one call."""
_METHODS = ("__call__", "embed_query")
"""The second by default makes the first; some providers want questions told apart from texts."""
_MODEL = ("model_name", "_model_name", "model", "model_id", "MODEL_NAME")
_CONFIGURATIONS = ("_config", "_embedding_params")
_CLASSES = 64
"""Of embedders, whose providers are remembered."""
_PROVIDERS = {
    "amazon_bedrock": "aws.bedrock",
    "google_gemini": "gcp.gemini",
    "google_generative_ai": "gcp.gemini",
    "google_vertex": "gcp.vertex_ai",
    "google-vertex": "gcp.vertex_ai",
    "mistral": "mistral_ai",
    "watsonx": "ibm.watsonx.ai",
}
"""Whom OpenTelemetry calls otherwise than ChromaDB and crewAI do."""


def watch(embedder: Any) -> None:
    """Watch the class of an embedder; whatever else it may be is let be."""
    for name in _METHODS:
        cls = _home(type(embedder), name)
        if cls is not None:
            _watched.add(cls)


def let_go() -> None:
    """Give every class its own functions back."""
    _watched.let_go()


def _home(cls: type, name: str) -> type | None:
    """The class that defines a method, unless it only says what embedders are."""
    found = next((one for one in cls.__mro__ if name in vars(one)), None)
    return None if found is None or Protocol in found.__bases__ else found


def _stands_for(span: LiveSpan) -> bool:
    """Whether a call is made by an embedder whose call is being watched."""
    return span.kind is Kind.EMBEDDING and "embedder" in span.joins


class _Following:
    """A span of one call, whose provider a watched client knows best."""

    def __init__(self, block: Entered, provider: str | None) -> None:
        self._block = block
        self._provider = provider

    def __enter__(self) -> LiveSpan:
        self._span = self._block.__enter__()
        return self._span

    def __exit__(self, *error: Any) -> None:
        with sheltered("naming who made vectors"):
            if self._provider and names.PROVIDER not in known_attributes(self._span):
                self._span.set_attribute(names.PROVIDER, self._provider)
        self._block.__exit__(*error)


def _followed(
    embedder: Any, /, *args: Any, **kwargs: Any
) -> AbstractContextManager[LiveSpan | None]:
    around = current.get()
    if around is None or _stands_for(around):
        return nullcontext()
    told: dict[str, Any] = {}
    provider = None
    with sheltered("reading what an embedder is asked"):
        texts = _texts(args[0] if args else next(iter(kwargs.values()), None))
        told = said(**{names.REQUEST_MODEL: _model(embedder)})
        told |= {} if texts is None else texts_asked(texts)
        provider = _provider(embedder)
    return _Following(entered("embed", Kind.EMBEDDING, told, joins=_JOINS), provider)


def _tell(span: LiveSpan | None, answer: Any) -> None:
    if span is None or not (isinstance(answer, list | tuple) or hasattr(answer, "tolist")):
        return
    with sheltered("reading what an embedder answered"):
        # Qdrant asks for one vector at a time, and is given it bare.
        is_bare = len(answer) > 0 and not hasattr(answer[0], "__len__")
        span.set_attributes(counted_vectors([answer] if is_bare else answer))


def _texts(given: Any) -> Any:
    """What is embedded, in words: some models make vectors of images as well."""
    if isinstance(given, list | tuple):
        return [one if isinstance(one, str) else f"<{type(one).__name__}>" for one in given]
    return given if isinstance(given, str) else None


def _model(embedder: Any) -> str | None:
    for name in _MODEL:
        if (model := text(_held(embedder, name))) is not None:
            return model
    for configuration in (_held(embedder, name) for name in _CONFIGURATIONS):
        if isinstance(configuration, dict):
            for name in _MODEL:
                if (model := text(configuration.get(name))) is not None:
                    return model
    return None


def _held(embedder: Any, name: str) -> Any:
    """What stands there. An object of the user's may do anything when it is asked itself."""
    own = getattr(embedder, "__dict__", {})
    return own[name] if name in own else getattr(type(embedder), name, None)


def _provider(embedder: Any) -> str | None:
    """Who makes the vectors; a class of the user's answers for itself, as one of a model's does."""
    if inspect.isroutine(embedder) or isinstance(embedder, functools.partial):
        return None
    cls: Any = type(embedder)
    return _provider_of(cls)


@functools.lru_cache(_CLASSES)
def _provider_of(cls: Any) -> str | None:
    is_theirs = cls.__module__.partition(".")[0] in ("chromadb", "crewai")
    name: str | None = text(cls.name()) if is_theirs and _home(cls, "name") else None
    return _PROVIDERS.get(name, name) if name else text(cls.__name__)


_watched = Watched(_METHODS, within(_followed, _tell))


def _learnt(*args: Any, **kwargs: Any) -> AbstractContextManager[None]:
    """Knowledge is taken in before a crew's first event."""
    with sheltered("learning the key of an embedder"):
        for specification in (*args, *kwargs.values()):
            keys.learn(specification)
    return nullcontext()


def _built(_: None, embedder: Any) -> None:
    with sheltered("watching an embedder"):
        watch(embedder)


building = within(_learnt, _built)
"""Stand-in for what makes an embedder of a specification."""


def _holding(store: Any, /, *_: Any, **__: Any) -> AbstractContextManager[None]:
    with sheltered("watching the embedder of a vector store"):
        watch(getattr(store, "embedding_function", None))
    return nullcontext()


holding = within(_holding)
"""Stand-in for what adds to a vector store: its embedder may be older than we are."""


@within(_followed, _tell)
def _call(embedder: Any, /, *args: Any, **kwargs: Any) -> Any:
    return embedder(*args, **kwargs)


def embedding(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for what a memory calls its embedder by, which may be any function."""

    @functools.wraps(original)
    def embed(*args: Any, **kwargs: Any) -> Any:
        if args:
            return original(functools.partial(_call, args[0]), *args[1:], **kwargs)
        return original(**kwargs)

    return embed
