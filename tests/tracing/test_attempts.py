"""A client that tries again inside one call: each try that failed is told of, and no success is."""

import asyncio
import gc
import sys
import weakref
from types import ModuleType

import pytest

from recording import fresh_tracing
from telltale.nouns.span import Kind, Status
from telltale.tracing.calls import Target, attempt, attempt_failed
from telltale.tracing.integration import Integration, switch
from telltale.tracing.live import current
from telltale.tracing.patching import Patch
from telltale.tracing.spans import begin

TRIES = 3


class Busy(Exception):
    """What the client's server says."""


class Client:
    """A client that tries three times."""

    def ask(self, failures: int) -> str:
        for number in range(TRIES):
            try:
                return self.once(number < failures)
            except Busy:
                if number == TRIES - 1:
                    raise
        return ""

    def once(self, fails: bool) -> str:
        if fails:
            raise Busy("later")
        return "answer"

    async def ask_async(self, failures: int) -> str:
        for number in range(TRIES):
            try:
                return await self.once_async(number < failures)
            except Busy as error:
                if number == TRIES - 1:
                    raise
                await asyncio.sleep(0)
                del error
        return ""

    async def once_async(self, fails: bool) -> str:
        return self.once(fails)


class Gateway:
    """A library on top of the client, with errors of its own."""

    def ask(self, failures: int) -> str:
        try:
            return Client().ask(failures)
        except Busy as error:
            raise RuntimeError("the gateway is busy") from error


MODULE = "tests_client_that_retries"


def called(path: str, **more) -> Target:
    return Target(
        path=f"{MODULE}:{path}",
        kind=Kind.LLM,
        name=lambda told: "chat",
        before=lambda call: {},
        after=lambda call, result: {"said.by": path, path: result},
        facts=frozenset({"said.by"}),
        **more,
    )


CLIENT = Integration(
    name="client",
    package=MODULE,
    versions="",
    targets=(called("Client.ask"), called("Client.ask_async")),
    patches=(
        Patch(f"{MODULE}:Client.once", attempt),
        Patch(f"{MODULE}:Client.once_async", attempt),
    ),
)
GATEWAY = Integration(
    name="gateway",
    package=MODULE,
    versions="",
    targets=(called("Gateway.ask", joins=frozenset({"client"})),),
)


@pytest.fixture
def recording(tmp_path, monkeypatch):
    with fresh_tracing(tmp_path / "home", monkeypatch) as made:
        yield made


@pytest.fixture(autouse=True)
def module(monkeypatch):
    made = ModuleType(MODULE)
    made.Client, made.Gateway = Client, Gateway
    monkeypatch.setitem(sys.modules, MODULE, made)
    switch(CLIENT)
    switch(GATEWAY)
    yield
    switch(GATEWAY, disable=True)
    switch(CLIENT, disable=True)


def attempts(span) -> list[str]:
    return [event.name for event in span.events]


@pytest.mark.parametrize(
    "ask", [lambda n: Client().ask(n), lambda n: asyncio.run(Client().ask_async(n))]
)
def test_the_tries_before_the_one_that_succeeds_are_events(recording, ask):
    assert ask(2) == "answer"

    one = recording.one
    assert attempts(one) == ["telltale.attempt.failed"] * 2
    assert one.status == Status.UNSET
    assert one.events[0].attributes == {"exception.type": "Busy", "exception.message": "later"}


@pytest.mark.parametrize(
    "ask", [lambda n: Client().ask(n), lambda n: asyncio.run(Client().ask_async(n))]
)
def test_the_last_try_is_the_failure_of_the_span(recording, ask):
    with pytest.raises(Busy):
        ask(3)

    assert attempts(recording.one) == ["telltale.attempt.failed"] * 2 + ["exception"]


def test_a_try_of_nobody_is_left_alone(recording):
    with pytest.raises(Busy):
        Client().once(True)
    attempt_failed(Busy())

    assert not recording.folder.exists()


def test_a_library_on_top_of_a_client_is_one_span_and_its_error_no_further_try(recording):
    with pytest.raises(RuntimeError):
        Gateway().ask(3)
    assert Gateway().ask(1) == "answer"

    failed, fine = recording.spans
    assert attempts(failed) == ["telltale.attempt.failed"] * 3 + ["exception"]
    assert failed.attributes["error.type"] == "RuntimeError"
    assert attempts(fine) == ["telltale.attempt.failed"]


def test_under_a_frameworks_span_every_failed_try_is_an_event_once(recording):
    span = begin("chat", Kind.LLM, joins=frozenset({"client", "gateway"}))
    token = current.set(span)
    with pytest.raises(RuntimeError):
        Gateway().ask(3)
    current.reset(token)
    span.end()

    assert attempts(recording.one) == ["telltale.attempt.failed"] * 3


@pytest.mark.parametrize("library", [Client, Gateway])
def test_a_call_that_failed_keeps_nothing_of_the_programs_alive(recording, library):
    used = library()
    there = weakref.ref(used)
    gc.disable()  # Nothing may wait for it.
    try:
        with pytest.raises((Busy, RuntimeError)) as raised:
            used.ask(3)
        del used, raised

        assert there() is None
    finally:
        gc.enable()


def test_what_the_client_tells_is_not_told_again_by_the_library_on_top_of_it(recording):
    Gateway().ask(0)

    assert recording.one.attributes["said.by"] == "Client.ask"
    assert recording.one.attributes["Gateway.ask"] == "answer"
