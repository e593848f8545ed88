"""Anthropic's Messages: content in blocks, the cache counted beside the input."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from telltale.demo.scripted_llm.blocks import Block, messages_of, schema_of
from telltale.demo.scripted_llm.call import Call
from telltale.demo.scripted_llm.dialect import Asked, Dialect, Said, pieces
from telltale.demo.scripted_llm.reply import Refused, Reply, retry_headers
from telltale.demo.scripted_llm.request import ChatRequest, Function, NamedTool, Tool, read
from telltale.demo.scripted_llm.script import Invocation

FAULTS = {
    400: ("invalid_request_error", "Asked for by the prompt."),
    401: ("authentication_error", "invalid x-api-key"),
    403: ("permission_error", "Your API key does not have permission."),
    404: ("not_found_error", "Not found."),
    413: ("request_too_large", "Request exceeds the maximum size."),
    429: ("rate_limit_error", "This request would exceed your rate limit."),
    500: ("api_error", "Internal server error."),
    529: ("overloaded_error", "Overloaded."),
}
CHOICES = {"auto": "auto", "any": "required", "none": "none"}


class _Message(msgspec.Struct, frozen=True):
    role: str
    content: str | list[Block]


class _Body(msgspec.Struct, frozen=True):
    model: str
    max_tokens: int
    messages: list[_Message]
    system: str | list[Block] = ""
    tools: list[Block] = []
    tool_choice: Block | None = None
    stream: bool | None = False
    output_format: Block | None = None


def _read(asked: Asked) -> ChatRequest:
    body = read(asked.body, _Body)
    try:
        return ChatRequest(
            model=body.model,
            messages=messages_of(
                body.system,
                [(one.role, one.content) for one in body.messages],
                _result_of,
                _call_of,
            ),
            # Tools that the provider runs have a type of their own, and no schema.
            tools=[_tool(one) for one in body.tools if "input_schema" in one] or None,
            tool_choice=_choice(body.tool_choice or {}),
            response_format=schema_of((body.output_format or {}).get("schema")),
            stream=body.stream,
        )
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise Refused(f"messages: {error!r}") from error


def _result_of(block: Block) -> Any:
    if block.get("type") != "tool_result":
        return None
    content = block.get("content", "")
    return content if isinstance(content, str) else "".join(b.get("text", "") for b in content)


def _call_of(block: Block) -> tuple[str, str, Any] | None:
    return (block["id"], block["name"], block["input"]) if block.get("type") == "tool_use" else None


def _tool(tool: Block) -> Tool:
    return Tool(Function(tool["name"], tool.get("description"), tool["input_schema"]))


def _choice(choice: Block) -> Any:
    kind = choice.get("type")
    return NamedTool(Function(choice["name"])) if kind == "tool" else CHOICES.get(str(kind))


def _answer(said: Said) -> bytes:
    return msgspec.json.encode(
        _message(said) | {"content": _content(said), "stop_reason": _reason(said)}
    )


def _message(said: Said) -> Block:
    """The message without what it says."""
    return {
        "id": f"msg_{said.digest}",
        "type": "message",
        "role": "assistant",
        "model": said.call.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": _usage(said.call),
    }


def _usage(call: Call) -> Block:
    return {
        "input_tokens": call.input_tokens - call.cached_tokens - call.cache_write_tokens,
        "cache_read_input_tokens": call.cached_tokens,
        "cache_creation_input_tokens": call.cache_write_tokens,
        "output_tokens": call.output_tokens,
        "service_tier": "standard",
    }


def _content(said: Said) -> list[Block]:
    blocks: list[Block] = []
    if said.turn.thought:
        blocks.append({"type": "thinking", "thinking": said.turn.thought, "signature": said.digest})
    if said.turn.text:
        blocks.append({"type": "text", "text": said.turn.text})
    return blocks + [_tool_use(one, msgspec.json.decode(one.arguments)) for one in said.turn.calls]


def _tool_use(call: Invocation, arguments: Any) -> Block:
    call_id = call.id.replace("call_", "toolu_")
    return {"type": "tool_use", "id": call_id, "name": call.name, "input": arguments}


def _reason(said: Said) -> str:
    return "tool_use" if said.turn.calls else "end_turn"


def _events(said: Said) -> tuple[bytes, ...]:
    begun = _message(said)
    begun["usage"] = {**begun["usage"], "output_tokens": 1}
    events: list[Block] = [{"type": "message_start", "message": begun}, {"type": "ping"}]
    for index, block in enumerate(_content(said)):
        start, deltas = _growth(block)
        events.append({"type": "content_block_start", "index": index, "content_block": start})
        events += [{"type": "content_block_delta", "index": index, "delta": d} for d in deltas]
        events.append({"type": "content_block_stop", "index": index})
    end = {"stop_reason": _reason(said), "stop_sequence": None}
    usage = {"output_tokens": said.call.output_tokens}
    events += [{"type": "message_delta", "delta": end, "usage": usage}, {"type": "message_stop"}]
    return tuple(
        f"event: {event['type']}\ndata: ".encode() + msgspec.json.encode(event) + b"\n\n"
        for event in events
    )


def _growth(block: Block) -> tuple[Block, list[Block]]:
    """A block as it begins, and what is added to it."""
    if block["type"] == "text":
        parts = [{"type": "text_delta", "text": piece} for piece in pieces(block["text"])]
        return {"type": "text", "text": ""}, parts
    if block["type"] == "thinking":
        thoughts = [
            {"type": "thinking_delta", "thinking": piece} for piece in pieces(block["thinking"])
        ]
        signed = {"type": "signature_delta", "signature": block["signature"]}
        return {**block, "thinking": "", "signature": ""}, [*thoughts, signed]
    arguments = msgspec.json.encode(block["input"]).decode()
    parts = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces(arguments)]
    return {**block, "input": {}}, parts


def _error(call: Call, refused: Refused | None) -> Reply:
    kind, message = FAULTS.get(call.status, ("api_error", "Asked for by the prompt."))
    error = {"type": kind, "message": str(refused) if refused else message}
    body = {"type": "error", "error": error, "request_id": "req_scripted"}
    headers = {"request-id": "req_scripted"} | ({} if refused else retry_headers(call.status))
    return Reply(call, msgspec.json.encode(body), status=call.status, headers=headers)


def _headers(said: Said) -> Mapping[str, str]:
    return {"request-id": f"req_{said.digest}"}


ANTHROPIC = Dialect(
    paths=re.compile("/v1/messages"),
    read=_read,
    answer=_answer,
    stream=_events,
    error=_error,
    headers=_headers,
    writes_cache=True,
    counts_thoughts=False,
)
