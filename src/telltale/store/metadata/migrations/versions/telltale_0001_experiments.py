"""Experiments: names for groups of traces.

A migration spells its tables out, and imports none: it has to stay what it was.
"""

import sqlalchemy as sa
from alembic import op

revision = "telltale_0001"
down_revision = None


def upgrade() -> None:
    """From an empty database."""
    experiments = op.create_table(
        "experiments",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sqlite_autoincrement=True,
    )
    op.bulk_insert(experiments, [{"id": 0, "name": "Default"}])
