"""Uploads, at once or so that they go on after every break, from where the server has them."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from grpc.aio import AioRpcError

from clipzy.v1 import video_pb2
from clipzy.v1 import video_service_pb2 as wire
from clipzy.v1.video_service_pb2_grpc import VideoServiceStub
from clipzy_client.errors import from_rpc

CHUNK_BYTES = 1 << 20
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0
CROSSINGS = 3
"""So often a file is sent again to learn the reason of a refusal that a chunk on its way has hidden."""
TRIES = 9
"""So many tries in a row may come no further, which is about a minute."""

# Nobody could be reached, or somebody was in between; all else the server has said for good.
_PASSING = ("UNAVAILABLE", "INTERNAL", "UNKNOWN", "CANCELLED", "DEADLINE_EXCEEDED", "UPLOAD_OFFSET_CONFLICT")

# grpc.aio says this, and forgets the server's own words, when the call ends while a chunk is being written.
_CROSSED = "Internal error from Core"

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all; a break can take the first of them back."""

Metadata = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class UploadCall:
    """What sends a file: the stub, the caller's metadata, the file, and whom to tell how it goes."""

    videos: VideoServiceStub
    metadata: Metadata
    path: Path
    on_progress: Progress | None = None

    async def send(self, header: wire.UploadVideoHeader) -> video_pb2.Video:
        """Sends the file from the header's offset on; the stored video, or AioRpcError."""
        for _ in range(CROSSINGS):
            try:
                return await self._send_once(header)
            except AioRpcError as error:
                if error.details() != _CROSSED:
                    raise
        return await self._send_once(header)

    async def _send_once(self, header: wire.UploadVideoHeader) -> video_pb2.Video:
        answer: wire.UploadVideoResponse = await self.videos.UploadVideo(self._parts(header), metadata=self.metadata)
        return answer.video

    async def _parts(self, header: wire.UploadVideoHeader) -> AsyncIterator[wire.UploadVideoRequest]:
        yield wire.UploadVideoRequest(header=header)
        done = header.offset_bytes
        with await asyncio.to_thread(self.path.open, "rb") as file:
            size_bytes = file.seek(0, os.SEEK_END)
            file.seek(done)
            while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                yield wire.UploadVideoRequest(chunk=chunk)
                done += len(chunk)
                if self.on_progress:
                    self.on_progress(done, size_bytes)


class ResumableUpload:
    """One file on its way. A `resume_key` finds again what an earlier run of the same key has left unfinished."""

    def __init__(self, call: UploadCall, header: wire.UploadVideoHeader, resume_key: str) -> None:
        self._call = call
        self._videos = call.videos
        self._metadata = call.metadata
        self._header = header
        self._resume_key = resume_key
        self._own_key = secrets.token_hex(16)
        self._upload: video_pb2.Upload | None = None
        self._fruitless = 0

    async def run(self) -> video_pb2.Video:
        """The stored video; raises AioRpcError for what the server refuses, and when nothing moves any more."""
        while True:
            try:
                upload = await self._find()
                return await (self._stored(upload.video_id) if upload.video_id else self._call.send(_onward(upload)))
            except AioRpcError as error:
                self._fruitless += 1
                if from_rpc(error).code not in _PASSING or self._fruitless >= TRIES:
                    raise
            await asyncio.sleep(min(FIRST_PAUSE_S * 2 ** (self._fruitless - 1), LONGEST_PAUSE_S))

    async def _find(self) -> video_pb2.Upload:
        """The upload as it stands, begun where there is none."""
        if self._upload is None:
            self._upload = await self._begin()
            return self._upload
        found = await self._get(self._upload.upload_id)
        if found.offset_bytes > self._upload.offset_bytes:
            self._fruitless = 0
        self._upload = found
        return found

    async def _begin(self) -> video_pb2.Upload:
        if self._resume_key and (unfinished := await self._left_behind()):
            return unfinished
        return await self._start(self._own_key)

    async def _left_behind(self) -> video_pb2.Upload | None:
        """What an earlier run has left, or a new upload under the key; None when that one has been finished."""
        # The answer to a repeated start is the first one: how far the upload is by now must be asked.
        upload = await self._start(self._resume_key)
        try:
            upload = await self._get(upload.upload_id)
        except AioRpcError as error:
            if from_rpc(error).code != "UPLOAD_NOT_FOUND":
                raise
            return None
        return None if upload.video_id else upload

    async def _get(self, upload_id: str) -> video_pb2.Upload:
        request = wire.GetUploadRequest(upload_id=upload_id)
        answer: wire.GetUploadResponse = await self._videos.GetUpload(request, metadata=self._metadata)
        return answer.upload

    async def _start(self, request_id: str) -> video_pb2.Upload:
        request = wire.StartUploadRequest(
            filename=self._header.filename, size_bytes=self._header.size_bytes, request_id=request_id
        )
        for name in ("template_video_id", "webhook_url"):
            if self._header.HasField(name):
                setattr(request, name, getattr(self._header, name))
        answer: wire.StartUploadResponse = await self._videos.StartUpload(request, metadata=self._metadata)
        return answer.upload

    async def _stored(self, video_id: str) -> video_pb2.Video:
        request = wire.GetVideoRequest(video_id=video_id)
        answer: wire.GetVideoResponse = await self._videos.GetVideo(request, metadata=self._metadata)
        return answer.video


def _onward(upload: video_pb2.Upload) -> wire.UploadVideoHeader:
    return wire.UploadVideoHeader(upload_id=upload.upload_id, offset_bytes=upload.offset_bytes)
