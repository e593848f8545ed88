"""Agents of somebody else's, by the Agent2Agent protocol."""

import asyncio
import json
import urllib.request
from contextlib import AbstractContextManager
from typing import Any

from crewai import Crew

from matrix.variants.parts import clerk, job, method_of, taken_from
from matrix.variants.tools import add


class Refused(Exception):
    """The other side says that it could not."""


def remote_agent() -> Any:
    """A task that is passed on, and answered at once."""
    with _counter() as endpoint:
        return _asking(endpoint, trust_remote_completion_status=True).kickoff()


def remote_agent_async() -> Any:
    """The same by coroutines all the way down."""
    with _counter() as endpoint:
        made = _asking(endpoint, trust_remote_completion_status=True)
        return asyncio.run(method_of(made, "akickoff")())


def remote_agent_twice() -> Any:
    """A conversation of two turns, after which crewAI's patience is at its end."""
    with _counter() as endpoint:
        return _asking(endpoint, max_turns=2).kickoff()


def remote_agent_fails() -> Any:
    """One that fails, and says so."""
    with _counter(fails=True) as endpoint:
        return _asking(endpoint, max_turns=1).kickoff()


def remote_agent_is_away() -> Any:
    """Nobody is there; the agent does it by itself."""
    # Where nobody ever was: crewAI remembers whom it met at an address.
    return _asking("http://127.0.0.1:9", fail_fast=False).kickoff()


def agent_is_served() -> Any:
    """An agent of ours that answers others."""
    with _served(clerk("Answerer", tools=[add])) as endpoint:
        answer = _sent(endpoint, 'Add. [[call:add {"a": 2, "b": 3}]] [[say:It is 5.]]')
        return answer["result"]["artifacts"][0]["parts"][0]["text"]


def agent_is_asked_by_a_crew() -> Any:
    """One that answers a crew of the same program: to each the other is somebody else's."""
    with _served(clerk("Answerer")) as endpoint:
        return _asking(endpoint, trust_remote_completion_status=True).kickoff()


def agent_is_served_and_fails() -> Any:
    """One whose model fails as often as its client tries."""
    with _served(clerk("Answerer")) as endpoint:
        answer = _sent(endpoint, "Do. [[fail:500:3]] [[say:never said]]")
        raise Refused(answer["error"]["message"].partition(":")[0])


def agent_is_served_and_cancelled() -> Any:
    """One that is told to stop while its model thinks."""
    one, given_up = taken_from("matrix.variants.a2a_server", "Clerk", "given_up")
    return asyncio.run(given_up(one(clerk("Answerer")), "Wait. [[sleep:3]] [[say:Too late.]]", 1))


def _served(agent: Any) -> AbstractContextManager[str]:
    one, served = taken_from("matrix.variants.a2a_server", "Clerk", "served")
    manager: AbstractContextManager[str] = served(one(agent))
    return manager


def _sent(endpoint: str, words: str) -> Any:
    """What a client of no framework is answered."""
    said = {"role": "user", "messageId": "m", "parts": [{"kind": "text", "text": words}]}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "message/send", "params": {"message": said}}
    request = urllib.request.Request(
        endpoint.partition("/.well-known")[0], json.dumps(asked).encode(),
        {"Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def _counter(**options: Any) -> AbstractContextManager[str]:
    return taken_from("matrix.variants.a2a_server", "counter")(**options)


def _asking(endpoint: str, **options: Any) -> Crew:
    """A clerk who may ask another."""
    config = taken_from("crewai.a2a.config", "A2AClientConfig")
    agent = clerk(a2a=config(endpoint=endpoint, **options))
    return Crew(name="asking", agents=[agent], tasks=[job("Count. [[say:Done.]]", agent)])


VARIANTS = (
    remote_agent, remote_agent_async, remote_agent_twice, remote_agent_fails, remote_agent_is_away,
    agent_is_served, agent_is_asked_by_a_crew, agent_is_served_and_fails,
    agent_is_served_and_cancelled,
)  # fmt: skip
