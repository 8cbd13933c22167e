"""Tokens with an id, a scope, an end. Those that exist could do everything, and still can."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SCHEMA = "clipzy"


def upgrade() -> None:
    op.add_column("token", sa.Column("token_id", sa.String()), schema=SCHEMA)
    op.add_column("token", sa.Column("scope", sa.String()), schema=SCHEMA)
    op.add_column("token", sa.Column("expires_at", sa.DateTime(timezone=True)), schema=SCHEMA)
    op.add_column("token", sa.Column("revoked_at", sa.DateTime(timezone=True)), schema=SCHEMA)
    op.execute(
        "UPDATE clipzy.token SET scope = 'admin', token_id = 'tok_' || replace(gen_random_uuid()::text, '-', '')"
    )
    op.alter_column("token", "token_id", nullable=False, schema=SCHEMA)
    op.alter_column("token", "scope", nullable=False, schema=SCHEMA)
    op.create_unique_constraint("token_token_id_key", "token", ["token_id"], schema=SCHEMA)
