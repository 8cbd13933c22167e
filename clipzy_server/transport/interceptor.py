"""Puts every call, of all four kinds, into its frame: request id, trace, access log, failures, identity."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, aclosing, nullcontext
from http import HTTPStatus
from typing import Any

import grpc
import grpc.aio
import structlog

from clipzy_server.domain.errors import ClipzyError, ErrorCode, anatomy
from clipzy_server.domain.owner import Scope
from clipzy_server.domain.trace import Tracer, Untraced
from clipzy_server.transport.access_log import access_logged
from clipzy_server.transport.call import Call, receive
from clipzy_server.transport.failure import failure_of, internal_error
from clipzy_server.transport.identity import Identity
from clipzy_server.transport.statuses import STATUSES
from clipzy_server.transport.traced import traced

Handler = Any  # grpc.RpcMethodHandler, whose behaviours the published stubs leave untyped
Context = Any  # grpc.aio.ServicerContext, likewise
Behaviour = Callable[[Any, Context], Awaitable[Any]]

_log = structlog.get_logger("clipzy.transport")


class CallInterceptor(grpc.aio.ServerInterceptor):  # type: ignore[type-arg] # generic in the stubs only
    """The server's only interceptor; gRPC asks it for the handler of each call.

    With `debug` callers are told of crashes, with everything that they must not see in production.
    """

    def __init__(
        self,
        identity: Identity,
        scopes: Mapping[str, Scope | None],
        tracer: Tracer | None = None,
        *,
        debug: bool = False,
    ) -> None:
        self._identity = identity
        self._scopes = scopes
        self._tracer = tracer or Untraced()
        self._debug = debug
        self._framed: dict[str, Handler] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler:
        """The handler of the method within its frame. Unknown methods answer in the same shape as any failure.

        A method without a declared scope is unknown.
        """
        method: str = handler_call_details.method
        framed = self._framed.get(method)
        if framed is None:
            handler = await continuation(handler_call_details)
            if handler is None or method not in self._scopes:
                return self._frame(method, grpc.unary_unary_rpc_method_handler(_refuse_unknown))
            framed = self._framed[method] = self._frame(method, handler)
        return framed

    def _frame(self, method: str, handler: Handler) -> Handler:
        if handler.response_streaming:
            make = (
                grpc.stream_stream_rpc_method_handler
                if handler.request_streaming
                else (grpc.unary_stream_rpc_method_handler)
            )
            serve = self._streaming(method, handler.stream_stream or handler.unary_stream)
        else:
            make = (
                grpc.stream_unary_rpc_method_handler
                if handler.request_streaming
                else (grpc.unary_unary_rpc_method_handler)
            )
            serve = self._single(method, handler.stream_unary or handler.unary_unary)
        return make(serve, handler.request_deserializer, handler.response_serializer)

    def _single(self, method: str, behaviour: Behaviour) -> Behaviour:
        async def serve(request: Any, context: Context) -> Any:
            return await self._serve(method, behaviour, request, context)

        return serve

    def _streaming(self, method: str, behaviour: Callable[[Any, Context], Any]) -> Behaviour:
        # The answers are written from here, not yielded on: a cancellation then arrives inside the frame, and the
        # behaviour is closed at once instead of whenever its generator is collected.
        async def write_answers(request: Any, context: Context) -> None:
            answers = behaviour(request, context)
            if not hasattr(answers, "__aiter__"):
                await answers
                return
            async with aclosing(answers):
                async for answer in answers:
                    await context.write(answer)

        return self._single(method, write_answers)

    async def _serve(self, method: str, behaviour: Behaviour, request: Any, context: Context) -> Any:
        call = receive(method, context)
        with self._traced(call), access_logged(call, is_known=method in self._scopes):
            try:
                await self._identity.establish(call, self._scopes.get(method, Scope.READ))
                return await behaviour(request, context)
            except (asyncio.CancelledError, grpc.aio.AbortError):
                raise
            except Exception as error:  # noqa: BLE001 - the last frame of a call: whatever escapes is answered
                await _refuse(call, self._told(call, error))

    def _traced(self, call: Call) -> AbstractContextManager[None]:
        """Neither what anybody may ask, like health, nor methods that somebody invented."""
        if not self._tracer.is_on or self._scopes.get(call.method) is None:
            return nullcontext()
        return traced(self._tracer, call)

    def _told(self, call: Call, error: Exception) -> ClipzyError:
        """What was foreseen leaves as it is; of anything else the log has the trace and the caller the request id."""
        if isinstance(error, ClipzyError) and (status := STATUSES[error.code].http) != HTTPStatus.INTERNAL_SERVER_ERROR:
            if status > HTTPStatus.INTERNAL_SERVER_ERROR:
                _log.warning("unavailable", method=call.method, request_id=call.request_id, error=anatomy(error))
            return error
        _log.exception("unexpected", method=call.method, request_id=call.request_id)
        return internal_error(call.request_id, error if self._debug else None)


async def _refuse(call: Call, error: ClipzyError) -> None:
    failure = failure_of(error, call.request_id)
    await call.context.abort(failure.status, failure.message, failure.trailers)


async def _refuse_unknown(_request: Any, _context: Context) -> None:
    raise ClipzyError(ErrorCode.NOT_IMPLEMENTED, "No such method")
