"""`telltale traces import`, through its own door."""

import gzip
import json
import os
import subprocess
import sys

from journals import crew, llm_call
from testbed.servers import RunningServer

COMMAND = (sys.executable, "-m", "telltale.cli", "traces", "import")


def moved(lines, address, *arguments, name="-"):
    """Import bytes into a server."""
    return subprocess.run(
        [*COMMAND, name, *arguments],
        input=lines,
        capture_output=True,
        env=os.environ | {"TELLTALE_TRACKING_URI": address},
    )


def test_what_was_exported_is_imported_elsewhere_plain_or_packed(telltale, stored, tmp_path):
    root = crew(experiment="moved")
    trace = stored(root, llm_call(root))
    telltale("feedback", "add", trace, "helpful", "yes")
    lines = telltale("traces", "export", "-e", "moved").stdout.encode()

    with RunningServer(tmp_path / "elsewhere") as elsewhere:
        file = tmp_path / "moved.jsonl.gz"
        file.write_bytes(gzip.compress(lines))
        plain = moved(lines, elsewhere.base_url)
        packed = moved(b"", elsewhere.base_url, name=str(file))
        there = telltale("traces", "export", "-s", elsewhere.base_url).stdout

    assert [(done.returncode, done.stderr) for done in (plain, packed)] == [(0, b"")] * 2
    assert plain.stdout == b"imported 2 spans of 1 trace, all new\n"
    assert packed.stdout == b"imported 2 spans of 1 trace, none new\n"
    assert there.encode() == lines
    assert json.loads(there)["telltale"]["feedback"][0]["name"] == "helpful"


def test_a_bad_line_is_named_by_its_number_and_what_stands_before_is_stored(
    server, telltale, stored
):
    trace = stored(crew(experiment="before"))
    line = telltale("traces", "export", "--trace", trace).stdout.encode()
    telltale("traces", "delete", trace, "--yes")

    done = moved(line + b"\n" + b"nonsense\n" + line, server.base_url)

    assert done.returncode == 2
    assert b"stdin, line 3: 'nonsense' is no JSON" in done.stderr
    assert b"the lines before it are stored" in done.stderr
    assert telltale("traces", "show", trace).returncode == 0


def test_a_file_of_another_kind_is_told_by_its_name_and_what_was_expected(server, tmp_path):
    file = tmp_path / "README.md"
    file.write_text("# Telltale\n\nSee what your agents do.\n")

    done = moved(b"", server.base_url, name=str(file))

    assert (done.returncode, done.stdout) == (2, b"")
    assert f"{file}, line 1: '# Telltale' is no JSON; expected a trace, as" in done.stderr.decode()
    assert b"protobuf" not in done.stderr and b"stored" not in done.stderr


def test_a_file_that_is_none_is_told(server, tmp_path):
    torn = moved(gzip.compress(b"{}\n" * 10_000)[:-20], server.base_url)
    missing = moved(b"", server.base_url, name=str(tmp_path / "nothing"))

    assert torn.returncode != 0 and b"cannot be read" in torn.stderr
    assert missing.returncode == 2
