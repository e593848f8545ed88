"""What a text itself gives away as a secret: by its form, by what it is called, by its place.

Most texts hold none, and each is looked at inside the user's call. So a look that is cheap comes
first, and may be wrong in one direction only: what it lets pass holds nothing to mask.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from operator import is_not, itemgetter
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from telltale.tracing.secret_names import is_secret_name, names_secret

MASK = "[masked by telltale]"

_KNOWN_FORMS = re.compile(
    r"""(?x)
    \b(?:sk|rk|pk)-(?:proj-|ant-|or-|svcacct-|live-|test-)?[A-Za-z0-9_\-]{16,}   # OpenAI and kin
    | \bAIza[0-9A-Za-z_\-]{30,}                                                  # Google
    | \bAKIA[0-9A-Z]{16}\b                                                       # AWS
    | \bgh[pousr]_[A-Za-z0-9]{30,}                                               # GitHub
    | \bhf_[A-Za-z0-9]{30,} | \bgsk_[A-Za-z0-9]{30,} | \bxox[abpr]-[A-Za-z0-9\-]{10,}
    | (?<=Bearer\ )[A-Za-z0-9._~+/\-]{12,}=*
    """
)
BEGINNINGS = ("sk-", "rk-", "pk-", "AIza", "AKIA", "xox", "Bearer ")
_BEGINNINGS_WITH_A_LINE = ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "hf_", "gsk_")

_NAME_BEFORE = re.compile(
    r"(?:api[_\-]?keys?|secret[_\-]?keys?|(?:access|account|private)[_\-]?keys?|secrets?"
    r"|passw(?:or)?d|passphrase|credentials?|authorization|cookie|bearer"
    r"|(?:access|auth|refresh|id|session|bearer|api)[_\-]?token|(?<![a-z])token)"
    r"""\\{0,3}["']?[ ]?\Z""",
    re.IGNORECASE,
)
_LONGEST_NAME = 24
_VALUE = re.compile(
    r"""(?isx) (?P<before> \s{0,3} (?:SecretStr\()? )
    (?:
        (?P<quote>\\{0,7}['"])
        (?P<quoted> (?: (?!(?P=quote)) (?: [^\n\\] | \\. | \\(?=(?P=quote)) ) ){4,16000} )
        (?P=quote)
      | (?P<scheme> (?:basic|bearer|token|apikey|digest)\s | (?<=cookie:\ )[\w\-.]{1,64}= )?
        (?P<bare> [^\s"'`,;&()\[\]{}<>\\=]{8,} ={0,2} ) (?P<opens>[(\[])?
    )"""
)
_CODE = re.compile(r"[A-Za-z_.]+")
"""A variable or a word: what a program calls `api_key=settings.key`, no key stands in."""
_SEPARATORS = (":", "=")
_SEPARATOR = re.compile("[:=]")


def _endings() -> Iterator[str]:
    """What four characters stand before a separator, where a secret's name does."""
    ends = ("cret", "rets", "word", "sswd", "rase", "tial", "ials", "tion", "okie", "arer", "oken")
    keys = [f"{before}key" for before in "_-itse"] + ["keys"]
    spelt = [*ends, *keys, *(f"{key[:-3]}{key[-3:].title()}" for key in keys), "Keys"]
    for name in (*spelt, *map(str.upper, spelt)):
        for slashes in ("", "\\", "\\\\", "\\\\\\"):
            for quote in ("", '"', "'"):
                for space in ("", " "):
                    yield f"{name}{slashes}{quote}{space}"[-4:]


_ENDINGS = frozenset(_endings())
_last_four = itemgetter(slice(-4, None))
_NAME_ENDS = re.compile(
    r"(?:(?:pi|et|ss|nt|te)[_\-]?keys?|secrets?|ssw(?:or)?d|phrase|dentials?|rization|cookie|bearer"
    r"""|token)\\{0,3}["']?[ ]?\Z""",
    re.IGNORECASE,
)
_UNSAID = (None, "", "<0 bytes>", MASK)
"""There is nothing to mask, or it is masked."""

_ADDRESSED = re.compile(
    r"""(?<=://)(?:(?P<user>[^\s/@:"'\\<>]{0,256}):(?P<password>[^\s/"'\\<>]{1,256})"""
    r"""|(?P<only>[^\s/@:"'\\<>.]{16,256}))@"""
)

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def gives_away(text: str) -> bool:
    """Whether a text may hold what has no `BEGINNINGS` and is masked; False is certain."""
    return _may_begin_with_a_line(text) or _may_address(text) or _may_assign(text)


