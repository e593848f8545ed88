"""Embeddings without a model: hashed words, so that texts on one subject lie close together.

Recall and knowledge retrieval rank by these vectors and drop what is too far, so they must be
sane: the same text gives the same vector, shared words give a high cosine, and texts that
share nothing have a small positive one, as with real models.
"""

import base64
import hashlib
import math
import re
import struct
from collections.abc import Callable
from typing import Any

import msgspec

from telltale.demo.scripted_llm.call import Call
from telltale.demo.scripted_llm.completion import CHAT_COMPLETIONS
from telltale.demo.scripted_llm.dialect import Asked
from telltale.demo.scripted_llm.reply import Refused, Reply
from telltale.demo.scripted_llm.request import EmbeddingRequest, read
from telltale.demo.scripted_llm.tokens import CJK, count

DIMENSIONS = {"text-embedding-3-large": 3072}
DEFAULT_DIMENSIONS = 1536
FLOOR = 0.15
"""The cosine of two texts that share no word. Real models have one too; crewAI's knowledge
keeps what has a cosine of at least 0.2."""
COMMON = "the|and|for|are|was|with|that|this|from|has|have|you|your|not|but|its|into|what|which|who"
WORD = re.compile(rf"\b(?!(?:{COMMON})\b)[a-z0-9]{{3,}}")


class Embedder(msgspec.Struct, frozen=True, kw_only=True):
    """How one provider is asked for embeddings, and how it answers."""

    paths: re.Pattern[str]
    """Matches the whole path."""
    read: Callable[[Asked], EmbeddingRequest]
    """Raises `Refused` where it cannot."""
    answer: Callable[[EmbeddingRequest, list[bytes], int], Any]
    """The body, of the vectors and of the number of tokens."""
    error: Callable[[Call, Refused | None], Reply]
    """As that of a `Dialect`."""


def answer_embedding(embedder: Embedder, request: EmbeddingRequest, path: str) -> Reply:
    """The reply to a request for embeddings.

    Raises:
        Refused: If an input is empty or the number of dimensions is not possible.
    """
    texts = request.texts
    if not texts or not all(texts):
        raise Refused("'$.input' is invalid. Please check the API reference.")
    largest = DIMENSIONS.get(request.model, DEFAULT_DIMENSIONS)
    dimensions = largest if request.dimensions is None else request.dimensions
    if not 1 <= dimensions <= largest:
        raise Refused(f"Invalid value for 'dimensions': {dimensions}, expected 1 to {largest}.")
    tokens = sum(count(text) for text in texts)
    body = embedder.answer(request, [embed(text, dimensions) for text in texts], tokens)
    call = Call(path=path, kind="embedding", model=request.model, input_tokens=tokens)
    return Reply(call=call, body=msgspec.json.encode(body))


def floats(packed: bytes) -> list[float]:
    """The numbers of a vector."""
    return list(struct.unpack(f"<{len(packed) // 4}f", packed))


def list_of_embeddings(request: EmbeddingRequest, vectors: list[bytes], tokens: int) -> Any:
    """OpenAI's answer."""
    packs = request.encoding_format == "base64"
    return {
        "object": "list",
        "data": [
            {
                "object": "embedding",
                "index": n,
                "embedding": base64.b64encode(vector).decode() if packs else floats(vector),
            }
            for n, vector in enumerate(vectors)
        ],
        "model": request.model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def embed(text: str, dimensions: int = DEFAULT_DIMENSIONS) -> bytes:
    """The unit vector of a text as little-endian 32-bit floats."""
    vector = [0.0] * dimensions
    for feature, weight in _features(text).items():
        place, sign = _place(feature, dimensions)
        vector[place] += sign * weight
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    vector = [math.sqrt(1 - FLOOR) * value / length for value in vector]
    vector[_place("what all texts share", dimensions)[0]] += math.sqrt(FLOOR)
    length = math.sqrt(sum(value * value for value in vector))
    return struct.pack(f"<{dimensions}f", *(value / length for value in vector))


def _features(text: str) -> dict[str, float]:
    """Words without their plural, and pairs of CJK characters, which have no spaces between."""
    lowered = text.lower()
    words = [word.rstrip("s") or word for word in WORD.findall(lowered)]
    runs = re.findall(f"{CJK.pattern}+", lowered)
    pairs = [run[n : n + 2] for run in runs for n in range(max(1, len(run) - 1))]
    counts: dict[str, int] = {}
    for feature in words + pairs:
        counts[feature] = counts.get(feature, 0) + 1
    # A word said ten times matters more than once, but not ten times as much.
    return {feature: 1 + math.log(times) for feature, times in counts.items()}


def _place(feature: str, dimensions: int) -> tuple[int, int]:
    number = int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest(), "big")
    return (number >> 1) % dimensions, 1 if number & 1 else -1


OPENAI_EMBEDDINGS = Embedder(
    paths=re.compile("/v1/embeddings"),
    read=lambda asked: read(asked.body, EmbeddingRequest),
    answer=list_of_embeddings,
    error=CHAT_COMPLETIONS.error,
)
