import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Video(_message.Message):
    __slots__ = ("video_id", "filename", "file_size_bytes", "metadata", "uploaded_at", "storage_url", "sha256", "template_video_id")
    VIDEO_ID_FIELD_NUMBER: _ClassVar[int]
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    FILE_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    UPLOADED_AT_FIELD_NUMBER: _ClassVar[int]
    STORAGE_URL_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_VIDEO_ID_FIELD_NUMBER: _ClassVar[int]
    video_id: str
    filename: str
    file_size_bytes: int
    metadata: VideoMetadata
    uploaded_at: _timestamp_pb2.Timestamp
    storage_url: str
    sha256: str
    template_video_id: str
    def __init__(self, video_id: _Optional[str] = ..., filename: _Optional[str] = ..., file_size_bytes: _Optional[int] = ..., metadata: _Optional[_Union[VideoMetadata, _Mapping]] = ..., uploaded_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., storage_url: _Optional[str] = ..., sha256: _Optional[str] = ..., template_video_id: _Optional[str] = ...) -> None: ...

class VideoMetadata(_message.Message):
    __slots__ = ("width", "height", "duration_seconds", "frame_rate", "codec", "bitrate_kbps", "format", "has_audio", "audio_codec", "is_variable_frame_rate", "is_hdr", "rotation_degrees")
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    DURATION_SECONDS_FIELD_NUMBER: _ClassVar[int]
    FRAME_RATE_FIELD_NUMBER: _ClassVar[int]
    CODEC_FIELD_NUMBER: _ClassVar[int]
    BITRATE_KBPS_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    HAS_AUDIO_FIELD_NUMBER: _ClassVar[int]
    AUDIO_CODEC_FIELD_NUMBER: _ClassVar[int]
    IS_VARIABLE_FRAME_RATE_FIELD_NUMBER: _ClassVar[int]
    IS_HDR_FIELD_NUMBER: _ClassVar[int]
    ROTATION_DEGREES_FIELD_NUMBER: _ClassVar[int]
    width: int
    height: int
    duration_seconds: float
    frame_rate: float
    codec: str
    bitrate_kbps: int
    format: str
    has_audio: bool
    audio_codec: str
    is_variable_frame_rate: bool
    is_hdr: bool
    rotation_degrees: int
    def __init__(self, width: _Optional[int] = ..., height: _Optional[int] = ..., duration_seconds: _Optional[float] = ..., frame_rate: _Optional[float] = ..., codec: _Optional[str] = ..., bitrate_kbps: _Optional[int] = ..., format: _Optional[str] = ..., has_audio: _Optional[bool] = ..., audio_codec: _Optional[str] = ..., is_variable_frame_rate: _Optional[bool] = ..., is_hdr: _Optional[bool] = ..., rotation_degrees: _Optional[int] = ...) -> None: ...

class Upload(_message.Message):
    __slots__ = ("upload_id", "filename", "size_bytes", "offset_bytes", "expires_at", "video_id")
    UPLOAD_ID_FIELD_NUMBER: _ClassVar[int]
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    OFFSET_BYTES_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    VIDEO_ID_FIELD_NUMBER: _ClassVar[int]
    upload_id: str
    filename: str
    size_bytes: int
    offset_bytes: int
    expires_at: _timestamp_pb2.Timestamp
    video_id: str
    def __init__(self, upload_id: _Optional[str] = ..., filename: _Optional[str] = ..., size_bytes: _Optional[int] = ..., offset_bytes: _Optional[int] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., video_id: _Optional[str] = ...) -> None: ...
