"""Ctrl-C may come at any moment: a span whose block was left is in the journal all the same."""

import json
import os
import random
import signal
import sys
import threading
from functools import partial

import pytest
from journal_files import names, record, segments

from programs import outcome, run_program, start_program
from recording import NOWHERE
from telltale.tracing.journal import SEGMENT_BYTES, Journal

INTERRUPTS = 200

# A shell starts what runs in the background with Ctrl-C ignored, and its children inherit that.
INTERRUPTED = f"""
import json, signal, telltale
signal.signal(signal.SIGINT, signal.default_int_handler)
with telltale.start_span("first"): pass
left, interrupts = [], 0
while interrupts < {INTERRUPTS}:
    try:
        print("go", flush=True)
        while True:
            with telltale.start_span("work", attributes={{"city": "Kyoto"}}) as span:
                left.append(span.span_id)
    except KeyboardInterrupt:
        interrupts += 1
print(json.dumps([left, telltale.get_current_active_span() is None]), flush=True)
"""

SWEEP = """
import json, sys, telltale

class Interrupt:
    '''Comes at the n-th function that our code, or the SDK's, enters or gets an answer from:

    there, and between two rounds of a loop, Python looks for signals.
    '''

    def __init__(self, n):
        self.left, self.came = n, False

    def __call__(self, frame, event, _):
        ours = {"telltale", "opentelemetry"}.intersection(frame.f_code.co_filename.split("/"))
        if ours and event in ("call", "c_return"):
            self.left -= 1
            if self.left < 0:
                self.came = True
                sys.setprofile(None)
                raise KeyboardInterrupt

left, came = [], True
while came:
    block = telltale.start_span("work", attributes={"city": "Kyoto"})
    span = block.__enter__()
    span.set_outputs(len(left))
    left.append(span.span_id)
    interrupt = Interrupt(len(left) - 1)
    sys.setprofile(interrupt)
    try:
        block.__exit__(None, None, None)
    except KeyboardInterrupt:
        pass
    sys.setprofile(None)
    del block
    came = interrupt.came
print(json.dumps([left, telltale.get_current_active_span() is None]))
"""


def test_a_block_that_was_left_has_its_span_in_the_journal_whenever_ctrl_c_comes(home):
    with start_program(INTERRUPTED, home) as process:
        moments = random.Random(7)
        for _ in range(INTERRUPTS):
            assert process.stdout.readline() == "go\n", process.stderr.read()
            for _ in range(moments.randrange(20_000)):
                pass
            process.send_signal(signal.SIGINT)
        program = outcome(process, home)

    assert_all_are_recorded(program)


def test_the_end_of_a_span_may_be_interrupted_wherever_python_looks_for_signals(home):
    program = run_program(SWEEP, home)

    assert_all_are_recorded(program)
    assert len(program.recording.starts) > 50
    assert len({tuple(span.attributes) for span in program.recording.spans}) == 1


def assert_all_are_recorded(program):
    assert program.returncode == 0, program.stderr
    left, is_outside = json.loads(program.stdout.splitlines()[-1])
    recorded = {span.span_id.hex() for span in program.recording.spans}
    assert [one for one in left if one not in recorded] == []
    assert is_outside


def redirected(journal):
    journal.redirect("http://127.0.0.1:6000")


def filled(journal):
    journal._size = SEGMENT_BYTES
    journal.write(record("the last one"))


def closed(journal):
    os.close(journal._file.number)
    journal.write(record("after"))


@pytest.mark.parametrize("deed", [redirected, filled, closed])
def test_an_interrupt_while_a_segment_is_left_hangs_nobody_and_loses_nothing(tmp_path, deed):
    interrupts, came = 0, True
    while came:
        journal = Journal(tmp_path / f"{interrupts}", NOWHERE, {}, "")
        came = interrupted_at(interrupts, partial(deed, journal))
        journal.mend()
        journal.write(record("after"))
        other = threading.Thread(target=journal.redirect, args=("http://other:1",), daemon=True)
        other.start()
        other.join(30)
        assert not other.is_alive()
        assert journal._written_for == "http://other:1"
        begun = [path for path in segments(journal) if path.stat().st_size]
        assert "after" in [name for path in begun for name in names(path)]
        journal.let_go()
        interrupts += came

    assert interrupts > 30


def interrupted_at(number, deed):
    """Ctrl-C at the n-th place at which Python looks for signals; whether there was one."""

    def profile(frame, event, _):
        nonlocal number
        if "telltale" in frame.f_code.co_filename and event in ("call", "c_return"):
            number -= 1
            if number < 0:
                sys.setprofile(None)
                raise KeyboardInterrupt

    try:
        sys.setprofile(profile)
        deed()
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(None)
    return False
