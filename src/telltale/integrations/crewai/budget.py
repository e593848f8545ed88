"""End a run that calls models too often or too dearly, as a hook of the user's would.

A run is what stands outermost: a flow, a crew, an agent alone, an answer to a remote one. It is
looked at before each call, so the call that crosses the bound is still made, and paid for; what it
cost is known afterwards.
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
from telltale.nouns.errors import BudgetExceeded
from telltale.nouns.span import Kind
from telltale.nouns.usage import Cost, usd
from telltale.tracing.calls import Meter, count_by
from telltale.tracing.guard import say_once, sheltered
from telltale.tracing.live import LiveSpan, known_attributes, put_back

Price = Callable[[dict[str, Any], int], Cost | None]
"""From a call's attributes and its moment (Unix time, nanoseconds) to its cost, where known."""

_RUNS = frozenset(
    {
        "flow_started",
        "crew_kickoff_started",
        "lite_agent_execution_started",
        "a2a_server_task_started",
    }
)
_HOOKS = "crewai.hooks"


class Budget(NamedTuple):
    """What one run may use."""

    llm_calls: int | None
    pico_usd: int | None = None
    price: Price | None = None
    """Of each call, where dollars are counted."""


class Spending:
    """What one run has used."""

    def __init__(self) -> None:
        self.calls = itertools.count()
        """The next is the number of calls that were made before it."""
        self.pico_usd: dict[str, int] = {}
        """By span."""


_budget: Budget | None = None


def hold_to(budget: Budget | None) -> None:
    """Hold each run to it from now on; None lets them all run."""
    global _budget
    _budget = budget
    count_by(None if budget is None else Meter(_ask_for_client, note_cost))


class _Asking:
    """A call that is being made."""

    def __init__(self, llm: Any) -> None:
        self.llm = llm
        self.scope = scopes.innermost()
        self.agent = scopes.agent()
        self.awaits_next = True
        """It was counted, and what is asked next beneath it is that very call."""


_asking: ContextVar[_Asking | None] = ContextVar("telltale_asking", default=None)


@contextmanager
def call_of(llm: Any) -> Iterator[None]:
    """One call, unless the budget of its run is used up.

    Raises:
        BudgetExceeded: If it is; also crewAI's HookAborted, where crewAI has it.
    """
    if _budget is None:
        yield
        return
    asking, outer = _Asking(llm), _asking.get()
    # A class that calls its parent's method asks once.
    is_same = outer is not None and outer.llm is llm and outer.scope is asking.scope
    if not (_is_counted(outer) or is_same):
        _check()
    token = _asking.set(asking)
    try:
        yield
    finally:
        put_back(_asking, token)


def _is_counted(asking: _Asking | None) -> bool:
    """Whether a call is the next beneath one that was counted."""
    if asking is None or not asking.awaits_next or asking.agent is not scopes.agent():
        return False
    asking.awaits_next = False
    return True


def note_cost(span: LiveSpan) -> None:
    """A model has answered, and its usage stands in the span."""
    budget = _budget
    if budget is None or budget.price is None or (spending := _spending()) is None:
        return
    told = dict(known_attributes(span))
    cost = budget.price(told, time.time_ns())
    if cost is not None:
        spending.pico_usd[span.span_id] = cost.pico_usd
        return
    model = told.get(names.REQUEST_MODEL)
    say_once(
        f"price of {model}",
        "Telltale: what %s costs is not known, so its calls do not count against max_cost_usd; "
        "max_llm_calls bounds any model.",
        model,
    )


def _ask_for_client(kind: Kind, joined: bool) -> None:
    """A call that no model of crewAI's may have made: of its converters, of tools."""
    if kind is Kind.LLM and not _is_counted(_asking.get()) and not joined:
        _check()


def _check() -> None:
    why = None
    with sheltered("holding a run to its budget"):
        why = _why_over()
    if why:
        raise _error_of(getattr(sys.modules.get(_HOOKS), "HookAborted", None))(why)


def _why_over() -> str | None:
    """What is used up, if anything; counts the call that is about to be made."""
    budget = _budget
    if budget is None or (spending := _spending()) is None:
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
