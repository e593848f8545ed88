"""Chat completions on the wire: one body, or the same answer in chunks."""

import re
from typing import Any

import msgspec

from telltale.demo.scripted_llm.call import Call
from telltale.demo.scripted_llm.dialect import Asked, Dialect, Said, pieces
from telltale.demo.scripted_llm.models import CREATED
from telltale.demo.scripted_llm.reply import Refused, Reply, fault, refusal
from telltale.demo.scripted_llm.request import ChatRequest, read
from telltale.demo.scripted_llm.script import Turn


def _answer(said: Said) -> bytes:
    body = _head(said, "chat.completion")
    turn = said.turn
    body["choices"] = [{**_choice("message", _message(turn)), "finish_reason": _reason(turn)}]
    body["usage"] = _usage(said.call)
    return msgspec.json.encode(body)


def _head(said: Said, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{said.digest}",
        "object": kind,
        "created": CREATED,
        "model": said.call.model,
        "service_tier": "default",
        "system_fingerprint": "fp_scripted",
    }


def _message(turn: Turn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": turn.text, "refusal": None}
    if turn.calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in turn.calls
        ]
    return message


def _events(said: Said) -> tuple[bytes, ...]:
    head, turn, options = (
        _head(said, "chat.completion.chunk"),
        said.turn,
        said.request.stream_options,
    )
    wants_usage = bool(options and options.include_usage)
    if wants_usage:
        head["usage"] = None
    deltas = [{"role": "assistant", "content": None if turn.calls else ""}]
    deltas += [{"content": piece} for piece in pieces(turn.text or "")]
    for index, invocation in enumerate(turn.calls):
        opening = {"name": invocation.name, "arguments": ""}
        deltas.append(_call_delta(index, id=invocation.id, type="function", function=opening))
        for piece in pieces(invocation.arguments):
            deltas.append(_call_delta(index, function={"arguments": piece}))
    chunks = [{**head, "choices": [_choice("delta", delta)]} for delta in deltas]
    end = {**_choice("delta", {}), "finish_reason": _reason(turn)}
    chunks.append({**head, "choices": [end]})
    if wants_usage:
        chunks.append({**head, "choices": [], "usage": _usage(said.call)})
    lines = [b"data: " + msgspec.json.encode(chunk) + b"\n\n" for chunk in chunks]
    return (*lines, b"data: [DONE]\n\n")


def _call_delta(index: int, **fields: object) -> dict[str, Any]:
    return {"tool_calls": [{"index": index, **fields}]}


def _choice(part: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"index": 0, part: content, "logprobs": None, "finish_reason": None}


def _reason(turn: Turn) -> str:
    return "tool_calls" if turn.calls else "stop"


def _usage(call: Call) -> dict[str, Any]:
    return {
        "prompt_tokens": call.input_tokens,
        "completion_tokens": call.output_tokens,
        "total_tokens": call.input_tokens + call.output_tokens,
        "prompt_tokens_details": {"cached_tokens": call.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": call.reasoning_tokens, "audio_tokens": 0},
    }


def _read(asked: Asked) -> ChatRequest:
    return read(asked.body, ChatRequest)


def _error(call: Call, refused: Refused | None) -> Reply:
    return refusal(call, str(refused), refused.code) if refused else fault(call)


CHAT_COMPLETIONS = Dialect(
    paths=re.compile("/v1/chat/completions"),
    read=_read,
    answer=_answer,
    stream=_events,
    error=_error,
)
