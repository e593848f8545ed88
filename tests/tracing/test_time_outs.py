"""A signal's handler may raise any error, as time-outs do: it comes through, and costs no span."""

import functools
import json
import random
import signal
import sys
from pathlib import Path

import pytest

from programs import outcome, run_program, start_program
from telltale.nouns.version import installed_version
from telltale.tracing.guard import fault, is_users, ours

TIME_OUTS = 200

TIMED = f"""
import json, signal, telltale
class TimeOut(TimeoutError): pass
def handler(signum, frame):
    raise TimeOut("the user's")
signal.signal(signal.SIGALRM, handler)
with telltale.start_span("first"): pass
left, time_outs = [], 0
while time_outs < {TIME_OUTS}:
    try:
        print("go", flush=True)
        while True:
            with telltale.start_span("work", attributes={{"city": "Kyoto"}}) as span:
                left.append(span.span_id)
                span.set_outputs([1, {{"a": "b"}}])
    except TimeOut:
        time_outs += 1
print(json.dumps([left, telltale.get_current_active_span() is None, time_outs]), flush=True)
"""

SWEEP = """
import json, signal, sys, telltale

class TimeOut(TimeoutError): pass
def handler(signum, frame):
    raise TimeOut("the user's")
signal.signal(signal.SIGALRM, handler)

class Alarm:
    '''Comes at the n-th function that our code, or the SDK's, enters or gets an answer from.'''

    def __init__(self, n):
        self.left, self.came = n, False

    def __call__(self, frame, event, _):
        ours = {"telltale", "opentelemetry"}.intersection(frame.f_code.co_filename.split("/"))
        if ours and event in ("call", "c_return"):
            self.left -= 1
            if self.left < 0:
                self.came = True
                sys.setprofile(None)
                signal.raise_signal(signal.SIGALRM)

with telltale.start_span("first"): pass  # In here the SDK has an `except Exception` of its own.
begun, reached, n, came = [], 0, 0, True
while came:
    alarm = Alarm(n)
    try:
        sys.setprofile(alarm)
        DEED
    except TimeOut:
        reached += 1
    finally:
        sys.setprofile(None)
    came, n = alarm.came, n + 1
print(json.dumps([begun, telltale.get_current_active_span() is None, reached, n - 1]))
"""

WITHIN = """
        with telltale.start_span("work", attributes={"city": "Kyoto"}) as span:
            begun.append(span.span_id)
            span.set_inputs({"a": [1, object()]})
            span.add_event("e", {"b": 1})
            span.record_exception(ValueError("x"))
"""
CALLED = """
        @telltale.trace
        def work(city):
            begun.append(telltale.get_current_active_span().span_id)
            return [city]
        work("Kyoto")
"""


def test_a_time_out_in_the_middle_of_our_code_reaches_the_user_and_costs_no_span(home):
    with start_program(TIMED, home) as process:
        moments = random.Random(11)
        for _ in range(TIME_OUTS):
            assert process.stdout.readline() == "go\n", process.stderr.read()
            for _ in range(moments.randrange(20_000)):
                pass
            process.send_signal(signal.SIGALRM)
        program = outcome(process, home)

    begun, is_outside, time_outs = judged(program)
    assert (time_outs, is_outside) == (TIME_OUTS, True)
    assert_ended(program, begun)


@pytest.mark.parametrize("deed", [WITHIN, CALLED], ids=["with", "decorator"])
def test_a_time_out_may_come_wherever_python_looks_for_signals(home, deed):
    program = run_program(SWEEP.replace("        DEED", deed.strip("\n")), home)

    begun, is_outside, reached, came = judged(program)
    assert (reached, is_outside) == (came, True)
    assert came > 100
    assert_ended(program, begun)


def judged(program):
    assert program.returncode == 0, program.stderr
    assert not [line for line in program.warnings if "fault" in line or "lost" in line]
    return json.loads(program.stdout.splitlines()[-1])


