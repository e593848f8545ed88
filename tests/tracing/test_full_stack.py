"""A block that is left in the worst of moments: with a full stack, or in the middle of an end."""

import contextlib

import telltale
from programs import Outcome, run_program


def left_open(program: Outcome) -> set[bytes]:
    """Spans that began and did not end."""
    ended = {span.span_id for span in program.recording.spans}
    return {span.span_id for span in program.recording.starts} - ended


def test_spans_of_a_recursion_without_end_are_ended_and_left(home):
    program = run_program(
        """
        import telltale
        @telltale.trace
        def walk(n): return walk(n + 1)
        def nest(n):
            with telltale.start_span("nested"): nest(n + 1)
        for deed in (walk, nest):
            try: deed(0)
            except RecursionError: pass
            print(telltale.get_current_active_span())
            with telltale.start_span("behind it"): pass
        """,
        home,
    )

    assert (program.returncode, program.stdout.split()) == (0, ["None", "None"])
    assert left_open(program) == set()
    behind = [span for span in program.recording.spans if span.name == "behind it"]
    assert [span.parent_id for span in behind] == [None, None]
    assert len({span.trace_id for span in program.recording.spans}) == 4


def test_a_block_around_one_that_an_interrupt_kept_from_being_left_is_left_itself(home):
    program = run_program(
        """
        import gc, telltale
        gc.disable()
        class TimeOut(Exception): pass
        outer = telltale.start_span("outer")
        outer.__enter__()
        inner = telltale.start_span("inner")
        inner.__enter__()
        # What a signal's handler raises as the inner block's end begins: nothing of ours has run.
        outer.__exit__(TimeOut, TimeOut(), None)
        del inner  # As the interrupt's frames are let go once it has been dealt with.
        print(telltale.get_current_active_span())
        with telltale.start_span("behind it"): pass
        """,
        home,
    )

    assert (program.returncode, program.stdout.split()) == (0, ["None"])
    assert left_open(program) == set()
    (behind,) = [span for span in program.recording.spans if span.name == "behind it"]
    assert behind.parent_id is None


def test_a_generator_that_is_closed_in_somebody_elses_block_leaves_it_current(recording):
    def generator():
        with telltale.start_span("of a generator"):
            yield

    with telltale.start_span("where it began"):
        begun = generator()
        next(begun)
    with telltale.start_span("where it is closed") as block:
        begun.close()
        assert telltale.get_current_active_span() is block
        with telltale.start_span("within"):
            pass

    assert telltale.get_current_active_span() is None
    assert recording.named("within").parent_id == recording.named("where it is closed").span_id


def test_blocks_that_are_left_later_leave_the_one_around_current(recording):
    with contextlib.ExitStack() as stack:
        stack.enter_context(telltale.start_span("kept"))
        kept = stack.pop_all()
    with telltale.start_span("block") as block:
        kept.close()
        assert telltale.get_current_active_span() is block
