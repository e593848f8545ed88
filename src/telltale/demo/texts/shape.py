"""The parts of one language's text; the two languages must have the same parts."""

import msgspec


class AgentText(msgspec.Struct, frozen=True):
    """Who an agent is."""

    role: str
    goal: str
    backstory: str


class TaskText(msgspec.Struct, frozen=True):
    """What an agent is to do; `{site}` in the description is the address of the local pages."""

    description: str
    expected_output: str


class Memory(msgspec.Struct, frozen=True):
    """A statement worth keeping, as the scripted LLM extracts and then files it."""

    text: str
    scope: str
    categories: tuple[str, ...]
    importance: float
    entities: tuple[str, ...]
    dates: tuple[str, ...]
    topics: tuple[str, ...]


class Scene(msgspec.Struct, frozen=True):
    """What the scripted LLM answers where a prompt holds `cue`, whatever it is asked for."""

    cue: str
    """Words of one task's description that stand in no other prompt."""
    recall_queries: tuple[str, ...]
    keywords: tuple[str, ...]
    rewritten_query: str
    search_query: str
    answer: str
    memories: tuple[Memory, ...]


class Page(msgspec.Struct, frozen=True):
    """A local web page that the web tool reads."""

    path: str
    title: str
    paragraphs: tuple[str, ...]


class TripText(msgspec.Struct, frozen=True):
    """Everything of one language."""

    lang: str
    knowledge: str
    agents: tuple[AgentText, AgentText]
    tasks: tuple[TaskText, TaskText]
    scenes: tuple[Scene, Scene]
    pages: tuple[Page, Page]
