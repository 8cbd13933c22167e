"""The first tables: owners and tokens, videos, jobs and results, styles, idempotency keys, workers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

SCHEMA = "clipzy"
ACTIVE = sa.text("status IN ('queued', 'processing')")


def upgrade() -> None:
    create_owners()
    create_videos()
    create_jobs()
    create_results()
    create_others()


def create_owners() -> None:
    op.create_table(
        "owner",
        words("owner_id", key=True),
        words("name"),
        instant("created_at"),
        sa.UniqueConstraint("name"),
        schema=SCHEMA,
    )
    op.create_table(
        "token",
        words("sha256", key=True),
        words("owner_id"),
        instant("created_at"),
        sa.ForeignKeyConstraint(["owner_id"], [f"{SCHEMA}.owner.owner_id"]),
        schema=SCHEMA,
    )
    op.create_index("ix_clipzy_token_owner_id", "token", ["owner_id"], schema=SCHEMA)


def create_videos() -> None:
    op.create_table(
        "video",
        words("video_id", key=True),
        words("owner_id"),
        words("filename"),
        sa.Column("file_size_bytes", sa.BigInteger(), nullable=False),
        plain("probed"),
        instant("uploaded_at"),
        words("storage_url"),
        words("sha256"),
        words("blob_key"),
        words("template_video_id", nullable=True),
        words("webhook_url", nullable=True),
        schema=SCHEMA,
    )
    op.create_index("video_newest", "video", newest("uploaded_at", "video_id"), schema=SCHEMA)
    op.create_index("video_content", "video", ["owner_id", "sha256"], schema=SCHEMA)
    op.create_index("video_blob", "video", ["blob_key"], schema=SCHEMA)


def create_jobs() -> None:
    op.create_table(
        "job",
        words("job_id", key=True),
        words("owner_id"),
        words("video_id"),
        words("template_video_id", nullable=True),
        words("status"),
        sa.Column("progress_percent", sa.Integer(), nullable=False),
        words("current_stage", nullable=True),
        sa.Column("stage_progress_percent", sa.Integer(), nullable=False),
        sa.Column("eta_seconds", sa.Float(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        instant("created_at"),
        instant("updated_at"),
        instant("started_at", nullable=True),
        instant("completed_at", nullable=True),
        plain("config"),
        words("webhook_url", nullable=True),
        plain("error", nullable=True),
        schema=SCHEMA,
    )
    op.create_index("job_newest", "job", newest("created_at", "job_id"), schema=SCHEMA)
    op.create_index("job_active_video", "job", ["video_id"], unique=True, schema=SCHEMA, postgresql_where=ACTIVE)
    op.create_index("job_active_template", "job", ["template_video_id"], schema=SCHEMA, postgresql_where=ACTIVE)


def create_results() -> None:
    op.create_table(
        "job_result",
        words("job_id", key=True),
        plain("style", nullable=True),
        words("output_video_url", nullable=True),
        plain("artifacts", default="'[]'"),
        plain("stage_seconds", default="'{}'"),
        plain("fidelity", nullable=True),
        sa.ForeignKeyConstraint(["job_id"], [f"{SCHEMA}.job.job_id"], ondelete="CASCADE"),
        schema=SCHEMA,
    )


def create_others() -> None:
    op.create_table(
        "style",
        words("style_id", key=True),
        words("owner_id"),
        words("name"),
        plain("style"),
        instant("created_at"),
        schema=SCHEMA,
    )
    op.create_index("style_newest", "style", newest("created_at", "style_id"), schema=SCHEMA)
    op.create_table(
        "idempotency",
        words("owner_id", key=True),
        words("operation", key=True),
        words("key", key=True),
        words("request_sha256"),
        plain("answer", nullable=True),
        instant("created_at"),
        schema=SCHEMA,
    )
    op.create_table("worker", words("executor_id", key=True), instant("beat_at"), words("version"), schema=SCHEMA)


def words(name: str, *, key: bool = False, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), primary_key=key, nullable=nullable)


def instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def plain(name: str, *, nullable: bool = False, default: str | None = None) -> sa.Column[object]:
    return sa.Column(name, JSONB(), nullable=nullable, server_default=None if default is None else sa.text(default))


def newest(instant_column: str, id_column: str) -> list[str | sa.TextClause]:
    return ["owner_id", sa.text(f"{instant_column} DESC"), sa.text(f"{id_column} DESC")]
