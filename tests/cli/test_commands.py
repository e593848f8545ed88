"""The command line through its own door: a process, its two outputs, its exit code."""

import json
import os
import pty
import subprocess
import sys

import pytest
from msgspec.structs import replace

from journals import crew, llm_call, opened, piece, span
from recording import NOWHERE
from telltale.nouns.span import Status
from telltale.otlp.json import from_otlp

PYTHON = (sys.executable, "-m", "telltale.cli")


def test_list_prints_one_json_array_of_traces(telltale, stored):
    roots = [crew(experiment="listed") for _ in range(3)]
    stored(*roots)

    ended = telltale("traces", "list", "--experiment", "listed", "--limit", "2", "--json")

    traces = json.loads(ended.stdout)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert [trace["trace_id"] for trace in traces] == [
        root.trace_id.hex() for root in reversed(roots[1:])
    ]
    assert (traces[0]["kind"], traces[0]["state"], traces[0]["spans"]) == ("crew", "ended", 1)


def test_list_takes_a_filter_and_says_what_is_wrong_with_it(telltale, stored):
    root = crew(experiment="filtered")
    found = stored(root, llm_call(root))

    one = telltale("traces", "list", "-e", "filtered", "--filter", "kind:llm since:9999d", "--json")
    none = telltale("traces", "list", "-e", "filtered", "-f", "kind:tool")
    bad = telltale("traces", "list", "-f", "kind:tol")
    assert [trace["trace_id"] for trace in json.loads(one.stdout)] == [found]
    assert (none.returncode, none.stdout) == (0, "")
    assert "no trace of which 'kind:tool' is true" in none.stderr
    assert bad.returncode == 2
    assert "at character 6, 'tol' is no value of 'kind'" in bad.stderr
    assert "did you mean 'tool'?" in bad.stderr


def test_a_command_asks_the_server_that_programs_send_to(server, stored):
    root = crew(experiment="by MLflow's variable")
    stored(root)
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("TELLTALE_", "MLFLOW_"))}

    ended = subprocess.run(
        [*PYTHON, "traces", "list", "-e", root.experiment, "--json"],
        capture_output=True,
        text=True,
        env=plain | {"MLFLOW_TRACKING_URI": server.base_url},
    )

    assert [trace["trace_id"] for trace in json.loads(ended.stdout)] == [root.trace_id.hex()]


def test_list_prints_a_table_with_aligned_columns(telltale, stored):
    root = crew(experiment="东京", name="东京旅行")
    stored(root, llm_call(root), span("plain", experiment="东京"))

    ended = telltale("traces", "list", "-e", "东京")

    lines = ended.stdout.splitlines()
    heads, first, second = lines
    assert " ".join(heads.split()) == ("STARTED STATUS NAME SPANS LLM TOOLS TOKENS COST TIME TRACE")
    # Four wide characters take eight cells: the column behind them is four characters nearer.
    assert first.index(first.split()[-1]) == heads.index("TRACE")
    assert second.index(root.trace_id.hex()) == heads.index("TRACE") - 4
    assert "$0.000544" in second and "1.24k" in second
    assert "–" in first


def test_list_tells_what_failed_inside_a_trace_and_how_many_tools_ran(telltale, stored):
    root = crew(experiment="inner", status=Status.UNSET)
    tool = {"attributes": {"telltale.kind": "tool"}, "status": Status.ERROR}
    stored(root, *(span("search", under=root, **tool) for _ in range(2)))

    heads, row = telltale("traces", "list", "-e", "inner").stdout.splitlines()

    assert "  ok (2 errors)  " in row
    assert row[heads.index("LLM") :].split()[:2] == ["0", "2"]


def test_list_shows_how_long_what_was_lost_lasted_at_least(telltale, http):
    root = opened(crew(experiment="lost"))
    gone = {"X-Telltale-Owner": "gone"}
    assert http.post("/api/v1/journal", content=piece([root]), headers=gone).status_code == 200

    heads, row = telltale("traces", "list", "-e", "lost").stdout.splitlines()

    assert "  lost  " in row
    assert row[heads.index("TIME") :].startswith("≥ ")


def test_an_experiment_that_is_not_there_is_told_with_those_that_are(telltale, stored, server):
    stored(crew(experiment="Zürich trips"))

    ended = telltale("traces", "list", "-e", "Zurich trip")

    assert (ended.returncode, ended.stdout) == (3, "")
    assert f"{server.base_url}: experiment 'Zurich trip': expected " in ended.stderr
    assert "there are 'Zürich trips', 'Default'" in ended.stderr


