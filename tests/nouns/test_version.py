"""The version that is written down is the one that is packaged."""

import tomllib
from pathlib import Path

from telltale.nouns.version import installed_version


def test_the_version_is_that_of_the_package():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))

    assert installed_version() == project["project"]["version"]
