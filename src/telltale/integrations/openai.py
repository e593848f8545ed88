"""The openai client: chat completions and embeddings, sync, async and streamed.

Under a framework's own LLM span a call adds what only the client knows (the model that answered,
the time to the first chunk); anywhere else it is a span of its own.
"""

from collections.abc import Collection, Mapping
from typing import Any

from telltale.conventions import attributes as names
from telltale.nouns.span import Kind
from telltale.tracing.calls import Call, Target
from telltale.tracing.integration import Integration
from telltale.tracing.serialise import cut, messages_to_json, to_json
from telltale.tracing.state import TRACING
from telltale.tracing.streams import Watch

_REQUEST = {
    "temperature": names.REQUEST_TEMPERATURE,
    "top_p": names.REQUEST_TOP_P,
    "max_tokens": names.REQUEST_MAX_TOKENS,
    "max_completion_tokens": names.REQUEST_MAX_TOKENS,
    "seed": names.REQUEST_SEED,
    "frequency_penalty": names.REQUEST_FREQUENCY_PENALTY,
    "presence_penalty": names.REQUEST_PRESENCE_PENALTY,
    "n": names.REQUEST_CHOICE_COUNT,
}
_PLAIN = (str, int, float, bool)
_MAX_EMBEDDED_CHARACTERS = 20_000
"""Of one text that is embedded; whole documents are embedded in chunks anyway."""


def _chat_name(call: Call) -> str:
    return f"chat {call.kwargs.get('model', '')}".strip()


def _embedding_name(_: Call) -> str:
    return "embed"


def _before_chat(call: Call) -> dict[str, Any]:
    kwargs = call.kwargs
    messages = kwargs.get("messages")
    told: dict[str, Any] = _asked(call)
    told[names.INPUT_MESSAGES] = messages_to_json(
        # An iterator is left to the client: it can be read but once.
        [_message(message) for message in messages] if isinstance(messages, Collection) else None,
        "user",
    )
    if tools := kwargs.get("tools"):
        told[names.TOOL_DEFINITIONS] = to_json(_given(tools))
    if kwargs.get("stream") is True:
        told[names.REQUEST_STREAM] = True
    return told


def _after_chat(call: Call, result: Any) -> dict[str, Any]:
    completion = _parsed(result)
    told = _answered(completion)
    choices = _field(completion, "choices") or ()
    told[names.OUTPUT_MESSAGES] = messages_to_json(
        [
            _message(_field(choice, "message")) | {"finish_reason": _field(choice, "finish_reason")}
            for choice in choices
        ],
        "assistant",
    )
    reasons = [r for c in choices if isinstance(r := _field(c, "finish_reason"), str)]
    if reasons:
        told[names.FINISH_REASONS] = reasons
    return told


def _before_embeddings(call: Call) -> dict[str, Any]:
    texts = call.kwargs.get("input")
    told = _asked(call)
    told[names.INPUTS] = to_json(
        [cut(text, _MAX_EMBEDDED_CHARACTERS) if isinstance(text, str) else text for text in texts]
        if isinstance(texts, list)
        else texts
    )
    if isinstance(dimensions := call.kwargs.get("dimensions"), int):
        told[names.EMBEDDING_DIMENSIONS] = dimensions
    return told


def _after_embeddings(call: Call, result: Any) -> dict[str, Any]:
    response = _parsed(result)
    told = _answered(response)
    vectors = _field(response, "data") or ()
    told[names.OUTPUTS] = to_json({"vectors": len(vectors)})
    first = _field(vectors[0], "embedding") if vectors else None
    if isinstance(first, list):
        told[names.EMBEDDING_DIMENSIONS] = len(first)
    return told


def _asked(call: Call) -> dict[str, Any]:
    client = getattr(call.owner, "_client", None)
    TRACING.secrets.learn(getattr(client, "api_key", None))
    TRACING.secrets.learn_headers(getattr(client, "_custom_headers", None))
    TRACING.secrets.learn_headers(call.kwargs.get("extra_headers"))
    told: dict[str, Any] = {names.PROVIDER: _provider(call)}
    if isinstance(model := call.kwargs.get("model"), str):
        told[names.REQUEST_MODEL] = model
    for key, name in _REQUEST.items():
        # What was not given is a sentinel of the client's, not None.
        if type(value := call.kwargs.get(key)) in _PLAIN:
            told[name] = value
    return told


def _answered(response: Any) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for key, name in (("model", names.RESPONSE_MODEL), ("id", names.RESPONSE_ID)):
        if isinstance(value := _field(response, key), str):
            told[name] = value
    usage = _field(response, "usage")
    counts = {
        names.INPUT_TOKENS: _field(usage, "prompt_tokens"),
        names.OUTPUT_TOKENS: _field(usage, "completion_tokens"),
        names.CACHE_READ_TOKENS: _field(_field(usage, "prompt_tokens_details"), "cached_tokens"),
        names.REASONING_TOKENS: _field(
            _field(usage, "completion_tokens_details"), "reasoning_tokens"
        ),
    }
    return told | {name: count for name, count in counts.items() if type(count) is int}


