"""Google's Gemini on the wire: `generateContent`, its stream, and its errors.

As the real one it leaves out what it counted nothing of, hands out a function call whole, and gives
it an id from Gemini 3 on; the model is part of the path, and so is whether the answer is streamed.
"""

import re
from typing import Any

import msgspec

from telltale.demo.scripted_llm.blocks import Block, messages_of, schema_of
from telltale.demo.scripted_llm.call import Call
from telltale.demo.scripted_llm.dialect import Asked, Dialect, Said, pieces
from telltale.demo.scripted_llm.embedding import Embedder, floats
from telltale.demo.scripted_llm.reply import Refused, Reply, retry_headers
from telltale.demo.scripted_llm.request import (
    ChatRequest,
    EmbeddingRequest,
    Function,
    NamedTool,
    ResponseFormat,
    Tool,
    read,
)

PATH = re.compile(
    r"/v1(?:alpha|beta|beta1)?(?:/projects/[^/]+/locations/[^/]+)?(?:/publishers/google)?"
    r"/models/(?P<model>[^/:]+):(?P<verb>generateContent|streamGenerateContent)"
)
EMBEDDINGS = re.compile(
    r"/v1(?:beta)?/models/(?P<model>[^/:]+):(?P<verb>embedContent|batchEmbedContents)"
)
WITH_IDS = re.compile(r"gemini-[3-9]")
USERS_OWN = {
    "args",
    "parameters",
    "parametersJsonSchema",
    "response",
    "responseJsonSchema",
    "responseSchema",
}
ROLES = {"model": "assistant"}
FAULTS = {
    400: ("INVALID_ARGUMENT", "Request contains an invalid argument."),
    401: ("UNAUTHENTICATED", "Request had invalid authentication credentials."),
    403: ("PERMISSION_DENIED", "The caller does not have permission."),
    404: ("NOT_FOUND", "The model is not found for API version v1beta."),
    429: ("RESOURCE_EXHAUSTED", "You exceeded your current quota. Please retry in 20ms."),
    500: ("INTERNAL", "An internal error has occurred. Please retry."),
    503: ("UNAVAILABLE", "The model is overloaded. Please try again later."),
}
RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.020s"}


class _Content(msgspec.Struct, frozen=True):
    parts: list[Block] = []
    role: str = "user"

    @property
    def said(self) -> list[Block]:
        """The parts without what was only thought."""
        return [part for part in self.parts if not part.get("thought")]


class _Embedded(msgspec.Struct, frozen=True, rename="camel"):
    content: _Content
    output_dimensionality: int | None = None


class _Batch(msgspec.Struct, frozen=True):
    requests: list[_Embedded]


class _Body(msgspec.Struct, frozen=True, rename="camel"):
    contents: list[_Content]
    system_instruction: _Content | None = None
    tools: list[Block] = []
    tool_config: Block = {}
    generation_config: Block = {}


def error(call: Call, refused: Refused | None) -> Reply:
    """Google's error body; a client that is to try again is told when, in the body."""
    status, message = FAULTS.get(call.status, ("UNKNOWN", "Asked for by the prompt."))
    said: Block = {
        "code": call.status,
        "message": str(refused) if refused else message,
        "status": status,
    }
    if call.status == 429:
        said["details"] = [RETRY_INFO]
    headers = {} if refused else retry_headers(call.status)
    body = msgspec.json.encode({"error": said})
    return Reply(call=call, status=call.status, body=body, headers=headers)


def _read(asked: Asked) -> ChatRequest:
    body = read(msgspec.json.encode(_in_camel_case(read(asked.body, dict[str, Any]))), _Body)
    path = PATH.fullmatch(asked.path)
    assert path is not None, "the dialect is chosen by its path"
    declared = [one for tool in body.tools for one in tool.get("functionDeclarations", ())]
    try:
        return ChatRequest(
            model=path["model"],
            messages=messages_of(
                body.system_instruction.said if body.system_instruction else [],
                [(ROLES.get(one.role, one.role), one.said) for one in body.contents],
                _result_of,
                _call_of,
            ),
            tools=[Tool(_function(one)) for one in declared] or None,
            tool_choice=_choice(body.tool_config.get("functionCallingConfig", {})),
            response_format=_format(body.generation_config),
            stream=path["verb"] == "streamGenerateContent",
        )
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise Refused(f"Invalid JSON payload received: {error!r}") from error


def _in_camel_case(value: Any) -> Any:
    """Names as Google writes them; it reads `function_call` too, and LiteLLM writes so.

    What is below a schema, arguments or a result are the user's own names.
    """
    if isinstance(value, list):
        return [_in_camel_case(item) for item in value]
    if not isinstance(value, dict):
        return value
    named = {re.sub("_([a-z])", lambda m: m[1].upper(), key): key for key in value}
    return {
        name: value[key] if name in USERS_OWN else _in_camel_case(value[key])
        for name, key in named.items()
    }


