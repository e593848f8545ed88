"""Calls of language models."""

import ast
from typing import Any

import msgspec

from telltale.conventions import attributes as names
from telltale.conventions.messages import read_messages
from telltale.conventions.naming import llm_outcome_name
from telltale.integrations.crewai import budget, keys, scopes
from telltale.integrations.crewai.crews import failed, handled
from telltale.integrations.crewai.opened import Opened, said, text
from telltale.integrations.crewai.scopes import Scope
from telltale.nouns.message import Message, ToolCall
from telltale.tracing.guard import sheltered
from telltale.tracing.live import LiveSpan, known_attributes
from telltale.tracing.serialise import messages_to_json, plain, to_json

JOINS = frozenset({"anthropic", "azure", "bedrock", "gemini", "litellm", "openai"})
"""Whose calls inside an LLM span are that very call."""
_REQUEST = {
    "temperature": names.REQUEST_TEMPERATURE,
    "top_p": names.REQUEST_TOP_P,
    "max_tokens": names.REQUEST_MAX_TOKENS,
    "seed": names.REQUEST_SEED,
    "stop_sequences": names.REQUEST_STOP_SEQUENCES,
    "frequency_penalty": names.REQUEST_FREQUENCY_PENALTY,
    "presence_penalty": names.REQUEST_PRESENCE_PENALTY,
    "n": names.REQUEST_CHOICE_COUNT,
}
_USAGE = {
    names.INPUT_TOKENS: ("prompt_tokens", "input_tokens", "prompt_token_count", "inputTokens"),
    names.OUTPUT_TOKENS: (
        "completion_tokens",
        "output_tokens",
        "candidates_token_count",
        "outputTokens",
    ),
    names.CACHE_READ_TOKENS: ("cached_prompt_tokens", "cached_tokens", "cache_read_input_tokens"),
    names.CACHE_WRITE_TOKENS: ("cache_creation_tokens", "cache_creation_input_tokens"),
    names.REASONING_TOKENS: ("reasoning_tokens",),
}
"""Our name of a count, and the spellings that crewAI passes on from its providers."""


_TOOL = "tool_usage_started"
_OF_A_TOOL = "tool"
"""Purpose of what a tool asks of a model by itself."""


def call_id(event: Any) -> str | None:
    """crewAI's id of one call, the same on its start and its ends."""
    return text(getattr(event, "call_id", None))


def call_started(llm: Any, event: Any) -> Opened:
    """A model is asked."""
    why = purpose() or ("agent" if text(getattr(event, "agent_role", None)) else None)
    parameters = {
        name: value
        for key, name in _REQUEST.items()
        if (value := getattr(event, key, None)) is not None
    }
    attributes = parameters | said(
        **{
            names.REQUEST_STREAM: getattr(event, "stream", None) or None,
            names.AGENT_NAME: text(getattr(event, "agent_role", None)),
        }
    )
    return asked(
        llm,
        text(getattr(event, "model", None)),
        _asked(event),
        getattr(event, "tools", None),
        purpose=why,
        attributes=attributes,
        key=call_id(event),
    )


def asked(
    llm: Any,
    model: str | None,
    messages: Any,
    tools: Any,
    *,
    purpose: str | None,
    attributes: dict[str, Any],
    key: str | None = None,
) -> Opened:
    """What is asked of a model. Its key may turn up in what the provider says of an error."""
    with sheltered("learning what is secret"):
        keys.learn(llm)
    told = said(
        **{
            names.REQUEST_MODEL: model,
            names.PROVIDER: text(getattr(llm, "provider", None)),
            names.CREW_PURPOSE: purpose,
            names.INPUT_MESSAGES: messages_to_json(messages, "user"),
            names.TOOL_DEFINITIONS: to_json(tools) if tools else None,
        }
    )
    return Opened(
        name=f"chat {model}" if model else "chat",
        attributes=attributes | told,
        key=key,
        purpose=purpose,
    )


def call_completed(event: Any, scope: Scope) -> None:
    """A model has answered. What its provider's client told of that stands: crewAI tells less."""
    span = scope.span
    if span is None:
        return
    known = known_attributes(span)
    if names.INPUT_TOKENS not in known:
        span.set_attributes(usage_of(getattr(event, "usage", None)))
    finish_reason = text(getattr(event, "finish_reason", None))
    if finish_reason and names.FINISH_REASONS not in known:
        span.set_attribute(names.FINISH_REASONS, [finish_reason])
    response_id = text(getattr(event, "response_id", None))
    if response_id and names.RESPONSE_ID not in known:
        span.set_attribute(names.RESPONSE_ID, response_id)
    set_answer(scope, getattr(event, "response", None), finish_reason)
    budget.note_cost(span)


