"""Keep secrets out of the journal.

Three nets, from coarse to fine: a value under a key that looks like a secret is masked; a known
form of key inside a text is masked; and a value that the environment holds under such a name, or
that a framework's client was given as its key, is masked wherever it turns up, in an error message
for instance.
"""

import os
import re
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from telltale.tracing.forks import fork_safe_lock

MASK = "[masked by telltale]"

_SECRET_NAME = re.compile(
    r"(?:^|[_\-. ])(?:api[_\-]?keys?|apikey|secrets?|secret[_\-]?key|access[_\-]?key"
    r"|private[_\-]?key|pgpassword"
    r"|passw(?:or)?d|passphrase|credentials?|authorization|auth[_\-]?token|access[_\-]?token"
    r"|refresh[_\-]?token|id[_\-]?token|session[_\-]?token|bearer|token|cookie|x[_\-]api[_\-]key)$",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
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
_BEGINNINGS = ("sk-", "rk-", "pk-", "AIza", "AKIA", "xox", "Bearer ")
_BEGINNINGS_WITH_A_LINE = ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "hf_", "gsk_")
_ASSIGNED = re.compile(
    r"""(?ix)
    \b((?:[a-z0-9]+[_\-])*(?:api[_\-]?key|secret|password|access[_\-]?token|auth[_\-]?token)
      ['"]?\s*[=:]\s*(?:SecretStr\()?)(['"])(?:(?!\2).){4,}\2"""
)
_MIN_SECRET_CHARACTERS = 12
"""Shorter ones are stand-ins like `none` or `ollama`, and masking them would eat ordinary words."""
_MAX_SHOWN = 64
_ORDINARY_HEADERS = frozenset({"accept", "accept-encoding", "content-type", "user-agent"})
_RESCAN_S = 5.0
_learning = fork_safe_lock()
"""Of two threads that learn a secret each, neither shall forget the other's."""


@lru_cache(4096)
def is_secret_name(name: str) -> bool:
    """Whether a value under this key is to be masked. `max_tokens` and `input_tokens` are not."""
    return _SECRET_NAME.search(_CAMEL.sub("_", name)) is not None


def mask_forms(text: str) -> str:
    """Mask what has the form of a key, or is written as the value of one."""
    return _ASSIGNED.sub(rf"\1\2{MASK}\2", _without_forms(text))


def _without_forms(text: str) -> str:
    # To look for the beginnings first is ten times faster, and there seldom are any.
    if any(beginning in text for beginning in _BEGINNINGS) or (
        "_" in text and any(beginning in text for beginning in _BEGINNINGS_WITH_A_LINE)
    ):
        return _KNOWN_FORMS.sub(MASK, text)
    return text


class KnownSecrets:
    """The secrets that we have come across: the environment's, and those that we were shown.

    The environment is looked up anew when it may have changed: programs load their keys from
    `.env` files after they import us.
    """

    def __init__(self) -> None:
        self._values: tuple[str, ...] = ()
        self._looked_for: tuple[str, ...] = _BEGINNINGS
        self._held: frozenset[str] = frozenset()
        self._shown: dict[str, None] = {}
        """In the order in which they came."""
        self._count = -1
        self._scanned_at = 0.0

    def refresh(self) -> tuple[str, ...]:
        """What is looked for now, the same object until that changes.

        Cheap unless variables were added, or some seconds have passed.
        """
        now = time.monotonic()
        if len(os.environ) == self._count and now - self._scanned_at < _RESCAN_S:
            return self._looked_for
        self._count, self._scanned_at = len(os.environ), now
        self._held = frozenset(
            value
            for name, value in os.environ.items()
            if len(value) >= _MIN_SECRET_CHARACTERS and is_secret_name(name)
        )
        with _learning:
            self._look_for()
        return self._looked_for

    def learn(self, secret: object) -> None:
        """Mask this value from now on, if it is one that can be told from ordinary words."""
        if secret is None:
            return
        if not isinstance(secret, str):
            secret = getattr(secret, "get_secret_value", lambda: None)()
        if not isinstance(secret, str) or len(secret) < _MIN_SECRET_CHARACTERS:
            return
        if secret in self._shown:
            return
        with _learning:
            self._shown[secret] = None
            if len(self._shown) > _MAX_SHOWN:
                # Each is looked for in every text: of a program that makes keys, the latest do.
                del self._shown[next(iter(self._shown))]
            self._look_for()

    def learn_headers(self, headers: object) -> None:
        """Mask what a client was told to send along: headers carry keys under any name."""
        if not isinstance(headers, Mapping):
            return
        for name, value in headers.items():
            if isinstance(value, str) and str(name).lower() not in _ORDINARY_HEADERS:
                self.learn(value.removeprefix("Bearer ").strip())

    def may_be_in(self, text: str) -> bool:
        """Whether something in the text may have to be masked; False is certain."""
        holds = text.__contains__
        return any(map(holds, self._looked_for)) or (
            "_" in text and any(map(holds, _BEGINNINGS_WITH_A_LINE))
        )

    def mask_attributes(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """The attributes, masked by their keys and by what we know."""
        return {
            key: MASK if value and is_secret_name(key) else self._masked(value)
            for key, value in attributes.items()
        }

    def _look_for(self) -> None:
        values = _spellings(self._held.union(self._shown))
        if values != self._values:
            self._values = values
            self._looked_for = _BEGINNINGS + values

    def _masked(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [self._masked(item) for item in value]
        return self.mask(value) if isinstance(value, str) else value

    def mask(self, text: str) -> str:
        """The text without any of them, and without what has the form of a key."""
        for secret in self._values:
            if secret in text:
                text = text.replace(secret, MASK)
        return _without_forms(text)


def _spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """As they stand and as JSON spells them; the longest first, for one may begin another."""
    spelled = dict.fromkeys(secrets)
    for secret in list(spelled):
        text = secret.encode("utf-8", "replace").decode()
        spelled[msgspec.json.encode(text)[1:-1].decode()] = None
    return tuple(sorted(spelled, key=len, reverse=True))
