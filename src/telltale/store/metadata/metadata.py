"""Experiments by name and by id."""

import logging
from contextlib import suppress

from sqlalchemy import ColumnElement, Engine, select
from sqlalchemy.exc import IntegrityError

from telltale.nouns.errors import StoreBroken, TelltaleError
from telltale.nouns.text import sound
from telltale.nouns.trace import Experiment
from telltale.store.layouts import Upgraded
from telltale.store.metadata.connection import connect, file_of, told_as_ours
from telltale.store.metadata.tables import DEFAULT_NAME, experiments
from telltale.store.metadata.upgrade import upgrade
from telltale.store.presence import Presence

log = logging.getLogger(__name__)

MOST_CACHED = 10_000
"""Names kept in memory; a program that invents them by the million must not fill it."""
_EXPERIMENTS = select(
    experiments.c.id, experiments.c.name, experiments.c.keep_days, experiments.c.keep_bytes
)
INTEGER_MAX = 2**31 - 1
"""PostgreSQL's `integer`."""


def open_metadata(url: str) -> "Metadata":
    """Open the metadata database at a SQLAlchemy URL, made or brought up to date if needed.

    Raises:
        StoreBroken: If it is not ours, is newer than this program, or cannot be opened. An older
            file is copied and then brought up to date, which is logged.
        StoreBusy: If another program holds it.
    """
    engine, upgraded = _opened(url)
    if upgraded:
        log.warning("%s", upgraded)
    return Metadata(engine)


def upgrade_metadata(url: str) -> Upgraded | None:
    """Bring a metadata database up to date, a file after a copy; None where it is already.

    Raises:
        StoreBroken, StoreBusy: As `open_metadata`.
    """
    engine, upgraded = _opened(url)
    engine.dispose()
    return upgraded


def _opened(url: str) -> tuple[Engine, Upgraded | None]:
    engine = connect(url)
    try:
        with told_as_ours(engine):
            return engine, upgrade(engine)
    except TelltaleError:
        engine.dispose()
        raise


class Metadata:
    """The metadata database. Thread-safe; several processes may share it.

    Every method raises `StoreBroken` where the database cannot be read or written, and
    `StoreBusy` where another program holds it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        path = file_of(engine)
        self._presence = Presence(path) if path else None
        """None for a database that is no file."""
        self._by_name: dict[str, Experiment] = {}

    def experiment(self, name: str) -> Experiment:
        """The experiment of that exact name, made if there is none; `Default` for an empty one."""
        name = _storable(name) or DEFAULT_NAME
        # Neither name nor id of an experiment ever changes, and nobody asks here for the rest.
        known = self._by_name.get(name)
        if known is None:
            known = self._find(experiments.c.name == name) or self._make(name)
            if len(self._by_name) >= MOST_CACHED:
                self._by_name.clear()
            self._by_name[name] = known
        return known

    def experiments(self) -> tuple[Experiment, ...]:
        """All of them, by id. How many traces each has, the trace store knows."""
        with told_as_ours(self._engine), self._engine.connect() as connection:
            rows = connection.execute(_EXPERIMENTS.order_by(experiments.c.id))
            return tuple(_experiment(*row) for row in rows)

    def find_experiment(self, id_or_name: int | str) -> Experiment | None:
        """An experiment that is there already; None if it is not.

        A number is an id. A text is a name, and if nothing has that name, an id written out: so
        an experiment called `2024` is found by what its owner calls it.
        """
        if isinstance(id_or_name, str):
            named = self._find(experiments.c.name == (_storable(id_or_name) or DEFAULT_NAME))
            if named or not (id_or_name.isascii() and id_or_name.isdigit()):
                return named
            id_or_name = int(id_or_name[:20])
        if not 0 <= id_or_name <= INTEGER_MAX:
            return None
        return self._find(experiments.c.id == id_or_name)

    def keep(self, experiment_id: int, days: int | None, size: int | None) -> Experiment | None:
        """Keep an experiment's traces so long, and no more than so many bytes of them.

        None of either is no bound. Answers the experiment; None where there is none.
        """
        change = (
            experiments.update()
            .where(experiments.c.id == experiment_id)
            .values(keep_days=days, keep_bytes=size)
        )
        with told_as_ours(self._engine):
            if self._presence is not None:
                self._presence.check()
            with self._engine.begin() as connection:
                connection.execute(change)
        return self._find(experiments.c.id == experiment_id)

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    def _find(self, condition: ColumnElement[bool]) -> Experiment | None:
        query = _EXPERIMENTS.where(condition)
        with told_as_ours(self._engine), self._engine.connect() as connection:
            row = connection.execute(query).first()
        return _experiment(*row) if row else None

    def _make(self, name: str) -> Experiment:
        # Another thread or process may make it in between: it is the same experiment.
        with told_as_ours(self._engine), suppress(IntegrityError):
            if self._presence is not None:
                self._presence.check()
            with self._engine.begin() as connection:
                connection.execute(experiments.insert().values(name=name))
        made = self._find(experiments.c.name == name)
        if made is None:
            raise StoreBroken(f"experiment {name!r} could not be made; check the database")
        return made


def _experiment(id_: int, name: str, days: int | None, size: int | None) -> Experiment:
    return Experiment(id=id_, name=name, keep_days=days, keep_bytes=size)


def _storable(name: str) -> str:
    """Neither database holds half a surrogate pair, PostgreSQL no NUL: both become U+FFFD."""
    return sound(name).replace("\0", "\ufffd")
