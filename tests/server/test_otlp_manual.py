"""What `docs/otlp.md` shows runs, and does what it says there."""

import os
import re
import subprocess
import sys
from pathlib import Path

MANUAL = (Path(__file__).parents[2] / "docs" / "otlp.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"```(\w+)\n(.*?)```", MANUAL, re.DOTALL))


def settings(server):
    """The manual's, for this server."""
    lines = [line.removeprefix("export ") for line in BLOCKS["shell"].strip().splitlines()]
    return dict(
        line.replace("http://127.0.0.1:5000", server.base_url).split("=", 1) for line in lines
    )


def test_the_manuals_program_is_traced(server, http):
    done = subprocess.run(
        [sys.executable, "-c", BLOCKS["py"]],
        env=os.environ | settings(server),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    page = http.get("/api/v1/traces", params={"experiment": "Trips"}).json()
    (trace,) = page["traces"]
    assert (trace["name"], trace["usage"]["input_tokens"]) == ("chat gpt-4.1-mini", 1200)
