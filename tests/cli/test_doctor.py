"""`telltale doctor` through its own door: what it prints, how it ends, and that it only looks."""

import json
import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from checkups import QUIET_CREWAI, checkup
from programs import environment, run_program
from recording import NOWHERE
from telltale.cli.checks.examination import guarded
from telltale.cli.checks.finding import Finding, Level, Topic
from telltale.cli.doctor import report, summary
from testbed.servers import RunningServer

DOCTOR = (sys.executable, "-m", "telltale.cli", "doctor")


def doctor(home, *arguments, destination=NOWHERE, **more):
    told = environment(home, destination, QUIET_CREWAI | more)
    for name in [name for name in told if name.lower().endswith("_proxy")]:
        del told[name]
    return subprocess.run([*DOCTOR, *arguments], env=told, capture_output=True, text=True)


@pytest.fixture
def kept():
    """A home where the system deletes nothing by itself, as tests' own folders are not."""
    with tempfile.TemporaryDirectory(dir=Path.home(), prefix=".telltale-test-") as folder:
        Path(folder).chmod(0o700)
        yield Path(folder)


def test_on_a_healthy_machine_there_is_no_warning(kept):
    with RunningServer(kept) as running:
        run_program("import telltale\nwith telltale.start_span('a'): pass", kept, running.base_url)
        ended = doctor(kept, destination=running.base_url)

    signs = {line.split()[0] for line in ended.stdout.splitlines() if line.startswith("  ")}
    assert ended.returncode == 0
    # A container's own layer, which a test may well run in, is a note.
    assert signs - {"note", "→"} == {"ok"}, ended.stdout
    assert ended.stdout.splitlines()[-1].startswith("All is well")
    assert ended.stderr == ""


def test_it_is_grouped_by_topic_and_ends_with_a_summary(tmp_path):
    lines = doctor(tmp_path).stdout.splitlines()

    topics = [line for line in lines[:-2] if not line.startswith(" ")]
    assert topics == list(Topic)
    assert lines[-2] == ""
    assert lines[-1].startswith("Not all is well: ")


@pytest.mark.parametrize(("set_to", "code"), [("true", 1), ("", 0)])
def test_only_a_problem_ends_it_with_one(tmp_path, set_to, code):
    ended = doctor(tmp_path, OTEL_SDK_DISABLED=set_to)

    assert ended.returncode == code
    assert ("problem" in ended.stdout.splitlines()[-1]) == bool(code)


def test_json_is_a_list_of_findings_and_the_exit_code_is_the_same(tmp_path):
    ended = doctor(tmp_path, "--json", OTEL_SDK_DISABLED="true")

    findings = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert [set(finding) for finding in findings] == [
        {"topic", "level", "found", "remedy"} for _ in findings
    ]
    (otel,) = [finding for finding in findings if finding["level"] == "problem"]
    assert otel["topic"] == "environment"


def test_home_and_server_may_be_given(tmp_path, server):
    other = tmp_path / "other"

    ended = doctor(tmp_path, "--home", str(other), "--server", server.base_url)

    assert f"{other} is not there yet" in ended.stdout
    assert f"answers at {server.base_url} (from --server)" in ended.stdout


def test_an_address_that_is_none_is_used_wrongly(tmp_path):
    ended = doctor(tmp_path, "--server", "nonsense")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "'nonsense'" in ended.stderr and "Traceback" not in ended.stderr


def test_a_home_of_nobody_is_told_with_what_to_set(tmp_path):
    ended = doctor("~nosuchuser/x")

    said = " ".join(ended.stdout.split())
    assert "no home is known" in said and "set TELLTALE_HOME to a path that begins with /" in said
    assert "Traceback" not in ended.stderr


def test_help_documents_the_exit_codes_and_the_signs():
    told = subprocess.run([*DOCTOR, "--help"], capture_output=True, text=True).stdout

    words = " ".join(told.split())
    for meaning in ("0 nothing is a problem", "1 something is", "2 used wrongly"):
        assert meaning in words
    assert all(level.value in words for level in Level)


def test_it_changes_nothing(tmp_path):
    home = tmp_path / "home"
    with RunningServer(home):
        pass
    run_program("import telltale\nwith telltale.start_span('a'): pass", home)
    before = written(home)

    doctor(home)
    doctor(tmp_path / "none")

    assert written(home) == before
    assert not (tmp_path / "none").exists()


def written(folder):
    return {
        path.relative_to(folder): (path.stat().st_mtime_ns, path.stat().st_mode)
        for path in sorted(folder.rglob("*"))
    }


def test_no_framework_and_no_client_is_imported(tmp_path):
    ended = doctor(tmp_path, PYTHONPROFILEIMPORTTIME="1")

    for heavy in ("crewai", "sqlalchemy", "starlette", "uvicorn", "httpx2", "opentelemetry.sdk"):
        assert f" {heavy}\n" not in ended.stderr


def test_on_a_terminal_it_is_broken_at_its_width_and_coloured(tmp_path):
    ours, theirs = pty.openpty()
    told = environment(tmp_path, NOWHERE, {"OTEL_SDK_DISABLED": "true"})
    # The pseudo-terminal has no size of its own.
    told["COLUMNS"] = "80"
    with subprocess.Popen(DOCTOR, stdout=theirs, env=told):
        os.close(theirs)
        shown = "".join(iter(lambda: read(ours), ""))
    os.close(ours)

    assert "\x1b[31mproblem\x1b[0m" in shown
    plain = shown.replace("\x1b[", "").splitlines()
    assert max(map(len, plain)) <= 80 + len("31m0m")


def read(terminal):
    try:
        return os.read(terminal, 65536).decode()
    except OSError:  # Linux says so when nobody holds the other end.
        return ""


def test_a_check_that_fails_is_a_finding_and_the_others_go_on(tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "server.lock").mkdir()

    seen = checkup(home)

    failed = [finding for finding in seen.findings if "IsADirectoryError" in finding.found]
    assert [(one.topic, one.level) for one in failed] == [
        (Topic.JOURNAL, Level.WARNING),
        (Topic.SERVER, Level.WARNING),
    ]
    assert {finding.topic for finding in seen.findings} == set(Topic)


def test_a_home_that_is_a_file_is_told_whoever_names_it(tmp_path):
    (tmp_path / "home").touch()

    given = doctor(tmp_path, "--home", str(tmp_path / "home"))

    assert given.returncode == 1
    assert given.stdout == doctor(tmp_path / "home").stdout


def test_a_check_that_fails_halfway_keeps_what_it_found():
    first = Finding(Topic.HOME, Level.OK, "there")

    def check():
        yield first
        raise ValueError("lost the way")

    kept, failed = guarded(Topic.HOME, check)
    assert kept == first
    assert "ValueError: lost the way" in failed.found


def test_what_others_wrote_does_not_steer_the_terminal():
    finding = Finding(Topic.JOURNAL, Level.NOTE, "a file \x1b[2J\nok all is well", "move it")

    assert len(list(report([finding], None))) == 3
    assert "\x1b[2J" not in "".join(report([finding], None))


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        (["ok"], "All is well."),
        (["ok", "note"], "All is well: 1 note."),
        (["warning", "warning"], "Not all is well: 2 warnings."),
        (["note", "problem"], "Not all is well: 1 problem, 1 note."),
    ],
)
def test_the_summary_counts(levels, words):
    assert summary([Finding(Topic.HOME, Level(level), "…", "…") for level in levels]) == words
