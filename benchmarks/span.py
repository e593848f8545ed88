"""What does a span cost the program that is traced?"""

from benchmarks.figures import BYTES, MICROSECONDS, TIMES, Row, row
from benchmarks.processes import run_program

PROGRAMS = 3
ROUNDS = 15
THREAD, PROCESS = 0, 1


def measure(python: str) -> tuple[Row, ...]:
    """CPU a span, ours beside OpenTelemetry's, round by round."""
    runs = [run_program(python, "span_rounds", ROUNDS) for _ in range(PROGRAMS)]
    rounds = [each for run in runs for each in run["rounds"]]

    def cpu(whose: str, clock: int) -> list[float]:
        return [each[whose][clock] for each in rounds]

    def ratio(clock: int) -> list[float]:
        return [each["ours"][clock] / each["theirs"][clock] for each in rounds]

    return (
        row("a span of ours, in its thread", cpu("ours", THREAD), MICROSECONDS),
        row("a span of a bare OpenTelemetry SDK", cpu("theirs", THREAD), MICROSECONDS),
        row("ratio, in the span's thread", ratio(THREAD), TIMES),
        row("ratio, whole process", ratio(PROCESS), TIMES),
        row("the two writes alone", cpu("floor", THREAD), MICROSECONDS),
        row("journal, start and end", [run["journal_bytes"] for run in runs], BYTES),
    )
