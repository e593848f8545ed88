"""One running server for all tests that only add traces; and somebody who is not root."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from journals import piece
from programs import environment
from running import free_port as free_port
from running import http as http
from running import server as server

_NOBODY = 65534
_COMMAND = """\
import os, sys
import telltale.cli.commands, telltale.cli.db_backup, telltale.cli.db_upgrade
import telltale.cli.doctor, telltale.cli.flush
from telltale.cli import main
if os.geteuid() == 0:
    # Not before: the Python itself may be for root alone.
    os.setuid({nobody})
main()
"""


class Ordinary(NamedTuple):
    """A user who may not write everywhere."""

    folder: Path
    """Their own."""

    def telltale(self, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command as them, with more variables set."""
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, _NOBODY, -1)
        return subprocess.run(
            [sys.executable, "-c", _COMMAND.format(nobody=_NOBODY), *map(str, arguments)],
            env=environment(self.folder, None, more),
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def ordinary() -> Iterator[Ordinary]:
    """Who runs the tests; where that is root, somebody else."""
    folder = Path(tempfile.mkdtemp(prefix="telltale-"))
    yield Ordinary(folder)
    for path in (folder, *folder.iterdir()):
        path.chmod(0o700)
    shutil.rmtree(folder)


@pytest.fixture
def telltale(server):
    """Run a command against the running server."""

    def run(*arguments, **env):
        return subprocess.run(
            [sys.executable, "-m", "telltale.cli", *arguments],
            capture_output=True,
            text=True,
            env=os.environ | {"TELLTALE_TRACKING_URI": server.base_url, "COLUMNS": "120"} | env,
        )

    return run


@pytest.fixture
def stored(http):
    """Send spans; answers the first one's trace id."""

    def send(*spans):
        assert http.post("/api/v1/journal", content=piece(spans)).status_code == 200
        return spans[0].trace_id.hex()

    return send
