"""What the model says next: a pure function from a request to a turn.

In this order: what `tool_choice` forces, what a schema asks for, what the markers direct, what
the scene of the task has, and for a stranger's prompt a plain sentence.
"""

import hashlib
import re
from collections.abc import Callable

import msgspec

from telltale.demo.scripted_llm import memory, react
from telltale.demo.scripted_llm.markers import Markers
from telltale.demo.scripted_llm.purpose import AGENT, purpose_of
from telltale.demo.scripted_llm.reply import Refused
from telltale.demo.scripted_llm.request import ChatRequest, Function, NamedTool
from telltale.demo.scripted_llm.schema import satisfy
from telltale.demo.scripted_llm.tokens import CJK

ADDRESS = re.compile(r"https?://[\w.:/~%-]+", re.ASCII)
ADDRESS_FIELDS = ("website", "website_url", "url")
QUERY_FIELDS = ("search_query", "query", "question", "q")
BY_SCHEMA: dict[str, Callable[[ChatRequest], str]] = {
    "QueryAnalysis": memory.recall,
    "ExtractedMemories": memory.extract,
    "MemoryAnalysis": memory.file,
    "ConsolidationPlan": memory.consolidate,
}
BY_PURPOSE = {"rewrite": memory.rewrite, "recall": memory.recall, "extract": memory.extract}


class Invocation(msgspec.Struct, frozen=True):
    """A tool call that the model makes."""

    id: str
    name: str
    arguments: str


class Turn(msgspec.Struct, frozen=True):
    """What the model answers: text, or calls."""

    purpose: str
    text: str | None = None
    calls: tuple[Invocation, ...] = ()
    thought: str | None = None
    """What it thought before; most providers tell only how many tokens that were."""


def next_turn(request: ChatRequest, markers: Markers) -> Turn:
    """The model's next turn.

    Raises:
        Refused: If `tool_choice` names a tool that is not on offer.
    """
    purpose = purpose_of(request)
    thought = markers.think if purpose == AGENT else None
    calls = _forced(request)
    if not calls and purpose == AGENT and request.schema is None:
        calls = _directed(request, markers) or _scripted_search(request, markers)
    if calls:
        return Turn(purpose, calls=tuple(_numbered(request, calls)), thought=thought)
    text = _text(request, markers, purpose)
    if purpose == AGENT and react.is_asked_for(request):
        done = react.actions_taken(request)
        told = [call for turn in markers.turns[done : done + 1] for call in turn]
        offered = react.tools_in_words(request)
        actions = [react.action(offered[name], given) for name, given in told if name in offered]
        text = actions[0] if actions else react.answer(text)
    return Turn(purpose, text=text, thought=thought)


def _text(request: ChatRequest, markers: Markers, purpose: str) -> str:
    schema = request.schema
    if schema is not None:
        scripted = BY_SCHEMA.get(schema.name)
        return scripted(request) if scripted else _json(satisfy(schema.body))
    if purpose in BY_PURPOSE:
        return BY_PURPOSE[purpose](request)
    scene = memory.scene_of(request.prompt)
    if markers.say is not None:
        return markers.say
    if request.response_format and request.response_format.type == "json_object":
        return _json({"answer": scene.answer if scene else _echo(request)})
    return scene.answer if scene else _echo(request)


def _forced(request: ChatRequest) -> list[tuple[str, str]]:
    """The call that `tool_choice` leaves no way around, on every turn that says so."""
    offered = _offered(request)
    choice = request.tool_choice
    if isinstance(choice, NamedTool):
        if choice.function.name not in offered:
            raise Refused(f"Tool choice {choice.function.name!r} not found in 'tools' parameter.")
        return [_filled(offered[choice.function.name], request)]
    if choice == "required":
        if not offered:
            raise Refused("'tool_choice' is only allowed when 'tools' are specified.")
        return [_filled(next(iter(offered.values())), request)]
    return []


def _directed(request: ChatRequest, markers: Markers) -> list[tuple[str, str]]:
    """The calls of the marker whose turn it is, as far as their tools are on offer."""
    offered = _offered(request)
    turns = markers.turns[request.turns_taken :]
    return [call for call in turns[0] if call[0] in offered] if turns else []


def _scripted_search(request: ChatRequest, markers: Markers) -> list[tuple[str, str]]:
    """In a scene, the agent reads the address that its task names, once."""
    if request.turns_taken or markers.turns or memory.scene_of(request.prompt) is None:
        return []
    for tool in _offered(request).values():
        properties = (tool.parameters or {}).get("properties", {})
        if any(field in properties for field in ADDRESS_FIELDS) and ADDRESS.search(request.prompt):
            return [_filled(tool, request)]
    return []


def _offered(request: ChatRequest) -> dict[str, Function]:
    if request.tool_choice == "none":
        return {}
    return {tool.function.name: tool.function for tool in request.tools or ()}


def _filled(tool: Function, request: ChatRequest) -> tuple[str, str]:
    """A call whose arguments satisfy the tool's schema, with the task's address and query."""
    arguments = satisfy(tool.parameters or {"type": "object"})
    address = ADDRESS.search(request.prompt)
    scene = memory.scene_of(request.prompt)
    if isinstance(arguments, dict):
        for field in ADDRESS_FIELDS:
            if field in arguments and address:
                arguments[field] = address[0].rstrip(".")
        for field in QUERY_FIELDS:
            if field in arguments and scene:
                arguments[field] = scene.search_query
    return tool.name, _json(arguments)


def _numbered(request: ChatRequest, calls: list[tuple[str, str]]) -> list[Invocation]:
    """Ids that differ between turns and between equal calls of one turn."""
    conversation = msgspec.json.encode(request.messages)
    return [
        Invocation(_id(conversation, f"{n}"), name, arguments)
        for n, (name, arguments) in enumerate(calls)
    ]


def _id(conversation: bytes, salt: str) -> str:
    digest = hashlib.blake2b(conversation, digest_size=12, salt=salt.encode()).hexdigest()
    return f"call_{digest}"


def _echo(request: ChatRequest) -> str:
    """An answer to a prompt without a scene, in the prompt's language."""
    asked = next((m.text for m in reversed(request.messages) if m.role == "user"), "")
    heard = " ".join(asked.split())[:160]
    if CJK.search(heard):
        return f"收到：{heard}。这是脚本模型的回答，同样的请求总会得到同样的回答。"
    return f"Heard: {heard}. This is the scripted model; the same request always gets this answer."


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
