"""Ended jobs whose working files are to be removed; those that ended before are looked at too."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

SCHEMA = "clipzy"


def upgrade() -> None:
    op.add_column("job", sa.Column("tidied_at", sa.DateTime(timezone=True)), schema=SCHEMA)
    untidy = sa.text("completed_at IS NOT NULL AND tidied_at IS NULL")
    op.create_index("job_untidy", "job", ["completed_at"], schema=SCHEMA, postgresql_where=untidy)