def test_list_tells_lone_calls_apart_by_what_they_were_asked(telltale, stored):
    for words in ("Where is Rome?", "Where is 東京?"):
        inputs = {"telltale.kind": "llm", "telltale.inputs": words}
        stored(span("→ final answer", experiment="lone", attributes=inputs))

    shown = telltale("traces", "list", "-e", "lone", COLUMNS="200").stdout

    assert "→ final answer · Where is Rome?" in shown and "→ final answer · Where is 東京?" in shown


def test_show_draws_the_newest_trace_or_the_one_that_is_named(telltale, stored):
    named = crew(name="Named")
    stored(named, llm_call(named))
    stored(crew(name="Newest"))

    newest, one = telltale("traces", "show"), telltale("traces", "show", named.trace_id.hex())

    assert "Newest" in newest.stdout and "Named" not in newest.stdout
    assert "Named" in one.stdout and "└ ◆ llm  chat" in one.stdout
    assert telltale("traces", "show", f"tr-{named.trace_id.hex()}").stdout == one.stdout
    assert "\x1b" not in one.stdout


def test_show_tells_why_a_run_failed(telltale, stored):
    failed = {"status": Status.ERROR, "status_message": "nope 東京"}
    root = crew(experiment="failed", **failed)
    tool = {"attributes": {"telltale.kind": "tool", "error.type": "ValueError"}, **failed}
    trace_id = stored(root, span("search", under=root, **tool))

    shown = telltale("traces", "show", trace_id).stdout.splitlines()

    assert "error (2 errors)" in shown[0]
    assert shown[2].startswith("✗ ") and shown[2].endswith("nope 東京")
    assert shown[3].startswith("experiment failed")
    assert shown[-1].endswith("ValueError: nope 東京")


@pytest.mark.parametrize("command", ["list", "stats"])
def test_what_was_probably_meant_is_said_where_nothing_is_found(telltale, command):
    one, other = (
        telltale("traces", command, "-f", text) for text in ("cost>999", "status:ok or nosuchword")
    )

    assert (one.stdout, other.stdout) == ("", "")
    assert "did you mean `cost:>999`?" in one.stderr
    assert "OR is written in capitals" in other.stderr


@pytest.mark.parametrize(("width", "whole"), [("", True), ("80", False)])
def test_list_is_whole_in_a_pipe_and_fits_a_narrow_terminal(telltale, stored, width, whole):
    name = "A crew whose name is longer than others are"
    trace_id = stored(crew(experiment="wide", name=name))

    lines = telltale("traces", "list", "-e", "wide", COLUMNS=width).stdout.splitlines()

    assert (name in lines[1], trace_id in lines[1], "SPANS" in lines[0]) == (whole,) * 3
    assert trace_id[:12] in lines[1] and "A crew whose" in lines[1]
    assert whole or max(map(len, lines)) <= 80


def test_show_draws_spans_that_are_each_others_parents(telltale, stored):
    one = span("one")
    other = span("other", under=one)
    trace_id = stored(replace(one, parent_id=other.span_id), other, span("below", under=other))

    shown = telltale("traces", "show", trace_id).stdout.splitlines()

    assert [line.split()[-3] for line in shown[4:]] == ["one", "other", "below"]


def test_show_prints_trace_and_skeleton_as_json(telltale, stored):
    trace_id = stored(crew())

    shown = json.loads(telltale("traces", "show", trace_id, "--json").stdout)

    assert shown["trace"]["trace_id"] == shown["skeleton"]["trace_id"] == trace_id


def test_show_is_coloured_on_a_terminal_only(server, stored):
    trace_id = stored(opened(crew()))
    ours, theirs = pty.openpty()
    command = [*PYTHON, "traces", "show", trace_id, "-s", server.base_url]
    subprocess.run(command, stdout=theirs, check=True)
    os.close(theirs)

    assert b"\x1b[33m" in os.read(ours, 65536)
    os.close(ours)


def test_export_prints_otlp_one_trace_a_line(telltale, stored):
    roots = [crew(experiment="out") for _ in range(2)]
    stored(*roots)

    everything = telltale("traces", "export", "--experiment", "out")
    one = telltale("traces", "export", "--trace", roots[1].trace_id.hex())

    lines = everything.stdout.splitlines()
    assert [from_otlp(json.loads(line))[0].trace_id for line in lines] == [
        root.trace_id for root in roots
    ]
    assert one.stdout.splitlines() == lines[1:]


