"""One row of the price table at one moment, as integers, remembered.

genai-prices takes 120 µs a call: it searches its rows by pattern and checks its units each time.
A model's row does not change within a day, so it is looked up once a day and model, and a call
then costs a few multiplications.
"""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from telltale.nouns.usage import Usage
from telltale.pricing.providers import served_by

_DAY_NS = 86_400 * 10**9
_SCALE = 10**18
"""The table's finest price has 18 decimals; a price times this is whole."""
_TO_PICO = _SCALE // 10**12
_VERIFIED = re.compile(r"\bverified (?:on )?(\d{4}-\d{2}-\d{2})\b", re.IGNORECASE)
_REMEMBERED = 4096
"""Pairs of model and day remembered; foreign programs may name models without end."""


class Tiers(NamedTuple):
    """A price that depends on how long the whole input is."""

    base: int
    steps: tuple[tuple[int, int], ...]
    """(input tokens above which it holds, price), rising."""

    def at(self, input_tokens: int) -> int:
        """The price that holds for an input so long: of all its tokens, not of those above."""
        price = self.base
        for start, step in self.steps:
            if input_tokens > start:
                price = step
        return price


class Rate(NamedTuple):
    """Prices of one model, in 1e-18 US dollars a million tokens; None where the table has none."""

    ref: str
    input: Tiers | None
    output: Tiers | None
    cache_read: Tiers | None
    cache_write: Tiers | None
    reasoning: Tiers | None
    request: int
    """In 1e-18 US dollars a call, beside its tokens."""

    def pico_usd(self, usage: Usage) -> int | None:
        """What the call cost, rounded half up to a pico-dollar at the very end.

        Cached and reasoning tokens have their own price where the table has one, else that of the
        whole which they are part of. None if tokens were counted that have no price, or if parts
        exceed their whole.
        """
        cached = usage.cache_read_tokens if self.cache_read else 0
        written = usage.cache_write_tokens if self.cache_write else 0
        thought = usage.reasoning_tokens if self.reasoning else 0
        total = 0
        for tokens, tiers in (
            (usage.input_tokens - cached - written, self.input),
            (cached, self.cache_read),
            (written, self.cache_write),
            (usage.output_tokens - thought, self.output),
            (thought, self.reasoning),
        ):
            if tokens < 0 or (tokens and tiers is None):
                return None
            if tokens and tiers is not None:
                total += tokens * tiers.at(usage.input_tokens)
        divisor = 1_000_000 * _TO_PICO
        return (total + self.request * 1_000_000 + divisor // 2) // divisor


def rate(provider: str | None, model: str, at_ns: int) -> Rate | None:
    """The row for a model at a moment; None where there is none, or where it has no token price."""
    day = at_ns // _DAY_NS
    found = _rate_of_day(provider, model, day)
    return found if found is None or isinstance(found, Rate) else _read(*found, _moment(at_ns))


@lru_cache(_REMEMBERED)
def _rate_of_day(provider: str | None, model: str, day: int) -> Rate | tuple[str, Any] | None:
    """The row of that day, or, where the price depends on the hour, what it is to be read from."""
    found = _find(provider, model)
    if found is None:
        return None
    ref, row = found
    return found if _changes_within_a_day(row) else _read(ref, row, _moment(day * _DAY_NS))


def _find(provider: str | None, model: str) -> tuple[str, Any] | None:
    served = served_by(provider, model)
    if served is None:
        return None
    table = _table()
    provider_id, names = served
    house = table.houses.get(provider_id)
    found = (house.find_model(name, all_providers=table.providers) for name in names if house)
    row = next(filter(None, found), None)
    if row is None:
        return None
    # Azure sells OpenAI's models, and the table sends us to OpenAI's row: then that is the source.
    owner = next((p.id for p in table.providers if any(row is m for m in p.models)), provider_id)
    return f"{table.name} {owner}/{row.id}", row


def _changes_within_a_day(row: Any) -> bool:
    return isinstance(row.prices, list) and any(
        hasattr(dated.constraint, "start_time") for dated in row.prices
    )


def _read(ref: str, row: Any, moment: datetime) -> Rate | None:
    prices = row.get_prices(moment)
    rate = Rate(
        ref,
        input=_tiers(prices.input_mtok),
        output=_tiers(prices.output_mtok),
        cache_read=_tiers(prices.cache_read_mtok),
        cache_write=_tiers(prices.cache_write_mtok),
        reasoning=_tiers(prices.output_reasoning_mtok),
        request=_whole(prices.requests_kcount or Decimal(0)) // 1000,
    )
    return rate if rate.input or rate.output else None


def _tiers(price: Any) -> Tiers | None:
    if price is None:
        return None
    if isinstance(price, Decimal):
        return Tiers(_whole(price), ())
    return Tiers(
        _whole(price.base), tuple((tier.start, _whole(tier.price)) for tier in price.tiers)
    )


def _whole(price: Decimal) -> int:
    numerator, denominator = price.as_integer_ratio()
    return numerator * _SCALE // denominator


def _moment(at_ns: int) -> datetime:
    """The moment in UTC, whatever the clock of a foreign program says."""
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_ns // 1000)
    except OverflowError:
        return datetime.combine(date.max, datetime.min.time(), UTC)


def _last_verified(providers: list[Any]) -> str:
    """The newest day on which the table says that one of its prices was verified, or nothing.

    The table has no date of its own; its rows tell in their comments when they were looked at.
    """
    comments = (row.price_comments or "" for house in providers for row in house.models)
    days = (day for comment in comments for day in _VERIFIED.findall(comment))
    return max(days, default="")


class _Table(NamedTuple):
    name: str
    providers: list[Any]
    houses: dict[str, Any]
    """Providers by id."""


@lru_cache(1)
def _table() -> _Table:
    # Imported at the first price, not at the top: with pydantic and httpx2 it takes 25 MB and a
    # quarter of a second, which a server that has seen no model call does not owe.
    import genai_prices
    from genai_prices.data import providers

    name = f"genai-prices {genai_prices.__version__} {_last_verified(providers)}".rstrip()
    return _Table(name, providers, {provider.id: provider for provider in providers})
