"""Experiments: one for each name, made when it is first heard of."""

import os
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from telltale.nouns.errors import StoreBroken
from telltale.nouns.trace import Experiment
from telltale.store.metadata import open_metadata
from telltale.store.metadata.tables import LATEST
from telltale.store.metadata.upgrade import MIGRATIONS

REOPEN = """
import sys
from telltale.store.metadata import open_metadata
open_metadata(sys.argv[1]).experiment("CrewAI")
print(*[name for name in ("alembic", "sqlalchemy.orm") if name in sys.modules])
"""


FULL_DISK = """
import resource, sys
from telltale.nouns.errors import StoreBroken
from telltale.store.metadata import open_metadata
metadata = open_metadata(sys.argv[1])
metadata.experiment("before")
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
try:
    metadata.experiment("after")
except StoreBroken as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(metadata.experiment("after").name)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home" / "metadata.db"


@pytest.fixture
def url(path):
    return f"sqlite:///{path}"


@pytest.fixture
def metadata(url):
    metadata = open_metadata(url)
    yield metadata
    metadata.close()


def test_default_is_0_and_always_there(metadata):
    assert metadata.experiments() == (Experiment(id=0, name="Default"),)
    assert metadata.experiment("") == metadata.experiment("Default") == metadata.experiments()[0]


def test_an_experiment_is_made_on_arrival_and_found_again(url, metadata):
    made = metadata.experiment("CrewAI")
    again = open_metadata(url)

    assert made == again.experiment("CrewAI") == Experiment(id=1, name="CrewAI")
    again.close()


def test_names_are_exact(metadata):
    names = ["crew", "Crew", "crew ", " crew", "crew%", "旅行", "a" * 3000]
    made = [metadata.experiment(name) for name in names]

    assert [experiment.name for experiment in made] == names
    assert len({experiment.id for experiment in made}) == len(names)


def test_names_that_no_database_holds_are_kept_visibly(metadata):
    assert metadata.experiment("a\ud800b\0c\ud83d\ude00").name == "a\ufffdb\ufffdc😀"


def test_threads_that_name_it_at_once_get_the_same_experiment(url):
    stores = [open_metadata(url) for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda n: stores[n % 4].experiment(f"e{n // 16}"), range(160)))

    assert len({(experiment.id, experiment.name) for experiment in made}) == 10
    assert len(stores[0].experiments()) == 11
    for store in stores:
        store.close()


def test_an_experiment_is_found_by_id_and_by_name(metadata):
    metadata.experiment("CrewAI")

    for known in (1, "1", "CrewAI"):
        assert metadata.find_experiment(known) == Experiment(id=1, name="CrewAI")
    for unknown in (2, "2", "crewai", -1, 2**70, "9" * 5000, "¹"):
        assert metadata.find_experiment(unknown) is None


def test_a_name_of_digits_is_found_before_the_id_that_it_looks_like(metadata):
    metadata.experiment("CrewAI")
    metadata.experiment("1")

    assert metadata.find_experiment("1").name == "1"
    assert metadata.find_experiment(1).name == "CrewAI"


def test_finding_makes_nothing(metadata):
    metadata.find_experiment("nobody")

    assert len(metadata.experiments()) == 1


def test_an_id_never_comes_back(path, metadata):
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO experiments (id, name) VALUES (7, 'gone')")
        connection.execute("DELETE FROM experiments WHERE id = 7")
    connection.close()

    assert metadata.experiment("next").id == 8


def test_a_full_disk_is_told_and_it_goes_on_once_there_is_room(path, url):
    ended = subprocess.run(
        [sys.executable, "-c", FULL_DISK, url],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    told, name = ended.stdout.splitlines()
    assert f"{path}: the disk failed" in told
    assert name == "after"


@pytest.mark.parametrize(
    "ask",
    [
        lambda metadata: metadata.experiment("new"),
        lambda metadata: metadata.experiments(),
        lambda metadata: metadata.find_experiment("any"),
        lambda metadata: metadata.find_experiment(1),
    ],
)
def test_a_database_that_breaks_while_it_is_open_is_named(path, metadata, ask):
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE experiments")
    connection.close()

    with pytest.raises(StoreBroken, match=r"metadata\.db cannot be used .*no such table"):
        ask(metadata)


def test_an_up_to_date_database_is_opened_without_alembic(url):
    open_metadata(url).close()
    found = subprocess.run(
        [sys.executable, "-c", REOPEN, url],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert found.stdout.strip() == ""


def test_the_newest_migration_is_the_one_that_the_program_looks_for():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_heads() == [LATEST]


def test_the_file_is_for_its_owner_only(metadata, path):
    modes = {file.stat().st_mode & 0o777 for file in path.parent.iterdir()}

    assert modes == {0o600}


def test_a_database_of_another_program_is_refused_and_left_alone(path, url):
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE experiments (experiment_id INTEGER)")
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    connection.close()
    before = path.read_bytes()

    with pytest.raises(StoreBroken, match="another program"):
        open_metadata(url)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(path, url):
    path.parent.mkdir()
    path.write_text("my notes, which are longer than the header of a database" * 10)

    with pytest.raises(StoreBroken, match="not a database"):
        open_metadata(url)


def test_a_newer_database_is_refused_with_the_remedy(path, url):
    open_metadata(url).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE telltale_version SET version_num = 'telltale_9999'")
    connection.close()

    with pytest.raises(StoreBroken, match=r"newer one wrote it.*git pull"):
        open_metadata(url)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StoreBroken, match=r"metadata\.db cannot be used .*check"):
        open_metadata(f"sqlite:///{tmp_path / 'file' / 'home' / 'metadata.db'}")


@pytest.mark.parametrize("by", ["deleting", "replacing"])
def test_no_experiment_is_made_in_a_file_that_somebody_deleted(path, metadata, by):
    """Ids stand in the traces: after a start they would be given out again, for others."""
    metadata.experiment("before")
    if by == "deleting":
        path.unlink()
    else:
        shutil.copy(path, path.with_name("backup"))
        path.with_name("backup").rename(path)

    assert metadata.experiment("before").id == 1
    with pytest.raises(StoreBroken, match=r"metadata\.db was deleted or replaced .*start"):
        metadata.experiment("after")


@pytest.mark.parametrize("replaced", [False, True])
def test_no_experiment_is_made_in_a_log_that_somebody_deleted_and_a_stop_saves_it(
    path, url, replaced
):
    log = path.with_name(path.name + "-wal")
    metadata = open_metadata(url)
    metadata.experiment("before")
    log.unlink()
    if replaced:
        log.touch()

    with pytest.raises(StoreBroken, match=r"-wal was deleted or replaced .*stop the server"):
        metadata.experiment("after")
    metadata.close()

    again = open_metadata(url)
    assert [experiment.name for experiment in again.experiments()] == ["Default", "before"]
    again.close()
