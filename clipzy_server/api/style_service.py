"""StyleService: saved styles."""

from typing import Any

from google.protobuf.struct_pb2 import NULL_VALUE, Value
from typing_extensions import override

from clipzy.v1 import style_pb2
from clipzy.v1 import style_service_pb2 as wire
from clipzy.v1.style_service_pb2_grpc import StyleServiceServicer
from clipzy_server.api.fields import missing, required
from clipzy_server.api.paging import page_request
from clipzy_server.api.style_messages import style_message
from clipzy_server.api.style_values import style_value
from clipzy_server.api.times import timestamp
from clipzy_server.domain.style import FieldDifference, SavedStyle
from clipzy_server.transport.call import current_owner
from clipzy_server.usecases.styles import Styles

Context = Any  # grpc.aio.ServicerContext, whose messages the published stubs leave untyped


class StyleService(StyleServiceServicer):
    """The calls of clipzy.v1.StyleService on the use cases of styles."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles

    @override
    async def SaveStyle(self, request: wire.SaveStyleRequest, context: Context) -> wire.SaveStyleResponse:
        source = request.WhichOneof("source")
        if source is None:
            raise missing("style or job_id")
        saved = await self._styles.save(
            current_owner(),
            required(request.name, "name"),
            style=style_value(request.style, "style") if source == "style" else None,
            job_id=required(request.job_id, "job_id") if source == "job_id" else None,
            idempotency_key=request.request_id or None,
        )
        return wire.SaveStyleResponse(style=_saved_message(saved))

    @override
    async def GetStyle(self, request: wire.GetStyleRequest, context: Context) -> wire.GetStyleResponse:
        saved = await self._styles.get(current_owner(), required(request.style_id, "style_id"))
        return wire.GetStyleResponse(style=_saved_message(saved))

    @override
    async def ListStyles(self, request: wire.ListStylesRequest, context: Context) -> wire.ListStylesResponse:
        page = await self._styles.list(current_owner(), page_request(request.page, request.page_size))
        return wire.ListStylesResponse(
            styles=map(_saved_message, page.items), total=page.total, page=page.page, page_size=page.page_size
        )

    @override
    async def DeleteStyle(self, request: wire.DeleteStyleRequest, context: Context) -> wire.DeleteStyleResponse:
        await self._styles.delete(current_owner(), required(request.style_id, "style_id"))
        return wire.DeleteStyleResponse()

    @override
    async def DiffStyles(self, request: wire.DiffStylesRequest, context: Context) -> wire.DiffStylesResponse:
        style_id, other_id = required(request.style_id, "style_id"), required(request.with_style_id, "with_style_id")
        difference = await self._styles.diff(current_owner(), style_id, other_id)
        return wire.DiffStylesResponse(fields=map(_difference_message, difference.fields), summary=difference.summary)


def _saved_message(saved: SavedStyle) -> style_pb2.SavedStyle:
    return style_pb2.SavedStyle(
        style_id=saved.style_id,
        name=saved.name,
        style=style_message(saved.style),
        created_at=timestamp(saved.created_at),
    )


def _difference_message(difference: FieldDifference) -> wire.StyleDifference:
    return wire.StyleDifference(
        field=difference.field, a=_value(difference.a), b=_value(difference.b), change=difference.change
    )


def _value(value: float | str | bool | None) -> Value:
    match value:
        case None:
            return Value(null_value=NULL_VALUE)
        case bool():
            return Value(bool_value=value)
        case str():
            return Value(string_value=value)
        case _:
            return Value(number_value=value)
