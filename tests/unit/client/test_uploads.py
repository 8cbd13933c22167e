"""What a refusal becomes when it crosses a chunk on its way; the race itself lies in grpc.aio and cannot be forced."""

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata

from clipzy.v1 import video_service_pb2 as wire
from clipzy_client.aio.calls import AsyncCalls
from clipzy_client.aio.uploads import CROSSINGS, AsyncUploadCall
from clipzy_client.connection import Patience


class Server:
    """Answers each call of UploadVideo with the next outcome."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)

    async def UploadVideo(self, _parts, metadata):  # noqa: N802 - the stub's name
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def failure(code, details):
    return AioRpcError(code, Metadata(), Metadata(), details=details)


def crossed():
    return failure(grpc.StatusCode.INTERNAL, "Internal error from Core")


async def send(server, tmp_path):
    return await AsyncUploadCall(server, AsyncCalls(None, (), Patience()), tmp_path / "a.mp4").send(
        wire.UploadVideoHeader(filename="a.mp4")
    )


async def test_a_refusal_that_a_chunk_has_hidden_is_asked_for_again(tmp_path):
    server = Server(crossed(), failure(grpc.StatusCode.UNAUTHENTICATED, "Unauthorized"))
    with pytest.raises(AioRpcError) as caught:
        await send(server, tmp_path)
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_after_a_crossing_the_file_can_still_arrive(tmp_path):
    answer = wire.UploadVideoResponse(video={"video_id": "vid_1"})
    assert (await send(Server(crossed(), answer), tmp_path)).video_id == "vid_1"


async def test_it_is_not_asked_for_ever(tmp_path):
    server = Server(*(crossed() for _ in range(CROSSINGS + 2)))
    with pytest.raises(AioRpcError):
        await send(server, tmp_path)
    assert len(server.outcomes) == 1


async def test_what_the_server_says_is_not_asked_twice(tmp_path):
    server = Server(failure(grpc.StatusCode.INTERNAL, "Internal error"), crossed())
    with pytest.raises(AioRpcError, match="Internal error"):
        await send(server, tmp_path)
    assert len(server.outcomes) == 1
