"""The span of the call that queued a job."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

SCHEMA = "clipzy"


def upgrade() -> None:
    op.add_column("job", sa.Column("traceparent", sa.String()), schema=SCHEMA)
