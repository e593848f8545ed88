"""Ctrl-C may come at any moment: a span whose block was left is in the journal all the same."""

import json
import random
import signal

from programs import outcome, run_program, start_program

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
