"""Durations, tokens and money as people read them; the same on the page."""

from decimal import Decimal

NONE = "–"


def duration(us: int | None) -> str:
    """Three significant digits: `812 ms`, `27.6 s`, `4 m 05 s`; a dash while it is open."""
    if us is None or us < 0:
        return NONE
    if us < 1_000:
        return f"{us} µs"
    if us < 999_500:
        return f"{_three(us / 1_000)} ms"
    if us < 99_950_000:
        return f"{_three(us / 1_000_000)} s"
    seconds = round(us / 1_000_000)
    if seconds < 3600:
        return f"{seconds // 60} m {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} m"


def tokens(count: int) -> str:
    """`812`, `26.8k`, `1.25M`; a dash where none were reported."""
    if count < 0:
        return NONE
    if count < 1_000:
        return str(count)
    return f"{_three(count / 1_000)}k" if count < 999_500 else f"{_three(count / 1_000_000)}M"


def money(usd: Decimal | None) -> str:
    """US dollars, three significant digits: `$0.00570`, `$1.25`; a dash where it is unknown."""
    if usd is None:
        return NONE
    if usd == 0:
        return "$0"
    digits = max(2, 2 - usd.adjusted())
    return f"${usd:.{digits}f}"


def _three(value: float) -> str:
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:.0f}"
