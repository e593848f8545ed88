"""The anthropic client: messages, sync, async and streamed, also by way of its helper.

Under a framework's own LLM span a call adds what only the client knows; anywhere else it is a span
of its own. Anthropic counts what is read from its cache, and what is written to it, beside the
input; we count them inside, as the conventions do.
"""

import functools
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.model_calls import CHAT
from telltale.integrations.reading import answered, counts, field, given, parameters
from telltale.integrations.stainless import learn_keys, parsed, retries_of, watch_stream
from telltale.tracing.calls import Call
from telltale.tracing.guard import sheltered
from telltale.tracing.integration import Integration
from telltale.tracing.patching import Patch
from telltale.tracing.serialise import messages_to_json, to_json

_REQUEST = {
    "model": names.REQUEST_MODEL,
    "temperature": names.REQUEST_TEMPERATURE,
    "top_p": names.REQUEST_TOP_P,
    "max_tokens": names.REQUEST_MAX_TOKENS,
}
_PROVIDERS = {"Bedrock": "aws.bedrock", "Vertex": "gcp.vertex_ai"}
"""Who serves it, by a part of the client's class name; Anthropic itself otherwise."""
_ASKED = "_telltale_asked"
"""Where a helper for streams keeps what it was made with: it asks when it is entered."""


def _made(call: Call) -> Call:
    """The call that says what is asked: that which made a helper, where one is entered."""
    made: Call = getattr(call.owner, _ASKED, call)
    return made


def _before(call: Call) -> dict[str, Any]:
    made = _made(call)
    kwargs = made.kwargs
    client = getattr(made.owner, "_client", None)
    learn_keys(client, kwargs)
    told: dict[str, Any] = {names.PROVIDER: _provider(client)} | parameters(kwargs, _REQUEST)
    if made is not call or kwargs.get("stream") is True:
        told[names.REQUEST_STREAM] = True
    if isinstance(stops := kwargs.get("stop_sequences"), list):
        told[names.REQUEST_STOP_SEQUENCES] = [str(stop) for stop in stops]
    if isinstance(system := kwargs.get("system"), str | list) and system:
        told[names.SYSTEM_INSTRUCTIONS] = to_json(_instructions(system))
    if isinstance(messages := kwargs.get("messages"), Collection):
        told[names.INPUT_MESSAGES] = messages_to_json(_messages(messages), "user")
    if isinstance(tools := kwargs.get("tools"), Collection) and tools:
        told[names.TOOL_DEFINITIONS] = to_json([_tool(tool) for tool in tools])
    return told


def _after(call: Call, result: Any) -> dict[str, Any]:
    message = parsed(result)
    told: dict[str, Any] = answered(message)
    if isinstance(reason := field(message, "stop_reason"), str):
        told[names.FINISH_REASONS] = [reason]
    if isinstance(content := field(message, "content"), list):
        said = {"role": "assistant", "content": given(content), "finish_reason": reason}
        told[names.OUTPUT_MESSAGES] = messages_to_json([said], "assistant")
    return told | _counted(field(message, "usage"))


def _counted(usage: Any) -> dict[str, int]:
    parts = counts(
        {
            key: field(usage, key)
            for key in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        }
    )
    return counts(
        {
            names.INPUT_TOKENS: sum(parts.values()) if "input_tokens" in parts else None,
            names.CACHE_READ_TOKENS: parts.get("cache_read_input_tokens"),
            names.CACHE_WRITE_TOKENS: parts.get("cache_creation_input_tokens"),
            names.OUTPUT_TOKENS: field(usage, "output_tokens"),
        }
    )


def _provider(client: Any) -> str:
    made_for = type(client).__name__
    return next((who for part, who in _PROVIDERS.items() if part in made_for), "anthropic")


def _instructions(system: str | list[Any]) -> list[Any]:
    if isinstance(system, str):
        return [{"type": "text", "content": system}]
    return [{"type": "text", "content": field(block, "text")} for block in system]


def _messages(messages: Collection[Any]) -> list[dict[str, Any]]:
    return [
        {"role": field(message, "role"), "content": given(field(message, "content"))}
        for message in messages
    ]


def _tool(tool: Any) -> Any:
    """As the conventions spell it. Tools that the provider runs have no schema."""
    tool = given(tool)
    if not isinstance(tool, Mapping) or "input_schema" not in tool:
        return tool
    told = {"type": "function", "name": tool.get("name"), "description": tool.get("description")}
    return told | {"parameters": tool["input_schema"]}


