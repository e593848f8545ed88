"""From method, path and body to a reply.

Only two things here are more than a function of the request: how often it came before, which a
`fail` marker needs, and the log itself.
"""

import logging
from collections.abc import Callable

import msgspec

from telltale.demo.scripted_llm.call import Call, CallLog, Kind
from telltale.demo.scripted_llm.completion import SNAPSHOTS, answer_chat, snapshot
from telltale.demo.scripted_llm.embedding import answer_embedding
from telltale.demo.scripted_llm.markers import Markers, read_markers
from telltale.demo.scripted_llm.page import answer_page
from telltale.demo.scripted_llm.purpose import purpose_of
from telltale.demo.scripted_llm.reply import Refused, Reply, fault, refusal
from telltale.demo.scripted_llm.request import ChatRequest, EmbeddingRequest, read

CHAT = "/v1/chat/completions"
EMBEDDINGS = "/v1/embeddings"
MODELS = "/v1/models"
CALLS = "/_calls"
KINDS: dict[str, Kind] = {CHAT: "chat", EMBEDDINGS: "embedding"}
log = logging.getLogger(__name__)


class Answer(msgspec.Struct, frozen=True):
    """A reply and how long the prompt wants it to be waited for."""

    reply: Reply
    sleep_s: float = 0.0


def answer(method: str, target: str, body: bytes, calls: CallLog) -> Answer:
    """Answer any request, also a senseless one: errors have OpenAI's shape."""
    path = target.partition("?")[0]
    blank = Call(path, KINDS.get(path, "other"))
    try:
        if method in ("GET", "HEAD") and path.startswith("/pages"):
            return Answer(answer_page(path))
        return _route(method, path)(body, calls)
    except Refused as refused:
        call = msgspec.structs.replace(blank, status=refused.status)
        return Answer(refusal(call, str(refused), refused.code))
    except Exception:  # The outermost edge of a request: the client gets an error body.
        log.exception("cannot answer %s %s", method, path)
        return Answer(fault(msgspec.structs.replace(blank, status=500)))


def _chat(body: bytes, calls: CallLog) -> Answer:
    request = read(body, ChatRequest)
    if not request.messages:
        raise Refused("Invalid 'messages': empty array, expected at least 1 message.")
    markers = read_markers(request.prompt)
    call = Call(
        path=CHAT,
        kind="chat",
        model=snapshot(request.model),
        purpose=purpose_of(request),
        streamed=bool(request.stream),
    )
    failed = _failed(call, body, markers, calls)
    return Answer(failed or answer_chat(request, markers, CHAT), markers.sleep_s)


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
    CHAT: {"POST": _chat},
    EMBEDDINGS: {"POST": _embedding},
    MODELS: {"GET": _models},
    CALLS: {"GET": _show_calls, "DELETE": _clear_calls},
}


def _route(method: str, path: str) -> Callable[[bytes, CallLog], Answer]:
    methods = ROUTES.get(path)
    if methods is None:
        raise Refused(f"Invalid URL ({method} {path})", 404, "unknown_url")
    if method not in methods:
        raise Refused(f"Not allowed to {method} on {path}.", 405, "method_not_supported")
    return methods[method]


def _failed(call: Call, body: bytes, markers: Markers, calls: CallLog) -> Reply | None:
    """The failure that the prompt wants for this try of this very request, if it wants one."""
    if not markers.failures:
        return None
    status = markers.status_of_try(calls.try_number(body))
    return fault(msgspec.structs.replace(call, status=status)) if status else None
