"""End a run that calls models too often or too dearly, as a hook of the user's would.

A run is what stands outermost: a flow, a crew, an agent alone. It is looked at before each call, so
the call that crosses the bound is still made, and paid for; what it cost is known afterwards.
"""

import itertools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, NamedTuple

from telltale.conventions import attributes as names
from telltale.integrations.crewai import scopes
from telltale.integrations.crewai.scopes import Scope
from telltale.nouns.errors import BudgetExceeded
from telltale.nouns.usage import Usage, usd
from telltale.tracing.guard import fault, say_once
from telltale.tracing.live import LiveSpan

Price = Callable[[str | None, str, Usage, int], int | None]
"""From provider, model, usage and moment (Unix time, nanoseconds) to pico-dollars, where known."""

_RUNS = frozenset({"flow_started", "crew_kickoff_started", "lite_agent_execution_started"})
_HOOKS = "crewai.hooks"
_COUNTS = {
    "input_tokens": names.INPUT_TOKENS,
    "output_tokens": names.OUTPUT_TOKENS,
    "cache_read_tokens": names.CACHE_READ_TOKENS,
    "cache_write_tokens": names.CACHE_WRITE_TOKENS,
    "reasoning_tokens": names.REASONING_TOKENS,
}


class Budget(NamedTuple):
    """What one run may use."""

    llm_calls: int | None
    pico_usd: int | None
    price: Price


class Spending:
    """What one run has used."""

    def __init__(self) -> None:
        self.calls = itertools.count()
        """The next is the number of calls that were made before it."""
        self.pico_usd: dict[str, int] = {}
        """By span."""


_budget: Budget | None = None
_asking: ContextVar[tuple[Any, Scope | None] | None] = ContextVar("telltale_asking", default=None)


def hold_to(budget: Budget | None) -> None:
    """Hold each run to it from now on; None lets them all run."""
    global _budget
    _budget = budget


@contextmanager
def call_of(llm: Any) -> Iterator[None]:
    """One call, unless the budget of its run is used up.

    Raises:
        BudgetExceeded: If it is; also crewAI's HookAborted, where crewAI has it.
    """
    asking = llm, scopes.innermost()
    outer = _asking.get()
    # A class that calls its parent's method asks once.
    if outer is None or outer[0] is not llm or outer[1] is not asking[1]:
        _check()
    token = _asking.set(asking)
    try:
        yield
    finally:
        _asking.reset(token)


def note_cost(span: LiveSpan) -> None:
    """A model has answered, and its usage stands in the span."""
    budget, spending = _budget, _spending()
    if budget is None or budget.pico_usd is None or spending is None:
        return
    told = getattr(span.otel, "attributes", None) or {}
    counts = {field: told.get(name, 0) for field, name in _COUNTS.items()}
    provider, now_ns = told.get(names.PROVIDER), time.time_ns()
    models = [told.get(names.RESPONSE_MODEL), told.get(names.REQUEST_MODEL)]
    for model in filter(None, models):
        if (cost := budget.price(provider, model, Usage(**counts), now_ns)) is not None:
            spending.pico_usd[span.span_id] = cost
            return
    say_once(
        f"price of {models[-1]}",
        "Telltale: what %s costs is not known, so its calls do not count against max_cost_usd; "
        "max_llm_calls bounds any model.",
        models[-1],
    )


def _check() -> None:
    try:
        why = _why_over()
    except Exception as error:  # noqa: BLE001  the user's program comes first
        fault("holding a run to its budget", error)
        return
    if why:
        raise _error_of(getattr(sys.modules.get(_HOOKS), "HookAborted", None))(why)


def _why_over() -> str | None:
    """What is used up, if anything; counts the call that is about to be made."""
    budget, spending = _budget, _spending()
    if budget is None or spending is None:
        return None
    if budget.llm_calls is not None and next(spending.calls) >= budget.llm_calls:
        return f"max_llm_calls={budget.llm_calls}: this run has made that many, and wanted more"
    if budget.pico_usd is not None:
        spent = sum(list(spending.pico_usd.values()))
        if spent >= budget.pico_usd:
            most = usd(budget.pico_usd)
            return (
                f"max_cost_usd={most}: this run has cost {usd(spent)} US dollars, and wanted more"
            )
    return None


def _spending() -> Spending | None:
    """That of the run around; None outside of any."""
    run = None
    for scope in scopes.chain():
        if scope.is_open and scope.opened_by in _RUNS:
            run = scope
    if run is None:
        return None
    if run.spending is None:
        run.spending = Spending()
    return run.spending


@lru_cache
def _error_of(hook_aborted: type[Exception] | None) -> type[Exception]:
    """The error that ends a run: crewAI lets its own through where it would try again."""
    bases = (BudgetExceeded,) if hook_aborted is None else (BudgetExceeded, hook_aborted)
    return type("BudgetExceeded", bases, {"__module__": BudgetExceeded.__module__})
