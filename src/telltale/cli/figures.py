"""Durations, tokens and money as people read them; the same on the page."""

from decimal import ROUND_HALF_UP, Decimal

from telltale.nouns.span import State

NONE = "–"
_LEAST_SHOWN = Decimal("0.000001")


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
    """US dollars, three significant digits: `$0.00570`; a dash where it is unknown.

    Args:
        unpriced_calls: Calls that are missing from the sum, which makes it a lower bound.
    """
    if cost_usd is None:
        return NONE
    usd = Decimal(cost_usd)
    if unpriced_calls:
        return f"≥ {_dollars(usd)}"
    # A row of zeros cannot be read.
    return "< $0.000001" if 0 < usd < _LEAST_SHOWN else _dollars(usd)


def _dollars(usd: Decimal) -> str:
    """Halves go up, as on the page."""
    if not usd:
        return "$0"
    decimals = min(12, max(0, 2 - usd.adjusted()))
    shown = usd.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if decimals and shown.adjusted() > usd.adjusted():
        # 9.996 has become 10.00.
        shown = shown.quantize(Decimal(1).scaleb(1 - decimals))
    return f"${shown:f}"


def _three(value: float) -> str:
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:.0f}"