def _result_of(part: Block) -> Any:
    answered = part.get("functionResponse")
    return None if answered is None else msgspec.json.encode(answered["response"]).decode()


def _call_of(part: Block) -> tuple[str, str, Any] | None:
    called = part.get("functionCall")
    return called and (called.get("id", ""), called["name"], called.get("args", {}))


def _function(declared: Block) -> Function:
    schema = declared.get("parametersJsonSchema") or _plain(declared.get("parameters"))
    return Function(declared["name"], declared.get("description"), schema)


def _plain(schema: Any) -> Any:
    """Google's own schema as JSON Schema, whose types are in small letters."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value.lower() if key == "type" and isinstance(value, str) else _plain(value)
        for key, value in schema.items()
    }


def _choice(config: Block) -> Any:
    allowed = config.get("allowedFunctionNames", [])
    if config.get("mode") == "ANY" and len(allowed) == 1:
        return NamedTool(Function(allowed[0]))
    return {"ANY": "required", "NONE": "none"}.get(config.get("mode", ""))


def _format(config: Block) -> ResponseFormat | None:
    if config.get("responseMimeType") != "application/json":
        return None
    schema = config.get("responseJsonSchema") or _plain(config.get("responseSchema"))
    return schema_of(schema) or ResponseFormat("json_object")


def _answer(said: Said) -> bytes:
    return msgspec.json.encode(_chunk(said, _parts(said), _usage(said.call), "STOP"))


def _stream(said: Said) -> tuple[bytes, ...]:
    """A piece of the answer an event; the last one has the reason and all that was counted."""
    broken = [
        {**part, "text": piece}
        for part in _parts(said)
        for piece in (pieces(part["text"]) if "text" in part else [None])
    ]
    begun = {"promptTokenCount": said.call.input_tokens, "totalTokenCount": said.call.input_tokens}
    chunks = [_chunk(said, [_kept(part)], begun, None) for part in broken[:-1]]
    chunks.append(_chunk(said, [_kept(part) for part in broken[-1:]], _usage(said.call), "STOP"))
    return tuple(b"data: " + msgspec.json.encode(chunk) + b"\r\n\r\n" for chunk in chunks)


def _kept(part: Block) -> Block:
    return {key: value for key, value in part.items() if value is not None}


def _parts(said: Said) -> list[Block]:
    turn = said.turn
    parts: list[Block] = [{"text": turn.thought, "thought": True}] if turn.thought else []
    if turn.text:
        parts.append({"text": turn.text})
    has_ids = WITH_IDS.match(said.request.model)
    for call in turn.calls:
        called = {"name": call.name, "args": msgspec.json.decode(call.arguments)}
        parts.append({"functionCall": called | ({"id": call.id} if has_ids else {})})
    return parts


def _chunk(said: Said, parts: list[Block], usage: Block, reason: str | None) -> Block:
    candidate = {"content": {"parts": parts, "role": "model"}, "index": 0}
    return {
        "candidates": [candidate | ({"finishReason": reason} if reason else {})],
        "usageMetadata": usage,
        "modelVersion": said.call.model,
        "responseId": said.digest,
    }


def _usage(call: Call) -> Block:
    counts = {
        "promptTokenCount": call.input_tokens,
        "candidatesTokenCount": call.output_tokens - call.reasoning_tokens,
        "totalTokenCount": call.input_tokens + call.output_tokens,
        "cachedContentTokenCount": call.cached_tokens,
        "thoughtsTokenCount": call.reasoning_tokens,
    }
    return {name: count for name, count in counts.items() if count}


def _read_batch(asked: Asked) -> EmbeddingRequest:
    path = EMBEDDINGS.fullmatch(asked.path)
    assert path is not None, "the embedder is chosen by its path"
    one = path["verb"] == "embedContent"
    wanted = [read(asked.body, _Embedded)] if one else read(asked.body, _Batch).requests
    return EmbeddingRequest(
        model=path["model"],
        input=["\n".join(part.get("text", "") for part in w.content.parts) for w in wanted],
        dimensions=wanted[0].output_dimensionality if wanted else None,
    )


def _vectors(request: EmbeddingRequest, vectors: list[bytes], tokens: int) -> Any:
    """It does not say how many tokens that were."""
    return {"embeddings": [{"values": floats(vector)} for vector in vectors]}


GEMINI_EMBEDDINGS = Embedder(paths=EMBEDDINGS, read=_read_batch, answer=_vectors, error=error)
GEMINI = Dialect(paths=PATH, read=_read, answer=_answer, stream=_stream, error=error)
