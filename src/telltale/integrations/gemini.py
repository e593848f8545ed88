"""The google-genai client: Gemini's content and embeddings, sync, async and streamed.

Watched is the client's step that makes one request, beneath its public functions: with automatic
function calling one `generate_content` asks several times, and each time is a call of a model.
Under a framework's own LLM span a call adds what only the client knows; anywhere else it is a span
of its own.
"""

import inspect
from collections.abc import Mapping
from functools import partial
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.model_calls import CHAT, EMBEDDING, bounded, counted_vectors
from telltale.integrations.reading import counts, field, parameters, texts
from telltale.tracing.calls import Call, attempt
from telltale.tracing.integration import Integration
from telltale.tracing.patching import Patch
from telltale.tracing.serialise import messages_to_json, plain, to_json
from telltale.tracing.state import TRACING
from telltale.tracing.streams import Watch

_REQUEST = {
    "temperature": names.REQUEST_TEMPERATURE,
    "top_p": names.REQUEST_TOP_P,
    "max_output_tokens": names.REQUEST_MAX_TOKENS,
    "seed": names.REQUEST_SEED,
    "frequency_penalty": names.REQUEST_FREQUENCY_PENALTY,
    "presence_penalty": names.REQUEST_PRESENCE_PENALTY,
    "candidate_count": names.REQUEST_CHOICE_COUNT,
}
_ROLES = {"model": "assistant"}


def _before(call: Call) -> dict[str, Any]:
    config = call.kwargs.get("config")
    told = _asked(call) | parameters({key: field(config, key) for key in _REQUEST}, _REQUEST)
    messages = [_message(content) for content in _contents(call.kwargs.get("contents"))]
    if system := _contents(field(config, "system_instruction")):
        messages = [_message(content) | {"role": "system"} for content in system] + messages
    told[names.INPUT_MESSAGES] = messages_to_json(messages, "user")
    if tools := field(config, "tools"):
        told[names.TOOL_DEFINITIONS] = to_json(_declared(tools))
    if stops := field(config, "stop_sequences"):
        told[names.REQUEST_STOP_SEQUENCES] = list(stops)
    return told


def _before_stream(call: Call) -> dict[str, Any]:
    return _before(call) | {names.REQUEST_STREAM: True}


def _after(call: Call, response: Any) -> dict[str, Any]:
    told: dict[str, Any] = dict(
        texts(response, {"model_version": names.RESPONSE_MODEL, "response_id": names.RESPONSE_ID})
    )
    told |= _counted(field(response, "usage_metadata"))
    candidates = field(response, "candidates") or ()
    reasons = [reason for one in candidates if (reason := _reason(one))]
    if reasons:
        told[names.FINISH_REASONS] = reasons
    told[names.OUTPUT_MESSAGES] = messages_to_json(
        [_message(field(one, "content")) | {"finish_reason": _reason(one)} for one in candidates],
        "assistant",
    )
    return told


def _asked(call: Call) -> dict[str, Any]:
    client = getattr(call.owner, "_api_client", None)
    TRACING.secrets.learn(getattr(client, "api_key", None))
    for options in (getattr(client, "_http_options", None), _options_of(call)):
        TRACING.secrets.learn_headers(field(options, "headers"))
    is_vertex = getattr(client, "vertexai", None) is True
    told: dict[str, Any] = {names.PROVIDER: "gcp.vertex_ai" if is_vertex else "gcp.gemini"}
    if isinstance(model := call.kwargs.get("model"), str):
        told[names.REQUEST_MODEL] = model.removeprefix("models/")
    return told


def _options_of(call: Call) -> Any:
    return field(call.kwargs.get("config"), "http_options")


def _counted(usage: Any) -> dict[str, int]:
    """Thoughts are output that is not counted with the candidates; the cache's part is input.

    What the client does not find in an answer is None, and there is nothing of it.
    """
    found = {
        key: value
        for key in ("prompt", "tool_use_prompt", "candidates", "thoughts", "cached_content")
        if type(value := field(usage, f"{key}_token_count")) is int
    }
    if not found:
        return {}
    return counts(
        {
            names.INPUT_TOKENS: found.get("prompt", 0) + found.get("tool_use_prompt", 0),
            names.OUTPUT_TOKENS: found.get("candidates", 0) + found.get("thoughts", 0),
            names.CACHE_READ_TOKENS: found.get("cached_content", 0),
            names.REASONING_TOKENS: found.get("thoughts", 0),
        }
    )


def _reason(candidate: Any) -> str | None:
    reason = field(candidate, "finish_reason")
    said = getattr(reason, "name", reason)
    return said if isinstance(said, str) else None


def _contents(given: Any) -> list[Any]:
    """What is said, in all the forms that the client takes: a text, parts, contents, or one."""
    items = given if isinstance(given, list | tuple) else [given]
    return [item for item in items if item is not None]


def _message(content: Any) -> dict[str, Any]:
    """A content, or a part that stands by itself."""
    if isinstance(content, str):
        return {"role": "user", "parts": [{"type": "text", "content": content}]}
    parts = field(content, "parts")
    role = field(content, "role")
    said = [content] if parts is None and role is None else parts or ()
    return {"role": _ROLES.get(role, role or "user"), "parts": [_part(part) for part in said]}


