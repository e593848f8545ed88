"""OpenAI's chat completions, which are spoken far beyond OpenAI: by Azure's client, by LiteLLM."""

from collections.abc import Collection, Mapping
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.reading import answered, counts, field, given
from telltale.tracing.serialise import messages_to_json, to_json

PARAMETERS = {
    "temperature": names.REQUEST_TEMPERATURE,
    "top_p": names.REQUEST_TOP_P,
    "max_tokens": names.REQUEST_MAX_TOKENS,
    "max_completion_tokens": names.REQUEST_MAX_TOKENS,
    "seed": names.REQUEST_SEED,
    "frequency_penalty": names.REQUEST_FREQUENCY_PENALTY,
    "presence_penalty": names.REQUEST_PRESENCE_PENALTY,
}
"""What a request says beside its words, as all of these clients spell it."""
_SAID = (
    "role",
    "content",
    # What DeepSeek's and other models thought.
    "reasoning_content",
    "refusal",
    "name",
    "tool_call_id",
    "tool_calls",
)
_EMPTY = {"role": "assistant", "content": "", "reasoning_content": ""}


def words_asked(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Messages and tools of a request."""
    messages = kwargs.get("messages")
    told: dict[str, Any] = {
        names.INPUT_MESSAGES: messages_to_json(
            # An iterator is left to the client: it can be read but once.
            [_message(message) for message in messages]
            if isinstance(messages, Collection)
            else None,
            "user",
        )
    }
    if tools := kwargs.get("tools"):
        told[names.TOOL_DEFINITIONS] = to_json(given(tools))
    stop = kwargs.get("stop")
    stops = [stop] if isinstance(stop, str) else given(stop)
    if isinstance(stops, list) and stops and all(isinstance(one, str) for one in stops):
        told[names.REQUEST_STOP_SEQUENCES] = stops
    return told


def completion_told(completion: Any) -> dict[str, Any]:
    """All that a completion says."""
    told = answered(completion) | _counted(field(completion, "usage"))
    choices = field(completion, "choices") or ()
    told[names.OUTPUT_MESSAGES] = messages_to_json(
        [
            _message(field(choice, "message")) | {"finish_reason": field(choice, "finish_reason")}
            for choice in choices
        ],
        "assistant",
    )
    reasons = [r for c in choices if isinstance(r := field(c, "finish_reason"), str)]
    if reasons:
        told[names.FINISH_REASONS] = reasons
    return told


def _counted(usage: Any) -> dict[str, int]:
    written = field(usage, "completion_tokens_details")
    return counts(
        {
            names.INPUT_TOKENS: field(usage, "prompt_tokens"),
            names.OUTPUT_TOKENS: field(usage, "completion_tokens"),
            names.CACHE_READ_TOKENS: field(field(usage, "prompt_tokens_details"), "cached_tokens"),
            # LiteLLM's word for what Anthropic counts; it is part of the prompt here.
            names.CACHE_WRITE_TOKENS: field(usage, "cache_creation_input_tokens"),
            names.REASONING_TOKENS: field(written, "reasoning_tokens"),
        }
    )


def _message(message: Any) -> dict[str, Any]:
    """The parts of a message that were said."""
    return {key: value for key in _SAID if (value := given(field(message, key))) is not None}


def joined(chunks: list[Any]) -> dict[str, Any]:
    """The completion that the chunks of a stream amount to."""
    completion: dict[str, Any] = {"choices": []}
    choices: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        for key in ("id", "model", "usage"):
            if (value := field(chunk, key)) is not None:
                completion[key] = value
        for delta in field(chunk, "choices") or ():
            choice = choices.setdefault(
                field(delta, "index") or 0,
                {"message": _EMPTY | {"tool_calls": {}}},
            )
            if reason := field(delta, "finish_reason"):
                choice["finish_reason"] = reason
            _add_delta(choice["message"], field(delta, "delta"))
    for choice in choices.values():
        message = choice["message"]
        message["tool_calls"] = list(message["tool_calls"].values()) or None
        message["content"] = message["content"] or None
        message["reasoning_content"] = message["reasoning_content"] or None
    completion["choices"] = list(choices.values())
    return completion


def _add_delta(message: dict[str, Any], delta: Any) -> None:
    for key in ("content", "reasoning_content"):
        message[key] += field(delta, key) or ""
    for part in field(delta, "tool_calls") or ():
        tool = message["tool_calls"].setdefault(
            field(part, "index") or 0,
            {"type": "function", "function": {"name": "", "arguments": ""}},
        )
        if call_id := field(part, "id"):
            tool["id"] = call_id
        function = field(part, "function")
        for key in ("name", "arguments"):
            tool["function"][key] += field(function, key) or ""
