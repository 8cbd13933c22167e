"""Every setting, read from the environment here and nowhere else.

Names are `CLIPZY_<FIELD>`; the published ones work without the prefix too, and with it where both are given.
"""

import ipaddress
import json
import math
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from clipzy_server.media.confinement import BoxMode

MIB = 1024 * 1024


class StorageType(StrEnum):
    """Where videos and outputs lie."""

    LOCAL = "local"
    S3 = "s3"


class AuthMode(StrEnum):
    """Whether callers need a token."""

    TOKEN = "token"  # noqa: S105 - the name of a mode
    OFF = "off"


class BeatTracker(StrEnum):
    """`flux` is free of the models whose licence forbids commercial use."""

    MADMOM = "madmom"
    FLUX = "flux"


def _published(name: str, default: Any) -> Any:
    return Field(default=default, validation_alias=AliasChoices(f"CLIPZY_{name}", name))


TOLD = "-"
"""As the database's address: it is told on standard input, once there is a database. So programs load meanwhile."""


class Settings(BaseSettings):
    """One installation's settings; without any, everything lies in ./data and PostgreSQL is embedded."""

    model_config = SettingsConfigDict(
        env_prefix="CLIPZY_", env_ignore_empty=True, populate_by_name=True, extra="ignore", frozen=True
    )

    cors_origins: Annotated[tuple[str, ...], NoDecode] = _published("CORS_ORIGINS", ("*",))
    storage_type: StorageType = _published("STORAGE_TYPE", StorageType.LOCAL)
    local_storage_path: Path | None = _published("LOCAL_STORAGE_PATH", None)
    max_file_size_mb: int = _published("MAX_FILE_SIZE_MB", 1000)
    processing_timeout_seconds: float = _published("PROCESSING_TIMEOUT_SECONDS", 3600.0)
    max_concurrent_jobs: int | None = _published("MAX_CONCURRENT_JOBS", None)
    log_level: str = _published("LOG_LEVEL", "INFO")
    debug: bool = False
    aws_region: str | None = _published("AWS_REGION", None)
    s3_bucket_name: str | None = _published("S3_BUCKET_NAME", None)

    data_dir: Path = Path("data")
    database_url: str | None = None
    auth: AuthMode = AuthMode.TOKEN
    job_ttl_seconds: float = Field(default=604_800.0, ge=0)
    upload_ttl_seconds: float = 86_400.0
    beat_tracker: BeatTracker = BeatTracker.MADMOM
    frame_blending: bool = False
    webhook_allow_private: bool = False
    quota_stored_mb: int = Field(default=1_048_576, ge=0)
    quota_active_jobs: int = Field(default=10_000, ge=0)
    quota_requests_per_minute: int = Field(default=120_000, ge=0)
    tls_cert: Path | None = None
    tls_key: Path | None = None
    rate_limit_per_second: int = Field(default=10_000, ge=0)
    max_connections: int = Field(default=10_000, ge=1)
    gateway_memory_mb: int = Field(default=1024, ge=128)
    trusted_proxies: int = Field(default=0, ge=0)
    s3_prefix: str = ""
    # S3 itself signs for at most a week.
    s3_presign_seconds: int = Field(default=0, ge=0, le=604_800)
    s3_endpoint_url: str | None = Field(
        default=None, validation_alias=AliasChoices("CLIPZY_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL")
    )
    free_disk_reserve_mb: int = 64
    sandbox: BoxMode = BoxMode.BEST_EFFORT
    format_rules: bool = True
    max_video_pixels: int = Field(default=8192 * 4352, ge=1)
    max_video_seconds: float = Field(default=14_400.0, gt=0)
    max_video_frames: int = Field(default=2_000_000, ge=1)
    max_video_streams: int = Field(default=64, ge=1)
    max_video_frame_rate: float = Field(default=1000.0, gt=0)
    probe_timeout_seconds: float = 60.0
    probe_memory_mb: int = 2048
    stage_memory_mb: int = 4096
    stage_address_space_mb: int = 16_384
    stage_file_mb: int = 65_536
    stage_cpu_seconds: int | None = None
    stage_stall_seconds: float = Field(default=600.0, gt=0)
    stage_still_seconds: float = Field(default=60.0, gt=0)
    wake_seconds: float = Field(default=5.0, gt=0)
    metrics_address: str | None = None
    otlp_endpoint: str | None = Field(default=None, validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_ENDPOINT"))
    worker_name: str | None = None
    worker_poll_seconds: float = Field(default=5.0, gt=0)
    worker_beat_seconds: float = 1.0
    worker_dead_seconds: float = 15.0
    worker_max_attempts: int = 50

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("["):
            return tuple(json.loads(value))
        return tuple(origin.strip() for origin in value.split(",") if origin.strip())

    @field_validator("log_level")
    @classmethod
    def _upper(cls, value: str) -> str:
        return value.upper()

    @field_validator("metrics_address")
    @classmethod
    def _loopback(cls, value: str | None) -> str | None:
        host, _, port = (value or "127.0.0.1:0").rpartition(":")
        try:
            within = ipaddress.ip_address(host.strip("[]")).is_loopback and 0 <= int(port) <= 65_535
        except ValueError:
            within = False
        if not within:
            raise ValueError(
                "metrics ask for no token, so they need a loopback address like 127.0.0.1:9464; an agent or a proxy "
                "of yours on this machine can pass them on"
            )
        return value

    @model_validator(mode="after")
    def _needs_bucket(self) -> "Settings":
        if self.storage_type is StorageType.S3 and not self.s3_bucket_name:
            raise ValueError("STORAGE_TYPE=s3 needs S3_BUCKET_NAME")
        return self

    @model_validator(mode="after")
    def _needs_both_tls_files(self) -> "Settings":
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("CLIPZY_TLS_CERT and CLIPZY_TLS_KEY go together")
        return self

    @property
    def storage_folder(self) -> Path:
        """The folder of local blobs, or of the staging area beside S3."""
        return (self.local_storage_path or self.data_dir / "storage").absolute()

    @property
    def max_file_bytes(self) -> int:
        """The most an uploaded file may have."""
        return self.max_file_size_mb * MIB

    @property
    def storage_origins(self) -> tuple[str, ...]:
        """The origins that downloads are redirected to, where S3 itself gives them away."""
        if self.storage_type is not StorageType.S3 or not self.s3_presign_seconds:
            return ()
        if self.s3_endpoint_url is not None:
            return ("{0.scheme}://{0.netloc}".format(urlsplit(self.s3_endpoint_url)),)
        host = f"s3.{self.aws_region or 'us-east-1'}.amazonaws.com"
        return (f"https://{host}", f"https://{self.s3_bucket_name}.{host}")

    @property
    def stage_cpu_s(self) -> int:
        """Processor time of one stage: unset, what all cores can give while a job may last."""
        return self.stage_cpu_seconds or math.ceil(self.processing_timeout_seconds * len(os.sched_getaffinity(0)))

    @property
    def concurrent_jobs(self) -> int:
        """Jobs that one worker runs at once: unset, one for every two cores, which a job's codecs keep busy."""
        return self.max_concurrent_jobs or max(1, len(os.sched_getaffinity(0)) // 2)
