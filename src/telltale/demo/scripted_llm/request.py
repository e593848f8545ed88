"""Requests as the OpenAI API defines them, as far as the script reads them.

Unknown fields are ignored, as the real server ignores most; what cannot be read is refused
with a message that names the place, e.g. `Expected `str`, got `int` - at `$.model``.
"""

from typing import Any, Literal, TypeVar

import msgspec

from telltale.demo.scripted_llm.reply import Refused


class FunctionCall(msgspec.Struct, frozen=True):
    """A tool's name with its arguments as JSON text."""

    name: str
    arguments: str = "{}"


class ToolCall(msgspec.Struct, frozen=True):
    """One tool call in an assistant's message."""

    function: FunctionCall
    id: str = ""


class Message(msgspec.Struct, frozen=True):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[dict[str, Any]] | None = None
    tool_calls: list[ToolCall] | None = None

    @property
    def text(self) -> str:
        """The text of the message; images and audio count as nothing."""
        if isinstance(self.content, list):
            return "\n".join(str(part["text"]) for part in self.content if part.get("text"))
        return self.content or ""


class Function(msgspec.Struct, frozen=True):
    """What the model is told of a tool."""

    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None


class Tool(msgspec.Struct, frozen=True):
    """A tool on offer."""

    function: Function


class NamedTool(msgspec.Struct, frozen=True):
    """`tool_choice` where it names one function."""

    function: Function


class JsonSchema(msgspec.Struct, frozen=True, rename={"body": "schema"}):
    """A structured output's name and schema."""

    name: str = ""
    body: dict[str, Any] = {}


class ResponseFormat(msgspec.Struct, frozen=True):
    """Free text, any JSON object, or JSON of one schema."""

    type: Literal["text", "json_object", "json_schema"] = "text"
    json_schema: JsonSchema | None = None


class StreamOptions(msgspec.Struct, frozen=True):
    """Whether a stream ends with its usage."""

    include_usage: bool = False


class ChatRequest(msgspec.Struct, frozen=True):
    """Body of `/v1/chat/completions`."""

    model: str
    messages: list[Message]
    tools: list[Tool] | None = None
    tool_choice: Literal["none", "auto", "required"] | NamedTool | None = None
    response_format: ResponseFormat | None = None
    stream: bool | None = False
    stream_options: StreamOptions | None = None

    @property
    def prompt(self) -> str:
        """What the program said: system and user text, without the model's and the tools'."""
        own = ("system", "developer", "user")
        return "\n".join(message.text for message in self.messages if message.role in own)

    @property
    def schema(self) -> JsonSchema | None:
        """The schema that the answer must satisfy, if one is asked for."""
        return self.response_format.json_schema if self.response_format else None

    @property
    def turns_taken(self) -> int:
        """How many assistant messages with tool calls the conversation has."""
        return sum(1 for message in self.messages if message.tool_calls)


class EmbeddingRequest(msgspec.Struct, frozen=True):
    """Body of `/v1/embeddings`; an input is text or a list of token numbers."""

    model: str
    input: str | list[str | int | list[int]]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None

    @property
    def texts(self) -> list[str]:
        """The inputs as texts; a token number reads as a word of its own."""
        if isinstance(self.input, str):
            return [self.input]
        if self.input and all(isinstance(item, int) for item in self.input):
            return [" ".join(f"token{item}" for item in self.input)]
        return [item if isinstance(item, str) else _words(item) for item in self.input]


Body = TypeVar("Body")


def read(body: bytes, shape: type[Body]) -> Body:
    """Read a request's body.

    Raises:
        Refused: If it is no JSON, or not of this shape.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"We could not parse the JSON body of your request: {error}.") from error


def _words(item: int | list[int]) -> str:
    numbers = [item] if isinstance(item, int) else item
    return " ".join(f"token{number}" for number in numbers)
