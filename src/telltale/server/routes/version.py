"""Who answers here: asked by every client before it sends anything."""

from importlib import metadata

from telltale.client.answers import API, Version
from telltale.server.resources import Resources
from telltale.server.route import Call
from telltale.tracing.records import FORMAT


def read_version(resources: Resources, call: Call) -> Version:
    """Name and version, and what of our wire formats is understood."""
    return Version(name="telltale", version=installed_version(), api=API, journal=(FORMAT,))


def installed_version() -> str:
    """The version of the installed package; `0` in a tree that is not installed."""
    try:
        return metadata.version("telltale-sdk")
    except metadata.PackageNotFoundError:
        return "0"
