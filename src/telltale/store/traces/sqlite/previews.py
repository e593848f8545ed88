"""What a trace was given and what it gave back, as one line of the list."""

from telltale.nouns.message import words
from telltale.nouns.span import Span
from telltale.store.traces.sqlite.border import fit_text

CHARACTERS = 240
READ_CHARACTERS = 8 * CHARACTERS
"""How much of a long text is looked at: inputs may be megabytes, mostly of something else."""


def input_preview(span: Span) -> str:
    """The inputs, else what the user said last."""
    if span.inputs is not None:
        return one_line(span.inputs)
    asked = [message for message in span.input_messages if message.role == "user"]
    return one_line(words(asked[-1:]))


def output_preview(span: Span) -> str:
    """The outputs, else the answer's words."""
    if span.outputs is not None:
        return one_line(span.outputs)
    return one_line(words(span.output_messages))


def one_line(text: str) -> str:
    """The beginning of a text without line breaks, and with an ellipsis where it was cut."""
    head = text.lstrip()
    line = " ".join(head[:READ_CHARACTERS].split())
    if len(line) > CHARACTERS or len(head) > READ_CHARACTERS:
        line = line[: CHARACTERS - 1] + "…"
    return fit_text(line)
