"""Under which experiment, to which address, by which id: settings of a program."""

import os
import random
import subprocess
import threading
import time

import pytest

import telltale
from programs import run_program
from telltale.nouns.errors import BadInput, SettingFixed, TelltaleError
from telltale.tracing.ids import UrandomIds


def test_spans_stand_under_the_experiment_that_was_set(recording):
    telltale.set_experiment("CrewAI")
    with telltale.start_span("work"):
        pass

    assert [report.experiment for report in recording.reports] == ["CrewAI", "CrewAI"]


def test_without_a_word_the_experiment_is_left_open(recording):
    with telltale.start_span("work"):
        pass

    assert recording.one.experiment == ""


@pytest.mark.parametrize("variable", ["TELLTALE_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_NAME"])
def test_the_experiment_may_come_from_the_environment(recording, monkeypatch, variable):
    monkeypatch.setenv(variable, "From outside")
    with telltale.start_span("work"):
        pass

    assert recording.one.experiment == "From outside"


def test_a_trace_keeps_the_experiment_that_its_root_started_under(recording):
    telltale.set_experiment("first")
    with telltale.start_span("root"):
        telltale.set_experiment("second")
        with telltale.start_span("child"):
            pass
    with telltale.start_span("next"):
        pass

    assert {span.name: span.experiment for span in recording.spans} == {
        "child": "first",
        "root": "first",
        "next": "second",
    }


def test_an_experiment_named_within_an_unfiled_trace_does_not_split_it(recording):
    with telltale.start_span("root"):
        telltale.set_experiment("late")
        with telltale.start_span("child"):
            pass

    assert [span.experiment for span in recording.spans] == ["", ""]


@pytest.mark.parametrize("name", ["", "  ", None, 7])
def test_an_experiment_without_a_name_says_what_was_expected(recording, name):
    with pytest.raises(BadInput, match="expected a name") as refused:
        telltale.set_experiment(name)

    assert refused.value.given == name
    assert refused.value.expected


@pytest.mark.parametrize(
    "uri",
    ["", "localhost:5000", "ftp://x", "http://", "http://host:port", "http://[::1", "http://a:0",
     "http://a:99999", "sqlite:///x.db", "file:///tmp", "databricks", None, 5],
)  # fmt: skip
def test_an_address_that_is_none_says_what_was_expected(recording, uri):
    before = telltale.get_tracking_uri()
    with pytest.raises(BadInput, match="expected http") as refused:
        telltale.set_tracking_uri(uri)

    assert (refused.value.given, refused.value.expected) == (uri, "http(s)://host[:port]")
    assert "telltale server" in refused.value.remedy
    assert telltale.get_tracking_uri() == before


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("http://localhost:5000", "http://localhost:5000"),
        (" https://traces.example.com/telltale/ ", "https://traces.example.com/telltale"),
        ("http://[::1]:5000", "http://[::1]:5000"),
    ],
)
def test_an_address_is_kept_without_the_slash_at_its_end(recording, uri, address):
    telltale.set_tracking_uri(uri)

    assert telltale.get_tracking_uri() == address


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "http://127.0.0.1:5000"),
        ({"TELLTALE_TRACKING_URI": "http://a:1"}, "http://a:1"),
        ({"MLFLOW_TRACKING_URI": "http://b:2"}, "http://b:2"),
        (
            {"TELLTALE_TRACKING_URI": "http://a:1", "MLFLOW_TRACKING_URI": "http://b:2"},
            "http://a:1",
        ),
        ({"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"}, "http://127.0.0.1:5000"),
    ],
)
def test_where_to_comes_from_the_environment_ours_before_mlflows(
    recording, monkeypatch, given, address
):
    monkeypatch.delenv("TELLTALE_TRACKING_URI")
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    assert telltale.get_tracking_uri() == address


@pytest.mark.parametrize("change", [{"home": "/elsewhere"}, {"ignore_otel_disabled": True}])
def test_what_the_first_span_fixed_cannot_change(recording, change):
    telltale.configure(home=recording.home, ignore_otel_disabled=False)
    with telltale.start_span("first"):
        pass

    with pytest.raises(SettingFixed, match="earlier in the program"):
        telltale.configure(**change)
    telltale.configure(home=recording.home)
    assert issubclass(SettingFixed, TelltaleError)


def test_home_may_be_set_in_code_before_the_first_span(recording, tmp_path):
    telltale.configure(home=str(tmp_path / "other"))
    with telltale.start_span("work"):
        pass

    assert len(list((tmp_path / "other" / "journal").glob("*.000000"))) == 1
    assert not recording.folder.exists()


def test_nothing_is_opened_before_the_first_span(recording):
    before = threading.enumerate()
    telltale.set_experiment("CrewAI")
    telltale.set_tracking_uri("http://127.0.0.1:9")
    assert telltale.flush() is True

    assert not recording.home.exists()
    assert set(threading.enumerate()) <= set(before)


def test_a_trace_id_begins_with_the_time_and_goes_on_by_chance():
    before = int(time.time())
    ids = [UrandomIds().generate_trace_id() for _ in range(1000)]

    assert all(before <= one >> 96 <= time.time() for one in ids)
    assert len({one & (1 << 96) - 1 for one in ids}) == 1000
    assert all(0 < UrandomIds().generate_span_id() < 1 << 64 for _ in range(1000))


def test_a_programs_seed_has_no_say_in_ids(recording):
    for _ in range(2):
        random.seed(42)
        with telltale.start_span("work"):
            pass

    assert len({span.trace_id for span in recording.spans}) == 2
    assert len({span.span_id for span in recording.spans}) == 2


def test_ids_are_shown_as_hex(recording):
    with telltale.start_span("work") as span:
        pass

    assert (span.trace_id, span.span_id) == (
        recording.one.trace_id.hex(),
        recording.one.span_id.hex(),
    )


def test_the_process_is_described_in_the_header(home):
    program = run_program(
        "import telltale\nwith telltale.start_span('x'): pass",
        home,
        OTEL_RESOURCE_ATTRIBUTES="deployment.environment=prod",
        OTEL_SERVICE_NAME="trips",
    )

    resource = program.recording.segments[0].header.resource
    assert (
        resource.items()
        >= {
            "service.name": "trips",
            "deployment.environment": "prod",
            "telemetry.sdk.name": "telltale",
            "process.pid": program.recording.segments[0].header.pid,
            "host.name": subprocess.check_output(["hostname"], text=True).strip(),
        }.items()
    )
    assert resource["process.pid"] != os.getpid()
