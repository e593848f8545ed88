"""Keep secrets out of the journal.

Three nets, from coarse to fine: a value under a key that looks like a secret is masked
(`secret_names.py`); what a text itself gives away as one is masked (`secret_forms.py`); and a value
that the environment holds under such a name, or that a framework's client was given as its key, is
masked wherever it turns up, in an error message for instance.
"""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeGuard

import msgspec

from telltale.tracing.forks import fork_safe_lock
from telltale.tracing.secret_forms import (
    BEGINNINGS,
    MASK,
    gives_away,
    mask_forms,
    secrets_in,
    secrets_in_address,
)
from telltale.tracing.secret_names import header_is_secret, is_secret_name, names_secret

_MIN_SECRET_CHARACTERS = 12
"""Shorter ones are stand-ins like `none` or `ollama`, and masking them would eat ordinary words."""
_MAX_SHOWN = 64
_SCHEMES = frozenset({"apikey", "basic", "bearer", "bot", "digest", "key", "token"})
_RESCAN_S = 5.0
_learning = fork_safe_lock()
"""Of two threads that learn a secret each, neither shall forget the other's."""


def holds_secret(value: Any) -> TypeGuard[Any]:
    """Whether its class, as pydantic's do, has a secret to show. A proxy answers to every name."""
    return hasattr(type(value), "get_secret_value")


def _environment() -> dict[str, str]:
    """As it is now; another thread may be taking variables out."""
    found = ((name, os.environ.get(name)) for name in list(os.environ))
    return {name: value for name, value in found if value is not None}


class KnownSecrets:
    """The secrets that we have come across: the environment's, and those that we were shown.

    The environment is looked up anew when it may have changed: programs load their keys from
    `.env` files after they import us.
    """

    def __init__(self) -> None:
        self._values: tuple[str, ...] = ()
        self._looked_for: tuple[str, ...] = BEGINNINGS
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
            secret for secret in _held_in(_environment()) if len(secret) >= _MIN_SECRET_CHARACTERS
        )
        with _learning:
            self._look_for()
        return self._looked_for

    def learn(self, secret: object) -> None:
        """Mask this value from now on, if it is one that can be told from ordinary words."""
        if secret is None:
            return
        if holds_secret(secret):
            secret = secret.get_secret_value()
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

    def learn_named(self, name: str, value: object) -> None:
        """Mask what somebody keeps under this name, if that is a secret's, or is an address."""
        if isinstance(value, str):
            if names_secret(name, value):
                self.learn(value)
            if "://" in value:
                self.learn_address(value)
        elif is_secret_name(name) or holds_secret(value):
            self.learn(value)

    def learn_variables(self, variables: Mapping[str, str]) -> None:
        """Mask what another process's environment holds."""
        for secret in _held_in(variables):
            self.learn(secret)

    def learn_address(self, url: str) -> None:
        """Mask what an address tells of who asks there."""
        for secret in secrets_in_address(url):
            self.learn(secret)

    def learn_headers(self, headers: object) -> None:
        """Mask what a client was told to send along to say who it is."""
        if not isinstance(headers, Mapping):
            return
        for name, value in headers.items():
            if not isinstance(value, str):
                self.learn_named(str(name), value)
            elif header_is_secret(str(name), word := _without_scheme(value)):
                self.learn(word)
                if "cookie" in str(name).lower():
                    for part in value.split(";"):
                        self.learn(part.partition("=")[2].strip())

    def may_be_in(self, text: str) -> bool:
        """Whether something in the text may have to be masked; False is certain."""
        return any(map(text.__contains__, self._looked_for)) or gives_away(text)

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
            self._looked_for = BEGINNINGS + values

    def _masked(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [self._masked(item) for item in value]
        return self.mask(value) if isinstance(value, str) else value

    def mask(self, text: str) -> str:
        """The text without any of them, and without what it gives away by itself."""
        for secret in self._values:
            if secret in text:
                text = text.replace(secret, MASK)
        return mask_forms(text)


def _held_in(variables: Mapping[str, str]) -> Iterator[str]:
    """The secrets among variables, by what they are called and by what their values tell."""
    for name, value in variables.items():
        if names_secret(name, value):
            yield value
        yield from secrets_in(value)


def _without_scheme(value: str) -> str:
    """What stands in a header behind `Bearer`, `Basic` or the like."""
    scheme, _, word = value.strip().partition(" ")
    return word if word and scheme.lower() in _SCHEMES and " " not in word else value.strip()


def _spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """As they stand and as JSON spells them; the longest first, for one may begin another."""
    spelled = dict.fromkeys(secrets)
    for secret in list(spelled):
        text = secret.encode("utf-8", "replace").decode()
        spelled[msgspec.json.encode(text)[1:-1].decode()] = None
    return tuple(sorted(spelled, key=len, reverse=True))
