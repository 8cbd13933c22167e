from dataclasses import fields
from datetime import UTC, datetime

import pytest

from clipzy.v1 import video_service_pb2
from clipzy_server.api.video_messages import upload_request, video_message
from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.video import Video, VideoMetadata
from clipzy_server.usecases.requests import UploadRequest

METADATA = VideoMetadata(1920, 1080, 12.5, 29.97, "h264", 4321, "mp4", True, "aac", True, False, 90)
VIDEO = Video(
    video_id="vid_1",
    owner_id="own_1",
    filename="a.mp4",
    file_size_bytes=6_000_000_000,
    metadata=METADATA,
    uploaded_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    storage_url="file:///storage/vid_1/a.mp4",
    sha256="ab" * 32,
    blob_key="vid_1/a.mp4",
    template_video_id="vid_2",
)


def test_a_video_shows_everything_but_what_is_internal():
    message = video_message(VIDEO)
    shown = ("video_id", "filename", "file_size_bytes", "storage_url", "sha256", "template_video_id")
    assert {name: getattr(message, name) for name in shown} == {name: getattr(VIDEO, name) for name in shown}
    assert message.uploaded_at.ToDatetime(tzinfo=UTC) == VIDEO.uploaded_at
    internal = {"owner_id", "blob_key", "webhook_url"}
    assert set(message.DESCRIPTOR.fields_by_name) == {field.name for field in fields(Video)} - internal


def test_all_metadata_are_shown():
    message = video_message(VIDEO).metadata
    assert VideoMetadata(**{field.name: getattr(message, field.name) for field in fields(VideoMetadata)}) == METADATA


def test_an_upload_asks_for_what_its_header_says():
    header = video_service_pb2.UploadVideoHeader(
        filename="a.mp4", size_bytes=0, sha256="AB", template_video_id="vid_2", webhook_url="https://example.com/x"
    )
    assert upload_request(header) == UploadRequest("a.mp4", 0, "ab", "vid_2", "https://example.com/x")
    assert upload_request(video_service_pb2.UploadVideoHeader(filename="a.mp4")) == UploadRequest("a.mp4")


def test_an_upload_needs_a_name():
    with pytest.raises(Invalid) as caught:
        upload_request(video_service_pb2.UploadVideoHeader())
    assert caught.value.code is ErrorCode.MISSING_FIELD
