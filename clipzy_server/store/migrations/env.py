"""Run by alembic on the connection that `store.migration` hands over, inside its transaction."""

from alembic import context
from sqlalchemy import text

from clipzy_server.store.tables import SCHEMA, Row

connection = context.config.attributes["connection"]
connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
context.configure(
    connection=connection,
    target_metadata=Row.metadata,
    version_table_schema=SCHEMA,
    include_schemas=True,
    include_name=lambda name, kind, _parents: kind != "schema" or name == SCHEMA,
)
context.run_migrations()