def _joined(events: list[Any]) -> dict[str, Any]:
    """The message that the events of a stream amount to."""
    message: dict[str, Any] = {"usage": {}}
    blocks: dict[int, dict[str, Any]] = {}
    for event in events:
        kind, index = field(event, "type"), field(event, "index")
        if kind == "message_start":
            begun = field(event, "message")
            message |= {"id": field(begun, "id"), "model": field(begun, "model")}
            message["usage"] |= _usage_of(begun)
        elif kind == "content_block_start":
            blocks[index] = dict(given(field(event, "content_block")))
        elif kind == "content_block_delta" and index in blocks:
            _add_delta(blocks[index], field(event, "delta"))
        elif kind == "message_delta":
            message["stop_reason"] = field(field(event, "delta"), "stop_reason")
            message["usage"] |= _usage_of(event)
    message["content"] = [_whole(block) for block in blocks.values()]
    return message


def _usage_of(event: Any) -> dict[str, Any]:
    """The counts so far; what a later event does not repeat stands."""
    usage = given(field(event, "usage"))
    told = usage.items() if isinstance(usage, Mapping) else ()
    return {key: count for key, count in told if count is not None}


def _add_delta(block: dict[str, Any], delta: Any) -> None:
    for key in ("text", "thinking"):
        if isinstance(piece := field(delta, key), str):
            block[key] = block.get(key, "") + piece
    if isinstance(piece := field(delta, "partial_json"), str):
        block["written"] = block.get("written", "") + piece


def _whole(block: dict[str, Any]) -> dict[str, Any]:
    """A block whose arguments came in pieces, as far as they came."""
    if (written := block.pop("written", None)) is None:
        return block
    try:
        return block | {"input": json.loads(written)}
    except ValueError:
        return block | {"input": written}


def _remembering(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for what makes a helper: what was asked is in nothing that the helper keeps."""

    @functools.wraps(original)
    def stream(*args: Any, **kwargs: Any) -> Any:
        helper = original(*args, **kwargs)
        with sheltered("remembering what was asked of a stream"):
            setattr(helper, _ASKED, Call(args, kwargs))
        return helper

    return stream


_target = functools.partial(
    CHAT, before=_before, after=_after, watch=watch_stream, joined_chunks=_joined
)
_ONE_MODULE = "anthropic.resources.messages"
"""What is a package now, in 0.40."""
_MESSAGES = "anthropic.resources.messages.messages"
_BETA = "anthropic.resources.beta.messages.messages"
_STREAMS = "anthropic.lib.streaming._messages"
_BETA_STREAMS = "anthropic.lib.streaming._beta_messages"
INTEGRATION = Integration(
    name="anthropic",
    package="anthropic",
    versions=">=0.40,<3",
    targets=(
        _target(path=f"{_ONE_MODULE}:Messages.create", unless=f"{_MESSAGES}:Messages.create"),
        _target(
            path=f"{_ONE_MODULE}:AsyncMessages.create", unless=f"{_MESSAGES}:AsyncMessages.create"
        ),
        _target(path=f"{_MESSAGES}:Messages.create"),
        _target(path=f"{_MESSAGES}:Messages.parse"),
        _target(path=f"{_MESSAGES}:AsyncMessages.create"),
        _target(path=f"{_MESSAGES}:AsyncMessages.parse"),
        _target(path=f"{_BETA}:Messages.create"),
        _target(path=f"{_BETA}:Messages.parse"),
        _target(path=f"{_BETA}:AsyncMessages.create"),
        _target(path=f"{_BETA}:AsyncMessages.parse"),
        _target(path=f"{_STREAMS}:MessageStreamManager.__enter__"),
        _target(path=f"{_STREAMS}:AsyncMessageStreamManager.__aenter__"),
        _target(path=f"{_BETA_STREAMS}:BetaMessageStreamManager.__enter__"),
        _target(path=f"{_BETA_STREAMS}:BetaAsyncMessageStreamManager.__aenter__"),
    ),
    patches=(
        *(
            Patch(
                f"{_ONE_MODULE}:{resource}.stream",
                _remembering,
                unless=f"{_MESSAGES}:{resource}.stream",
            )
            for resource in ("Messages", "AsyncMessages")
        ),
        *(
            Patch(f"{module}:{resource}.stream", _remembering)
            for module in (_MESSAGES, _BETA)
            for resource in ("Messages", "AsyncMessages")
        ),
        *retries_of("anthropic"),
    ),
)
