"""What the janitor and the quotas look for."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

SCHEMA = "clipzy"
ACTIVE = sa.text("status IN ('queued', 'processing')")
ENDED = sa.text("completed_at IS NOT NULL")


def upgrade() -> None:
    op.create_index("job_active_owner", "job", ["owner_id"], schema=SCHEMA, postgresql_where=ACTIVE)
    op.create_index("job_ended", "job", ["completed_at"], schema=SCHEMA, postgresql_where=ENDED)
    op.create_index("idempotency_age", "idempotency", ["created_at"], schema=SCHEMA)
