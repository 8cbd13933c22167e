"""Uploaded videos and what a probe tells of them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class VideoMetadata:
    """Probed from the file. Width and height as displayed: after rotation and pixel aspect."""

    width: int
    height: int
    duration_seconds: float
    frame_rate: float
    codec: str
    bitrate_kbps: int
    format: str
    has_audio: bool
    audio_codec: str | None
    is_variable_frame_rate: bool
    is_hdr: bool
    rotation_degrees: int


@dataclass(frozen=True, slots=True)
class Video:
    """A stored video. `blob_key` names its bytes; `storage_url` is what callers are shown."""

    video_id: str
    owner_id: str
    filename: str
    file_size_bytes: int
    metadata: VideoMetadata
    uploaded_at: datetime
    storage_url: str
    sha256: str
    blob_key: str
    template_video_id: str | None = None
    webhook_url: str | None = None
