"""An agent of somebody else's, spoken to by the Agent2Agent protocol. It counts words."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.apps import A2AStarletteApplication
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types import AgentCapabilities, AgentCard, AgentSkill, Part, TextPart

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


@contextmanager
def counter(**options: bool) -> Iterator[str]:
    """Serve it on the loopback, in a thread; the address of its card."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = A2AStarletteApplication(
            _card(address), DefaultRequestHandler(Counter(**options), InMemoryTaskStore())
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