def _part(part: Any) -> Any:
    if isinstance(part, str):
        return {"type": "text", "content": part}
    if isinstance(text := field(part, "text"), str):
        kind = "reasoning" if field(part, "thought") is True else "text"
        return {"type": kind, "content": text}
    if (called := field(part, "function_call")) is not None:
        return {
            "type": "tool_call",
            "name": field(called, "name"),
            "arguments": plain(field(called, "args") or {}),
            "id": field(called, "id"),
        }
    if (answer := field(part, "function_response")) is not None:
        return {
            "type": "tool_call_response",
            "response": plain(field(answer, "response")),
            "id": field(answer, "id"),
        }
    # An image, a file, code that was run: as it came, without what it does not hold.
    held = plain(part)
    if isinstance(held, dict):
        return {key: value for key, value in held.items() if value is not None}
    return held


def _declared(tools: Any) -> list[Any]:
    """Functions one by one, as others have them; what else the model may use as it stands."""
    declared: list[Any] = []
    for tool in tools if isinstance(tools, list | tuple) else [tools]:
        if callable(tool) and not isinstance(tool, Mapping):
            declared.append({"type": "function", "name": getattr(tool, "__name__", "tool")})
        elif functions := field(tool, "function_declarations"):
            declared += [_function(function) for function in functions]
        else:
            declared.append(_part(tool))
    return declared


def _function(declared: Any) -> dict[str, Any]:
    schema = field(declared, "parameters_json_schema") or field(declared, "parameters")
    said = {
        "type": "function",
        "name": field(declared, "name"),
        "description": field(declared, "description"),
        "parameters": _without_nothing(plain(schema)),
    }
    return {key: value for key, value in said.items() if value is not None}


def _without_nothing(value: Any) -> Any:
    """A typed schema has a field for everything that there could be."""
    if isinstance(value, dict):
        return {key: _without_nothing(held) for key, held in value.items() if held is not None}
    return [_without_nothing(item) for item in value] if isinstance(value, list) else value


def _watch(result: Any, watch: Watch) -> Any:
    """The client streams by generators: others, which pass on what they yield, take their place."""
    if inspect.isgenerator(result):
        return watch.over(result)
    if inspect.isasyncgen(result):
        return watch.over_async(result)
    return None


def _joined(chunks: list[Any]) -> dict[str, Any]:
    """The response that the chunks of a stream amount to: the last word counts, parts grow."""
    response: dict[str, Any] = {}
    candidates: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        for key in ("model_version", "response_id", "usage_metadata"):
            if (value := field(chunk, key)) is not None:
                response[key] = value
        for said in field(chunk, "candidates") or ():
            candidate = candidates.setdefault(
                field(said, "index") or 0, {"content": {"role": "model", "parts": []}}
            )
            if (reason := field(said, "finish_reason")) is not None:
                candidate["finish_reason"] = reason
            for part in field(field(said, "content"), "parts") or ():
                _grow(candidate["content"]["parts"], part)
    return response | {"candidates": list(candidates.values())}


def _grow(parts: list[Any], part: Any) -> None:
    """Text goes on with the text before it, thoughts with thoughts."""
    text, thought = field(part, "text"), field(part, "thought") is True
    if not isinstance(text, str):
        parts.append(part)
    elif parts and isinstance(parts[-1], dict) and parts[-1]["thought"] is thought:
        parts[-1]["text"] += text
    elif text:
        parts.append({"text": text, "thought": thought})


def _before_embeddings(call: Call) -> dict[str, Any]:
    told = _asked(call)
    given = _contents(call.kwargs.get("contents"))
    told[names.INPUTS] = to_json(bounded([_text_of(content) for content in given]))
    dimensions = field(call.kwargs.get("config"), "output_dimensionality")
    return told | counts({names.EMBEDDING_DIMENSIONS: dimensions})


def _text_of(content: Any) -> Any:
    parts = _message(content)["parts"]
    return "\n".join(part.get("content", "") for part in parts if part.get("type") == "text")


def _after_embeddings(call: Call, response: Any) -> dict[str, Any]:
    embeddings = field(response, "embeddings") or ()
    told = counted_vectors([field(one, "values") for one in embeddings])
    # Vertex alone says how many tokens a text had.
    statistics = [field(one, "statistics") for one in embeddings]
    tokens = [count for one in statistics if (count := field(one, "token_count")) is not None]
    return told | ({names.INPUT_TOKENS: int(sum(tokens))} if tokens else {})


_chat = partial(CHAT, before=_before, after=_after)
_stream = partial(CHAT, before=_before_stream, after=_after, watch=_watch, joined_chunks=_joined)
_embeddings = partial(EMBEDDING, before=_before_embeddings, after=_after_embeddings)
_MODELS = "google.genai.models"
_CLIENT = "google.genai._api_client:BaseApiClient"
INTEGRATION = Integration(
    name="gemini",
    package="google.genai",
    versions=">=1.0,<2",
    targets=(
        _chat(path=f"{_MODELS}:Models._generate_content"),
        _stream(path=f"{_MODELS}:Models._generate_content_stream"),
        _chat(path=f"{_MODELS}:AsyncModels._generate_content"),
        _stream(path=f"{_MODELS}:AsyncModels._generate_content_stream"),
        _embeddings(path=f"{_MODELS}:Models.embed_content"),
        _embeddings(path=f"{_MODELS}:AsyncModels.embed_content"),
    ),
    patches=(
        Patch(f"{_CLIENT}._request_once", attempt),
        Patch(f"{_CLIENT}._async_request_once", attempt),
    ),
)
