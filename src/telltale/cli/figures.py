"""Durations, tokens and money as people read them; the same on the page."""

from decimal import Decimal

from telltale.nouns.span import State

NONE = "–"


def duration(us: int | None) -> str:
    """Three significant digits: `812 ms`, `27.6 s`, `4 min 05 s`; a dash while it is open."""
    if us is None or us < 0:
        return NONE
    if us < 1_000:
        return f"{us} µs"
    if us < 999_500:
        return f"{_three(us / 1_000)} ms"
    if us < 59_950_000:
        return f"{_three(us / 1_000_000)} s"
    seconds = round(us / 1_000_000)
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"


def lasted(us: int | None, state: State) -> str:
    """How long something lasted. What was lost was last heard of then, and may have gone on."""
    shown = duration(us)
    return f"≥ {shown}" if state is State.LOST and shown != NONE else shown


def tokens(count: int) -> str:
    """`812`, `26.8k`, `1.25M`; a dash where none were reported."""
    if count < 0:
        return NONE
    if count < 1_000:
        return str(count)
    return f"{_three(count / 1_000)}k" if count < 999_500 else f"{_three(count / 1_000_000)}M"


def money(cost_usd: str | None, unpriced_calls: int = 0) -> str:
    """US dollars, three significant digits: `$0.0057`; a dash where it is unknown.

    Args:
        unpriced_calls: Calls that are missing from the sum, which makes it a lower bound.
    """
    if cost_usd is None:
        return NONE
    usd = Decimal(cost_usd)
    shown = f"{usd:.{min(12, max(0, 2 - usd.adjusted()))}f}" if usd else "0"
    shown = "$" + (shown.rstrip("0").rstrip(".") if "." in shown else shown)
    return f"≥ {shown}" if unpriced_calls else shown


def _three(value: float) -> str:
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:.0f}"
