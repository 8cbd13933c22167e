"""Videos ↔ protobuf."""

from clipzy.v1 import video_pb2, video_service_pb2
from clipzy_server.api.fields import required
from clipzy_server.api.times import timestamp
from clipzy_server.domain.upload import Upload
from clipzy_server.domain.video import Video, VideoMetadata
from clipzy_server.usecases.requests import UploadRequest


def video_message(video: Video) -> video_pb2.Video:
    """A video as its owner sees it."""
    return video_pb2.Video(
        video_id=video.video_id,
        filename=video.filename,
        file_size_bytes=video.file_size_bytes,
        metadata=_metadata(video.metadata),
        uploaded_at=timestamp(video.uploaded_at),
        storage_url=video.storage_url,
        sha256=video.sha256,
        template_video_id=video.template_video_id,
    )


def upload_message(upload: Upload) -> video_pb2.Upload:
    """A resumable upload as its owner sees it."""
    return video_pb2.Upload(
        upload_id=upload.upload_id,
        filename=upload.filename,
        size_bytes=upload.size_bytes,
        offset_bytes=upload.offset_bytes,
        expires_at=timestamp(upload.expires_at),
        video_id=upload.video_id,
    )


def upload_request(header: video_service_pb2.UploadVideoHeader | video_service_pb2.StartUploadRequest) -> UploadRequest:
    """The upload that is announced; raises Invalid when it names no file."""
    return UploadRequest(
        filename=required(header.filename, "filename"),
        size_bytes=_announced_size(header),
        sha256=header.sha256.lower() if header.HasField("sha256") else None,
        template_video_id=header.template_video_id or None,
        webhook_url=header.webhook_url or None,
    )


def _announced_size(header: video_service_pb2.UploadVideoHeader | video_service_pb2.StartUploadRequest) -> int | None:
    if isinstance(header, video_service_pb2.UploadVideoHeader) and not header.HasField("size_bytes"):
        return None
    return header.size_bytes


def _metadata(metadata: VideoMetadata) -> video_pb2.VideoMetadata:
    return video_pb2.VideoMetadata(
        width=metadata.width,
        height=metadata.height,
        duration_seconds=metadata.duration_seconds,
        frame_rate=metadata.frame_rate,
        codec=metadata.codec,
        bitrate_kbps=metadata.bitrate_kbps,
        format=metadata.format,
        has_audio=metadata.has_audio,
        audio_codec=metadata.audio_codec,
        is_variable_frame_rate=metadata.is_variable_frame_rate,
        is_hdr=metadata.is_hdr,
        rotation_degrees=metadata.rotation_degrees,
    )
