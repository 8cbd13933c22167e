"""`/openapi.json`."""

from google.api.httpbody_pb2 import HttpBody
from pydantic_core import to_json
from typing_extensions import override

from clipzy.rest.v1 import rest_pb2, rest_pb2_grpc
from clipzy_server.rest.answer import JSON
from clipzy_server.rest.documented import Answer, Content, documented
from clipzy_server.rest.exchange import Context
from clipzy_server.rest.query import query_of

_DOCUMENT = Answer("An OpenAPI 3.1 document.", contents=(Content(JSON, schema={"type": "object"}),))


class OpenApiRoutes(rest_pb2_grpc.OpenApiServiceServicer):
    """What this API is, for programs."""

    def __init__(self, document: dict[str, object]) -> None:
        self._document = to_json(document)

    @documented(_DOCUMENT)
    @override
    async def GetOpenApi(self, request: rest_pb2.RootRequest, context: Context) -> HttpBody:
        """The document, bare."""
        query_of(context)
        return HttpBody(content_type=JSON, data=self._document)
