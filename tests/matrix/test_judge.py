"""The judge sees what is wrong with a trace."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from matrix.judge import Told, judge
from matrix.recorded import Recorded
from telltale.demo.scripted_llm import Call
from telltale.nouns.span import RawEvent, RawSpan

FINE = Told(name="hello", result="Hello.")
CALL = Call(path="/", kind="chat", model="gpt-4o", input_tokens=7, output_tokens=2)


def span(number: int, kind: str, parent: int | None = None, **more: object) -> RawSpan:
    attributes = {"telltale.kind": kind, **more.pop("attributes", {})}
    return RawSpan(
        trace_id=b"t" * 16,
        span_id=bytes([number] * 8),
        parent_id=bytes([parent] * 8) if parent else None,
        name=f"{kind} {number}",
        start_ns=number,
        end_ns=100 - number,
        attributes=attributes,
        **more,
    )


CREW = span(1, "crew")
TOLD = {
    "gen_ai.usage.input_tokens": 7,
    "gen_ai.usage.output_tokens": 2,
    "gen_ai.response.model": "gpt-4o",
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.response.finish_reasons": ["stop"],
}
LLM = span(2, "llm", 1, attributes=TOLD)
ASKS = '[{"role":"assistant","parts":[{"type":"tool_call","name":"add","id":"call_1"}]}]'


def llm(**told: object):
    """The same with more, or other, attributes; what is None is not there."""
    given = {key.replace("__", "."): value for key, value in told.items()}
    attributes = {key: value for key, value in (TOLD | given).items() if value is not None}
    return span(2, "llm", 1, attributes=attributes)


def tool(**told: object):
    given = {key.replace("__", "."): value for key, value in told.items()}
    return span(3, "tool", 1, attributes={"gen_ai.tool.name": "add", **given})


def wrong(told=FINE, plain=FINE, spans=(CREW, LLM), left_open=(), calls=(CALL,)) -> list[str]:
    recorded = Recorded(tuple(spans), tuple(left_open), (), "", "", 0, Path())
    return list(judge(told, plain, recorded, calls).wrong)


def test_a_run_that_went_as_it_should_is_not_blamed():
    assert wrong() == []


@pytest.mark.parametrize(
    ("says", "given"),
    [
        ("answers", {"plain": Told(name="hello", result="Bye.")}),
        ("never ends", {"left_open": [span(3, "tool", 1)]}),
        ("0 traces", {"spans": [], "calls": []}),
        ("no tree", {"spans": [CREW, span(2, "task", 9)], "calls": []}),
        ("outside", {"spans": [CREW, LLM, span(0, "task", 1)]}),
        ("ended by", {"told": Told(name="hello", error="ValueError: x"),
                      "plain": Told(name="hello", error="ValueError: x")}),
        ("LLM spans", {"calls": [CALL, CALL]}),
        ("embeddings", {"calls": [CALL, Call(path="/v1/embeddings", kind="embedding")]}),
        ("input_tokens 7 of 8", {"calls": [replace(CALL, input_tokens=8)]}),
        ("gpt-5 answered", {"calls": [replace(CALL, model="gpt-5")]}),
        ("no gen_ai.response.id", {"spans": [CREW, llm(gen_ai__response__id=None)]}),
        ("first chunk", {"calls": [replace(CALL, streamed=True)]}),
        ("0 failed attempts of 1", {"calls": [CALL, replace(CALL, status=429)]}),
        ("has no id", {"spans": [CREW, llm(gen_ai__output__messages=ASKS.replace("call_1", ""))]}),
        ("which call", {"spans": [CREW, llm(gen_ai__output__messages=ASKS), tool()]}),
        ("no model asked", {"spans": [CREW, LLM, tool(gen_ai__tool__call__id="call_1")]}),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_said(says, given):
    assert any(says in one for one in wrong(**given))


def test_what_a_broken_answer_has_cost_may_be_known_in_part():
    failed = [RawEvent("telltale.attempt.failed", 3, {})]
    broke = span(2, "llm", 1, attributes={"gen_ai.usage.input_tokens": 7}, events=failed)

    assert wrong(spans=[CREW, broke], calls=[replace(CALL, cut=True)]) == []


def test_what_a_version_lacks_is_not_wrong():
    verdict = judge(
        Told(name="hello", lacks="no Crew"), FINE, Recorded((), (), (), "", "", 0, Path()), ()
    )

    assert (verdict.lacks, verdict.wrong) == ("no Crew", ())
