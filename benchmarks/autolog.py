"""What does tracing cost a crew?"""

from benchmarks.figures import Row
def measure(python: str) -> tuple[Row, ...]:
    return ()
