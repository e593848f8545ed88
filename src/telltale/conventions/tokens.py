"""How many tokens a call used, under whatever names a convention counts them."""

from typing import Any, NamedTuple

from telltale.conventions.reading import LARGEST_COUNT, as_count
from telltale.nouns.usage import Usage


class TokenNames(NamedTuple):
    """Attributes that hold counts; of several, the first that holds one is read."""

    input: tuple[str, ...]
    output: tuple[str, ...]
    total: tuple[str, ...]
    cache_read: tuple[str, ...]
    cache_write: tuple[str, ...]
    reasoning: tuple[str, ...]


def counted(attributes: dict[str, Any], names: TokenNames) -> Usage | None:
    """Tokens counted; None where neither input nor output was reported.

    A total alone is neither; beside one of the two it tells the other.

    The conventions count cached tokens inside the input and reasoning inside the output, and so
    do we. Some emitters pass on what Anthropic and Gemini report, which count them apart. Where
    the parts exceed their whole that is certain, and they are added once. Where they do not it
    cannot be known: then the conventions are taken at their word.
    """
    whole_in, whole_out = _first(attributes, names.input), _first(attributes, names.output)
    if whole_in is None and whole_out is None:
        return None
    total = _first(attributes, names.total)
    read = _first(attributes, names.cache_read) or 0
    written = _first(attributes, names.cache_write) or 0
    reasoning = _first(attributes, names.reasoning) or 0
    tokens_in = _rest(total, whole_out) if whole_in is None else whole_in
    tokens_out = _rest(total, whole_in) if whole_out is None else whole_out
    if tokens_in + read + written > LARGEST_COUNT:
        read = written = 0
    if tokens_out + reasoning > LARGEST_COUNT:
        reasoning = 0
    return Usage(
        input_tokens=tokens_in if read + written <= tokens_in else tokens_in + read + written,
        output_tokens=tokens_out if reasoning <= tokens_out else tokens_out + reasoning,
        cache_read_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=reasoning,
    )


def _rest(total: int | None, known: int | None) -> int:
    return max(0, (total or 0) - (known or 0))


def _first(attributes: dict[str, Any], keys: tuple[str, ...]) -> int | None:
    for key in keys:
        if key in attributes and (count := as_count(attributes[key])) is not None:
            return count
    return None