def set_answer(scope: Scope, response: Any, finish_reason: str | None = None) -> None:
    """What a model has answered, and which tools it asks for.

    Of calls crewAI's event may have but a `repr`, or the result of the tool in their place.
    """
    span = scope.span
    if span is None:
        return
    known = () if span.is_asked_again else known_attributes(span).get(names.OUTPUT_MESSAGES)
    told = read_messages(known, "assistant")
    messages = _with_ids(told or _answered(response, finish_reason), span)
    if messages != told:
        span.set_attribute(names.OUTPUT_MESSAGES, msgspec.json.encode(messages).decode())
    if (name := llm_outcome_name(messages, purpose=scope.purpose)) is not None:
        span.set_name(name)
    if scope.purpose != _OF_A_TOOL and (agent := scopes.agent()) is not None:
        agent.pending_calls = _asks_for(messages)


def calls_asked_for(span: LiveSpan) -> list[ToolCall]:
    """What a model asks for by an answer that crewAI has not told of yet."""
    told = read_messages(known_attributes(span).get(names.OUTPUT_MESSAGES), "assistant")
    return _asks_for(_with_ids(told, span))


def _asks_for(messages: tuple[Message, ...]) -> list[ToolCall]:
    return [
        part
        for message in messages
        for part in message.parts
        if isinstance(part, ToolCall) and part.id
    ]


def _with_ids(messages: tuple[Message, ...], span: LiveSpan) -> tuple[Message, ...]:
    """Calls that the provider gave no id get one, by which their tool's span names them.

    Gemini gave none before its version 3; crewAI then takes the address of an object, which
    another object may have next.
    """
    return tuple(
        msgspec.structs.replace(
            message,
            parts=tuple(
                msgspec.structs.replace(part, id=f"call_{span.span_id}_{turn}_{place}")
                if isinstance(part, ToolCall) and not part.id
                else part
                for place, part in enumerate(message.parts)
            ),
        )
        for turn, message in enumerate(messages)
    )


def call_failed(event: Any, scope: Scope) -> None:
    """A model's provider failed, or refused; a class of the user's may know what to do then."""
    if not scope.owns_span:
        scope.tell_attempt(handled(event) or RuntimeError(str(getattr(event, "error", ""))))
        return
    failed(event, scope)
    if scope.span is not None:
        scope.span.set_name(llm_outcome_name((), "error") or scope.span.name)


def _asked(event: Any) -> Any:
    """The messages, with what crewAI cut to a depth put right.

    It replaces what lies five levels deep by its `repr`, and a tool call's name and arguments do.
    """
    messages = getattr(event, "messages", None)
    if not isinstance(messages, list):
        return messages
    return [
        {**message, "tool_calls": [_uncut(call) for call in message["tool_calls"]]}
        if isinstance(message, dict) and isinstance(message.get("tool_calls"), list)
        else message
        for message in messages
    ]


def _uncut(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _uncut(item) for key, item in value.items()}
    if isinstance(value, str) and len(value) > 1 and value[0] in "'\"" and value[-1] == value[0]:
        try:
            return str(ast.literal_eval(value))
        except (ValueError, SyntaxError):
            return value
    return value


def purpose() -> str | None:
    """Why a model is called. Only ancestry tells: most of its events name no agent.

    An agent may be at work for something else: crewAI's planner is one. A tool's own call is not
    its agent's.
    """
    found = None
    for scope in scopes.chain():
        if scope.is_open and scope.opened_by == _TOOL:
            return found or _OF_A_TOOL
        if scope.is_open and scope.purpose is not None:
            if scope.purpose != "agent":
                return scope.purpose
            found = found or scope.purpose
        if scope.opened_by == "crew_kickoff_started":
            break
    return found


def _answered(response: Any, finish_reason: str | None) -> tuple[Message, ...]:
    said = _answer(response) | {"finish_reason": finish_reason}
    return read_messages(plain([said]), "assistant")


def _answer(response: Any) -> dict[str, Any]:
    """The assistant's message: words, tool calls, or a structured answer."""
    response = plain(response)
    if isinstance(response, str):
        return {"role": "assistant", "content": response}
    if isinstance(response, list) and response and all(map(_is_tool_call, response)):
        return {"role": "assistant", "tool_calls": response}
    if isinstance(response, dict) and {"content", "tool_calls"} & response.keys():
        return {"role": "assistant", **response}
    return {"role": "assistant", "content": None if response is None else to_json(response)}


def _is_tool_call(value: Any) -> bool:
    return isinstance(value, dict) and ("function" in value or "name" in value)


def usage_of(usage: Any) -> dict[str, int]:
    """Counts of tokens, by our names, of what a provider's class passes on."""
    if not isinstance(usage, dict):
        return {}
    counts = {}
    for name, spellings in _USAGE.items():
        found = (usage[key] for key in spellings if type(usage.get(key)) is int)
        if (count := next(found, None)) is not None:
            counts[name] = count
    return counts
