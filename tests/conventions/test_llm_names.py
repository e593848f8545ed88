"""An LLM call is called by what came of it."""

import pytest

from telltale.conventions.naming import llm_outcome_name
from telltale.nouns.message import Message, Reasoning, Text, ToolCall


def answer(*parts, finish_reason=None) -> tuple[Message, ...]:
    return (Message("assistant", parts, finish_reason=finish_reason),)


SEARCH, READ = ToolCall("search", {"q": "a"}), ToolCall("read", {"url": "b"})


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ((), None),
        (answer(), None),
        (answer(Text("")), None),
        (answer(Text("The hotel is …")), "→ final answer"),
        (answer(Reasoning("hm")), None),
        (answer(SEARCH), "→ search(…)"),
        (answer(Text("I shall search."), SEARCH), "→ search(…)"),
        (answer(SEARCH, SEARCH), "→ search(…) ×2"),
        (answer(SEARCH, READ), "→ search(…), read(…)"),
        (answer(SEARCH, READ, SEARCH), "→ search(…) ×2, read(…)"),
        (answer(*(ToolCall(tool) for tool in "abcde")), "→ a(…), b(…), c(…), +2"),
        (answer(ToolCall("a\n tool")), "→ a_tool(…)"),
        (answer(Text("It is"), finish_reason="length"), "→ cut short"),
        (answer(finish_reason="content_filter"), "→ blocked"),
    ],
)
def test_a_call_is_named_by_its_outcome(said, name) -> None:
    assert llm_outcome_name(said) == name


@pytest.mark.parametrize(
    ("purpose", "name"),
    [
        (None, "→ final answer"),
        ("agent", "→ final answer"),
        ("recall", "→ recall"),
        ("rewrite", "→ rewrite query"),
        ("extract", "→ extract memories"),
        ("encode", "→ encode memory"),
        ("plan", "→ plan"),
        ("guardrail", "→ check guardrail"),
    ],
)
def test_only_an_agents_plain_words_are_an_answer(purpose, name) -> None:
    assert llm_outcome_name(answer(Text("words")), None, purpose) == name


def test_a_failure_is_the_outcome_whatever_was_said() -> None:
    assert llm_outcome_name(answer(SEARCH), "RateLimitError", "recall") == "→ error"


def test_a_purpose_says_nothing_of_a_call_that_has_not_come_back() -> None:
    assert llm_outcome_name((), None, "recall") is None


def test_a_name_is_short_whatever_tools_are_called() -> None:
    said = answer(*(ToolCall("x" * 500 + str(n)) for n in range(9)))

    assert len(llm_outcome_name(said) or "") < 120
