"""The tables, as SQLModel classes in the PostgreSQL schema `clipzy`; domain dataclasses lie in JSONB columns.

Rows never leave this folder: repositories return domain values. No foreign key leads from a job to its videos: a job
and its result outlive a video that its owner deleted.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Index, MetaData, Table, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SCHEMA = "clipzy"
ACTIVE = ("queued", "processing")


class Row(SQLModel):
    """What all tables share: the schema."""

    metadata = MetaData(schema=SCHEMA)


def _instant(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=nullable))


def _json(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(JSONB(none_as_null=True), nullable=nullable))


class OwnerRow(Row, table=True):
    """Whoever things belong to."""

    __tablename__ = "owner"
    owner_id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    created_at: datetime = _instant()


class TokenRow(Row, table=True):
    """A bearer token by its SHA-256; the token itself is kept nowhere."""

    __tablename__ = "token"
    sha256: str = Field(primary_key=True)
    token_id: str = Field(unique=True)
    owner_id: str = Field(foreign_key=f"{SCHEMA}.owner.owner_id", index=True)
    scope: str
    created_at: datetime = _instant()
    expires_at: datetime | None = _instant(nullable=True)
    revoked_at: datetime | None = _instant(nullable=True)


class VideoRow(Row, table=True):
    """An uploaded video. Rows of one owner with the same sha256 share one `blob_key`."""

    __tablename__ = "video"
    __table_args__ = (
        Index("video_newest", "owner_id", text("uploaded_at DESC"), text("video_id DESC")),
        Index("video_content", "owner_id", "sha256"),
        Index("video_blob", "blob_key"),
    )
    video_id: str = Field(primary_key=True)
    owner_id: str
    filename: str
    file_size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    probed: dict[str, Any] = _json()
    uploaded_at: datetime = _instant()
    storage_url: str
    sha256: str
    blob_key: str
    template_video_id: str | None = None
    webhook_url: str | None = None


class UploadRow(Row, table=True):
    """A resumable upload. `writer` is the request that may append; a finished one keeps its row until it expires."""

    __tablename__ = "upload"
    __table_args__ = (Index("upload_expiry", "expires_at"),)
    upload_id: str = Field(primary_key=True)
    owner_id: str
    filename: str
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    offset_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    expires_at: datetime = _instant()
    sha256: str | None = None
    template_video_id: str | None = None
    webhook_url: str | None = None
    tus_metadata: str | None = None
    video_id: str | None = None
    writer: str | None = None


class UploadPieceRow(Row, table=True):
    """Consecutive bytes of an upload; those of all its pieces are the bytes up to its `offset_bytes`."""

    __tablename__ = "upload_piece"
    upload_id: str = Field(primary_key=True, foreign_key=f"{SCHEMA}.upload.upload_id", ondelete="CASCADE")
    start_bytes: int = Field(sa_column=Column(BigInteger, primary_key=True))
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    blob_key: str


class JobRow(Row, table=True):
    """A job's state. At most one active job a video, whoever asks. `turn` is explained in store/turns.py.

    Since `tidied_at` nothing is left of it but what it published.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("job_newest", "owner_id", text("created_at DESC"), text("job_id DESC")),
        Index("job_active_video", "video_id", unique=True, postgresql_where=text("status IN ('queued', 'processing')")),
        Index("job_active_owner", "owner_id", postgresql_where=text("status IN ('queued', 'processing')")),
        Index("job_ended", "completed_at", postgresql_where=text("completed_at IS NOT NULL")),
        Index("job_untidy", "completed_at", postgresql_where=text("completed_at IS NOT NULL AND tidied_at IS NULL")),
        Index("job_waiting_mine", "owner_id", "turn", postgresql_where=text("status = 'queued'")),
        Index("job_waiting", "turn", postgresql_where=text("status = 'queued'")),
        Index("job_active_template", "template_video_id", postgresql_where=text("status IN ('queued', 'processing')")),
    )
    job_id: str = Field(primary_key=True)
    owner_id: str
    video_id: str
    template_video_id: str | None = None
    status: str
    progress_percent: int = 0
    current_stage: str | None = None
    stage_progress_percent: int = 0
    eta_seconds: float | None = None
    attempt: int = 0
    created_at: datetime = _instant()
    updated_at: datetime = _instant()
    started_at: datetime | None = _instant(nullable=True)
    completed_at: datetime | None = _instant(nullable=True)
    config: dict[str, Any] = _json()
    webhook_url: str | None = None
    error: dict[str, Any] | None = _json(nullable=True)
    turn: int | None = None
    traceparent: str | None = None
    tidied_at: datetime | None = _instant(nullable=True)


