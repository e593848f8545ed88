"""Bedrock's Converse and ConverseStream, by way of botocore's client.

Under a framework's own LLM span a call adds what only the client knows; anywhere else it is a span
of its own. botocore makes the methods of its clients as it goes, so that what stands beneath all of
them is patched, and other calls of Amazon's pass through. Bedrock counts what is read from its
cache, and what is written to it, beside the input; we count them inside, as the conventions do.
"""

import contextlib
import functools
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.model_calls import CHAT
from telltale.integrations.reading import counts, field, parameters
from telltale.tracing.calls import Call, attempt_failed
from telltale.tracing.guard import sheltered
from telltale.tracing.integration import Integration
from telltale.tracing.patching import Patch
from telltale.tracing.serialise import messages_to_json, to_json
from telltale.tracing.state import TRACING
from telltale.tracing.streams import Watch

_OPERATIONS = ("Converse", "ConverseStream")
_REQUEST = {
    "temperature": names.REQUEST_TEMPERATURE,
    "topP": names.REQUEST_TOP_P,
    "maxTokens": names.REQUEST_MAX_TOKENS,
}
_KEYS = ("secret_key", "_secret_key", "token", "_token")
"""Of credentials; with a line where reading the plain name would fetch new ones."""


def _asked(call: Call) -> dict[str, Any]:
    """The parameters of the operation."""
    given = call.args[2] if len(call.args) > 2 else call.kwargs.get("api_params")
    return given if isinstance(given, dict) else {}


def _operation(call: Call) -> Any:
    return call.args[1] if len(call.args) > 1 else call.kwargs.get("operation_name")


def _is_chat(call: Call) -> bool:
    return _operation(call) in _OPERATIONS


def _before(call: Call) -> dict[str, Any]:
    _learn_keys(call.owner)
    asked = _asked(call)
    config = asked.get("inferenceConfig") or {}
    told: dict[str, Any] = {names.PROVIDER: "aws.bedrock"} | parameters(config, _REQUEST)
    if isinstance(model := asked.get("modelId"), str):
        told[names.REQUEST_MODEL] = model
    if isinstance(stops := field(config, "stopSequences"), list):
        told[names.REQUEST_STOP_SEQUENCES] = [str(stop) for stop in stops]
    if _operation(call) == "ConverseStream":
        told[names.REQUEST_STREAM] = True
    if isinstance(system := asked.get("system"), list) and system:
        told[names.SYSTEM_INSTRUCTIONS] = to_json(
            [
                {"type": "text", "content": block["text"]} if field(block, "text") else block
                for block in system
            ]
        )
    told[names.INPUT_MESSAGES] = messages_to_json(asked.get("messages"), "user")
    if isinstance(tools := field(asked.get("toolConfig"), "tools"), list) and tools:
        told[names.TOOL_DEFINITIONS] = to_json([_tool(tool) for tool in tools])
    return told


def _after(_: Call, answer: Any) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if isinstance(request := field(field(answer, "ResponseMetadata"), "RequestId"), str):
        told[names.RESPONSE_ID] = request
    # Who answered is told where a router has chosen among models.
    routed = field(field(field(answer, "trace"), "promptRouter"), "invokedModelId")
    if isinstance(routed, str):
        told[names.RESPONSE_MODEL] = routed
    reason = field(answer, "stopReason")
    if isinstance(reason, str):
        told[names.FINISH_REASONS] = [reason]
    message = field(field(answer, "output"), "message")
    if isinstance(message, dict):
        said = message | {"finish_reason": reason}
        told[names.OUTPUT_MESSAGES] = messages_to_json([said], "assistant")
    return told | _counted(field(answer, "usage"))


def _counted(usage: Any) -> dict[str, int]:
    keys = ("inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens")
    parts = counts({key: field(usage, key) for key in keys})
    return counts(
        {
            names.INPUT_TOKENS: sum(parts.values()) if "inputTokens" in parts else None,
            names.CACHE_READ_TOKENS: parts.get("cacheReadInputTokens"),
            names.CACHE_WRITE_TOKENS: parts.get("cacheWriteInputTokens"),
            names.OUTPUT_TOKENS: field(usage, "outputTokens"),
        }
    )


def _tool(tool: Any) -> Any:
    """As the conventions spell it; what is no tool of the user's as it is."""
    spec = field(tool, "toolSpec")
    if spec is None:
        return tool
    told = {"type": "function", "name": field(spec, "name")}
    schema = field(field(spec, "inputSchema"), "json")
    return told | {"description": field(spec, "description"), "parameters": schema}


