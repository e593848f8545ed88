"""The program may act as another user for a moment, who may not enter our folder."""

import os

import pytest

from programs import run_program
from recording import NOWHERE

DENIED = PermissionError(13, "Permission denied")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
def test_a_lock_that_may_not_be_looked_for_is_held_on(home):
    program = run_program(
        """
        import os, telltale
        from telltale.tracing.state import TRACING
        with telltale.start_span("work"): pass
        lock = TRACING._journal.lock
        os.seteuid(65534)
        try:
            lock.take_again()
        except PermissionError:
            print("denied")
        os.seteuid(0)
        print(lock.is_held())
        """,
        home,
        NOWHERE,
    )

    assert program.returncode == 0, program.stderr
    assert program.stdout.split() == ["denied", "True"]


def test_a_denial_is_asked_about_again(journal):
    answers = [DENIED, DENIED, "done"]

    def deed():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert journal.reached(deed) == "done"


def test_a_denial_that_lasts_is_told(journal):
    def deed():
        raise DENIED

    with pytest.raises(PermissionError):
        journal.reached(deed)


def test_what_is_out_of_reach_is_not_tried(journal, monkeypatch):
    monkeypatch.setattr(journal, "is_out_of_reach", lambda: True)

    assert journal.reached(lambda: pytest.fail("it was tried")) is None
