from clipzy.v1 import scope_pb2 as _scope_pb2
from clipzy.v1 import style_pb2 as _style_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SaveStyleRequest(_message.Message):
    __slots__ = ("name", "style", "job_id", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    style: _style_pb2.StyleDna
    job_id: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., style: _Optional[_Union[_style_pb2.StyleDna, _Mapping]] = ..., job_id: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class SaveStyleResponse(_message.Message):
    __slots__ = ("style",)
    STYLE_FIELD_NUMBER: _ClassVar[int]
    style: _style_pb2.SavedStyle
    def __init__(self, style: _Optional[_Union[_style_pb2.SavedStyle, _Mapping]] = ...) -> None: ...

class GetStyleRequest(_message.Message):
    __slots__ = ("style_id",)
    STYLE_ID_FIELD_NUMBER: _ClassVar[int]
    style_id: str
    def __init__(self, style_id: _Optional[str] = ...) -> None: ...

class GetStyleResponse(_message.Message):
    __slots__ = ("style",)
    STYLE_FIELD_NUMBER: _ClassVar[int]
    style: _style_pb2.SavedStyle
    def __init__(self, style: _Optional[_Union[_style_pb2.SavedStyle, _Mapping]] = ...) -> None: ...

class ListStylesRequest(_message.Message):
    __slots__ = ("page", "page_size")
    PAGE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    page: int
    page_size: int
    def __init__(self, page: _Optional[int] = ..., page_size: _Optional[int] = ...) -> None: ...

class ListStylesResponse(_message.Message):
    __slots__ = ("styles", "total", "page", "page_size")
    STYLES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    styles: _containers.RepeatedCompositeFieldContainer[_style_pb2.SavedStyle]
    total: int
    page: int
    page_size: int
    def __init__(self, styles: _Optional[_Iterable[_Union[_style_pb2.SavedStyle, _Mapping]]] = ..., total: _Optional[int] = ..., page: _Optional[int] = ..., page_size: _Optional[int] = ...) -> None: ...

class DeleteStyleRequest(_message.Message):
    __slots__ = ("style_id",)
    STYLE_ID_FIELD_NUMBER: _ClassVar[int]
    style_id: str
    def __init__(self, style_id: _Optional[str] = ...) -> None: ...

class DeleteStyleResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DiffStylesRequest(_message.Message):
    __slots__ = ("style_id", "with_style_id")
    STYLE_ID_FIELD_NUMBER: _ClassVar[int]
    WITH_STYLE_ID_FIELD_NUMBER: _ClassVar[int]
    style_id: str
    with_style_id: str
    def __init__(self, style_id: _Optional[str] = ..., with_style_id: _Optional[str] = ...) -> None: ...

class DiffStylesResponse(_message.Message):
    __slots__ = ("fields", "summary")
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    fields: _containers.RepeatedCompositeFieldContainer[StyleDifference]
    summary: str
    def __init__(self, fields: _Optional[_Iterable[_Union[StyleDifference, _Mapping]]] = ..., summary: _Optional[str] = ...) -> None: ...

class StyleDifference(_message.Message):
    __slots__ = ("field", "a", "b", "change")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    A_FIELD_NUMBER: _ClassVar[int]
    B_FIELD_NUMBER: _ClassVar[int]
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    field: str
    a: _struct_pb2.Value
    b: _struct_pb2.Value
    change: float
    def __init__(self, field: _Optional[str] = ..., a: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., b: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., change: _Optional[float] = ...) -> None: ...
