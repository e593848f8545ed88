"""Make so many spans a second, for so long, and note each in the truth.

    steady TRUTH SEED SPANS_A_SECOND SECONDS

A line on stdout says that it has begun. It keeps its pace: what a pause held up is made up for.
"""

import sys
import time

from torture.truth import Loads, Truth, noted

SPANS_A_TRACE = 5
SMALLEST_BYTES, LARGEST_BYTES = 100, 4000


def work(truth: Truth, loads: Loads) -> None:
    """One trace: a root and its children."""
    with noted(truth, loads.next(), "root"):
        for _ in range(SPANS_A_TRACE - 1):
            with noted(truth, loads.next(), "step"):
                pass


def main() -> None:
    """Work to the end."""
    _, path, seed, rate, seconds = sys.argv
    truth, loads = Truth(path), Loads(int(seed), SMALLEST_BYTES, LARGEST_BYTES)
    every_s = SPANS_A_TRACE / float(rate)
    work(truth, loads)
    print("going", flush=True)
    begin_s = time.monotonic()
    for number in range(int(float(seconds) / every_s)):
        # The pace is what is asked for, not a wait for something.
        time.sleep(max(0.0, begin_s + number * every_s - time.monotonic()))
        work(truth, loads)


if __name__ == "__main__":
    main()
