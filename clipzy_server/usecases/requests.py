"""What callers ask for and the limits they meet; frozen values, no rules here."""

from dataclasses import dataclass, field

from clipzy_server.domain.job import JobConfig


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of this installation. The composition root fills them from settings.

    The quotas are an owner's; 0 is none.
    `free_disk_reserve_bytes` stays free for the database and running jobs: an upload that would eat into it is refused.
    """

    max_file_bytes: int = 1000 * 1024 * 1024
    free_disk_reserve_bytes: int = 64 * 1024 * 1024
    probe_timeout_s: float = 60.0
    idempotency_ttl_s: float = 24 * 3600.0
    upload_ttl_s: float = 24 * 3600.0
    allow_private_webhooks: bool = False
    quota_stored_bytes: int = 0
    quota_active_jobs: int = 0


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """The header of an upload. `sha256`: 64 lower-case hexadecimal digits; size and hash are checked when given."""

    filename: str
    size_bytes: int | None = None
    sha256: str | None = None
    template_video_id: str | None = None
    webhook_url: str | None = None


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job as asked for. A `webhook_url` or template given at upload counts where this one has none."""

    video_id: str
    template_video_id: str | None = None
    webhook_url: str | None = None
    config: JobConfig = field(default_factory=JobConfig)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The answer of a dry run: nothing was created. `estimated_seconds` of processing, without waiting."""

    valid: bool
    estimated_seconds: float
    warnings: tuple[str, ...] = ()
