"""Is a call of a model whole: who answered, why it ended, its tries, which tool it asked for?"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from telltale.conventions.messages import read_messages
from telltale.demo.scripted_llm import Call
from telltale.nouns.message import ToolCall
from telltale.nouns.span import RawSpan

_ATTEMPT = "telltale.attempt.failed"
_TOLD_WITH_AN_ANSWER = ("gen_ai.response.id", "gen_ai.response.finish_reasons")


def whole(
    llms: Sequence[RawSpan], tools: Sequence[RawSpan], answered: Sequence[Call], failed: int
) -> list[str]:
    """What is missing.

    Args:
        answered: The calls whose answers were heard to their end.
        failed: How many were not, or were refused.
    """
    return [
        *_answers(llms, answered),
        *_first_chunks(llms, answered),
        *_attempts(llms, failed),
        *_ids(llms, tools),
    ]


def _answers(llms: Sequence[RawSpan], answered: Sequence[Call]) -> list[str]:
    """Each answer's model is named by a span, and such a span says how it ended.

    Bedrock does not say who answers: it is asked for a model by its full name.
    """
    named = Counter(
        span.attributes.get("gen_ai.response.model") or span.attributes.get("gen_ai.request.model")
        for span in llms
    )
    unnamed = Counter(call.model for call in answered) - named
    wrong = [f"no span says that {model} answered ({n})" for model, n in unnamed.items()]
    for span in llms:
        if span.status != "error" and _is_answered(span):
            lacks = [key for key in _TOLD_WITH_AN_ANSWER if not span.attributes.get(key)]
            wrong += [f"{span.name!r} has no {key}" for key in lacks]
    return wrong


def _is_answered(span: RawSpan) -> bool:
    of_bedrock = span.attributes.get("gen_ai.provider.name") == "bedrock"
    return of_bedrock or "gen_ai.response.model" in span.attributes


def _first_chunks(llms: Sequence[RawSpan], answered: Sequence[Call]) -> list[str]:
    timed = sum("gen_ai.response.time_to_first_chunk" in span.attributes for span in llms)
    streamed = sum(call.streamed for call in answered)
    return [] if timed >= streamed else [f"{timed} times to the first chunk of {streamed}"]


def _attempts(llms: Sequence[RawSpan], failed: int) -> list[str]:
    told = sum(event.name == _ATTEMPT for span in llms for event in span.events)
    return [] if told == failed else [f"{told} failed attempts of {failed}"]


def _ids(llms: Sequence[RawSpan], tools: Sequence[RawSpan]) -> list[str]:
    """A tool that a model has called by an id is a span with that id, and with what was asked."""
    asked = list(_calls(llms))
    wrong = [f"a call of {call.name} has no id" for call in asked if not call.id]
    for tool in tools:
        name = tool.attributes.get("gen_ai.tool.name")
        call_id = tool.attributes.get("gen_ai.tool.call.id")
        if call_id is None and any(name == call.name for call in asked):
            wrong.append(f"tool {name} does not say which call it is")
        if call_id is None:
            continue
        answered = [call.arguments for call in asked if (call.name, call.id) == (name, call_id)]
        given = json.loads(str(tool.attributes.get("gen_ai.tool.call.arguments", "null")))
        if not answered:
            wrong.append(f"tool {name} answers {call_id}, which no model asked for")
        elif given not in answered:
            wrong.append(f"tool {name} answers {call_id}, which asked for {answered[0]}: {given}")
    return wrong


def _calls(llms: Sequence[RawSpan]) -> Iterator[ToolCall]:
    for span in llms:
        told = read_messages(span.attributes.get("gen_ai.output.messages"), "assistant")
        for message in told:
            yield from (part for part in message.parts if isinstance(part, ToolCall))
