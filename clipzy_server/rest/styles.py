"""`/styles`."""

from google.api.httpbody_pb2 import HttpBody
from typing_extensions import override

from clipzy.rest.v1 import rest_pb2, rest_pb2_grpc
from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.rest.answer import success
from clipzy_server.rest.body import read_json
from clipzy_server.rest.documented import data, documented, json_body
from clipzy_server.rest.exchange import Context, request_header
from clipzy_server.rest.parameters import IDEMPOTENCY_KEY, PAGING, WITH
from clipzy_server.rest.query import page_of, query_of
from clipzy_server.rest.saved_style_json import (
    SavedStyleJson,
    SavedStylePageJson,
    StyleDifferenceJson,
    StyleIdJson,
    saved_style_json,
    saved_style_page_json,
)
from clipzy_server.rest.style_request import NewStyleJson
from clipzy_server.transport.call import current_owner
from clipzy_server.usecases.styles import Styles


class StyleRoutes(rest_pb2_grpc.StyleServiceServicer):
    """Saved Style DNA."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles

    @documented(
        data(SavedStyleJson, description="The saved style."),
        body=json_body(NewStyleJson),
        headers=(IDEMPOTENCY_KEY,),
        failures=(
            ErrorCode.JOB_NOT_FOUND,
            ErrorCode.STYLE_NOT_FOUND,
            ErrorCode.RESULT_NOT_READY,
            ErrorCode.IDEMPOTENCY_KEY_REUSED,
        ),
    )
    @override
    async def SaveStyle(self, request: HttpBody, context: Context) -> HttpBody:
        query_of(context)
        asked = read_json(request, NewStyleJson)
        style = asked.style.to_domain() if asked.style else None
        key = request_header(context, "idempotency-key")
        saved = await self._styles.save(
            current_owner(), asked.name, style=style, job_id=asked.job_id, idempotency_key=key
        )
        return success("Style saved", saved_style_json(saved))

    @documented(data(SavedStylePageJson, description="One page."), query=PAGING)
    @override
    async def ListStyles(self, request: rest_pb2.RootRequest, context: Context) -> HttpBody:
        page = await self._styles.list(current_owner(), page_of(query_of(context, "page", "page_size")))
        return success("Styles retrieved", saved_style_page_json(page))

    @documented(data(SavedStyleJson, description="The saved style."), failures=(ErrorCode.STYLE_NOT_FOUND,))
    @override
    async def GetStyle(self, request: rest_pb2.StyleRequest, context: Context) -> HttpBody:
        query_of(context)
        return success("Style retrieved", saved_style_json(await self._styles.get(current_owner(), request.style_id)))

    @documented(data(StyleIdJson, description="It is gone."), failures=(ErrorCode.STYLE_NOT_FOUND,))
    @override
    async def DeleteStyle(self, request: rest_pb2.StyleRequest, context: Context) -> HttpBody:
        query_of(context)
        await self._styles.delete(current_owner(), request.style_id)
        return success("Style deleted", StyleIdJson(style_id=request.style_id))

    @documented(
        data(StyleDifferenceJson, description="What differs."),
        query=(WITH,),
        failures=(ErrorCode.STYLE_NOT_FOUND, ErrorCode.MISSING_FIELD),
    )
    @override
    async def DiffStyles(self, request: rest_pb2.StyleRequest, context: Context) -> HttpBody:
        other = query_of(context, "with").get("with")
        if not other:
            raise Invalid(ErrorCode.MISSING_FIELD, "A required field is missing", "with: is required.")
        difference = await self._styles.diff(current_owner(), request.style_id, other)
        return success("Styles compared", StyleDifferenceJson.model_validate(difference))
