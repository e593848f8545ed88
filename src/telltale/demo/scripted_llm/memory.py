"""What the model answers where crewAI's memory and knowledge ask it something.

Each answer is the text of the completion. A prompt that belongs to no scene gets an answer by
rule, so that a crew of somebody else's runs against this server too.
"""

import re

import msgspec

from telltale.demo.scripted_llm.request import ChatRequest
from telltale.demo.texts import TEXTS, Memory, Scene

SCENES = tuple(scene for text in TEXTS.values() for scene in text.scenes)
MEMORIES = {memory.text: memory for scene in SCENES for memory in scene.memories}
LONGEST_QUERY = 120


def scene_of(prompt: str) -> Scene | None:
    """The scene whose cue stands in the prompt."""
    return next((scene for scene in SCENES if scene.cue in prompt), None)


def recall(request: ChatRequest) -> str:
    """Which phrases to search memory for.

    Never `complex` and without scopes: crewAI then searches below its own root and does not
    come back with a second question.
    """
    query = _between(request.prompt, "Query: ", "\n\nAvailable scopes:")
    scene = scene_of(query)
    return _json(
        keywords=scene.keywords if scene else (),
        suggested_scopes=(),
        complexity="simple",
        recall_queries=scene.recall_queries if scene else (_brief(query),),
        time_filter=None,
    )


def rewrite(request: ChatRequest) -> str:
    """The question to ask the knowledge, as plain text."""
    query = _between(request.prompt, "The original query is: ", "This is the expected criteria")
    scene = scene_of(request.prompt)
    return scene.rewritten_query if scene else _brief(query.replace("Current Task:", ""))


def extract(request: ChatRequest) -> str:
    """Two statements worth keeping of a task and its result."""
    content = _between(request.prompt, "Content:\n", "\n\nExtract memory statements")
    scene = scene_of(content)
    if scene:
        return _json(memories=[memory.text for memory in scene.memories])
    task = _between(content, "Task: ", "\nAgent: ")
    result = _between(content, "Result: ", None)
    return _json(memories=[f"Task: {_brief(task)}", f"Result: {_brief(result)}"])


def file(request: ChatRequest) -> str:
    """Where a statement belongs and how much it matters."""
    content = _between(request.prompt, "Content to store:\n", "\n\nExisting scopes:")
    memory = MEMORIES.get(content) or Memory(content, "/notes", ("note",), 0.5, (), (), ())
    return _json(
        suggested_scope=memory.scope,
        categories=memory.categories,
        importance=memory.importance,
        extracted_metadata={
            "entities": memory.entities,
            "dates": memory.dates,
            "topics": memory.topics,
        },
    )


def consolidate(request: ChatRequest) -> str:
    """Keep what is there, and add the new statement unless the same words are there already."""
    content = _between(request.prompt, "storing:\n", "\n\nExisting similar memories:")
    records = _between(request.prompt, "Existing similar memories:\n", "\n\nReturn the")
    known = content[:200] in records
    actions = [
        {"action": "keep", "record_id": record, "new_content": None, "reason": "Still accurate."}
        for record in re.findall(r"^- id=(\S+)", records, flags=re.MULTILINE)
    ]
    reason = "Known already." if known else "Adds a fact."
    return _json(actions=actions, insert_new=not known, insert_reason=reason)


def _between(text: str, start: str, end: str | None) -> str:
    """What stands after `start` and before `end`; the whole text if `start` is not there."""
    _, found, rest = text.partition(start)
    inside = rest if found else text
    return (inside.partition(end)[0] if end else inside).strip()


def _brief(text: str) -> str:
    return " ".join(text.split())[:LONGEST_QUERY].strip() or "nothing"


def _json(**fields: object) -> str:
    return msgspec.json.encode(fields).decode()
