"""A foreign function as a target: the same result, the same exception, and a span."""

import asyncio
import importlib
import inspect
import sys

import pytest

import telltale
from telltale.nouns.span import Kind, Status
from telltale.tracing import guard
from telltale.tracing.calls import Target
from telltale.tracing.integration import Integration, switch

LIBRARY = """
import functools

def checked(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        if "x" not in kwargs: raise TypeError("x is needed")
        return function(*args, **kwargs)
    return wrapper

class Client:
    def ask(self, x, fail=None):
        if fail: raise fail
        return {"answer": x}
    async def ask_later(self, x, fail=None):
        if fail: raise fail
        return {"answer": x}
    @checked
    async def ask_checked(self, x, fail=None):
        if fail: raise fail
        return {"answer": x}
"""
METHODS = ["ask", "ask_later", "ask_checked"]


def target(method: str, **readers) -> Target:
    given = {
        "name": lambda told: "ask the toy",
        "before": lambda call: {"asked": call.kwargs.get("x")},
        "after": lambda call, result: {"answered": result["answer"]},
    }
    return Target(path=f"toyagent:Client.{method}", kind=Kind.TOOL, **(given | readers))


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A library that is not imported yet."""
    (tmp_path / "toyagent.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield lambda: importlib.import_module("toyagent")
    sys.modules.pop("toyagent", None)


@pytest.fixture
def integrate():
    """Switches integrations on, and all off again."""
    kept = []

    def on(*targets: Target, **fields) -> Integration:
        integration = Integration(
            **{"name": "toy", "package": "toyagent", "versions": ">=1", "targets": targets} | fields
        )
        kept.append(integration)
        switch(integration)
        return integration

    yield on
    for integration in kept:
        switch(integration, disable=True)


def call(client, method, **kwargs):
    result = getattr(client, method)(**kwargs)
    return asyncio.run(result) if inspect.isawaitable(result) else result


def test_a_framework_that_is_not_installed_is_missed_in_a_line(integrate, toy, caplog):
    guard.forget()
    integrate(package="toyagent.inner")
    assert caplog.messages == []

    for _ in range(2):
        integrate(name="absent", package="toy_absent.inner")
    (said,) = caplog.messages
    assert said.startswith(f"Telltale: toy_absent is not installed for {sys.executable}")
    assert f"`{sys.executable} -m pip install toy_absent-inner`" in said


@pytest.mark.parametrize("method", METHODS)
def test_a_call_is_a_span_and_answers_as_before(recording, toy, integrate, method):
    integrate(target(method))

    assert call(toy().Client(), method, x=3) == {"answer": 3}

    one = recording.one
    assert (one.name, one.status) == ("ask the toy", Status.UNSET)
    assert one.attributes == {
        "telltale.kind": "tool",
        "gen_ai.operation.name": "execute_tool",
        "asked": 3,
        "answered": 3,
    }


@pytest.mark.parametrize("method", METHODS)
def test_an_exception_is_the_same_one(recording, toy, integrate, method):
    integrate(target(method))
    error = ValueError("no")

    with pytest.raises(ValueError, match="no") as raised:
        call(toy().Client(), method, x=3, fail=error)

    assert raised.value is error
    assert recording.one.status == Status.ERROR


@pytest.mark.parametrize("method", METHODS)
def test_a_function_keeps_its_colour(toy, integrate, method):
    before = inspect.iscoroutinefunction(getattr(toy().Client, method))
    integrate(target(method))

    assert inspect.iscoroutinefunction(getattr(toy().Client, method)) is before


def test_a_complaint_that_came_at_the_call_still_comes_at_the_call(recording, toy, integrate):
    integrate(target("ask_checked"))

    with pytest.raises(TypeError, match="x is needed"):
        toy().Client().ask_checked(y=1)
    assert recording.one.status == Status.ERROR


def test_spans_inside_a_call_are_its_children(recording, toy, integrate):
    def ask(self, x):
        with telltale.start_span("inside"):
            return {"answer": x}

    toy().Client.ask = ask
    integrate(target("ask"))
    with telltale.start_span("outside"):
        toy().Client().ask(x=1)

    inside, asked, outside = recording.spans
    assert (inside.parent_id, asked.parent_id) == (asked.span_id, outside.span_id)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("reader", ["name", "before", "after"])
def test_a_reader_that_fails_costs_its_facts_and_nothing_else(
    recording, toy, integrate, caplog, method, reader
):
    integrate(target(method, **{reader: lambda *_: 1 / 0}))

    assert call(toy().Client(), method, x=3) == {"answer": 3}
    assert "ZeroDivisionError" in caplog.text
    assert len(recording.starts) == len(recording.spans)


@pytest.mark.filterwarnings("ignore:coroutine 'Client:RuntimeWarning")
def test_a_coroutine_that_is_never_awaited_is_pythons_own_complaint(recording, toy, integrate):
    integrate(target("ask_checked"))

    with pytest.warns(RuntimeWarning, match="never awaited"):
        toy().Client().ask_checked(x=1)


def test_autolog_before_the_import_after_it_and_twice(recording, toy, integrate):
    integration = integrate(target("ask"))
    switch(integration)
    toy().Client().ask(x=1)
    switch(integration)
    toy().Client().ask(x=2)

    assert [span.attributes["asked"] for span in recording.spans] == [1, 2]


def test_switched_off_nothing_is_recorded_and_the_function_is_its_own(recording, toy, integrate):
    plain = toy().Client.ask
    integration = integrate(target("ask"))
    held = toy().Client().ask
    switch(integration, disable=True)

    assert toy().Client.ask is plain
    held(x=1)
    assert not recording.folder.exists()


def test_an_integration_that_others_asked_for_records_only_under_a_span(recording, toy, integrate):
    inner = Integration(name="inner", package="toyagent", versions=">=1", targets=(target("ask"),))
    outer = Integration(name="outer", package="frame", versions=">=1")
    switch(outer, (inner,))
    client = toy().Client()
    client.ask(x="alone")
    with telltale.start_span("crew"):
        client.ask(x="within")
    switch(inner)
    client.ask(x="by name")
    switch(inner, disable=True)
    client.ask(x="alone again")
    plain = toy().Client.ask.__wrapped__
    switch(outer, (inner,), disable=True)

    assert toy().Client.ask is plain
    assert [s.attributes["asked"] for s in recording.spans if s.name != "crew"] == [
        "within",
        "by name",
    ]