def assert_ended(program, begun):
    """What began is in the journal with its end, be it that of a block that was never entered."""
    ended = {span.span_id.hex() for span in program.recording.spans}
    assert [one for one in begun if one not in ended] == []
    assert {span.span_id.hex() for span in program.recording.starts} <= ended


class TimeOut(TimeoutError):
    """The user's."""


def function(signum, frame):
    raise TimeOut


def forgetful(signum, frame):
    del signum, frame
    raise TimeOut


def nameless(*_):
    raise TimeOut


def gone_by_now(signum, frame):
    signal.signal(signum, signal.SIG_IGN)
    raise TimeOut


class Handlers:
    def method(self, signum, frame):
        raise TimeOut

    def __call__(self, *arguments):
        del arguments
        raise TimeOut


def with_more(more, signum, frame):
    raise TimeOut


@pytest.mark.parametrize(
    "handler",
    [
        function,
        forgetful,
        nameless,
        gone_by_now,
        Handlers().method,
        Handlers(),
        functools.partial(with_more, 1),
        lambda *arguments: function(*arguments),
    ],
)
def test_every_kind_of_handler_is_known(handler):
    before = signal.signal(signal.SIGALRM, handler)
    try:
        with pytest.raises(TimeOut) as caught:
            ours_that_catches(lambda: signal.raise_signal(signal.SIGALRM))
        assert is_users(caught.value)
        with pytest.raises(TimeOut):
            fault("a place", caught.value)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_the_end_of_debugging_is_the_users():
    def trace(frame, event, argument):
        raise TimeOut

    before = sys.gettrace()
    with pytest.raises(TimeOut):
        try:
            sys.settrace(trace)
            ours_that_catches(lambda: None)
        finally:
            sys.settrace(before)


def raises_as_a_disk_does():
    Path("/nowhere/at/all").stat()


def raises_as_an_object_does():
    raise TimeOut


def knows_who_called():
    number, above = 1, sys._getframe(1)
    raise TimeOut(number, above)


@pytest.mark.parametrize(
    "deed", [raises_as_a_disk_does, raises_as_an_object_does, knows_who_called]
)
def test_what_was_called_by_us_and_fails_is_ours_to_catch(deed):
    before = signal.signal(signal.SIGALRM, function)
    try:
        assert ours_that_catches(deed)
    finally:
        signal.signal(signal.SIGALRM, before)


def ours_that_catches(deed):
    try:
        deed()
    except ours(OSError):
        return True


def test_a_first_span_asks_nobody_what_is_installed(home):
    """Python's way to ask swallows what is raised meanwhile."""
    program = run_program(
        """
        import importlib.metadata, telltale
        def ask(*_): raise SystemExit("asked")
        importlib.metadata.Distribution.from_name = ask
        with telltale.start_span("first"): pass
        print("done")
        """,
        home,
    )

    assert (program.returncode, program.stdout) == (0, "done\n")
    assert program.recording.segments[0].header.sdk_version == installed_version()


def test_a_time_out_while_the_sdk_configures_a_tracer_comes_through(home):
    program = run_program(
        """
        import signal, sys, telltale
        class TimeOut(Exception): pass
        def handler(signum, frame): raise TimeOut
        signal.signal(signal.SIGALRM, handler)
        def alarm(frame, event, _):
            above = frame.f_back and frame.f_back.f_code.co_name
            if event == "call" and above == "_apply_tracer_configurator":
                sys.setprofile(None)
                signal.raise_signal(signal.SIGALRM)
        sys.setprofile(alarm)
        try:
            with telltale.start_span("first"): pass
        except TimeOut:
            print("in time")
        with telltale.start_span("second"): pass
        print(len({thread.name for thread in __import__("threading").enumerate()}))
        """,
        home,
    )

    assert program.stdout.split() == ["in", "time", "3"]
    assert "Traceback" not in program.stderr
    assert [span.name for span in program.recording.spans] == ["second"]
