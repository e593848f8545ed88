"""Run by Alembic, on the connection and in the transaction that `upgrade` opened."""

from alembic import context

from telltale.store.metadata.tables import VERSION_TABLE, tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables,
    version_table=VERSION_TABLE,
)
context.run_migrations()
