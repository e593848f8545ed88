"""The tables of the metadata, as the newest migration leaves them.

Only what SQLite and PostgreSQL both do.
"""

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

LATEST = "telltale_0002"
"""The newest migration. The prefix tells our databases from those of other programs that use
Alembic: MLflow's, for one, has a table `experiments` too."""
VERSION_TABLE = "telltale_version"
DEFAULT_NAME = "Default"

tables = MetaData()

experiments = Table(
    "experiments",
    tables,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    # None of either: for ever, and whatever room it takes.
    Column("keep_days", Integer),
    Column("keep_bytes", BigInteger),
    # Ids stand in the traces, in another file: none may come back for another experiment.
    sqlite_autoincrement=True,
)

COUNT_EXPERIMENTS = f"SELECT count(*) FROM {experiments.name}"
"""Asked of a copy, without SQLAlchemy."""
