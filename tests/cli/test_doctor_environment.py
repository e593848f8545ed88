"""Versions and variables: what the doctor says of them."""

import importlib.metadata
import json
import re
import tomllib
from pathlib import Path

import pytest

from checkups import checkup
from fakes.journal_server import JournalServer
from recording import NOWHERE
from telltale.cli.answers import ask
from telltale.cli.checks.crew_switches import check_crew_switches
from telltale.cli.checks.destination import find_destination
from telltale.cli.checks.finding import Level, Topic
from telltale.cli.checks.versions import (
    _CREWAI,
    _NEEDS,
    check_copies,
    check_skew,
    check_versions,
    version_of,
)
from telltale.integrations.crewai.integration import INTEGRATION
from telltale.nouns.remedies import UPDATE
from telltale.nouns.version import installed_version
from telltale.store.traces import Sqlite, found_sqlite

ROOT = Path(__file__).parents[2]
SQLITE = Sqlite("3.45.1", "3.37.0", True)


def test_all_versions_stand_in_one_line(tmp_path):
    found = checkup(tmp_path).of("Telltale ")

    assert found.level is Level.OK
    assert f"SQLite {found_sqlite().version}" in found.found
    for package in ("opentelemetry-sdk", "msgspec"):
        assert f"{package} {importlib.metadata.version(package)}" in found.found


@pytest.mark.parametrize(("python", "words"), [((3, 10, 4), "Python 3.10.4"), ((3, 15), "3.15")])
def test_an_interpreter_that_is_not_tested_is_a_warning(python, words):
    _, found = check_versions(python, SQLITE, version_of)

    assert found.level is Level.WARNING
    assert words in found.found


def test_an_old_sqlite_is_a_problem():
    _, found = check_versions((3, 12), Sqlite("3.31.0", "3.37.0", False), version_of)

    assert found.level is Level.PROBLEM
    assert "3.31.0" in found.found and "3.37.0" in found.found


@pytest.mark.parametrize(
    ("package", "version", "level"),
    [
        ("opentelemetry-sdk", "1.29.0", Level.PROBLEM),
        ("opentelemetry-sdk", "2.0.0", Level.PROBLEM),
        ("msgspec", "0.18.6", Level.PROBLEM),
        ("crewai", "0.30.11", Level.WARNING),
    ],
)
def test_a_package_out_of_range_is_told_with_the_range(package, version, level):
    fitting = {"opentelemetry-sdk": "1.45.2", "msgspec": "0.22.0"}

    _, found = check_versions((3, 12), SQLITE, (fitting | {package: version}).get)

    assert found.level is level
    assert f"{package} {version}" in found.found
    assert f'pip install -U "{package}>=' in found.remedy


def test_the_ranges_are_those_of_the_package_and_the_integration():
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    for need in needed:
        package, least = re.match(r"([\w-]+)>=([\d.]+)", need).groups()
        assert ".".join(map(str, _NEEDS[package][0])) == least
    assert INTEGRATION.versions == f">={_CREWAI[0][0]}.{_CREWAI[0][1]},<{_CREWAI[1][0]}"


def test_two_copies_on_the_path_are_a_warning(tmp_path):
    for number in (1, 2):
        (tmp_path / f"{number}" / "telltale").mkdir(parents=True)
        (tmp_path / f"{number}" / "telltale" / "__init__.py").touch()
        info = tmp_path / f"{number}" / f"telltale_sdk-0.{number}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: telltale-sdk\nVersion: 0.{number}\n")

    files, installed = check_copies([str(tmp_path / "1"), str(tmp_path / "2")])

    assert files.level is installed.level is Level.WARNING
    assert "2 copies" in files.found and str(tmp_path / "2") in files.found
    assert "0.1, 0.2" in installed.found
    assert not list(check_copies([str(tmp_path / "1"), str(tmp_path / "1")]))


def test_a_folder_on_the_path_that_may_not_be_entered_has_no_copy(ordinary):
    closed = ordinary.folder / "closed"
    (closed / "telltale").mkdir(parents=True)
    closed.chmod(0)

    seen = ordinary.telltale("doctor", "--json", PYTHONPATH=str(closed))

    versions = [one for one in json.loads(seen.stdout) if one["topic"] == Topic.VERSIONS]
    assert versions and all("check failed" not in one["found"] for one in versions)


@pytest.mark.parametrize(
    ("theirs", "side"), [("0.0.9", "update there"), ("99.1", "update here"), ("0.1rc1", "update")]
)
def test_a_server_of_another_version_says_which_side_to_update(tmp_path, theirs, side):
    with JournalServer(version={"name": "telltale", "version": theirs, "journal": [1]}) as other:
        seen = checkup(tmp_path, other.url)

    found = seen.of(f"is Telltale {theirs}, this is {installed_version()}")
    assert (found.topic, found.level) == (Topic.VERSIONS, Level.WARNING)
    assert found.remedy.startswith(side)
    assert UPDATE in found.remedy


