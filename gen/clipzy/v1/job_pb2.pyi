import datetime

from clipzy.v1 import style_pb2 as _style_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JobStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JOB_STATUS_UNSPECIFIED: _ClassVar[JobStatus]
    JOB_STATUS_QUEUED: _ClassVar[JobStatus]
    JOB_STATUS_PROCESSING: _ClassVar[JobStatus]
    JOB_STATUS_COMPLETED: _ClassVar[JobStatus]
    JOB_STATUS_FAILED: _ClassVar[JobStatus]
    JOB_STATUS_CANCELLED: _ClassVar[JobStatus]

class Stage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAGE_UNSPECIFIED: _ClassVar[Stage]
    STAGE_VIDEO_ANALYSIS: _ClassVar[Stage]
    STAGE_AUDIO_ANALYSIS: _ClassVar[Stage]
    STAGE_MOTION_ANALYSIS: _ClassVar[Stage]
    STAGE_STYLE_EXTRACTION: _ClassVar[Stage]
    STAGE_STYLE_APPLICATION: _ClassVar[Stage]
    STAGE_RENDERING: _ClassVar[Stage]

class Quality(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    QUALITY_UNSPECIFIED: _ClassVar[Quality]
    QUALITY_LOW: _ClassVar[Quality]
    QUALITY_MEDIUM: _ClassVar[Quality]
    QUALITY_HIGH: _ClassVar[Quality]

class JobMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JOB_MODE_UNSPECIFIED: _ClassVar[JobMode]
    JOB_MODE_TRANSFER: _ClassVar[JobMode]
    JOB_MODE_EXTRACT_ONLY: _ClassVar[JobMode]

class Dimension(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DIMENSION_UNSPECIFIED: _ClassVar[Dimension]
    DIMENSION_COLOR: _ClassVar[Dimension]
    DIMENSION_FRAMING: _ClassVar[Dimension]
    DIMENSION_FRAME_RATE: _ClassVar[Dimension]
    DIMENSION_CUTS: _ClassVar[Dimension]
    DIMENSION_TRANSITIONS: _ClassVar[Dimension]
    DIMENSION_ZOOM: _ClassVar[Dimension]
    DIMENSION_AUDIO: _ClassVar[Dimension]
JOB_STATUS_UNSPECIFIED: JobStatus
JOB_STATUS_QUEUED: JobStatus
JOB_STATUS_PROCESSING: JobStatus
JOB_STATUS_COMPLETED: JobStatus
JOB_STATUS_FAILED: JobStatus
JOB_STATUS_CANCELLED: JobStatus
STAGE_UNSPECIFIED: Stage
STAGE_VIDEO_ANALYSIS: Stage
STAGE_AUDIO_ANALYSIS: Stage
STAGE_MOTION_ANALYSIS: Stage
STAGE_STYLE_EXTRACTION: Stage
STAGE_STYLE_APPLICATION: Stage
STAGE_RENDERING: Stage
QUALITY_UNSPECIFIED: Quality
QUALITY_LOW: Quality
QUALITY_MEDIUM: Quality
QUALITY_HIGH: Quality
JOB_MODE_UNSPECIFIED: JobMode
JOB_MODE_TRANSFER: JobMode
JOB_MODE_EXTRACT_ONLY: JobMode
DIMENSION_UNSPECIFIED: Dimension
DIMENSION_COLOR: Dimension
DIMENSION_FRAMING: Dimension
DIMENSION_FRAME_RATE: Dimension
DIMENSION_CUTS: Dimension
DIMENSION_TRANSITIONS: Dimension
DIMENSION_ZOOM: Dimension
DIMENSION_AUDIO: Dimension

class Job(_message.Message):
    __slots__ = ("job_id", "video_id", "status", "progress_percent", "current_stage", "created_at", "updated_at", "started_at", "completed_at", "template_video_id", "error", "stage_progress_percent", "eta", "attempt")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    VIDEO_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_PERCENT_FIELD_NUMBER: _ClassVar[int]
    CURRENT_STAGE_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_AT_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_VIDEO_ID_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    STAGE_PROGRESS_PERCENT_FIELD_NUMBER: _ClassVar[int]
    ETA_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    video_id: str
    status: JobStatus
    progress_percent: int
    current_stage: Stage
    created_at: _timestamp_pb2.Timestamp
    updated_at: _timestamp_pb2.Timestamp
    started_at: _timestamp_pb2.Timestamp
    completed_at: _timestamp_pb2.Timestamp
    template_video_id: str
    error: JobError
    stage_progress_percent: int
    eta: _duration_pb2.Duration
    attempt: int
    def __init__(self, job_id: _Optional[str] = ..., video_id: _Optional[str] = ..., status: _Optional[_Union[JobStatus, str]] = ..., progress_percent: _Optional[int] = ..., current_stage: _Optional[_Union[Stage, str]] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., completed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., template_video_id: _Optional[str] = ..., error: _Optional[_Union[JobError, _Mapping]] = ..., stage_progress_percent: _Optional[int] = ..., eta: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., attempt: _Optional[int] = ...) -> None: ...

class JobError(_message.Message):
    __slots__ = ("stage", "code", "message")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    stage: Stage
    code: str
    message: str
    def __init__(self, stage: _Optional[_Union[Stage, str]] = ..., code: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class JobConfig(_message.Message):
    __slots__ = ("quality", "mode", "style_id", "style", "strength", "apply", "aspect_ratio", "frame_rate", "resolution", "keep_duration", "priority", "dry_run")
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    STYLE_ID_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    APPLY_FIELD_NUMBER: _ClassVar[int]
    ASPECT_RATIO_FIELD_NUMBER: _ClassVar[int]
    FRAME_RATE_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    KEEP_DURATION_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    quality: Quality
    mode: JobMode
    style_id: str
    style: _style_pb2.StyleDna
    strength: float
    apply: Dimensions
    aspect_ratio: _style_pb2.AspectRatio
    frame_rate: int
    resolution: str
    keep_duration: bool
    priority: int
    dry_run: bool
    def __init__(self, quality: _Optional[_Union[Quality, str]] = ..., mode: _Optional[_Union[JobMode, str]] = ..., style_id: _Optional[str] = ..., style: _Optional[_Union[_style_pb2.StyleDna, _Mapping]] = ..., strength: _Optional[float] = ..., apply: _Optional[_Union[Dimensions, _Mapping]] = ..., aspect_ratio: _Optional[_Union[_style_pb2.AspectRatio, str]] = ..., frame_rate: _Optional[int] = ..., resolution: _Optional[str] = ..., keep_duration: _Optional[bool] = ..., priority: _Optional[int] = ..., dry_run: _Optional[bool] = ...) -> None: ...

class Dimensions(_message.Message):
    __slots__ = ("dimensions",)
    DIMENSIONS_FIELD_NUMBER: _ClassVar[int]
    dimensions: _containers.RepeatedScalarFieldContainer[Dimension]
    def __init__(self, dimensions: _Optional[_Iterable[_Union[Dimension, str]]] = ...) -> None: ...

class JobEstimate(_message.Message):
    __slots__ = ("valid", "estimated_time", "warnings")
    VALID_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_TIME_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    valid: bool
    estimated_time: _duration_pb2.Duration
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, valid: _Optional[bool] = ..., estimated_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class JobResult(_message.Message):
    __slots__ = ("job", "style", "output_video_url", "processing_time", "artifacts", "stage_times", "fidelity")
    class FidelityEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: DimensionFidelity
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[DimensionFidelity, _Mapping]] = ...) -> None: ...
    JOB_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_VIDEO_URL_FIELD_NUMBER: _ClassVar[int]
    PROCESSING_TIME_FIELD_NUMBER: _ClassVar[int]
    ARTIFACTS_FIELD_NUMBER: _ClassVar[int]
    STAGE_TIMES_FIELD_NUMBER: _ClassVar[int]
    FIDELITY_FIELD_NUMBER: _ClassVar[int]
    job: Job
    style: _style_pb2.StyleDna
    output_video_url: str
    processing_time: _duration_pb2.Duration
    artifacts: _containers.RepeatedCompositeFieldContainer[Artifact]
    stage_times: _containers.RepeatedCompositeFieldContainer[StageTime]
    fidelity: _containers.MessageMap[str, DimensionFidelity]
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ..., style: _Optional[_Union[_style_pb2.StyleDna, _Mapping]] = ..., output_video_url: _Optional[str] = ..., processing_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., artifacts: _Optional[_Iterable[_Union[Artifact, _Mapping]]] = ..., stage_times: _Optional[_Iterable[_Union[StageTime, _Mapping]]] = ..., fidelity: _Optional[_Mapping[str, DimensionFidelity]] = ...) -> None: ...

class Artifact(_message.Message):
    __slots__ = ("name", "url", "size_bytes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    name: str
    url: str
    size_bytes: int
    def __init__(self, name: _Optional[str] = ..., url: _Optional[str] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class StageTime(_message.Message):
    __slots__ = ("stage", "duration")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    stage: Stage
    duration: _duration_pb2.Duration
    def __init__(self, stage: _Optional[_Union[Stage, str]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class DimensionFidelity(_message.Message):
    __slots__ = ("template", "output", "nearness")
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    NEARNESS_FIELD_NUMBER: _ClassVar[int]
    template: FidelityValue
    output: FidelityValue
    nearness: float
    def __init__(self, template: _Optional[_Union[FidelityValue, _Mapping]] = ..., output: _Optional[_Union[FidelityValue, _Mapping]] = ..., nearness: _Optional[float] = ...) -> None: ...

class FidelityValue(_message.Message):
    __slots__ = ("number", "text")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    number: float
    text: str
    def __init__(self, number: _Optional[float] = ..., text: _Optional[str] = ...) -> None: ...
