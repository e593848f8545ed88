"""What is called by a secret's name, and what is too ordinary to be one.

Of some names all values are secrets: `api_key`. Of others it depends on the value: what a variable
`SORT_KEY` holds is a word of every day, what `STRIPE_KEY` holds is not. To mask words of every day
would make traces unreadable, so a name of the second sort needs a value that looks the part.
"""

import re
from functools import lru_cache

_SECRET_NAME = re.compile(
    r"(?:^|[_\-. ])(?:api[_\-]?keys?|apikey|secrets?|secret[_\-]?key|access[_\-]?key"
    r"|private[_\-]?key|pgpassword"
    r"|passw(?:or)?d|passphrase|credentials?|authorization|auth[_\-]?token|access[_\-]?token"
    r"|refresh[_\-]?token|id[_\-]?token|session[_\-]?token|bearer|jwt|token|cookie|x[_\-]api[_\-]key)$",
    re.IGNORECASE,
)
_MAYBE_SECRET_NAME = re.compile(r"(?:^|[_\-. ])(?:keys?|pat|dsn|pass|pwd|auth)$", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_MODEL = re.compile(
    r"(?:[\w\-]+[/.:])*(?:gpt|chatgpt|claude|gemini|gemma|(?:meta-)?llama|mistral|mixtral|command"
    r"|deepseek|qwen|phi|grok|nova|titan|text-embedding|whisper|dall-e|o[134])[\-.:\d]",
    re.IGNORECASE,
)
_PATH = re.compile(r"(?:~|\.{1,2})?/[^/]+/|(?:~|\.{1,2})/|[A-Za-z]:\\")
_BETWEEN_WORDS = re.compile(r"[_\-.:/~,;=+]+|(?<=[a-z])(?=[A-Z])")
_FEWEST_LETTERS_OF_A_WORD = 3
"""On the average: `AbCdEfGh` is none."""

_HEADER_OF_A_SECRET = re.compile(
    r"authori[sz]ation|cookie|secret|pass(?:w|phrase|$)|credential", re.IGNORECASE
)
_HEADER_MAYBE = re.compile(r"key|token|auth|signature|session", re.IGNORECASE)
_HEADER_OF_NONE = re.compile(
    r"(?:.*[\-_])?(?:version|title|referr?er|agent|beta|id|name|model|timestamp|host|origin)"
    r"|(?:accept|content|x-stainless|idempotency|traceparent|tracestate|baggage)(?:-.*)?",
    re.IGNORECASE,
)
_RANDOM = re.compile(
    r"\d{10}|(?=[a-z]*\d|\d+[a-z])[a-z\d]{16}|(?:[a-z]+\d+|\d+[a-z]+){2}[a-z\d]*", re.IGNORECASE
)
_FEWEST_CHARACTERS_OF_A_RANDOM_PART = 8


@lru_cache(4096)
def is_secret_name(name: str) -> bool:
    """Whether a value under this key is to be masked. `max_tokens` and `input_tokens` are not."""
    return _SECRET_NAME.search(_CAMEL.sub("_", name)) is not None


def names_secret(name: str, value: str) -> bool:
    """Whether what somebody keeps under this name is a secret, by the name and what it looks like.

    A key that is written down for a purpose is known by less than one among others' data.
    """
    return is_secret_name(name) or (_may_name_secret(name) and not _is_ordinary(value))


def header_is_secret(name: str, value: str) -> bool:
    """Whether a client says by this header who it is, which it may do under any name."""
    if _HEADER_OF_NONE.fullmatch(name):
        return False
    if _HEADER_OF_A_SECRET.search(name):
        return True
    if _HEADER_MAYBE.search(name):
        return not _is_ordinary(value)
    return not _is_ordinary(value) and any(map(_is_random, _BETWEEN_WORDS.split(value)))


@lru_cache(4096)
def _may_name_secret(name: str) -> bool:
    return _MAYBE_SECRET_NAME.search(_CAMEL.sub("_", name)) is not None


def _is_ordinary(value: str) -> bool:
    """Whether this is words, a path, an address or the name of a model."""
    if value.startswith("-----BEGIN "):
        return False
    if "://" in value or any(map(str.isspace, value)):
        return True
    if _MODEL.match(value) or _PATH.match(value):
        return True
    words = [word for word in _BETWEEN_WORDS.split(value) if word]
    return all(word.isalpha() and word[1:].islower() for word in words) and (
        sum(map(len, words)) >= _FEWEST_LETTERS_OF_A_WORD * len(words)
    )


def _is_random(part: str) -> bool:
    """Whether nobody would say this: many digits, or letters among digits."""
    return len(part) >= _FEWEST_CHARACTERS_OF_A_RANDOM_PART and _RANDOM.match(part) is not None