@pytest.mark.parametrize(("reads", "side"), [([0], "update there"), ([7], "update here")])
def test_a_server_that_does_not_read_our_journal_is_a_problem(reads, side):
    with JournalServer(version={"name": "telltale", "version": "5", "journal": reads}) as other:
        (found,) = check_skew(ask(other.url), "0.1.0")

    assert found.level is Level.PROBLEM
    assert "journal format 1" in found.found
    assert found.remedy.startswith(side)
    assert UPDATE in found.remedy


def test_otels_switch_is_a_problem_and_the_better_switch_is_named(tmp_path):
    found = checkup(tmp_path, OTEL_SDK_DISABLED=" True ").of("OTEL_SDK_DISABLED")

    assert found.level is Level.PROBLEM
    assert "CREWAI_DISABLE_TELEMETRY=true" in found.remedy
    assert not checkup(tmp_path, OTEL_SDK_DISABLED="false").says("OTEL_SDK_DISABLED")


def test_otels_sampler_does_not_reach_us(tmp_path):
    found = checkup(tmp_path, OTEL_TRACES_SAMPLER="always_off", OTEL_ATTRIBUTE_COUNT_LIMIT="1")

    assert found.of("OTEL_TRACES_SAMPLER").level is Level.OK


def test_our_variable_without_an_address_is_a_problem_and_shows_no_password(tmp_path):
    found = checkup(tmp_path, TELLTALE_TRACKING_URI="ftp://me:geheim@host").of("not an address")

    assert found.level is Level.PROBLEM
    assert "ftp://host" in found.found and "geheim" not in found.found
    assert found.found.endswith("is not used: spans go to http://127.0.0.1:5000")


def test_mlflows_path_is_not_used(tmp_path):
    found = checkup(tmp_path, MLFLOW_TRACKING_URI="sqlite:///mlflow.db").of("MLFLOW_TRACKING_URI")

    assert found.level is Level.NOTE
    assert "TELLTALE_TRACKING_URI" in found.remedy


def test_mlflows_address_that_is_not_telltale_is_told_and_not_used(tmp_path):
    told = {"MLFLOW_TRACKING_URI": NOWHERE}

    found = checkup(tmp_path, **told).of(f"MLFLOW_TRACKING_URI={NOWHERE}")

    assert found.level is Level.WARNING
    assert find_destination(told, None, ask).origin == "default"


def test_mlflows_address_that_answers_as_telltale_is_used(tmp_path, server):
    seen = checkup(tmp_path, None, MLFLOW_TRACKING_URI=server.base_url)

    assert seen.of("answers at").found.endswith(f"{server.base_url} (from MLFLOW_TRACKING_URI)")
    assert not seen.says("MLFLOW_TRACKING_URI=")


def test_of_two_addresses_ours_is_used(tmp_path, server):
    both = {"TELLTALE_TRACKING_URI": server.base_url, "MLFLOW_TRACKING_URI": NOWHERE}

    seen = checkup(tmp_path, None, **both)

    assert seen.of("both set").level is Level.NOTE
    assert seen.of("answers at").found.endswith(f"{server.base_url} (from TELLTALE_TRACKING_URI)")


def test_a_relative_home_is_a_warning(tmp_path):
    assert checkup(tmp_path, TELLTALE_HOME="traces").of("is relative").level is Level.WARNING
    assert not checkup(tmp_path, TELLTALE_HOME="~/traces").says("is relative")


@pytest.mark.parametrize(
    ("token", "level"),
    [("abc\n", Level.NOTE), ("a b", Level.WARNING), ("a\nb", Level.WARNING), ("ключ", "warning")],
)
def test_a_token_that_will_not_do_is_told_and_not_shown(tmp_path, token, level):
    found = checkup(tmp_path, TELLTALE_TOKEN=token).of("TELLTALE_TOKEN")

    assert found.level == level
    assert token.strip() not in found.found
    # No server of ours makes tokens yet; one in front of it may.
    assert "printed" not in found.remedy
    assert not checkup(tmp_path, TELLTALE_TOKEN="abc").says("TELLTALE_TOKEN")


def test_a_proxy_is_passed_by_and_matters_only_for_a_server_elsewhere(tmp_path):
    here = checkup(tmp_path, HTTPS_PROXY="http://proxy:3128").of("HTTPS_PROXY")
    away = checkup(tmp_path, "http://telltale.invalid:5000", https_proxy="x").of("https_proxy")

    assert (here.level, away.level) == (Level.OK, Level.NOTE)
    assert "ssh -L" in away.remedy


def test_that_crewai_is_not_there_is_told():
    (found,) = check_versions((3, 12, 1), found_sqlite(), lambda package: None)

    assert found.level is Level.OK
    assert found.found.endswith("crewai is not installed")


def test_crewai_that_speaks_to_its_makers_is_one_note_with_one_remedy():
    (found,) = check_crew_switches({}, "1.15.30")

    assert found.level is Level.NOTE
    for switch in ("TRACING_ENABLED=false", "DISABLE_TELEMETRY=true", "DISABLE_VERSION_CHECK=true"):
        assert f"CREWAI_{switch}" in found.remedy


def test_only_what_is_open_is_told():
    (found,) = check_crew_switches({"CREWAI_TRACING_ENABLED": "false"}, "1.15.30")

    assert "20 s" not in found.found and "telemetry" in found.found
    assert "TRACING" not in found.remedy
    assert not list(check_crew_switches({}, None))
