"""What a span cost, said with where the price comes from.

The price table is genai-prices, as it was installed: its updater, which fetches newer prices from
the Internet, is never started, and nothing else in it opens a connection.

Who served the model decides what it cost, so a price needs both names:
- A provider that the table knows by exactly that name, or by one of `PROVIDERS`: its price for
  the model. crewAI says `openai` for whatever answers at an OpenAI address; we take it at its word.
- Any other provider (`ollama`, `my-openai-proxy`): no price. Its models may bear famous names.
- No provider: the one before the model's slash (`openai/gpt-4.1-mini`), else the maker of a model
  that only its maker sells (`MAKERS`), else no price: anybody may serve open weights, for nothing.
"""

import msgspec

from telltale.nouns.span import Kind, Span
from telltale.nouns.usage import Cost, Usage
from telltale.pricing.rates import rate

_CALLS = frozenset({Kind.LLM, Kind.EMBEDDING, Kind.RERANKER})
"""Only these are billed; what an agent or a crew reports is the sum of them."""


def price(span: Span, at_ns: int) -> Span:
    """The span with what it cost; unchanged where that is not known, or known already.

    Args:
        at_ns: When the call was made, Unix time: prices change.
    """
    if span.kind not in _CALLS or span.cost is not None:
        return span
    found = cost(span.provider, (span.model, span.requested_model), span.usage, at_ns)
    return span if found is None else msgspec.structs.replace(span, cost=found)


def cost(
    provider: str | None, models: tuple[str | None, ...], usage: Usage | None, at_ns: int
) -> Cost | None:
    """What a call cost; None where that is not known.

    It is unknown, not zero, without counted tokens, without a price for the model, or where tokens
    were counted that the table has no price for.

    Args:
        models: The one that answered, then the one asked for: the first that is in the table.
    """
    if usage is None:
        return None
    for model in filter(None, models):
        row = rate(provider, model, at_ns)
        if row is not None:
            pico_usd = row.pico_usd(usage)
            return None if pico_usd is None else Cost(pico_usd, row.ref)
    return None
