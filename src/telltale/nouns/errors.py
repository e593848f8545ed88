"""What can go wrong, as a caller sees it.

    TelltaleError
    ├── BadInput            what was given cannot be used; says what was expected
    │   └── BadId           a trace, span or experiment id that cannot be one
    ├── NotFound            what was asked for is not stored here
    ├── BudgetExceeded      a run has used what it may use, and was ended
    ├── SettingFixed        a setting that is fixed once the first span has started
    ├── StoreBusy           the store cannot take more now; try again after `retry_after_s`
    ├── StoreBroken         the store cannot be opened or written; says what to do
    └── ServerUnreachable   no Telltale server answers at the address

A class stands here only where a caller would act differently. A message gives what was given,
what was expected and what to do, in one sentence. What only the SDK's threads act on stands where
they post: `Refused` is a TelltaleError, `Away` and `Stranger` are ServerUnreachable.
"""


class TelltaleError(Exception):
    """Any failure that Telltale reports to its user."""


class BadInput(TelltaleError):
    """What was given cannot be used."""

    def __init__(
        self,
        message: str,
        *,
        given: object = None,
        expected: str = "",
        remedy: str = "",
        suggestions: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.given = given
        self.expected = expected
        self.remedy = remedy
        self.suggestions = suggestions


class BadId(BadInput):
    """An id that cannot be one."""


class NotFound(TelltaleError):
    """What was asked for is not stored here."""

    def __init__(self, message: str, *, given: object = None, remedy: str = "") -> None:
        super().__init__(message)
        self.given = given
        self.remedy = remedy


class BudgetExceeded(TelltaleError):
    """A run has used what it may use, and was ended."""


class SettingFixed(TelltaleError):
    """A setting that cannot change once the first span has started."""


class StoreBusy(TelltaleError):
    """The store cannot take more now."""

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        """Seconds after which the same request is worth another try."""


class StoreBroken(TelltaleError):
    """The store cannot be opened or written."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class ServerUnreachable(TelltaleError):
    """No Telltale server answers at the address."""
