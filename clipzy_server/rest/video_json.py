"""A video as JSON."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from clipzy_server.domain.page import Page
from clipzy_server.domain.video import Video


class MetadataJson(BaseModel):
    """What the probe found."""

    model_config = ConfigDict(from_attributes=True)

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


class VideoJson(BaseModel):
    """A stored video as its owner sees it."""

    model_config = ConfigDict(from_attributes=True)

    video_id: str
    filename: str
    file_size_bytes: int
    metadata: MetadataJson
    uploaded_at: datetime
    storage_url: str
    sha256: str
    template_video_id: str | None


class VideoIdJson(BaseModel):
    """Which video it was."""

    video_id: str


class VideoPageJson(BaseModel):
    """One page of videos."""

    videos: tuple[VideoJson, ...]
    total: int
    page: int
    page_size: int


def video_json(video: Video) -> VideoJson:
    """The video's public fields."""
    return VideoJson.model_validate(video)


def video_page_json(page: Page[Video]) -> VideoPageJson:
    """The page in its published form."""
    videos = tuple(map(video_json, page.items))
    return VideoPageJson(videos=videos, total=page.total, page=page.page, page_size=page.page_size)
