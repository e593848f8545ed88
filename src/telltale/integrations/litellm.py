"""LiteLLM: chat completions and embeddings, sync, async and streamed.

It speaks to some providers by the openai client and to most by plain HTTP, which no client of a
provider sees: so it is watched itself. Its span stands for the openai client's calls beneath it;
under a framework's own LLM span a call adds what LiteLLM knows; anywhere else it is a span of its
own.
"""

import functools
import sys
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.chat_completions import PARAMETERS, completion_told, joined, words_asked
from telltale.integrations.model_calls import CHAT, EMBEDDING, texts_asked, vectors_told
from telltale.integrations.reading import field, parameters, texts
from telltale.tracing.calls import Call, attempt, attempt_failed
from telltale.tracing.guard import sheltered
from telltale.tracing.integration import Integration
from telltale.tracing.patching import Patch
from telltale.tracing.state import TRACING
from telltale.tracing.streams import Watch

_REQUEST = PARAMETERS | {
    "model": names.REQUEST_MODEL,
    "n": names.REQUEST_CHOICE_COUNT,
    "dimensions": names.EMBEDDING_DIMENSIONS,
}
_SECRETS = ("api_key", "azure_ad_token", "aws_secret_access_key", "aws_session_token")
_MAIN = "litellm.main"
_WATCH = "_telltale_watch"
"""Where a stream keeps who looks on at it."""


def _before(call: Call) -> dict[str, Any]:
    given = _given(call, "messages")
    told = _asked(given) | words_asked(given)
    if given.get("stream") is True:
        told[names.REQUEST_STREAM] = True
    return told


def _after(_: Call, completion: Any) -> dict[str, Any]:
    return _in_full(completion_told(completion)) | _served(completion)


def _before_embeddings(call: Call) -> dict[str, Any]:
    given = _given(call, "input")
    return _asked(given) | texts_asked(given.get("input"))


def _after_embeddings(_: Call, response: Any) -> dict[str, Any]:
    return vectors_told(response) | _served(response)


def _given(call: Call, second: str) -> dict[str, Any]:
    """The arguments by their names."""
    return {**dict(zip(("model", second), call.args, strict=False)), **call.kwargs}


def _asked(given: Mapping[str, Any]) -> dict[str, Any]:
    for name in _SECRETS:
        TRACING.secrets.learn(given.get(name))
    for name in ("headers", "extra_headers"):
        TRACING.secrets.learn_headers(given.get(name))
    told = parameters(given, _REQUEST)
    prefix, named, _ = str(given.get("model")).partition("/")
    if provider := given.get("custom_llm_provider") or (named and prefix):
        told[names.PROVIDER] = provider
    return told


def _in_full(told: dict[str, Any]) -> dict[str, Any]:
    """With what went into a cache as part of the input, which LiteLLM 1.74 counts beside it.

    Versions before and after do not; it shows where the input is less than its parts.
    """
    cached, written = told.get(names.CACHE_READ_TOKENS, 0), told.get(names.CACHE_WRITE_TOKENS, 0)
    if told.get(names.INPUT_TOKENS, 0) < cached + written:
        return told | {names.INPUT_TOKENS: told.get(names.INPUT_TOKENS, 0) + written}
    return told


def _served(response: Any) -> dict[str, Any]:
    """Who has answered; a stream's chunks call their model as it was asked for."""
    beside = field(response, "_hidden_params")
    return texts(
        beside,
        {"custom_llm_provider": names.PROVIDER, "provider_response_model": names.RESPONSE_MODEL},
    )


def _watch(result: Any, watch: Watch) -> Any:
    """A stream takes its steps by methods of its class, which are watched for it."""
    if not hasattr(result, "completion_stream"):
        return None
    setattr(result, _WATCH, watch)
    # One that is left half-way is not closed.
    weakref.finalize(result, watch.end, None)
    return result


def _advanced(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for a stream's `__next__`."""

    @functools.wraps(original)
    def advance(stream: Any) -> Any:
        watch: Watch | None = vars(stream).get(_WATCH)
        if watch is None:
            return original(stream)
        with watch.advancing():
            chunk = original(stream)
        watch.saw(chunk)
        return chunk

    return advance


def _advanced_async(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for a stream's `__anext__`."""

    @functools.wraps(original)
    async def advance(stream: Any) -> Any:
        watch: Watch | None = vars(stream).get(_WATCH)
        if watch is None:
            return await original(stream)
        with watch.advancing():
            chunk = await original(stream)
        watch.saw(chunk)
        return chunk

    return advance


def _retrying(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for what LiteLLM goes on with where it handles the error of its first try."""

    @functools.wraps(original)
    def retrying(*args: Any, **kwargs: Any) -> Any:
        with sheltered("reading a failed try of LiteLLM's"):
            if (error := sys.exception()) is not None:
                attempt_failed(error)
        plain = kwargs.get("original_function") or field(sys.modules.get(_MAIN), "completion")
        return original(*args, **kwargs | ({"original_function": attempt(plain)} if plain else {}))

    return retrying


def _joined(chunks: list[Any]) -> dict[str, Any]:
    """The completion of a stream; its usage may be but beside the last chunk."""
    completion = joined(chunks)
    beside = field(chunks[-1], "_hidden_params")
    completion["_hidden_params"] = beside
    completion.setdefault("usage", field(beside, "usage"))
    return completion


_JOINS = frozenset({"openai"})
_chat = functools.partial(
    CHAT, before=_before, after=_after, watch=_watch, joined_chunks=_joined, joins=_JOINS
)
_embeddings = functools.partial(
    EMBEDDING, before=_before_embeddings, after=_after_embeddings, joins=_JOINS
)
_STREAM = "litellm.litellm_core_utils.streaming_handler:CustomStreamWrapper"
INTEGRATION = Integration(
    name="litellm",
    package="litellm",
    versions=">=1.44,<2",
    targets=(
        _chat(path="litellm:completion"),
        _chat(path="litellm:acompletion"),
        _embeddings(path="litellm:embedding"),
        _embeddings(path="litellm:aembedding"),
    ),
    patches=(
        Patch(f"{_STREAM}.__next__", _advanced),
        Patch(f"{_STREAM}.__anext__", _advanced_async),
        Patch("litellm:completion_with_retries", _retrying),
        Patch("litellm:acompletion_with_retries", _retrying),
    ),
)
