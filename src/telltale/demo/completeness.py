"""Whether a demo's traces hold everything that happened.

The scripted server's log is the truth: it was written by the other side of every call.
"""

from collections.abc import Sequence

from telltale.demo.scripted_llm import Call
from telltale.nouns.trace import Skeleton

_ENDED, _ORPHAN, _ROOT = 0, -2, -1
_MODEL_KINDS = ("llm", "embedding")


def unfinished(skeletons: Sequence[Skeleton]) -> list[str]:
    """What keeps these traces from being whole in themselves."""
    faults = []
    for skeleton in skeletons:
        named = f"trace {skeleton.trace_id}"
        if (roots := skeleton.parent.count(_ROOT)) != 1:
            faults.append(f"{named} has {roots} roots, expected 1")
        if orphans := skeleton.parent.count(_ORPHAN):
            faults.append(f"{named} has {orphans} spans whose parent is missing")
        if still := sum(state != _ENDED for state in skeleton.state):
            faults.append(f"{named} has {still} spans that have not ended")
    return faults


def missing(skeletons: Sequence[Skeleton], calls: Sequence[Call]) -> list[str]:
    """Where the traces and the server's log disagree."""
    answered = [call for call in calls if call.status == 200]
    chats = [call for call in answered if call.kind == "chat"]
    embeddings = [call for call in answered if call.kind == "embedding"]
    expected = {
        "LLM calls": len(chats),
        "embeddings": len(embeddings),
        "input tokens": sum(call.input_tokens for call in (*chats, *embeddings)),
        "output tokens": sum(call.output_tokens for call in chats),
    }
    found = {
        "LLM calls": _count(skeletons, "llm"),
        "embeddings": _count(skeletons, "embedding"),
        "input tokens": _sum(skeletons, "input_tokens"),
        "output tokens": _sum(skeletons, "output_tokens"),
    }
    return [
        f"{found[what]:,} {what} traced, the server answered {count:,}"
        for what, count in expected.items()
        if found[what] != count
    ]


def _count(skeletons: Sequence[Skeleton], kind: str) -> int:
    return sum(skeleton.kinds[index] == kind for skeleton in skeletons for index in skeleton.kind)


def _sum(skeletons: Sequence[Skeleton], column: str) -> int:
    return sum(
        max(count, 0)
        for skeleton in skeletons
        for count, kind in zip(getattr(skeleton, column), skeleton.kind, strict=True)
        if skeleton.kinds[kind] in _MODEL_KINDS
    )
