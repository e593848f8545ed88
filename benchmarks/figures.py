"""A figure is the median of several runs, with the best of them beside it.

The machines that this runs on are shared. The median says what to expect, the minimum what the
code costs where nobody disturbs it; a mean would say neither. A ratio has no best: both of its
sides are disturbed, so its quartiles stand beside it.
"""

from collections.abc import Sequence
from statistics import median, quantiles

import msgspec


class Unit(msgspec.Struct, frozen=True):
    """How a number is written."""

    name: str
    digits: int = 0
    more_is_better: bool = False
    is_ratio: bool = False


SECONDS = Unit("s", 2)
MILLISECONDS = Unit("ms", 1)
MICROSECONDS = Unit("µs", 1)
MEGABYTES = Unit("MB", 1)
"""Of 1,000,000 bytes."""
KILOBYTES = Unit("KB", 1)
"""Of 1,000 bytes."""
BYTES = Unit("B")
TIMES = Unit("×", 2, is_ratio=True)
COUNT = Unit("")
PERCENT = Unit("%", 1)
A_CPU_SECOND = Unit("a CPU second", more_is_better=True)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a table: what was measured, and whether it keeps its bar."""

    what: str
    samples: tuple[float, ...]
    unit: Unit
    most: float | None = None
    """The bar, in the same unit; None where nothing is asked of the figure."""
    needs_long_run: bool = False
    """Whether chance decides about the bar where there are few samples."""

    @property
    def kept(self) -> bool | None:
        """Whether the median is at or below the bar."""
        return None if self.most is None else median(self.samples) <= self.most

    def figure(self) -> str:
        """`1.20 s (min 1.11)`, or the number alone where all runs agree."""
        if self.unit.is_ratio:
            low, middle, high = (_number(cut, self.unit) for cut in quantiles(self.samples))
            return f"{middle} {self.unit.name} (quartiles {low}, {high})"
        best = max if self.unit.more_is_better else min
        middle, extreme = (_number(of(self.samples), self.unit) for of in (median, best))
        said = f"{middle} {self.unit.name}".rstrip()
        return said if middle == extreme else f"{said} ({best.__name__} {extreme})"

    def bar(self) -> str:
        """`≤ 2 s`; empty where there is none."""
        if self.most is None:
            return ""
        if self.most == 0:
            return "0"
        return f"≤ {self.most:,.10g} {self.unit.name}".rstrip()


def row(
    what: str,
    samples: Sequence[float] | float,
    unit: Unit = COUNT,
    most: float | None = None,
    *,
    needs_long_run: bool = False,
) -> Row:
    """A row of one sample or several."""
    several = (samples,) if isinstance(samples, int | float) else tuple(samples)
    return Row(what=what, samples=several, unit=unit, most=most, needs_long_run=needs_long_run)


def _number(value: float, unit: Unit) -> str:
    return f"{value:,.{unit.digits}f}"