def _provider(call: Call) -> str:
    """Who serves it, as far as the client knows: Azure has a client class of its own."""
    client = type(getattr(call.owner, "_client", None)).__name__
    return "azure.ai.openai" if "Azure" in client else "openai"


def _message(message: Any) -> dict[str, Any]:
    """The parts of a message that were said."""
    return {
        key: value
        for key in ("role", "content", "refusal", "name", "tool_call_id", "tool_calls")
        if (value := _given(_field(message, key))) is not None
    }


def _given(value: Any) -> Any:
    """Plain data of what the client takes: dictionaries, or its own typed objects."""
    if isinstance(value, list | tuple):
        return [_given(item) for item in value]
    dump = getattr(type(value), "to_dict", None)
    return dump(value) if callable(dump) else value


def _field(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name)
    return getattr(value, name, None)


def _parsed(result: Any) -> Any:
    """`with_raw_response` gives an unparsed answer; parsing is remembered by the client.

    Not so `with_streaming_response`: to parse its answer is to read a body that the user wants to
    read piece by piece.
    """
    return result.parse() if type(result).__name__ == "LegacyAPIResponse" else result


def _watch(result: Any, watch: Watch) -> Any:
    """Look on while the user advances the stream; its class stays the client's own."""
    stream = _parsed(result)
    iterator = getattr(stream, "_iterator", None)
    if iterator is not None and hasattr(stream, "__next__"):
        stream._iterator = watch.over(iterator)
    elif iterator is not None and hasattr(stream, "__anext__"):
        stream._iterator = watch.over_async(iterator)
    else:
        return None
    watch.until_closed(getattr(stream, "response", None))
    return result


def _joined(chunks: list[Any]) -> dict[str, Any]:
    """The completion that the chunks of a stream amount to."""
    completion: dict[str, Any] = {"choices": []}
    choices: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        for key in ("id", "model", "usage"):
            if (value := _field(chunk, key)) is not None:
                completion[key] = value
        for delta in _field(chunk, "choices") or ():
            choice = choices.setdefault(
                _field(delta, "index") or 0,
                {"message": {"role": "assistant", "content": "", "tool_calls": {}}},
            )
            if reason := _field(delta, "finish_reason"):
                choice["finish_reason"] = reason
            _add_delta(choice["message"], _field(delta, "delta"))
    for choice in choices.values():
        message = choice["message"]
        message["tool_calls"] = list(message["tool_calls"].values()) or None
        message["content"] = message["content"] or None
    completion["choices"] = list(choices.values())
    return completion


def _add_delta(message: dict[str, Any], delta: Any) -> None:
    message["content"] += _field(delta, "content") or ""
    for part in _field(delta, "tool_calls") or ():
        tool = message["tool_calls"].setdefault(
            _field(part, "index") or 0,
            {"type": "function", "function": {"name": "", "arguments": ""}},
        )
        if call_id := _field(part, "id"):
            tool["id"] = call_id
        function = _field(part, "function")
        for key in ("name", "arguments"):
            tool["function"][key] += _field(function, key) or ""


_CHAT_FACTS = frozenset(
    {
        # The request as it was sent: crewAI's event has it cut to a depth, with reprs below it.
        names.INPUT_MESSAGES,
        names.TOOL_DEFINITIONS,
        names.RESPONSE_MODEL,
        names.RESPONSE_ID,
        names.FINISH_REASONS,
        names.INPUT_TOKENS,
        names.OUTPUT_TOKENS,
        names.CACHE_READ_TOKENS,
        names.REASONING_TOKENS,
    }
)


def _chat(path: str) -> Target:
    return Target(
        path=path,
        kind=Kind.LLM,
        name=_chat_name,
        before=_before_chat,
        after=_after_chat,
        facts=_CHAT_FACTS,
        watch=_watch,
        joined_chunks=_joined,
    )


def _embeddings(path: str) -> Target:
    return Target(
        path=path,
        kind=Kind.EMBEDDING,
        name=_embedding_name,
        before=_before_embeddings,
        after=_after_embeddings,
    )


_COMPLETIONS = "openai.resources.chat.completions.completions"
_BETA = "openai.resources.beta.chat.completions"
"""Where `parse` was before 1.92."""
INTEGRATION = Integration(
    name="openai",
    package="openai",
    versions=">=1.40,<3",
    targets=(
        _chat(f"{_COMPLETIONS}:Completions.create"),
        _chat(f"{_COMPLETIONS}:Completions.parse"),
        _chat(f"{_COMPLETIONS}:AsyncCompletions.create"),
        _chat(f"{_COMPLETIONS}:AsyncCompletions.parse"),
        _chat(f"{_BETA}:Completions.parse"),
        _chat(f"{_BETA}:AsyncCompletions.parse"),
        _embeddings("openai.resources.embeddings:Embeddings.create"),
        _embeddings("openai.resources.embeddings:AsyncEmbeddings.create"),
    ),
)
