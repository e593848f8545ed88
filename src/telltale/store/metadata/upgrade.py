"""Brings a metadata database to the newest layout, and refuses one that is not ours.

A look at one row says whether there is anything to do; Alembic is imported only if there is,
because it would cost every start of the server time and memory.
"""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from telltale.nouns.errors import StoreBroken
from telltale.nouns.remedies import UPDATE_THIS
from telltale.store.layouts import Upgraded, kept_copy
from telltale.store.metadata.connection import IMMEDIATE, file_of
from telltale.store.metadata.tables import LATEST, VERSION_TABLE

MIGRATIONS = Path(__file__).with_name("migrations")


def upgrade(engine: Engine) -> Upgraded | None:
    """Run the migrations that are missing, all or none; None where nothing older was there.

    Raises:
        StoreBroken: If the database is newer than this program, or another program's.
    """
    with engine.connect() as connection:
        if _version(connection) == LATEST:
            return None
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            _check_is_ours(connection)
        _let_readers_not_wait(engine)
    with engine.connect().execution_options(**{IMMEDIATE: True}) as connection:
        # Another process may have been first while this one waited for the lock.
        _check_is_ours(connection)
        before = _version(connection)
        if before == LATEST:
            return None
        with _kept(engine, before) as copy:
            _migrate(connection)
            connection.commit()
    if before is None:
        return None
    return Upgraded(_place(engine), before, LATEST, str(copy or ""))


def _kept(engine: Engine, before: str | None) -> AbstractContextManager[Path | None]:
    """A copy of a file that has something in it; a server's database has its own backups."""
    path = file_of(engine)
    if before is None or path is None:
        return nullcontext()

    def is_changed() -> bool:
        # Seen from another connection, what is not committed has not happened.
        with engine.connect() as other:
            return _version(other) != before

    return kept_copy(path, before, is_changed)


def _place(engine: Engine) -> str:
    if engine.dialect.name == "sqlite":
        return engine.url.database or ":memory:"
    return engine.url.render_as_string(hide_password=True)


def _let_readers_not_wait(engine: Engine) -> None:
    """WAL, which holds for the file from now on; SQLAlchemy would open a transaction first."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def _version(connection: Connection) -> str | None:
    """The migration that the database is at; None for one without."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()


def _check_is_ours(connection: Connection) -> None:
    where = connection.engine.url.render_as_string(hide_password=True)
    version = _version(connection)
    if version is None and inspect(connection).get_table_names():
        raise StoreBroken(
            f"{where} holds tables of another program, and is left as it is; "
            "give an empty database or Telltale's own"
        )
    if version is not None and version > LATEST:
        raise StoreBroken(
            f"{where} is at {version!r}, this Telltale knows {LATEST!r}: a newer one wrote it; "
            f"{UPDATE_THIS}"
        )


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    # A configuration file reads % as the start of a reference.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