def test_a_reader_that_has_enough_is_no_error(server, stored):
    stored(*(crew(experiment="long", attributes={"x": "y" * 2000}) for _ in range(200)))
    command = " ".join([*PYTHON, "traces export -e long -s", server.base_url])

    ended = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -n 1"], capture_output=True, text=True
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(ended.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["traces", "show", "xyz"], 2, "'xyz'"),
        (
            ["traces", "show", "xyz"],
            2,
            "not all zero; copy the id from the page or from `telltale ",
        ),
        (["traces", "show", "4" * 32], 3, "not stored here"),
        (["traces", "show", "4" * 32], 3, "; see `telltale traces list`, or `telltale flush`"),
        (["traces", "export", "--trace", "4" * 32], 3, "not stored here"),
        (["traces", "list", "--limit", "0"], 2, "--limit"),
        (["traces", "list", "--limt", "1"], 2, "--limit"),
        (["traces", "lst"], 2, "there is no command 'lst'; did you mean 'list'?"),
        (["trace", "list"], 2, "did you mean 'traces'?"),
        (["servr"], 2, "did you mean 'server'?"),
        (["zzz"], 2, "there are server, demo, traces,"),
        (["traces", "list", "-s", "nonsense"], 2, "'nonsense'"),
    ],
)
def test_exit_codes_tell_what_went_wrong(telltale, arguments, code, words):
    ended = telltale(*arguments)

    assert (ended.returncode, ended.stdout) == (code, "")
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", [["list"], ["show"], ["export"]])
def test_no_server_at_the_address_has_a_code_of_its_own(telltale, free_port, command):
    ended = telltale("traces", *command, "--server", f"http://127.0.0.1:{free_port}")

    assert (ended.returncode, ended.stdout) == (4, "")
    assert f":{free_port}" in ended.stderr and "telltale server" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["traces", "list", "-f", "status:eror"], "did you mean"),
        (["server", "--host", "0.0.0.0"], "tunnel"),
        (["experiments", "keep", "nope", "--days", "1"], "give one of these"),
    ],
)
def test_a_remedy_is_said_once(telltale, arguments, words):
    said = telltale(*arguments).stderr

    assert said.count(words) == 1
    assert "all traces are found" not in said


@pytest.mark.parametrize("command", [["server", "--port", "0"], ["flush"], ["db", "upgrade"]])
def test_a_home_of_a_user_whom_nobody_knows_is_used_wrongly(telltale, command, tmp_path):
    ended = telltale(*command, TELLTALE_HOME="~nosuchuser/x", TMPDIR=str(tmp_path))

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "'~nosuchuser/x'" in ended.stderr and "Traceback" not in ended.stderr
    assert f"keep their spans in {tmp_path}/telltale-" in ended.stderr


def test_without_a_home_flush_and_doctor_look_where_programs_keep_their_spans(telltale, tmp_path):
    nowhere = {"HOME": "", "TELLTALE_HOME": "", "TMPDIR": str(tmp_path)}
    subprocess.run(
        [sys.executable, "-c", "import telltale\nwith telltale.start_span('work'): pass"],
        env={**os.environ, **nowhere, "TELLTALE_TRACKING_URI": NOWHERE},
        check=True,
        capture_output=True,
    )

    flushed, examined = telltale("flush", **nowhere), telltale("doctor", **nowhere)

    assert "1 segment" in flushed.stdout
    assert "no home is known (HOME is empty)" in examined.stdout
    assert "1 segment" in examined.stdout and "Traceback" not in examined.stderr


def test_a_server_in_a_home_that_is_a_file_says_so(telltale, tmp_path):
    (tmp_path / "home").touch()

    ended = telltale("server", "--port", "0", "--home", str(tmp_path / "home"))

    assert (ended.returncode, ended.stdout) == (1, "")
    assert str(tmp_path / "home") in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.parametrize("is_new", [True, False])
def test_a_server_says_whether_it_has_made_its_home(tmp_path, is_new):
    home = tmp_path / "not" / "there"
    for _ in range(1 if is_new else 2):
        with subprocess.Popen(
            [*PYTHON, "server", "--port", "0", "--home", str(home)],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            said = process.stdout.readline()
            process.terminate()

    assert f"({'new home' if is_new else 'home'} {home}; " in said


def test_version_is_printed(telltale):
    assert telltale("--version").stdout.startswith("telltale ")


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("traces list", "click"),
        ("traces list", "httpx2"),
        ("server --port 0", "sqlalchemy"),
        ("server --port 0", "uvicorn"),
        ("server --port 0", "alembic"),
        ("db upgrade", "sqlalchemy"),
        ("demo --exit --port {port}", "httpx2"),
        ("flush", "msgspec"),
    ],
)
def test_a_command_says_what_it_needs_where_only_the_sdk_is_installed(
    tmp_path, free_port, command, missing
):
    """`pip install .` brings the same entry point; crewAI brings some of what the server needs."""
    program = f"import sys; sys.modules[{missing!r}] = None; from telltale.cli import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", program, *command.format(port=free_port).split()],
        env=os.environ | {"TELLTALE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert f"needs {missing!r}" in done.stderr and 'pip install ".[server]"' in done.stderr
    # Of which nothing is published.
    assert "telltale-sdk" not in done.stderr
    assert "Traceback" not in done.stderr
