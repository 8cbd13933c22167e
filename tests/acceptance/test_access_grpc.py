"""Every RPC of `clipzy.v1`, as the descriptors list them, for callers without a token, strangers and readers.

A new RPC is in here by itself; one with an id of a new kind asks for it in `belongings.py`.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

import clipzy.v1
from clipzy.v1 import scope_pb2
from tests.acceptance.belongings import kind_of, unknown

PLAIN = {"name": "style.json", "filename": "clip.mp4", "size_bytes": 1000}
READING = ("Get", "List", "Watch", "Download", "Diff", "Check")


def every_rpc() -> list[MethodDescriptor]:
    names = [module.name for module in pkgutil.iter_modules(clipzy.v1.__path__) if module.name.endswith("_pb2")]
    files = [importlib.import_module(f"clipzy.v1.{name}").DESCRIPTOR for name in names]
    return [rpc for file in files for service in file.services_by_name.values() for rpc in service.methods]


def scope_of(rpc: MethodDescriptor) -> int:
    return rpc.GetOptions().Extensions[scope_pb2.required_scope]


def id_fields(message: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of the fields that name something of somebody's."""
    for field in message.fields:
        if field.name.endswith("_id") and field.name != "request_id":
            yield (*above, field.name)
        elif field.type == FieldDescriptor.TYPE_MESSAGE and not field.is_repeated and is_ours(field.message_type):
            yield from id_fields(field.message_type, (*above, field.name))


def is_ours(message: Any) -> bool:
    return bool(message.full_name.startswith("clipzy.v1."))


RPCS = every_rpc()
CASES = [(rpc, path) for rpc in RPCS for path in id_fields(rpc.input_type)]


def request_of(rpc: MethodDescriptor, ids: dict[str, str], path: tuple[str, ...] = (), value: str = "") -> Message:
    """What must be there, of one's own; and at `path` a value."""
    request = GetMessageClass(rpc.input_type)()
    holder: Any = request
    for name in path[:-1]:
        _fill(holder, ids)
        holder = getattr(holder, name)
    _fill(holder, ids)
    if path:
        setattr(holder, path[-1], value)
    return request


def _fill(message: Message, ids: dict[str, str]) -> None:
    for field in message.DESCRIPTOR.fields:
        if field.has_presence or field.is_repeated:
            continue
        if field.name.endswith("_id") and field.name != "request_id":
            # An upload goes on with one, or begins by its own header.
            if field.name != "upload_id" or len(message.DESCRIPTOR.fields) == 1:
                setattr(message, field.name, ids[kind_of(field.name)])
        elif field.name in PLAIN:
            setattr(message, field.name, PLAIN[field.name])


@dataclass(frozen=True)
class Outcome:
    """How a call ended: its status, and everything the caller was told."""

    code: grpc.StatusCode
    reason: str | None
    told: tuple[Any, ...]


def call(channel: grpc.Channel, rpc: MethodDescriptor, request: Message, token: str | None) -> Outcome:
    make = {
        (False, False): channel.unary_unary,
        (False, True): channel.unary_stream,
        (True, False): channel.stream_unary,
        (True, True): channel.stream_stream,
    }[rpc.client_streaming, rpc.server_streaming]
    invoke = make(
        f"/{rpc.containing_service.full_name}/{rpc.name}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=GetMessageClass(rpc.output_type).FromString,
    )
    metadata = [] if token is None else [("authorization", f"Bearer {token}")]
    sent = iter([request]) if rpc.client_streaming else request
    try:
        answer = invoke(sent, metadata=metadata, timeout=30)
        told = (
            tuple(part.SerializeToString() for part in answer)
            if rpc.server_streaming
            else (answer.SerializeToString(),)
        )
    except grpc.RpcError as error:
        return _refusal(error)
    return Outcome(grpc.StatusCode.OK, None, told)


def _refusal(error: Any) -> Outcome:
    trailers = {key: value for key, value in error.trailing_metadata() if key not in ("x-request-id", "date")}
    packed = Status.FromString(trailers["grpc-status-details-bin"])
    info = ErrorInfo()
    (detail,) = packed.details
    assert detail.Unpack(info)
    return Outcome(error.code(), info.reason, (error.details(), tuple(sorted(trailers.items()))))


def without(outcome: Outcome, some_id: str) -> Outcome:
    told = repr(outcome.told).replace(some_id, "ID")
    return Outcome(outcome.code, outcome.reason, (told,))


@pytest.fixture(scope="module")
def channel(stack) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"127.0.0.1:{stack.port}") as opened:
        yield opened


def named(case: Any) -> str:
    if isinstance(case, MethodDescriptor):
        return case.full_name.removeprefix("clipzy.v1.")
    return ".".join(case)


def test_names_and_scopes_of_rpcs_say_the_same():
    for rpc in RPCS:
        reads = scope_of(rpc) in (scope_pb2.SCOPE_NONE, scope_pb2.SCOPE_READ)
        assert rpc.name.startswith(READING) is reads, rpc.full_name


@pytest.mark.parametrize("rpc", RPCS, ids=named)
def test_without_a_good_token_nothing_but_what_is_open_is_answered(channel, mine, rpc):
    outcomes = [call(channel, rpc, request_of(rpc, mine), token) for token in (None, "x", "clipzy_wrong")]
    if scope_of(rpc) == scope_pb2.SCOPE_NONE:
        assert {outcome.code for outcome in outcomes} == {grpc.StatusCode.OK}
        return
    assert {outcome.code for outcome in outcomes} == {grpc.StatusCode.UNAUTHENTICATED}
    assert len(set(outcomes)) == 1
    assert outcomes[0].reason == "UNAUTHORIZED"


@pytest.mark.parametrize(("rpc", "path"), CASES, ids=named)
def test_what_is_anothers_answers_exactly_as_what_nobody_has(channel, mine, theirs, stranger_token, rpc, path):
    known = mine[kind_of(path[-1])]
    foreign = call(channel, rpc, request_of(rpc, theirs, path, known), stranger_token)
    absent = call(channel, rpc, request_of(rpc, theirs, path, unknown(known)), stranger_token)
    assert foreign.code is grpc.StatusCode.NOT_FOUND
    assert without(foreign, known) == without(absent, unknown(known))


@pytest.mark.parametrize("rpc", [rpc for rpc in RPCS if rpc.name.startswith("List")], ids=named)
def test_lists_tell_nothing_of_others(channel, mine, stranger_token, rpc):
    outcome = call(channel, rpc, GetMessageClass(rpc.input_type)(page_size=100), stranger_token)
    assert outcome.code is grpc.StatusCode.OK
    assert [some_id for some_id in mine.values() if some_id.encode() in outcome.told[0]] == []


@pytest.mark.parametrize("rpc", RPCS, ids=named)
def test_a_reader_reads_everything_and_changes_nothing(channel, mine, reader_token, rpc):
    outcome = call(channel, rpc, request_of(rpc, mine), reader_token)
    if scope_of(rpc) in (scope_pb2.SCOPE_NONE, scope_pb2.SCOPE_READ):
        assert outcome.code is grpc.StatusCode.OK
    else:
        assert (outcome.code, outcome.reason) == (grpc.StatusCode.PERMISSION_DENIED, "FORBIDDEN")
