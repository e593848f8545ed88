"""Who answers here: asked by every client before it sends anything."""

from telltale.nouns.answers import API, Version
from telltale.nouns.version import installed_version
from telltale.server.resources import Resources
from telltale.server.route import Call
from telltale.tracing.records import FORMAT


def read_version(resources: Resources, call: Call) -> Version:
    """Name and version, what of our wire formats is understood, and whether spans are stored."""
    return Version(
        name="telltale",
        version=installed_version(),
        api=API,
        journal=(FORMAT,),
        refusing=resources.trouble.refusal(),
    )
