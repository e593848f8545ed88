"""Azure on the wire: chat completions below a deployment, or below `/models` of its inference API.

OpenAI's words, with what Azure adds: the deployment in the path stands for the model, each answer
says what the content filter found, a stream begins with a chunk that has no choices, and errors
have a shape of their own.
"""

import re
from typing import Any

import msgspec

from telltale.demo.scripted_llm.call import Call
from telltale.demo.scripted_llm.completion import CHAT_COMPLETIONS
from telltale.demo.scripted_llm.dialect import Asked, Dialect, Said
from telltale.demo.scripted_llm.embedding import Embedder, list_of_embeddings
from telltale.demo.scripted_llm.reply import Refused, Reply, retry_headers
from telltale.demo.scripted_llm.request import Body, ChatRequest, EmbeddingRequest, read
from telltale.demo.scripted_llm.responses import RESPONSES

DEPLOYMENT = "/openai/deployments/(?P<deployment>[^/]+)"
PLACE = f"(?:{DEPLOYMENT}|/models)"
SAFE = {
    word: {"filtered": False, "severity": "safe"}
    for word in ("hate", "self_harm", "sexual", "violence")
}
FAULTS = {
    401: ("401", "Access denied due to invalid subscription key or wrong API endpoint."),
    404: ("DeploymentNotFound", "The API deployment for this resource does not exist."),
    429: ("429", "Requests have exceeded the call rate limit. Please retry after 1 second."),
    500: ("InternalServerError", "The server had an error processing your request."),
    503: ("ServiceUnavailable", "The server is overloaded or not ready yet."),
}
_ENDS_WITH_A_BLANK_LINE = b"\n\n"


def error(call: Call, refused: Refused | None) -> Reply:
    """Azure's error body."""
    code, message = FAULTS.get(call.status, (str(call.status), "Asked for by the prompt."))
    if refused:
        code, message = refused.code or "BadRequest", str(refused)
    return Reply(
        call=call,
        status=call.status,
        body=msgspec.json.encode({"error": {"code": code, "message": message}}),
        headers={} if refused else retry_headers(call.status),
    )


def _read(asked: Asked, shape: type[Body]) -> Body:
    """The request, with the deployment for its model where the path names one."""
    found = re.match(DEPLOYMENT, asked.path)
    if found is None:
        return read(asked.body, shape)
    body = {**read(asked.body, dict[str, Any]), "model": found["deployment"]}
    return read(msgspec.json.encode(body), shape)


def _answer(said: Said) -> bytes:
    body = msgspec.json.decode(CHAT_COMPLETIONS.answer(said))
    for choice in body["choices"]:
        choice["content_filter_results"] = SAFE
    body["prompt_filter_results"] = _PROMPT
    return msgspec.json.encode(body)


def _stream(said: Said) -> tuple[bytes, ...]:
    head = {"id": "", "object": "", "created": 0, "model": "", "choices": []}
    first = msgspec.json.encode({**head, "prompt_filter_results": _PROMPT})
    return (b"data: " + first + _ENDS_WITH_A_BLANK_LINE, *CHAT_COMPLETIONS.stream(said))


_PROMPT = [{"prompt_index": 0, "content_filter_results": SAFE}]
AZURE = Dialect(
    paths=re.compile(f"{PLACE}/chat/completions"),
    read=lambda asked: _read(asked, ChatRequest),
    answer=_answer,
    stream=_stream,
    error=error,
)
AZURE_RESPONSES = msgspec.structs.replace(
    RESPONSES, paths=re.compile("/openai/v1/responses"), error=error
)
"""What it has of OpenAI's newer way, for all deployments of a resource in one place."""
AZURE_EMBEDDINGS = Embedder(
    paths=re.compile(f"{PLACE}/embeddings"),
    read=lambda asked: _read(asked, EmbeddingRequest),
    answer=list_of_embeddings,
    error=error,
)
