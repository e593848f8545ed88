"""A metadata file of an older layout is copied before it is changed.

These run a program that knows a layout more than there is.
"""

import shutil
import sqlite3

import pytest

from telltale.nouns.errors import StoreBroken, StoreBusy
from telltale.nouns.trace import Experiment
from telltale.store.metadata import connection, open_metadata, upgrade, upgrade_metadata
from telltale.store.metadata.tables import LATEST

NEWER = """
import sqlalchemy as sa
from alembic import op

revision = "telltale_9999"
down_revision = {before!r}


def upgrade():
    op.execute("CREATE TABLE runs (id INTEGER PRIMARY KEY)")
    op.execute({statement!r})
"""


@pytest.fixture
def path(tmp_path):
    """A file of the layout of today."""
    path = tmp_path / "home" / "metadata.db"
    metadata = open_metadata(f"sqlite:///{path}")
    metadata.experiment("CrewAI")
    metadata.close()
    return path


@pytest.fixture
def url(path):
    return f"sqlite:///{path}"


@pytest.fixture
def newer(tmp_path, monkeypatch):
    """Let the program know a layout more, which this statement ends in."""

    def know(statement):
        folder = tmp_path / "migrations"
        shutil.copytree(upgrade.MIGRATIONS, folder)
        (folder / "versions" / "telltale_9999.py").write_text(
            NEWER.format(statement=statement, before=LATEST)
        )
        monkeypatch.setattr(upgrade, "MIGRATIONS", folder)
        monkeypatch.setattr(upgrade, "LATEST", "telltale_9999")

    return know


def ask(path, question):
    connection = sqlite3.connect(path)
    try:
        return [row[0] for row in connection.execute(question)]
    finally:
        connection.close()


def test_a_file_as_it_was_is_kept_beside_the_upgraded_one(path, url, newer, caplog):
    newer("INSERT INTO runs VALUES (7)")

    metadata = open_metadata(url)

    copy = path.with_name(f"metadata.db.layout-{LATEST}")
    assert f"{path}: layout {LATEST} is now telltale_9999" in caplog.text
    assert str(copy) in caplog.text
    assert metadata.experiments()[1:] == (Experiment(id=1, name="CrewAI"),)
    metadata.close()
    assert ask(path, "SELECT id FROM runs") == [7]
    assert ask(copy, "SELECT version_num FROM telltale_version") == [LATEST]
    assert copy.stat().st_mode & 0o777 == 0o600
    assert upgrade_metadata(url) is None


def test_a_step_that_fails_leaves_the_file_as_it_was_and_no_copy(path, url, newer):
    newer("INSERT INTO nowhere VALUES (7)")

    with pytest.raises(StoreBroken, match="no such table: nowhere"):
        upgrade_metadata(url)

    assert ask(path, "SELECT version_num FROM telltale_version") == [LATEST]
    assert "runs" not in ask(path, "SELECT name FROM sqlite_master")
    assert [file.name for file in path.parent.iterdir()] == ["metadata.db"]


def test_ctrl_c_that_comes_behind_the_commit_leaves_the_way_back(path, url, newer, monkeypatch):
    newer("INSERT INTO runs VALUES (7)")
    migrate = upgrade._migrate

    def interrupted(connection):
        migrate(connection)
        connection.commit()
        raise KeyboardInterrupt

    monkeypatch.setattr(upgrade, "_migrate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        upgrade_metadata(url)

    copy = path.with_name(f"metadata.db.layout-{LATEST}")
    assert ask(path, "SELECT id FROM runs") == [7]
    assert ask(copy, "SELECT version_num FROM telltale_version") == [LATEST]


def test_a_new_file_needs_no_copy(tmp_path):
    url = f"sqlite:///{tmp_path / 'home' / 'metadata.db'}"

    assert upgrade_metadata(url) is None
    assert [file.name for file in (tmp_path / "home").iterdir()] == ["metadata.db"]


def test_a_file_that_another_program_writes_asks_to_come_back(path, url, monkeypatch):
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_S", 0.01)
    other = sqlite3.connect(path, isolation_level=None)
    metadata = open_metadata(url)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreBusy, match="locked by another program"):
        metadata.experiment("new")

    other.execute("ROLLBACK")
    other.close()
    assert metadata.experiment("new").id == 2
    metadata.close()


def test_a_file_of_the_first_layout_is_brought_up_to_date(path, url):
    with sqlite3.connect(path) as file:
        file.execute("ALTER TABLE experiments DROP COLUMN keep_days")
        file.execute("ALTER TABLE experiments DROP COLUMN keep_bytes")
        file.execute("UPDATE telltale_version SET version_num = 'telltale_0001'")
    file.close()

    metadata = open_metadata(url)

    assert metadata.experiments()[1:] == (Experiment(id=1, name="CrewAI"),)
    assert metadata.keep(1, 30, 5).keep_days == 30
    metadata.close()
