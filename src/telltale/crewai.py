"""`telltale.crewai.autolog()`: every run of a crew traced in full, with nothing else to do."""

import importlib.util
from decimal import Decimal
from typing import Any

from telltale.integrations.anthropic import INTEGRATION as ANTHROPIC
from telltale.integrations.azure import INTEGRATION as AZURE
from telltale.integrations.bedrock import INTEGRATION as BEDROCK
from telltale.integrations.crewai.budget import Budget, Price, hold_to
from telltale.integrations.crewai.integration import INTEGRATION
from telltale.integrations.gemini import INTEGRATION as GEMINI
from telltale.integrations.litellm import INTEGRATION as LITELLM
from telltale.integrations.openai import INTEGRATION as OPENAI
from telltale.nouns.errors import BadInput, BudgetExceeded
from telltale.nouns.remedies import UPDATE
from telltale.nouns.usage import PICO_USD
from telltale.tracing.integration import switch

__all__ = ["BudgetExceeded", "autolog"]

_CLIENTS = (ANTHROPIC, AZURE, BEDROCK, GEMINI, LITELLM, OPENAI)


def autolog(
    disable: bool = False,
    *,
    max_llm_calls: int | None = None,
    max_cost_usd: float | Decimal | None = None,
) -> None:
    """Trace crewAI from now on, its embeddings and model calls included; or stop.

    What still runs as it stops is cut off: each open span ends there, says so in
    `telltale.cut_off`, and is no error. Spans of the program's own go on.

    Each call says anew what a run may use: a flow, a crew or a lone agent that is not inside of
    another. One that wants more is ended by `BudgetExceeded`, before the call of a model that would
    be the next; its trace says why.

    Args:
        max_llm_calls: How many calls of models a run may make.
        max_cost_usd: From how many US dollars on it may make no other. Calls whose price is not
            known do not count, which is said once a model. Needs the `[server]` extra, which has
            the prices.

    Raises:
        BadInput: If a bound is not a number above zero, or no prices are installed.
    """
    bounds = _budget(max_llm_calls, max_cost_usd)
    switch(INTEGRATION, _CLIENTS, disable=disable)
    hold_to(None if disable else bounds)


def _budget(calls: Any, cost_usd: Any) -> Budget | None:
    """Raises: BadInput."""
    if calls is None and cost_usd is None:
        return None
    if calls is not None and (isinstance(calls, bool) or not isinstance(calls, int) or calls < 1):
        raise BadInput(
            f"max_llm_calls={calls!r}: expected a whole number of at least 1",
            given=calls,
            expected="a whole number of at least 1",
        )
    if cost_usd is None:
        return Budget(calls)
    try:
        pico_usd = int(Decimal(str(cost_usd)) / PICO_USD)
    except (ArithmeticError, ValueError):
        pico_usd = 0
    if pico_usd < 1:
        raise BadInput(
            f"max_cost_usd={cost_usd!r}: expected US dollars above zero, for example 0.50",
            given=cost_usd,
            expected="US dollars above zero",
        )
    return Budget(calls, pico_usd, _prices(cost_usd))


def _prices(cost_usd: Any) -> Price:
    """Raises: BadInput."""
    if importlib.util.find_spec("genai_prices") is None:
        raise BadInput(
            f"max_cost_usd={cost_usd!r}: expected prices to be installed, which the SDK alone does "
            f"not bring; {UPDATE}; or give max_llm_calls, which needs none",
            given=cost_usd,
            expected="the [server] extra, which has the prices",
            remedy=UPDATE,
        )
    # For this alone: a production agent without a budget in dollars never loads the prices.
    from telltale.conventions.model_call import models, provider, usage
    from telltale.pricing.price import cost

    return lambda told, at_ns: cost(provider(told), models(told), usage(told), at_ns)
