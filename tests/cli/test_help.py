"""What the command line says of itself, and that it says so quickly."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("group", [[], ["traces"], ["traces", "list"], ["server"]])
def test_help_documents_the_exit_codes(telltale, group):
    ended = telltale(*group, "--help")

    words = " ".join(ended.stdout.split())
    assert ended.returncode == 0
    for meaning in ("0 done", "1 failed", "2 used wrongly", "3 not found", "4 no server"):
        assert meaning in words


@pytest.mark.parametrize("group", [[], ["traces"], ["traces", "list"], ["server"]])
def test_h_is_help(telltale, group):
    assert telltale(*group, "-h").stdout == telltale(*group, "--help").stdout


def test_help_says_which_server_is_asked_without_stray_brackets(telltale):
    words = " ".join(telltale("traces", "list", "-h").stdout.split())

    assert "[env var: TELLTALE_TRACKING_URI; default: http://127.0.0.1:5000]" in words


def test_it_runs_as_a_module():
    ended = subprocess.run(
        [sys.executable, "-m", "telltale", "--version"], capture_output=True, text=True
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("telltale ")


def test_help_lists_all_commands_and_imports_none(telltale):
    ended = telltale("--help", PYTHONPROFILEIMPORTTIME="1")

    for command in ("server", "demo", "traces", "flush"):
        assert f"  {command} " in ended.stdout
    for heavy in ("sqlalchemy", "starlette", "uvicorn", "httpx2", "telltale.cli.server"):
        assert f" {heavy}\n" not in ended.stderr
