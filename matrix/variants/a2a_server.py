"""Agents that are spoken to by the Agent2Agent protocol: one of somebody else's, and our own."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import uvicorn
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.apps import A2AStarletteApplication
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types import (
    AgentCapabilities,
    AgentCard,
    AgentSkill,
    Message,
    MessageSendParams,
    Part,
    Role,
    TextPart,
)

from matrix.variants.parts import taken_from

CARD = "/.well-known/agent-card.json"


class Counter(AgentExecutor):
    """Answers at once, well or not, and tells what it was sent if it is to."""

    def __init__(self, *, fails: bool = False, echoes: bool = False) -> None:
        self._fails, self._echoes = fails, echoes

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Answer one message."""
        words = f"{len(context.get_user_input().split())} words"
        if self._echoes and context.call_context is not None:
            headers = context.call_context.state["headers"].values()
            words = " ".join((words, *(value.rpartition(" ")[2] for value in headers)))
        updater = TaskUpdater(event_queue, context.task_id or "", context.context_id or "")
        await updater.submit()
        said = updater.new_agent_message([Part(root=TextPart(text=words))])
        await (updater.failed(said) if self._fails else updater.complete(said))

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Nothing takes so long that it could be stopped."""


class Clerk(AgentExecutor):
    """An agent of crewAI's that answers others."""

    def __init__(self, agent: Any) -> None:
        self._agent = agent
        self._execute, self._cancel = taken_from("crewai.a2a.utils.task", "execute", "cancel")

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Do what one message says."""
        await self._execute(self._agent, context, event_queue)

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Give it up, where it is asked to before the server does."""
        await self._cancel(context, event_queue)


async def given_up(clerk: Clerk, words: str, after_s: float) -> None:
    """Ask it, and tell it to stop.

    Raises:
        asyncio.CancelledError: As crewAI does.
    """
    said = Message(role=Role.user, message_id="m", parts=[Part(root=TextPart(text=words))])
    context = RequestContext(MessageSendParams(message=said), task_id="t", context_id="c")
    asked = asyncio.create_task(clerk.execute(context, EventQueue()))
    await asyncio.sleep(after_s)
    await clerk.cancel(context, EventQueue())
    await asked


def counter(**options: bool) -> AbstractContextManager[str]:
    """Serve the one that counts; the address of its card."""
    return served(Counter(**options))


@contextmanager
def served(executor: AgentExecutor) -> Iterator[str]:
    """Serve it on the loopback, in a thread; the address of its card."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = A2AStarletteApplication(
            _card(address), DefaultRequestHandler(executor, InMemoryTaskStore())
        ).build()
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"{address}{CARD}"
        finally:
            server.should_exit = True
            thread.join()


def _card(address: str) -> AgentCard:
    text = ["text/plain"]
    return AgentCard(
        name="Counter",
        description="Counts words.",
        url=f"{address}/",
        version="1",
        default_input_modes=text,
        default_output_modes=text,
        capabilities=AgentCapabilities(streaming=True),
        skills=[AgentSkill(id="count", name="count", description="Count.", tags=["words"])],
    )
