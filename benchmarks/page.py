"""page"""

from benchmarks.figures import Row
def measure(python: str) -> tuple[Row, ...]:
    return ()
