"""From method, path and body to a reply.

Only two things here are more than a function of the request: how often it came before, which a
`fail` marker needs, and the log itself.
"""

import logging
from collections.abc import Callable

import msgspec

from telltale.demo.scripted_llm.anthropic import ANTHROPIC
from telltale.demo.scripted_llm.azure import AZURE, AZURE_EMBEDDINGS, AZURE_RESPONSES
from telltale.demo.scripted_llm.bedrock import BEDROCK
from telltale.demo.scripted_llm.call import Call, CallLog
from telltale.demo.scripted_llm.chat import Answer, answer_chat
from telltale.demo.scripted_llm.completion import CHAT_COMPLETIONS
from telltale.demo.scripted_llm.dialect import Asked, Dialect
from telltale.demo.scripted_llm.embedding import OPENAI_EMBEDDINGS, Embedder, answer_embedding
from telltale.demo.scripted_llm.gemini import GEMINI, GEMINI_EMBEDDINGS
from telltale.demo.scripted_llm.markers import read_markers
from telltale.demo.scripted_llm.models import SNAPSHOTS
from telltale.demo.scripted_llm.page import answer_page
from telltale.demo.scripted_llm.reply import Refused, Reply
from telltale.demo.scripted_llm.responses import RESPONSES

MODELS = "/v1/models"
CALLS = "/_calls"
DIALECTS = (CHAT_COMPLETIONS, RESPONSES, ANTHROPIC, BEDROCK, GEMINI, AZURE, AZURE_RESPONSES)
"""Who is spoken here. The first has a word for what belongs to none, too."""
EMBEDDERS = (OPENAI_EMBEDDINGS, GEMINI_EMBEDDINGS, AZURE_EMBEDDINGS)
log = logging.getLogger(__name__)


def answer(method: str, target: str, body: bytes, calls: CallLog) -> Answer:
    """Answer any request, also a senseless one: errors are its dialect's, else OpenAI's."""
    path, _, query = target.partition("?")
    dialect = next((one for one in DIALECTS if one.paths.fullmatch(path)), None)
    embedder = next((one for one in EMBEDDERS if one.paths.fullmatch(path)), None)
    error = (dialect or embedder or CHAT_COMPLETIONS).error
    blank = Call(path, "chat" if dialect else "embedding" if embedder else "other")
    try:
        if method in ("GET", "HEAD") and path.startswith("/pages"):
            return Answer(answer_page(path))
        if dialect is not None:
            return _chat(method, dialect, Asked(path, query, body), calls)
        if embedder is not None:
            return _embedding(method, embedder, Asked(path, query, body), calls)
        return _route(method, path)(body, calls)
    except Refused as refused:
        return Answer(error(msgspec.structs.replace(blank, status=refused.status), refused))
    except Exception:  # The outermost edge of a request: the client gets an error body.
        log.exception("cannot answer %s %s", method, path)
        return Answer(error(msgspec.structs.replace(blank, status=500), None))


def _chat(method: str, dialect: Dialect, asked: Asked, calls: CallLog) -> Answer:
    if method != "POST":
        raise _not_allowed(method, asked.path)
    return answer_chat(dialect, asked, calls)


def _embedding(method: str, embedder: Embedder, asked: Asked, calls: CallLog) -> Answer:
    if method != "POST":
        raise _not_allowed(method, asked.path)
    request = embedder.read(asked)
    markers = read_markers("\n".join(request.texts))
    if markers.failures and (status := markers.status_of_try(calls.try_number(asked.body))):
        failed = Call(asked.path, "embedding", request.model, status=status)
        return Answer(embedder.error(failed, None), markers.sleep_s)
    return Answer(answer_embedding(embedder, request, asked.path), markers.sleep_s)


def _models(body: bytes, calls: CallLog) -> Answer:
    models = [
        {"id": name, "object": "model", "created": 0, "owned_by": "script"} for name in SNAPSHOTS
    ]
    listed = msgspec.json.encode({"object": "list", "data": models})
    return Answer(Reply(call=Call(MODELS, "other"), body=listed))


def _show_calls(body: bytes, calls: CallLog) -> Answer:
    return Answer(Reply(call=None, body=msgspec.json.encode(calls.calls)))


def _clear_calls(body: bytes, calls: CallLog) -> Answer:
    calls.clear()
    return Answer(Reply(call=None, body=b"[]"))


ROUTES: dict[str, dict[str, Callable[[bytes, CallLog], Answer]]] = {
    MODELS: {"GET": _models},
    CALLS: {"GET": _show_calls, "DELETE": _clear_calls},
}


def _route(method: str, path: str) -> Callable[[bytes, CallLog], Answer]:
    methods = ROUTES.get(path)
    if methods is None:
        raise Refused(f"Invalid URL ({method} {path})", 404, "unknown_url")
    if method not in methods:
        raise _not_allowed(method, path)
    return methods[method]


def _not_allowed(method: str, path: str) -> Refused:
    return Refused(f"Not allowed to {method} on {path}.", 405, "method_not_supported")