def _learn_keys(client: Any) -> None:
    signer = getattr(client, "_request_signer", None)
    held = vars(credentials) if (credentials := getattr(signer, "_credentials", None)) else {}
    for key in _KEYS:
        TRACING.secrets.learn(held.get(key))
    bearer = getattr(signer, "_auth_token", None)
    TRACING.secrets.learn(getattr(getattr(bearer, "_frozen_token", bearer), "token", None))


def _watch(result: Any, watch: Watch) -> Any:
    """Look on while the user advances the stream, which botocore reads and parses in two steps."""
    stream = field(result, "stream")
    raw, parse = getattr(stream, "_event_generator", None), getattr(stream, "_parse_event", None)
    if raw is None or parse is None:
        return None
    metadata = {"ResponseMetadata": field(result, "ResponseMetadata")}

    def parse_event(event: Any) -> Any:
        try:
            parsed = parse(event)
        except Exception as error:
            watch.end(error)
            raise
        if isinstance(parsed, dict) and parsed:
            watch.saw(parsed | metadata)
        return parsed

    stream._parse_event = parse_event
    stream._event_generator = _to_its_end(raw, watch)
    watch.until_closed(stream)
    return result


def _to_its_end(events: Iterator[Any], watch: Watch) -> Iterator[Any]:
    try:
        yield from events
    except BaseException as error:
        watch.end(error)
        raise
    watch.end(None)


def _joined(events: list[Any]) -> dict[str, Any]:
    """The answer that the events of a stream amount to."""
    answer: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    for event in events:
        answer["ResponseMetadata"] = event.get("ResponseMetadata")
        if start := event.get("contentBlockStart"):
            blocks[start["contentBlockIndex"]] = {
                key: {**begun, "input": ""} for key, begun in start["start"].items()
            }
        elif grown := event.get("contentBlockDelta"):
            _add_delta(blocks.setdefault(grown["contentBlockIndex"], {}), grown["delta"])
        elif stop := event.get("messageStop"):
            answer["stopReason"] = stop.get("stopReason")
        elif metadata := event.get("metadata"):
            answer |= {key: metadata.get(key) for key in ("usage", "trace")}
    content = [_whole(blocks[index]) for index in sorted(blocks)]
    return answer | {"output": {"message": {"role": "assistant", "content": content}}}


def _add_delta(block: dict[str, Any], delta: dict[str, Any]) -> None:
    if "text" in delta:
        block["text"] = block.get("text", "") + delta["text"]
    elif "toolUse" in delta:
        block["toolUse"]["input"] += delta["toolUse"].get("input", "")
    elif "text" in delta.get("reasoningContent", {}):
        thought = block.setdefault("reasoningContent", {}).setdefault("reasoningText", {})
        thought["text"] = thought.get("text", "") + delta["reasoningContent"]["text"]


def _whole(block: dict[str, Any]) -> dict[str, Any]:
    """A block whose arguments came in pieces, as far as they came."""
    if isinstance(written := field(block.get("toolUse"), "input"), str):
        with contextlib.suppress(ValueError):
            block["toolUse"]["input"] = json.loads(written or "{}")
    return block


def _retried(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for what looks at a try, and sleeps where there is to be another."""

    @functools.wraps(original)
    def needs_retry(endpoint: Any, attempts: Any, operation: Any, *args: Any, **kwargs: Any) -> Any:
        at_ns = time.time_ns()
        answer = original(endpoint, attempts, operation, *args, **kwargs)
        if answer:
            with sheltered("reading a failed try of botocore's"):
                _, response, raised, *_ = (*args, None, None, None)
                response = kwargs.get("response", response)
                raised = kwargs.get("caught_exception", raised)
                attempt_failed(raised or _error_of(response, operation), at_ns)
        return answer

    return needs_retry


def _error_of(response: Any, operation: Any) -> BaseException:
    """What botocore would raise, had it no more tries: it makes its classes as it goes."""
    _, parsed = response
    error: Any = sys.modules["botocore.exceptions"].ClientError
    made: BaseException = type(str(parsed["Error"]["Code"]), (error,), {})(parsed, operation.name)
    return made


INTEGRATION = Integration(
    name="bedrock",
    package="botocore",
    versions=">=1.34.116,<2",
    targets=(
        CHAT(
            path="botocore.client:BaseClient._make_api_call",
            concerns=_is_chat,
            before=_before,
            after=_after,
            watch=_watch,
            joined_chunks=_joined,
        ),
    ),
    patches=(Patch("botocore.endpoint:Endpoint._needs_retry", _retried),),
)
