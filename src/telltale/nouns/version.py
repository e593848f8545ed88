"""Which Telltale this is."""

_VERSION = "0.1.0"
"""As in pyproject.toml. Written down: to ask Python what is installed takes its time, in the user's
first span, and swallows what a signal's handler of the user's raises meanwhile."""


def installed_version() -> str:
    """The version of this package."""
    return _VERSION
