"""The turns in which owners' waiting jobs are served. Jobs that wait already keep their place."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

SCHEMA = "clipzy"
WAITING = sa.text("status = 'queued'")


def upgrade() -> None:
    op.add_column("job", sa.Column("turn", sa.Integer()), schema=SCHEMA)
    op.create_index("job_waiting_mine", "job", ["owner_id", "turn"], schema=SCHEMA, postgresql_where=WAITING)
    op.create_index("job_waiting", "job", ["turn"], schema=SCHEMA, postgresql_where=WAITING)