class JobResultRow(Row, table=True):
    """What a job made so far: the style is there as soon as it is extracted."""

    __tablename__ = "job_result"
    job_id: str = Field(primary_key=True, foreign_key=f"{SCHEMA}.job.job_id", ondelete="CASCADE")
    style: dict[str, Any] | None = _json(nullable=True)
    output_video_url: str | None = None
    artifacts: list[dict[str, Any]] = Field(
        default=None, sa_column=Column(JSONB, nullable=False, server_default=text("'[]'"))
    )
    stage_seconds: dict[str, float] = Field(
        default=None, sa_column=Column(JSONB, nullable=False, server_default=text("'{}'"))
    )
    fidelity: dict[str, Any] | None = _json(nullable=True)


class DeliveryRow(Row, table=True):
    """The outbox: one webhook message a job that ended, written with that change of the job.

    `due_at` is when the next try is to be made, `leased_until` how long it is somebody's; `tries` counts those of the
    present round. Both instants are the database's.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("delivery_newest", "owner_id", text("created_at DESC"), text("delivery_id DESC")),
        Index("delivery_due", "due_at", postgresql_where=text("state = 'pending'")),
        Index("delivery_leased", "owner_id", postgresql_where=text("leased_until IS NOT NULL")),
    )
    delivery_id: str = Field(primary_key=True)
    owner_id: str
    job_id: str = Field(unique=True, foreign_key=f"{SCHEMA}.job.job_id", ondelete="CASCADE")
    url: str
    state: str
    tries: int = 0
    attempts: list[dict[str, Any]] = Field(
        default=None, sa_column=Column(JSONB, nullable=False, server_default=text("'[]'"))
    )
    created_at: datetime = _instant()
    due_at: datetime = _instant()
    leased_until: datetime | None = _instant(nullable=True)


class WebhookSecretRow(Row, table=True):
    """What webhooks are signed with. One an owner has no end; those before it end some time after it was made."""

    __tablename__ = "webhook_secret"
    __table_args__ = (
        Index("webhook_secret_current", "owner_id", unique=True, postgresql_where=text("expires_at IS NULL")),
    )
    secret: str = Field(primary_key=True)
    owner_id: str = Field(foreign_key=f"{SCHEMA}.owner.owner_id", index=True)
    created_at: datetime = _instant()
    expires_at: datetime | None = _instant(nullable=True)


class StyleRow(Row, table=True):
    """A Style DNA that its owner keeps under a name."""

    __tablename__ = "style"
    __table_args__ = (Index("style_newest", "owner_id", text("created_at DESC"), text("style_id DESC")),)
    style_id: str = Field(primary_key=True)
    owner_id: str
    name: str
    style: dict[str, Any] = _json()
    created_at: datetime = _instant()


class IdempotencyRow(Row, table=True):
    """The first answer to a create, kept under the caller's key."""

    __tablename__ = "idempotency"
    __table_args__ = (Index("idempotency_age", "created_at"),)
    owner_id: str = Field(primary_key=True)
    operation: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_sha256: str
    answer: dict[str, Any] | None = _json(nullable=True)
    created_at: datetime = _instant()


class WorkerRow(Row, table=True):
    """A worker's heartbeat, by the database's clock."""

    __tablename__ = "worker"
    executor_id: str = Field(primary_key=True)
    beat_at: datetime = _instant()
    version: str


def table_of(row: type[Row]) -> Table:
    """The SQLAlchemy table behind a class, for Core statements."""
    return Row.metadata.tables[f"{SCHEMA}.{row.__tablename__}"]
