"""Which Telltale this is."""

from importlib import metadata


def installed_version() -> str:
    """The version of the installed package; `0` in a tree that is not installed."""
    try:
        return metadata.version("telltale-sdk")
    except metadata.PackageNotFoundError:
        return "0"
