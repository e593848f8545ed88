"""From method, path and body to a reply.

Only two things here are more than a function of the request: how often it came before, which a
`fail` marker needs, and the log itself.
"""

import logging
from collections.abc import Callable

import msgspec

from telltale.demo.scripted_llm.call import Call, CallLog
from telltale.demo.scripted_llm.chat import Answer, answer_chat
from telltale.demo.scripted_llm.completion import CHAT_COMPLETIONS
from telltale.demo.scripted_llm.dialect import Asked, Dialect
from telltale.demo.scripted_llm.embedding import answer_embedding
from telltale.demo.scripted_llm.markers import Markers, read_markers
from telltale.demo.scripted_llm.models import SNAPSHOTS
from telltale.demo.scripted_llm.page import answer_page
from telltale.demo.scripted_llm.reply import Refused, Reply, fault
from telltale.demo.scripted_llm.request import EmbeddingRequest, read

EMBEDDINGS = "/v1/embeddings"
MODELS = "/v1/models"
CALLS = "/_calls"
DIALECTS = (CHAT_COMPLETIONS,)
"""Who is spoken here. The first has a word for what belongs to none, too."""
log = logging.getLogger(__name__)


def answer(method: str, target: str, body: bytes, calls: CallLog) -> Answer:
    """Answer any request, also a senseless one: errors are its dialect's, else OpenAI's."""
    path, _, query = target.partition("?")
    dialect = next((one for one in DIALECTS if one.paths.fullmatch(path)), None)
    error = (dialect or CHAT_COMPLETIONS).error
    blank = Call(path, "chat" if dialect else "embedding" if path == EMBEDDINGS else "other")
    try:
        if method in ("GET", "HEAD") and path.startswith("/pages"):
            return Answer(answer_page(path))
        if dialect is not None:
            return _chat(method, dialect, Asked(path, query, body), calls)
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


def _embedding(body: bytes, calls: CallLog) -> Answer:
    request = read(body, EmbeddingRequest)
    markers = read_markers("\n".join(request.texts))
    failed = _failed(Call(EMBEDDINGS, "embedding", request.model), body, markers, calls)
    return Answer(failed or answer_embedding(request, EMBEDDINGS), markers.sleep_s)


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
    EMBEDDINGS: {"POST": _embedding},
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


def _failed(call: Call, body: bytes, markers: Markers, calls: CallLog) -> Reply | None:
    """The failure that the prompt wants for this try of this very request, if it wants one."""
    if not markers.failures:
        return None
    status = markers.status_of_try(calls.try_number(body))
    return fault(msgspec.structs.replace(call, status=status)) if status else None