def mask_forms(text: str) -> str:
    """Mask what has the form of a key, stands where a password does, or is called a secret.

    What is JSON is masked by its names, and stays JSON.
    """
    text = _without_forms(text)
    if _may_address(text):
        text = _ADDRESSED.sub(_without_password, text)
    return _without_assigned(text) if _may_assign(text) else text


def secrets_in(text: str) -> Iterator[str]:
    """The passwords in addresses, and what is called a secret."""
    if _may_address(text):
        for match in _ADDRESSED.finditer(text):
            if (found := match["password"] or match["only"]) is not None and _is_key(match):
                yield found
                yield unquote(found)
                if match["user"]:
                    yield basic(unquote(match["user"]), unquote(found))
    if _may_assign(text):
        for match in _assigned(text):
            yield match["quoted"] or match["bare"]


def secrets_in_address(url: str) -> Iterator[str]:
    """The same of one address, and its parameters that are keys."""
    yield from secrets_in(url)
    try:
        query = urlsplit(url).query
    except ValueError:  # Who is to connect there will complain of it.
        return
    for name, value in parse_qsl(query):
        if is_secret_name(name) or "key" in name.lower():
            yield value


def basic(user: str, password: str) -> str:
    """The word that stands in a header for a name and a password."""
    return b64encode(f"{user}:{password}".encode("utf-8", "replace")).decode()


def _without_forms(text: str) -> str:
    # To look for the beginnings first is ten times faster, and there seldom are any.
    if any(map(text.__contains__, BEGINNINGS)) or _may_begin_with_a_line(text):
        return _KNOWN_FORMS.sub(MASK, text)
    return text


def _may_begin_with_a_line(text: str) -> bool:
    return "_" in text and any(map(text.__contains__, _BEGINNINGS_WITH_A_LINE))


def _may_address(text: str) -> bool:
    return "@" in text and "://" in text


def _without_password(match: re.Match[str]) -> str:
    if match["only"] is not None:
        return f"{MASK}@" if _is_key(match) else match[0]
    return f"{match['user']}:{MASK}@"


def _is_key(match: re.Match[str]) -> bool:
    """Whether what stands before the host is a password, or a key in the place of a name."""
    return match["only"] is None or names_secret("key", match["only"])


def _may_assign(text: str) -> bool:
    # To split a text, and to look at what stands before each separator, is a tenth of
    # what it takes to look for the names; and what stands there mostly is the same few words.
    for separator in _SEPARATORS:
        if separator not in text:
            continue
        pieces = text.split(separator)
        del pieces[-1]
        if _ENDINGS.isdisjoint(map(_last_four, pieces)):
            continue
        if any(map(_NAME_ENDS.search, {p[-14:] for p in pieces if p[-4:] in _ENDINGS})):
            return True
    return False


def _assigned(text: str) -> Iterator[re.Match[str]]:
    """The values that stand behind secrets' names."""
    for separator in _SEPARATOR.finditer(text):
        at = separator.start()
        if text[max(0, at - 4) : at] in _ENDINGS and (
            _NAME_BEFORE.search(text, max(0, at - _LONGEST_NAME), at) is not None
        ):
            value = _VALUE.match(text, at + 1)
            if value is not None and _is_value(value):
                yield value


def _is_value(match: re.Match[str]) -> bool:
    if match["quote"] is not None:
        return match["quoted"] != MASK
    return match["opens"] is None and _CODE.fullmatch(match["bare"]) is None


def _without_assigned(text: str) -> str:
    if text.lstrip()[:1] in ("{", "["):
        try:
            told = _decode(text)
            masked = _without_named(told)
            return text if masked is told else _encode(masked).decode()
        except (ValueError, RecursionError):
            pass  # It only begins like JSON, or nests deeper than we read.
    parts: list[str] = []
    done = 0
    for value in _assigned(text):
        which = "bare" if value["quote"] is None else "quoted"
        if value.start() >= done:
            parts += text[done : value.start(which)], MASK
            done = value.end(which)
    return "".join((*parts, text[done:]))


def _without_named(value: Any) -> Any:
    """The value without what its names call secrets; the same object where there are none."""
    if isinstance(value, str):
        return _without_assigned(value) if _may_assign(value) else value
    if isinstance(value, dict):
        items = {
            name: MASK if item not in _UNSAID and is_secret_name(name) else _without_named(item)
            for name, item in value.items()
        }
        return items if any(items[name] is not value[name] for name in items) else value
    if isinstance(value, list):
        parts = [_without_named(item) for item in value]
        return parts if any(map(is_not, parts, value)) else value
    return value
