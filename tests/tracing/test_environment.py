"""What the environment says, read by SDK and doctor with the same functions."""

import errno
import os

import pytest

from programs import run_program
from telltale.tracing import handles
from telltale.tracing.folder import is_journal_file
from telltale.tracing.journal import Journal
from telltale.tracing.settings import (
    DEFAULT_DESTINATION,
    Destination,
    is_otel_disabled,
    named_destination,
    sendable_token,
    settled_destination,
)

OURS, MLFLOWS = "TELLTALE_TRACKING_URI", "MLFLOW_TRACKING_URI"
DEFAULT = (DEFAULT_DESTINATION, "default")


@pytest.mark.parametrize(
    ("environment", "address_and_origin", "is_odd"),
    [
        ({}, DEFAULT, False),
        ({OURS: "http://a/", MLFLOWS: "http://b"}, ("http://a", OURS), False),
        ({OURS: "", MLFLOWS: "http://b:1"}, ("http://b:1", MLFLOWS), False),
        ({OURS: "htp:/a", MLFLOWS: "http://b"}, ("http://b", MLFLOWS), True),
        ({OURS: "htp:/a", MLFLOWS: "sqlite:///x.db"}, DEFAULT, True),
        ({MLFLOWS: "sqlite:///x.db"}, DEFAULT, False),
    ],
)
def test_our_variable_goes_before_mlflows_and_what_is_no_address_is_not_used(
    environment, address_and_origin, is_odd
):
    address, origin, problem = named_destination(environment)

    assert (address, origin) == address_and_origin
    assert bool(problem) == is_odd
    # What is not used is said with what is.
    assert not is_odd or f"spans go to {address}" in problem


@pytest.mark.parametrize(
    ("origin", "answers", "settled"),
    [
        (MLFLOWS, True, ("http://a", MLFLOWS)),
        (MLFLOWS, False, DEFAULT),
        (OURS, False, ("http://a", OURS)),
        ("default", False, ("http://a", "default")),
    ],
)
def test_only_what_mlflows_variable_names_has_to_answer(origin, answers, settled):
    asked = []

    found = settled_destination(
        Destination("http://a", origin), lambda address: asked.append(address) or answers
    )

    assert (found.address, found.origin) == settled
    assert asked == (["http://a"] if origin == MLFLOWS else [])


@pytest.mark.parametrize(
    ("given", "sent"),
    [("abc", "abc"), (" abc\n", "abc"), ("a\nb", ""), ("ключ", ""), ("a b", "a b"), ("", "")],
)
def test_a_token_is_sent_without_the_spaces_around_it_if_it_can_stand_in_a_header(given, sent):
    assert sendable_token(given) == sent


@pytest.mark.parametrize(
    ("value", "is_disabled"), [("true", True), (" TRUE ", True), ("1", False), ("", False)]
)
def test_opentelemetrys_switch_is_read_as_opentelemetry_reads_it(value, is_disabled):
    assert is_otel_disabled({"OTEL_SDK_DISABLED": value}) is is_disabled
    assert not is_otel_disabled({})


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [
        ("0a" * 16 + ".lock", True),
        ("0a" * 16 + ".000012", True),
        ("0a" * 16 + ".²", False),
        ("0a" * 16 + ".tmp", False),
        ("0A" * 16 + ".lock", False),
        ("0a" * 15 + ".lock", False),
        ("dropped.log", False),
    ],
)
def test_a_journals_files_are_known_by_their_names(name, is_ours):
    assert is_journal_file(name) is is_ours


@pytest.mark.parametrize("given", ["", "~/elsewhere"])
def test_an_empty_home_is_none_and_not_the_root_of_the_file_system(home, tmp_path, given):
    program = run_program(
        """
        import telltale
        with telltale.start_span("work"): pass
        """,
        home,
        HOME="",
        TELLTALE_HOME=given,
        TMPDIR=str(tmp_path),
    )

    (segment,) = tmp_path.glob("telltale-*/journal/*.000000")
    assert segment.stat().st_size > 0
    assert "HOME is empty" in program.warnings[0]


def test_a_home_that_is_named_needs_no_other(home):
    program = run_program("import telltale\nwith telltale.start_span('work'): pass", home, HOME="")

    assert program.recording.names == ["work"]


def test_a_file_system_without_locks_is_left_as_it_was(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(handles.fcntl, "flock", refuse)

    with pytest.raises(OSError, match="locks"):
        Journal(tmp_path / "journal", "http://127.0.0.1:9", {}, "")
    assert list((tmp_path / "journal").iterdir()) == []


def test_a_bound_in_dollars_without_prices_names_what_the_readme_installs(home):
    """Nothing is published: a name of a package would lead nowhere."""
    program = run_program(
        """
        import sys
        sys.modules["genai_prices"] = None
        import telltale
        try:
            telltale.crewai.autolog(max_cost_usd=1)
        except telltale.crewai.BudgetExceeded.__base__ as error:
            print(error)
        """,
        home,
    )

    assert "max_cost_usd=1: " in program.stdout
    assert 'pip install ".[server]"' in program.stdout and "max_llm_calls" in program.stdout
    assert "telltale-" not in program.stdout
