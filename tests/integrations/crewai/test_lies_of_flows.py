"""What crewAI never ends: methods that are given up, questions nobody hears, writes that fail.

As in test_lies.py crewAI is held to its error first.
"""

import pytest
from accounts import MENDED, only

pytestmark = [pytest.mark.crew, pytest.mark.timeout(600)]

VARIANTS = (
    "memory_is_not_kept",
    "flow_hears_nobody",
    "flow_fails_beside_another",
    "flow_ends_the_program",
)


def test_a_method_that_is_given_up_has_an_end(run):
    there = run("flow_fails_beside_another")

    assert there.account.unended("method_execution_started") == 1, MENDED

    ends = {span.name: span.attributes["error.type"] for span in there.tree.of_kind("method")}
    assert ends == {"wait": "CancelledError", "ask": "ValueError"}
    assert there.tree.root.attributes["error.type"] == "ValueError"


def test_a_flow_that_ends_the_program_says_so(run):
    there = run("flow_ends_the_program")

    assert there.account.unended("flow_started") == 1, MENDED

    assert there.tree.root.attributes["error.type"] == "SystemExit"


def test_a_person_who_cannot_be_heard_is_not_waited_for(run):
    there = run("flow_hears_nobody")

    assert there.account.unended("human_feedback_requested") == 1, MENDED

    assert only(there.tree, "human").attributes["error.type"] == "EOFError"


def test_a_memory_that_cannot_be_written_in_the_background_has_failed(run):
    there = run("memory_is_not_kept")

    assert there.account.unended("memory_save_started") == 1, MENDED

    write = [s for s in there.tree.of_kind("memory") if s.name == "memory write"]
    assert [span.attributes["error.type"] for span in write] == ["ValueError"]
    assert there.tree.root.status == "unset"
