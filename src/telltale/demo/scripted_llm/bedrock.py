"""Bedrock's Converse, and ConverseStream with its binary frames."""

import re
import struct
import uuid
from binascii import crc32
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from telltale.demo.scripted_llm.blocks import Block, messages_of
from telltale.demo.scripted_llm.call import Call
from telltale.demo.scripted_llm.dialect import Asked, Dialect, Said, pieces
from telltale.demo.scripted_llm.reply import Refused, Reply
from telltale.demo.scripted_llm.request import ChatRequest, Function, NamedTool, Tool, read

EVENT_STREAM = "application/vnd.amazon.eventstream"
FAULTS = {
    400: "ValidationException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    408: "ModelTimeoutException",
    424: "ModelErrorException",
    429: "ThrottlingException",
    503: "ServiceUnavailableException",
}
CHOICES = {"auto": "auto", "any": "required"}
TEXT_HEADER = 7


class _Message(msgspec.Struct, frozen=True):
    role: str
    content: list[Block]


class _ToolConfig(msgspec.Struct, frozen=True, rename="camel"):
    tools: list[Block] = []
    tool_choice: dict[str, Block] = {}


class _Body(msgspec.Struct, frozen=True, rename="camel"):
    messages: list[_Message]
    system: list[Block] = []
    tool_config: _ToolConfig = _ToolConfig()


def _read(asked: Asked) -> ChatRequest:
    _, _, model, operation = asked.path.split("/")
    body = read(asked.body, _Body)
    try:
        return ChatRequest(
            model=unquote(model),
            messages=messages_of(
                [block for block in body.system if "text" in block],
                [(one.role, one.content) for one in body.messages],
                _result_of,
                _call_of,
            ),
            tools=[_tool(one["toolSpec"]) for one in body.tool_config.tools if "toolSpec" in one]
            or None,
            tool_choice=_choice(body.tool_config.tool_choice),
            stream=operation == "converse-stream",
        )
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise Refused(f"The request is not valid: {error!r}") from error


def _result_of(block: Block) -> Any:
    if (result := block.get("toolResult")) is None:
        return None
    return "".join(
        part["text"] if "text" in part else msgspec.json.encode(part.get("json")).decode()
        for part in result["content"]
    )


def _call_of(block: Block) -> tuple[str, str, Any] | None:
    call = block.get("toolUse")
    return (call["toolUseId"], call["name"], call["input"]) if call else None


def _tool(spec: Block) -> Tool:
    return Tool(Function(spec["name"], spec.get("description"), spec["inputSchema"]["json"]))


def _choice(choice: dict[str, Block]) -> Any:
    if "tool" in choice:
        return NamedTool(Function(choice["tool"]["name"]))
    return next((CHOICES[kind] for kind in choice if kind in CHOICES), None)


def _answer(said: Said) -> bytes:
    message = {"role": "assistant", "content": _content(said)}
    return msgspec.json.encode(
        {"output": {"message": message}, "stopReason": _reason(said), **_counts(said.call)}
    )


def _content(said: Said) -> list[Block]:
    turn = said.turn
    blocks: list[Block] = []
    if turn.thought:
        thought = {"text": turn.thought, "signature": said.digest}
        blocks.append({"reasoningContent": {"reasoningText": thought}})
    if turn.text:
        blocks.append({"text": turn.text})
    for call in turn.calls:
        use = {"toolUseId": call.id.replace("call_", "tooluse_"), "name": call.name}
        blocks.append({"toolUse": {**use, "input": msgspec.json.decode(call.arguments)}})
    return blocks


def _counts(call: Call) -> Block:
    usage = {
        "inputTokens": call.input_tokens - call.cached_tokens - call.cache_write_tokens,
        "outputTokens": call.output_tokens,
        "totalTokens": call.input_tokens + call.output_tokens,
        "cacheReadInputTokens": call.cached_tokens,
        "cacheWriteInputTokens": call.cache_write_tokens,
    }
    return {"usage": usage, "metrics": {"latencyMs": 1}}


def _reason(said: Said) -> str:
    return "tool_use" if said.turn.calls else "end_turn"


def _events(said: Said) -> tuple[bytes, ...]:
    events: list[tuple[str, Block]] = [("messageStart", {"role": "assistant"})]
    for index, block in enumerate(_content(said)):
        place = {"contentBlockIndex": index}
        start, deltas = _growth(block)
        if start is not None:
            events.append(("contentBlockStart", {"start": start, **place}))
        events += [("contentBlockDelta", {"delta": delta, **place}) for delta in deltas]
        events.append(("contentBlockStop", place))
    events.append(("messageStop", {"stopReason": _reason(said)}))
    events.append(("metadata", _counts(said.call)))
    return tuple(frame(kind, msgspec.json.encode(event)) for kind, event in events)


def _growth(block: Block) -> tuple[Block | None, list[Block]]:
    """How a block begins, which words do without, and what is added to it."""
    if "text" in block:
        return None, [{"text": piece} for piece in pieces(block["text"])]
    if "reasoningContent" in block:
        thought = block["reasoningContent"]["reasoningText"]
        grown = [{"reasoningContent": {"text": piece}} for piece in pieces(thought["text"])]
        return None, [*grown, {"reasoningContent": {"signature": thought["signature"]}}]
    use = block["toolUse"]
    arguments = msgspec.json.encode(use["input"]).decode()
    start = {"toolUseId": use["toolUseId"], "name": use["name"]}
    return {"toolUse": start}, [{"toolUse": {"input": piece}} for piece in pieces(arguments)]


def frame(event: str, payload: bytes) -> bytes:
    """One message of `application/vnd.amazon.eventstream`.

    Its length, that of its headers, a sum over both, the headers, the payload, a sum over all.
    """
    told = {":event-type": event, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(_header(name, value) for name, value in told.items())
    prelude = struct.pack("!II", len(headers) + len(payload) + 16, len(headers))
    message = prelude + struct.pack("!I", crc32(prelude)) + headers + payload
    return message + struct.pack("!I", crc32(message))


def _header(name: str, value: str) -> bytes:
    packed = value.encode()
    kind = struct.pack("!BH", TEXT_HEADER, len(packed))
    return struct.pack("!B", len(name)) + name.encode() + kind + packed


def _error(call: Call, refused: Refused | None) -> Reply:
    unknown = "ValidationException" if call.status < 500 else "InternalServerException"
    kind = FAULTS.get(call.status, unknown)
    body = {"message": str(refused) if refused else "Asked for by the prompt."}
    headers = {"x-amzn-ErrorType": kind, "x-amzn-RequestId": str(uuid.UUID(int=call.status))}
    return Reply(call, msgspec.json.encode(body), status=call.status, headers=headers)


def _headers(said: Said) -> Mapping[str, str]:
    return {"x-amzn-RequestId": str(uuid.UUID(said.digest + "00000000"))}


BEDROCK = Dialect(
    paths=re.compile("/model/[^/]+/converse(-stream)?"),
    read=_read,
    answer=_answer,
    stream=_events,
    error=_error,
    headers=_headers,
    stream_type=EVENT_STREAM,
    writes_cache=True,
    counts_thoughts=False,
)
