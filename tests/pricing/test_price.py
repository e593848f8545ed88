"""A cost is exact, says where it comes from, and is unknown rather than wrong."""

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import genai_prices
import pytest
from genai_prices.data import providers

from telltale.nouns.span import Kind, Span
from telltale.nouns.usage import Cost, Usage
from telltale.pricing.price import price
from telltale.pricing.rates import rate

NOW = int(datetime(2026, 11, 2, 12, tzinfo=UTC).timestamp()) * 10**9
TABLE = f"genai-prices {genai_prices.__version__}"


def row_of(cost: Cost) -> str:
    """The row that a cost names, once the table is named with version and date."""
    table, version, verified, row = cost.price_ref.split(" ")
    assert f"{table} {version}" == TABLE
    assert date.fromisoformat(verified) <= date.today()
    return row


def call(model: str | None = "gpt-4.1-mini", provider: str | None = "openai", **facts) -> Span:
    told = {"kind": Kind.LLM, "usage": Usage(1000, 100), "requested_model": model} | facts
    return Span(dialect="genai", name="n", model=model, provider=provider, **told)


def test_a_call_costs_what_the_table_says_to_the_last_pico_dollar() -> None:
    usage = Usage(input_tokens=1001, output_tokens=99, cache_read_tokens=512, reasoning_tokens=7)

    cost = price(call(usage=usage), NOW).cost

    # 489 new at $0.40, 512 cached at $0.10, 99 out at $1.60 a million.
    assert cost.pico_usd == 405_200_000
    assert row_of(cost) == "openai/gpt-4.1-mini"
    assert cost.usd == "0.0004052"


def test_the_snapshot_that_answered_is_billed_before_the_alias() -> None:
    answered = call(model="gpt-4.1-nano-2025-04-14", requested_model="gpt-4.1-mini")

    assert price(answered, NOW).cost == price(call(model="gpt-4.1-nano"), NOW).cost


def test_the_alias_is_billed_where_the_table_does_not_know_who_answered() -> None:
    answered = call(model="some-internal-name", requested_model="gpt-4.1-mini")

    assert price(answered, NOW).cost == price(call(), NOW).cost


def test_embeddings_are_priced_too() -> None:
    span = call(
        model="text-embedding-3-small", kind=Kind.EMBEDDING, usage=Usage(input_tokens=1_000_000)
    )

    cost = price(span, NOW).cost
    assert cost.pico_usd == 20_000_000_000
    assert row_of(cost) == "openai/text-embedding-3-small"


@pytest.mark.parametrize(
    "unknown",
    [
        call(usage=None),
        call(model=None),
        call(model="my-own-model"),
        call(provider="ollama", model="gpt-oss:20b"),
        call(provider="ollama"),
        call(provider="my-openai-proxy"),
        call(provider="openai_compatible"),
        call(provider=None, model="gpt-oss-20b"),
        call(provider=None, model="llama-3.3-70b"),
        call(provider=None, model="deepseek-chat"),
        call(kind=Kind.AGENT),
        call(kind=Kind.CREW),
        # Embedding models have no price for output.
        call(model="text-embedding-3-small", usage=Usage(10, 10)),
        # Parts that exceed their whole: whatever was counted, it was not this.
        call(usage=Usage(input_tokens=5, cache_read_tokens=9)),
    ],
)
def test_what_is_not_known_stays_unknown(unknown: Span) -> None:
    assert price(unknown, NOW) is unknown


@pytest.mark.parametrize(
    ("provider", "model", "row"),
    [
        ("azure.ai.openai", "gpt-4.1-mini", "openai/gpt-4.1-mini"),
        ("gcp.gemini", "gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("Anthropic", "claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4-5"),
        ("mistral_ai", "mistral-large-latest", "mistral/mistral-large-latest"),
        ("mistralai", "mistral-large-latest", "mistral/mistral-large-latest"),
        ("vertexai", "gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("openai", "openai/gpt-4.1-mini", "openai/gpt-4.1-mini"),
        (None, "openai/gpt-4.1-mini", "openai/gpt-4.1-mini"),
        (None, "gpt-4.1-mini", "openai/gpt-4.1-mini"),
        ("litellm", "gemini/gemini-2.5-pro", "google/gemini-2.5-pro"),
    ],
)
def test_who_served_the_model_is_known_by_many_names(provider, model, row) -> None:
    cost = price(call(model=model, provider=provider), NOW).cost

    assert cost is not None
    assert row_of(cost).startswith(row.removesuffix("-latest"))


def _every_row():
    for provider in providers:
        for row in provider.models:
            if provider.find_model(row.id) is row and "/" not in provider.id:
                yield provider.id, row.id


USAGES = (
    Usage(1000, 100),
    Usage(1_000_000, 12_345, 400_000, 50_000, 345),
    Usage(7, 0),
)


def test_every_row_costs_what_genai_prices_itself_says() -> None:
    moment = datetime.fromtimestamp(NOW / 1e9, tz=UTC)
    compared = 0
    for provider, model in _every_row():
        row = rate(provider, model, NOW)
        for usage in USAGES if row else ():
            ours = row.pico_usd(usage)
            if ours is None:
                continue
            theirs = genai_prices.calc_price(
                genai_prices.Usage(
                    input_tokens=usage.input_tokens,
                    output_tokens=usage.output_tokens,
                    cache_read_tokens=usage.cache_read_tokens,
                    cache_write_tokens=usage.cache_write_tokens,
                    output_reasoning_tokens=usage.reasoning_tokens,
                ),
                model,
                provider_id=provider,
                genai_request_timestamp=moment,
            ).total_price
            assert abs(Decimal(ours) - theirs * 10**12) <= Decimal("0.5"), (provider, model, usage)
            compared += 1
    assert compared > 3000


def test_a_price_that_depends_on_the_hour_is_read_at_the_hour() -> None:
    def at(hour: int) -> Cost | None:
        moment = datetime(2025, 6, 2, hour, tzinfo=UTC)
        span = call(provider="deepseek", model="deepseek-chat")
        return price(span, int(moment.timestamp()) * 10**9).cost

    assert at(20).pico_usd < at(12).pico_usd
    assert at(12) == at(13)


def test_a_clock_gone_wrong_does_not_break_the_price() -> None:
    for at_ns in (0, -(2**63), 2**63 - 1, 10**30):
        price(call(), at_ns)


def test_pricing_never_opens_a_connection() -> None:
    program = """
import sys
touched = []
sys.addaudithook(lambda event, args: touched.append(event) if event.startswith("socket.") else None)
import threading
from telltale.nouns.span import Kind, Span
from telltale.nouns.usage import Usage
from telltale.pricing.price import price
span = Span(dialect="d", kind=Kind.LLM, name="n", model="gpt-4.1-mini", provider="openai",
            usage=Usage(1, 1))
assert price(span, 1_700_000_000_000_000_000).cost
assert threading.active_count() == 1, threading.enumerate()
print([event for event in touched if event in ("socket.connect", "socket.getaddrinfo")])
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert ran.stdout == "[]\n"
