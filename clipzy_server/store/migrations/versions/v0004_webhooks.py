"""The outbox of webhooks and the secrets that sign them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

SCHEMA = "clipzy"


def upgrade() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("delivery_id", sa.String(), primary_key=True),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("attempts", JSONB(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("job_id"),
        sa.ForeignKeyConstraint(["job_id"], [f"{SCHEMA}.job.job_id"], ondelete="CASCADE"),
        schema=SCHEMA,
    )
    newest: list[str | sa.TextClause] = ["owner_id", sa.text("created_at DESC"), sa.text("delivery_id DESC")]
    op.create_index("delivery_newest", "webhook_delivery", newest, schema=SCHEMA)
    pending, leased = sa.text("state = 'pending'"), sa.text("leased_until IS NOT NULL")
    op.create_index("delivery_due", "webhook_delivery", ["due_at"], schema=SCHEMA, postgresql_where=pending)
    op.create_index("delivery_leased", "webhook_delivery", ["owner_id"], schema=SCHEMA, postgresql_where=leased)
    op.create_table(
        "webhook_secret",
        sa.Column("secret", sa.String(), primary_key=True),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], [f"{SCHEMA}.owner.owner_id"]),
        schema=SCHEMA,
    )
    op.create_index("ix_clipzy_webhook_secret_owner_id", "webhook_secret", ["owner_id"], schema=SCHEMA)
    current = sa.text("expires_at IS NULL")
    op.create_index(
        "webhook_secret_current", "webhook_secret", ["owner_id"], unique=True, schema=SCHEMA, postgresql_where=current
    )
