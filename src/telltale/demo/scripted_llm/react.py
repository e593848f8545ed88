"""Tools in words: prompts that describe them as text want thought, action and answer as text.

crewAI asks so where a model has no function calling, and older versions always do. Such a turn is
one message, whose words the program takes apart.
"""

import re

from telltale.demo.scripted_llm.request import ChatRequest

_ANSWER, _INPUT = "Final Answer:", "Action Input:"
_TOOL = re.compile(r"^Tool Name: *([^\n(]*[^\n( ])", re.MULTILINE)


def is_asked_for(request: ChatRequest) -> bool:
    """Whether the answer must say that it is one."""
    return not request.tools and request.schema is None and _ANSWER in request.prompt


def tools_in_words(request: ChatRequest) -> dict[str, str]:
    """Tools that the prompt describes: a function's name for each, and the name it has there."""
    found = _TOOL.findall(request.prompt) if _INPUT in request.prompt else ()
    return {name.lower().replace(" ", "_"): name for name in found}


def actions_taken(request: ChatRequest) -> int:
    """How many of the conversation's turns were actions."""
    said = (message.text for message in request.messages if message.role == "assistant")
    return sum(_INPUT in text for text in said)


def action(name: str, arguments: str) -> str:
    """A turn that uses a tool."""
    return f"Thought: I need {name} for this.\nAction: {name}\n{_INPUT} {arguments}"


def answer(text: str) -> str:
    """The turn that ends the conversation."""
    return f"Thought: I now can give a great answer\n{_ANSWER} {text}"
