"""How long an experiment's traces are kept, and how much room they may take."""

import sqlalchemy as sa
from alembic import op

revision = "telltale_0002"
down_revision = "telltale_0001"


def upgrade() -> None:
    """Everything is kept where nothing is said."""
    op.add_column("experiments", sa.Column("keep_days", sa.Integer))
    op.add_column("experiments", sa.Column("keep_bytes", sa.BigInteger))
