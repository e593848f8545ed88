"""One provider's way of speaking about a chat, as a value.

The script reads and writes in one form (`ChatRequest`, `Turn`); a dialect turns a provider's
request into the first, and the second into what the provider's own SDK reads. Everything else,
the log and the stage directions above all, is the same for all of them (`chat.py`).
"""

import hashlib
import re
from collections.abc import Callable, Mapping

import msgspec

from telltale.demo.scripted_llm.call import Call
from telltale.demo.scripted_llm.reply import SSE, Refused, Reply
from telltale.demo.scripted_llm.request import ChatRequest
from telltale.demo.scripted_llm.script import Turn

PIECE = re.compile(r"[\s\S]{1,12}")


class Asked(msgspec.Struct, frozen=True):
    """A request as it came."""

    path: str
    """Without its query."""
    query: str
    body: bytes


class Said(msgspec.Struct, frozen=True):
    """What is to be written: the model's turn, what it was asked, and what it counts."""

    request: ChatRequest
    turn: Turn
    call: Call

    @property
    def digest(self) -> str:
        """The same for the same request: an id is made of it."""
        return hashlib.blake2b(msgspec.json.encode(self.request), digest_size=12).hexdigest()


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """How one provider is asked, and how it answers."""

    paths: re.Pattern[str]
    """Matches the whole path of a chat."""
    read: Callable[[Asked], ChatRequest]
    """Raises `Refused` where it cannot. Whether the answer is to be streamed is in it too."""
    answer: Callable[[Said], bytes]
    """The body of a whole answer."""
    stream: Callable[[Said], tuple[bytes, ...]]
    """The same answer in events, each as it goes over the wire."""
    error: Callable[[Call, Refused | None], Reply]
    """The failure `call.status`: what is wrong with the request, or what the prompt asked for."""
    headers: Callable[[Said], Mapping[str, str]] = lambda _: {}
    """What goes out beside an answer."""
    stream_type: str = SSE
    writes_cache: bool = False
    """Whether what goes into the provider's cache is counted, and billed, apart."""
    counts_thoughts: bool = True
    """Whether it is told how much of the output were thoughts."""


def pieces(text: str) -> list[str]:
    """A text in the pieces in which it is streamed."""
    return PIECE.findall(text)
