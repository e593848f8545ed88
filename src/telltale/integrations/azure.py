"""The azure-ai-inference client: chat completions and embeddings, sync, async and streamed.

Under a framework's own LLM span a call adds what only the client knows; anywhere else it is a span
of its own.
"""

import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.chat_completions import PARAMETERS, completion_told, joined, words_asked
from telltale.integrations.model_calls import CHAT, EMBEDDING, texts_asked, vectors_told
from telltale.integrations.reading import parameters
from telltale.tracing.calls import Call, attempt_failed
from telltale.tracing.guard import sheltered
from telltale.tracing.integration import Integration
from telltale.tracing.patching import Patch
from telltale.tracing.state import TRACING
from telltale.tracing.streams import Watch

_DEPLOYMENTS = "/openai/deployments/"


def _before(call: Call) -> dict[str, Any]:
    body = _body(call)
    told = _asked(call) | parameters(body, PARAMETERS) | words_asked(body)
    if body.get("stream") is True:
        told[names.REQUEST_STREAM] = True
    return told


def _after(_: Call, completion: Any) -> dict[str, Any]:
    return completion_told(completion)


def _before_embeddings(call: Call) -> dict[str, Any]:
    body = _body(call)
    return _asked(call) | texts_asked(body.get("input"), body.get("dimensions"))


def _after_embeddings(_: Call, response: Any) -> dict[str, Any]:
    return vectors_told(response)


def _body(call: Call) -> dict[str, Any]:
    """What is asked for: in a body or by keywords, beside what was said once for all calls."""
    body = call.kwargs.get("body", call.args[1] if len(call.args) > 1 else None)
    said: Mapping[str, Any] = body if isinstance(body, Mapping) else call.kwargs
    extras = said.get("model_extras")
    once = {
        key: value
        for key in (*PARAMETERS, "tools", "stop", "dimensions")
        if (value := getattr(call.owner, f"_{key}", None)) is not None
    }
    return once | dict(extras if isinstance(extras, Mapping) else {}) | dict(said)


def _asked(call: Call) -> dict[str, Any]:
    config = getattr(call.owner, "_config", None)
    TRACING.secrets.learn(getattr(getattr(config, "credential", None), "key", None))
    TRACING.secrets.learn_headers(getattr(getattr(config, "headers_policy", None), "headers", None))
    TRACING.secrets.learn_headers(call.kwargs.get("headers"))
    is_openai = _DEPLOYMENTS in _endpoint(call)
    told = {names.PROVIDER: "azure.ai.openai" if is_openai else "azure.ai.inference"}
    return told | ({names.REQUEST_MODEL: model} if (model := _model(call)) else {})


def _model(call: Call) -> str | None:
    """The model by its name; below a deployment that of the deployment, which has one model."""
    model = _body(call).get("model") or getattr(call.owner, "_model", None)
    if isinstance(model, str):
        return model
    _, found, rest = _endpoint(call).partition(_DEPLOYMENTS)
    return rest.partition("/")[0] if found else None


def _endpoint(call: Call) -> str:
    return str(getattr(getattr(call.owner, "_config", None), "endpoint", ""))


def _watch(result: Any, watch: Watch) -> Any:
    """Look on while the stream reads its next block, in which there may be several updates."""
    if hasattr(result, "_read_next_block"):
        result._read_next_block = _reading(result, result._read_next_block, watch)
    elif hasattr(result, "_read_next_block_async"):
        result._read_next_block_async = _reading_async(result, result._read_next_block_async, watch)
    else:
        return None
    watch.until_closed(result)
    return result


def _reading(stream: Any, read: Callable[[], bool], watch: Watch) -> Callable[[], bool]:
    def read_next_block() -> bool:
        with watch.advancing():
            done = read()
        _saw(stream, watch, done)
        return done

    return read_next_block


def _reading_async(stream: Any, read: Callable[[], Any], watch: Watch) -> Callable[[], Any]:
    async def read_next_block() -> Any:
        with watch.advancing():
            done = await read()
        _saw(stream, watch, done)
        return done

    return read_next_block


def _saw(stream: Any, watch: Watch, done: bool) -> None:
    with sheltered("reading a stream of Azure's"):
        for update in list(stream._queue.queue):
            watch.saw(update)
    if done:
        watch.end(None)


def _incremented(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for what a pipeline asks after a failed try: is there to be another one?"""

    @functools.wraps(original)
    def increment(policy: Any, settings: Any, *args: Any, **kwargs: Any) -> Any:
        another = original(policy, settings, *args, **kwargs)
        if another:
            with sheltered("reading a client's failed try"):
                attempt_failed(_error_of(kwargs))
        return another

    return increment


def _error_of(told: Mapping[str, Any]) -> BaseException:
    """The error of a try, or what the client would have raised of its response."""
    if isinstance(error := told.get("error"), BaseException):
        return error
    # Imported it is by now, and never by us.
    made: BaseException = sys.modules["azure.core.exceptions"].HttpResponseError(
        response=getattr(told.get("response"), "http_response", None)
    )
    return made


_chat = functools.partial(CHAT, before=_before, after=_after, watch=_watch, joined_chunks=joined)
_embeddings = functools.partial(EMBEDDING, before=_before_embeddings, after=_after_embeddings)
INTEGRATION = Integration(
    name="azure",
    package="azure.ai.inference",
    versions=">=1.0.0b9,<2",
    targets=(
        _chat(path="azure.ai.inference._patch:ChatCompletionsClient.complete"),
        _chat(path="azure.ai.inference.aio._patch:ChatCompletionsClient.complete"),
        _embeddings(path="azure.ai.inference._patch:EmbeddingsClient.embed"),
        _embeddings(path="azure.ai.inference.aio._patch:EmbeddingsClient.embed"),
    ),
    patches=(Patch("azure.core.pipeline.policies._retry:RetryPolicyBase.increment", _incremented),),
)
