"""Tokens used and what they cost."""

from decimal import Decimal

import msgspec

PICO_USD = Decimal("1e-12")


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tokens of one call, or the sum over many.

    Subsets are counted inside their whole: `cache_read_tokens` and `cache_write_tokens` are part
    of `input_tokens`, `reasoning_tokens` part of `output_tokens`. Providers that report them
    apart are added up once, when they are read.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_read_tokens + other.cache_read_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
        )


class Cost(msgspec.Struct, frozen=True):
    """What a call cost, and who says so."""

    pico_usd: int
    """Integer pico-dollars, so that sums are exact."""
    price_ref: str
    """The price table by name, version and date, and its row in it:
    `genai-prices 0.2.3 2026-11-03 openai/gpt-4.1-mini`."""

    @property
    def usd(self) -> str:
        """US dollars, exact, as `usd` spells them."""
        return usd(self.pico_usd)


def usd(pico_usd: int) -> str:
    """US dollars from integer pico-dollars: exact, a decimal without an exponent, `0.00000042`.

    Text and not a number, on every wire: a binary float would not be exact, and not every reader
    of decimals knows exponents.
    """
    return f"{(Decimal(pico_usd) * PICO_USD).normalize():f}"
