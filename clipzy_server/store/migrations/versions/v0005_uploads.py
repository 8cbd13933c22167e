"""Resumable uploads and their pieces."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

SCHEMA = "clipzy"


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("upload_id", sa.String(), primary_key=True),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("offset_bytes", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("template_video_id", sa.String(), nullable=True),
        sa.Column("webhook_url", sa.String(), nullable=True),
        sa.Column("tus_metadata", sa.String(), nullable=True),
        sa.Column("video_id", sa.String(), nullable=True),
        sa.Column("writer", sa.String(), nullable=True),
        schema=SCHEMA,
    )
    op.create_index("upload_expiry", "upload", ["expires_at"], schema=SCHEMA)
    op.create_table(
        "upload_piece",
        sa.Column("upload_id", sa.String(), primary_key=True),
        sa.Column("start_bytes", sa.BigInteger(), primary_key=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("blob_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], [f"{SCHEMA}.upload.upload_id"], ondelete="CASCADE"),
        schema=SCHEMA,
    )
