"""What a check has found, and what mends it."""

from enum import StrEnum

import msgspec


class Topic(StrEnum):
    """What a finding is about."""

    VERSIONS = "versions"
    ENVIRONMENT = "environment"
    HOME = "home"
    JOURNAL = "journal"
    SERVER = "server"
    CLOCK = "clock"


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    """Good to know; nothing is lost by leaving it."""
    WARNING = "warning"
    """Works, and will or may not for long, or not as it was meant."""
    PROBLEM = "problem"
    """Does not work, or loses spans."""


class Finding(msgspec.Struct, frozen=True):
    """One line of the doctor's report."""

    topic: Topic
    level: Level
    found: str
    """With its figures."""
    remedy: str = ""
    """The command or the setting that mends it; empty only where all is well."""
