"""OpenAI's Responses: items in place of messages, and a stream of many kinds of events."""

import re
from typing import Any, Literal

import msgspec

from telltale.demo.scripted_llm.call import Call
from telltale.demo.scripted_llm.dialect import Asked, Dialect, Said, pieces
from telltale.demo.scripted_llm.models import CREATED
from telltale.demo.scripted_llm.reply import Refused, Reply, fault, refusal
from telltale.demo.scripted_llm.request import (
    ChatRequest,
    Function,
    FunctionCall,
    JsonSchema,
    Message,
    NamedTool,
    ResponseFormat,
    Tool,
    ToolCall,
    read,
)
from telltale.demo.scripted_llm.script import Invocation

Item = dict[str, Any]


class _Format(msgspec.Struct, frozen=True, rename={"body": "schema"}):
    type: Literal["text", "json_object", "json_schema"] = "text"
    name: str = ""
    body: dict[str, Any] = {}


class _Text(msgspec.Struct, frozen=True):
    format: _Format | None = None


class _Body(msgspec.Struct, frozen=True):
    model: str
    input: str | list[Item]
    instructions: str | None = None
    tools: list[Item] = []
    tool_choice: str | Item | None = None
    text: _Text | None = None
    stream: bool | None = False


def _read(asked: Asked) -> ChatRequest:
    body = read(asked.body, _Body)
    given = [{"role": "user", "content": body.input}] if isinstance(body.input, str) else body.input
    told = [Message("system", body.instructions)] if body.instructions else []
    try:
        return ChatRequest(
            model=body.model,
            messages=told + _messages(given),
            tools=[_tool(one) for one in body.tools if one.get("type") == "function"] or None,
            tool_choice=_choice(body.tool_choice),
            response_format=_format(body.text.format if body.text else None),
            stream=body.stream,
        )
    except (KeyError, msgspec.ValidationError) as error:
        raise Refused(f"Invalid value: {error}.") from error


def _messages(items: list[Item]) -> list[Message]:
    """Calls that follow one another are one turn of the model's, as they are elsewhere."""
    messages: list[Message] = []
    for item in items:
        if item.get("type") == "function_call":
            call = ToolCall(FunctionCall(item["name"], item["arguments"]), item["call_id"])
            before = messages[-1] if messages and messages[-1].tool_calls else None
            calls = [*((before and before.tool_calls) or ()), call]
            messages[len(messages) - bool(before) :] = [Message("assistant", None, calls)]
        elif item.get("type") == "function_call_output":
            messages.append(Message("tool", item["output"]))
        elif "role" in item:
            messages.append(msgspec.convert(item, Message))
    return messages


def _tool(tool: Item) -> Tool:
    return Tool(Function(tool["name"], tool.get("description"), tool.get("parameters")))


def _choice(choice: str | Item | None) -> Any:
    if isinstance(choice, dict):
        return NamedTool(Function(choice["name"])) if choice.get("type") == "function" else "auto"
    return choice


def _format(format: _Format | None) -> ResponseFormat | None:
    if format is None:
        return None
    schema = JsonSchema(format.name, format.body) if format.type == "json_schema" else None
    return ResponseFormat(format.type, schema)


def _answer(said: Said) -> bytes:
    return msgspec.json.encode(_response(said, _output(said)))


def _response(said: Said, output: list[Item] | None) -> Item:
    """The response, whole or as it is when it begins."""
    return {
        "id": f"resp_{said.digest}",
        "object": "response",
        "created_at": CREATED,
        "status": "in_progress" if output is None else "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": said.call.model,
        "output": output or [],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": None if output is None else _usage(said.call),
    }


def _usage(call: Call) -> Item:
    return {
        "input_tokens": call.input_tokens,
        "input_tokens_details": {"cached_tokens": call.cached_tokens},
        "output_tokens": call.output_tokens,
        "output_tokens_details": {"reasoning_tokens": call.reasoning_tokens},
        "total_tokens": call.input_tokens + call.output_tokens,
    }


def _output(said: Said) -> list[Item]:
    items: list[Item] = []
    if said.turn.thought:
        summary = [{"type": "summary_text", "text": said.turn.thought}]
        items.append({"id": f"rs_{said.digest}", "type": "reasoning", "summary": summary})
    if said.turn.text is not None:
        items.append(_message(said, [_text(said.turn.text)], "completed"))
    items += [_call(one, one.arguments, "completed") for one in said.turn.calls]
    return items


def _message(said: Said, content: list[Item], status: str) -> Item:
    return {
        "id": f"msg_{said.digest}",
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content,
    }


def _text(text: str) -> Item:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _call(call: Invocation, arguments: str, status: str) -> Item:
    return {
        "id": call.id.replace("call_", "fc_"),
        "type": "function_call",
        "call_id": call.id,
        "name": call.name,
        "arguments": arguments,
        "status": status,
    }


def _events(said: Said) -> tuple[bytes, ...]:
    events = [_event(f"response.{kind}", response=_response(said, None)) for kind in _BEGINNINGS]
    output = _output(said)
    for index, item in enumerate(output):
        events += _item_events(said, index, item)
    events.append(_event("response.completed", response=_response(said, output)))
    return tuple(
        f"event: {event['type']}\n".encode()
        + b"data: "
        + msgspec.json.encode({**event, "sequence_number": number})
        + b"\n\n"
        for number, event in enumerate(events)
    )


_BEGINNINGS = ("created", "in_progress")


def _item_events(said: Said, index: int, item: Item) -> list[Item]:
    """An item as it grows: begun, piece by piece, done."""
    begun, growth = {**item}, []
    place = {"item_id": item["id"], "output_index": index}
    if item["type"] == "message":
        begun = _message(said, [], "in_progress")
        (part,) = item["content"]
        place["content_index"] = 0
        text = "response.output_text"
        growth = [
            _event("response.content_part.added", **place, part=_text("")),
            *(_event(f"{text}.delta", **place, delta=d, logprobs=[]) for d in pieces(part["text"])),
            _event(f"{text}.done", **place, text=part["text"], logprobs=[]),
            _event("response.content_part.done", **place, part=part),
        ]
    elif item["type"] == "function_call":
        begun |= {"arguments": "", "status": "in_progress"}
        given = "response.function_call_arguments"
        growth = [
            *(_event(f"{given}.delta", **place, delta=d) for d in pieces(item["arguments"])),
            _event(f"{given}.done", **place, name=item["name"], arguments=item["arguments"]),
        ]
    return [
        _event("response.output_item.added", output_index=index, item=begun),
        *growth,
        _event("response.output_item.done", output_index=index, item=item),
    ]


def _event(kind: str, **fields: Any) -> Item:
    return {"type": kind, **fields}


def _error(call: Call, refused: Refused | None) -> Reply:
    return refusal(call, str(refused), refused.code) if refused else fault(call)


RESPONSES = Dialect(
    paths=re.compile("/v1/responses"),
    read=_read,
    answer=_answer,
    stream=_events,
    error=_error,
)
