"""A chat in any dialect: read, directed, said, counted."""

import msgspec

from telltale.demo.scripted_llm.call import Call, CallLog
from telltale.demo.scripted_llm.dialect import Asked, Dialect, Said
from telltale.demo.scripted_llm.markers import read_markers
from telltale.demo.scripted_llm.models import snapshot
from telltale.demo.scripted_llm.purpose import purpose_of
from telltale.demo.scripted_llm.reply import Refused, Reply
from telltale.demo.scripted_llm.request import ChatRequest
from telltale.demo.scripted_llm.script import Turn, next_turn
from telltale.demo.scripted_llm.tokens import (
    cached_tokens,
    count,
    in_cache_steps,
    prompt_tokens,
)


class Answer(msgspec.Struct, frozen=True):
    """A reply and how long the prompt wants it to be waited for."""

    reply: Reply
    sleep_s: float = 0.0


def answer_chat(dialect: Dialect, asked: Asked, calls: CallLog) -> Answer:
    """The reply to a chat, or the failure that the prompt wants for this try of it.

    Raises:
        Refused: If the request cannot be read or contradicts itself.
    """
    request = dialect.read(asked)
    if not request.messages:
        raise Refused("Invalid 'messages': empty array, expected at least 1 message.")
    markers = read_markers(request.prompt)
    call = Call(
        path=asked.path,
        kind="chat",
        model=snapshot(request.model),
        purpose=purpose_of(request),
        streamed=bool(request.stream),
    )
    cut_after = None
    if markers.failures or markers.cuts:
        attempt = calls.try_number(asked.path.encode() + asked.body)
        if status := markers.status_of_try(attempt):
            failed = msgspec.structs.replace(call, status=status)
            return Answer(dialect.error(failed, None), markers.sleep_s)
        cut_after = markers.cut_of_try(attempt)
    call = msgspec.structs.replace(call, cut=cut_after is not None)
    said = _said(request, next_turn(request, markers), call, dialect)
    reply = Reply(said.call, headers=dialect.headers(said), cut_after=cut_after)
    if request.stream:
        told = {"events": dialect.stream(said), "content_type": dialect.stream_type}
        return Answer(msgspec.structs.replace(reply, **told), markers.sleep_s)
    return Answer(msgspec.structs.replace(reply, body=dialect.answer(said)), markers.sleep_s)


def _said(request: ChatRequest, turn: Turn, call: Call, dialect: Dialect) -> Said:
    thought = count(turn.thought or "")
    written = thought + count(turn.text or "")
    written += sum(count(one.name) + count(one.arguments) for one in turn.calls)
    asked, cached = prompt_tokens(request), cached_tokens(request)
    counted = msgspec.structs.replace(
        call,
        input_tokens=asked,
        cached_tokens=cached,
        cache_write_tokens=in_cache_steps(asked) - cached if dialect.writes_cache else 0,
        output_tokens=written,
        reasoning_tokens=thought if dialect.counts_thoughts else 0,
    )
    return Said(request, turn, counted)
