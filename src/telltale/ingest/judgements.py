"""Scores that programs report of their spans, kept as feedback that traces are found by.

OpenTelemetry has an event for them, `gen_ai.evaluation.result`; it stays on its span, too.
https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-events/
"""

import hashlib
import logging
from collections.abc import Iterable
from typing import Any

from telltale.conventions.reading import as_text
from telltale.nouns.errors import BadInput, NotFound
from telltale.nouns.feedback import Feedback, Source, Value
from telltale.nouns.ids import FEEDBACK_ID_BYTES
from telltale.nouns.span import RawEvent, RawSpan
from telltale.store.questions import TraceStore

log = logging.getLogger(__name__)

EVENT = "gen_ai.evaluation.result"
_NAME = "gen_ai.evaluation.name"
_SCORE = "gen_ai.evaluation.score.value"
_LABEL = "gen_ai.evaluation.score.label"
_WHY = "gen_ai.evaluation.explanation"


def keep_judgements(raws: Iterable[RawSpan], store: TraceStore) -> None:
    """Keep the scores among the events of stored spans; the same again is kept once.

    Raises:
        StoreBusy, StoreBroken: If one could not be written.
    """
    for raw in raws:
        for event in raw.events:
            feedback = judgement(raw, event) if event.name == EVENT else None
            if feedback is None:
                continue
            try:
                store.add_feedback(feedback)
            except (BadInput, NotFound) as error:
                # The event is on its span, and whoever sends it cannot mend this.
                log.warning("a score is not kept as feedback: %s", error)


def judgement(raw: RawSpan, event: RawEvent) -> Feedback | None:
    """The feedback that an event is; None where it names nothing, or has no value."""
    said = event.attributes
    name, label, why = (as_text(said.get(key)) for key in (_NAME, _LABEL, _WHY))
    value = _value(said.get(_SCORE), label)
    if name is None or value is None:
        return None
    words = [label] if label is not None and value != label else []
    return Feedback(
        feedback_id=_id(raw, event, name),
        trace_id=raw.trace_id.hex(),
        span_id=raw.span_id.hex(),
        name=name,
        value=value,
        source=Source.CODE,
        source_id=raw.scope,
        rationale=": ".join([*words, *([why] if why else [])]),
        created_us=event.time_ns // 1000,
    )


def _value(score: Any, label: str | None) -> Value | None:
    """The number, else the word for it."""
    if isinstance(score, int | float) and score == score:
        return score
    return label


def _id(raw: RawSpan, event: RawEvent, name: str) -> str:
    """The same each time that the event comes."""
    said = f"{name}\0{event.time_ns}".encode("utf-8", "replace")
    told = raw.trace_id + raw.span_id + said
    return hashlib.blake2b(told, digest_size=FEEDBACK_ID_BYTES).hexdigest()
