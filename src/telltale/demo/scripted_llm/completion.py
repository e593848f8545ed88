"""Chat completions on the wire: one body, or the same answer in chunks."""

import hashlib
import re
from typing import Any

import msgspec

from telltale.demo.scripted_llm.call import Call
from telltale.demo.scripted_llm.markers import Markers
from telltale.demo.scripted_llm.reply import SSE, Reply
from telltale.demo.scripted_llm.request import ChatRequest
from telltale.demo.scripted_llm.script import Turn, next_turn
from telltale.demo.scripted_llm.tokens import cached_tokens, count, prompt_tokens

SNAPSHOTS = {
    "gpt-4.1": "gpt-4.1-2025-04-14",
    "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14",
    "gpt-4.1-nano": "gpt-4.1-nano-2025-04-14",
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-5": "gpt-5-2025-08-07",
    "gpt-5-mini": "gpt-5-mini-2025-08-07",
    "gpt-5-nano": "gpt-5-nano-2025-08-07",
}
CREATED = 1_767_225_600
"""Always the same second (2026-01-01): an answer depends on the request alone."""
PIECE = re.compile(r"[\s\S]{1,12}")


def snapshot(model: str) -> str:
    """The dated model that answers for an alias; a name that we do not know stays as it is."""
    return SNAPSHOTS.get(model, model)


def answer_chat(request: ChatRequest, markers: Markers, path: str) -> Reply:
    """The reply of `/v1/chat/completions`.

    Raises:
        Refused: If the request contradicts itself.
    """
    turn = next_turn(request, markers)
    written = count(turn.text or "")
    written += sum(count(call.name) + count(call.arguments) for call in turn.calls)
    call = Call(
        path=path,
        kind="chat",
        model=snapshot(request.model),
        purpose=turn.purpose,
        input_tokens=prompt_tokens(request),
        cached_tokens=cached_tokens(request),
        output_tokens=written,
        streamed=bool(request.stream),
    )
    if request.stream:
        return Reply(call=call, content_type=SSE, events=_events(request, turn, call))
    body = _head(request, call, "chat.completion")
    body["choices"] = [{**_choice("message", _message(turn)), "finish_reason": _reason(turn)}]
    body["usage"] = _usage(call)
    return Reply(call=call, body=msgspec.json.encode(body))


def _head(request: ChatRequest, call: Call, kind: str) -> dict[str, Any]:
    digest = hashlib.blake2b(msgspec.json.encode(request), digest_size=12).hexdigest()
    return {
        "id": f"chatcmpl-{digest}",
        "object": kind,
        "created": CREATED,
        "model": call.model,
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


def _events(request: ChatRequest, turn: Turn, call: Call) -> tuple[bytes, ...]:
    head = _head(request, call, "chat.completion.chunk")
    wants_usage = bool(request.stream_options and request.stream_options.include_usage)
    if wants_usage:
        head["usage"] = None
    deltas = [{"role": "assistant", "content": None if turn.calls else ""}]
    deltas += [{"content": piece} for piece in PIECE.findall(turn.text or "")]
    for index, invocation in enumerate(turn.calls):
        opening = {"name": invocation.name, "arguments": ""}
        deltas.append(_call_delta(index, id=invocation.id, type="function", function=opening))
        for piece in PIECE.findall(invocation.arguments):
            deltas.append(_call_delta(index, function={"arguments": piece}))
    chunks = [{**head, "choices": [_choice("delta", delta)]} for delta in deltas]
    end = {**_choice("delta", {}), "finish_reason": _reason(turn)}
    chunks.append({**head, "choices": [end]})
    if wants_usage:
        chunks.append({**head, "choices": [], "usage": _usage(call)})
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
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }
