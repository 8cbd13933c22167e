"""Uploads, at once or so that they go on after every break, from where the server has them."""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from clipzy.v1 import video_pb2
from clipzy.v1 import video_service_pb2 as wire
from clipzy_client.sync.calls import Calls, Lifeline
from clipzy_client.sync.runtime import in_thread
from clipzy_client.connection import may_repeat
from clipzy_client.errors import ClipzyError, UploadNotFound, UploadOffsetConflict
from clipzy_client.refusals import from_rpc
from clipzy_client.types import Progress

CHUNK_BYTES = 1 << 20
CROSSINGS = 3
"""So often a file is sent again to learn the reason of a refusal that a chunk on its way has hidden."""

# grpc.aio says this, and forgets the server's own words, when the call ends while a chunk is being written.
_CROSSED = "Internal error from Core"


@dataclass(frozen=True)
class UploadCall:
    """What sends a file: the stub, how calls are made, the file, and whom to tell how it goes."""

    videos: Any
    calls: Calls
    path: Path
    progress: Progress | None = None

    def whole(self, header: wire.UploadVideoHeader) -> video_pb2.Video:
        """Sends the whole file, again where that may help: the header's key keeps it one video. Raises ClipzyError."""

        def once(_left_s: float | None) -> video_pb2.Video:
            return self.send(header)

        return self.calls.tried(once, repeatable=True, timeout_s=None)

    def send(self, header: wire.UploadVideoHeader) -> video_pb2.Video:
        """Sends the file from the header's offset on; the stored video, or grpc.RpcError."""
        for _ in range(CROSSINGS):
            try:
                return self._send_once(header)
            except grpc.RpcError as error:
                if from_rpc(error).message != _CROSSED:
                    raise
        return self._send_once(header)

    def _send_once(self, header: wire.UploadVideoHeader) -> video_pb2.Video:
        call = self.videos.UploadVideo(self._parts(header), metadata=self.calls.metadata)
        answer: wire.UploadVideoResponse = call
        return answer.video

    def _parts(self, header: wire.UploadVideoHeader) -> Iterator[wire.UploadVideoRequest]:
        yield wire.UploadVideoRequest(header=header)
        done = header.offset_bytes
        with in_thread(self.path.open, "rb") as file:
            size_bytes = file.seek(0, os.SEEK_END)
            file.seek(done)
            while chunk := in_thread(file.read, CHUNK_BYTES):
                yield wire.UploadVideoRequest(chunk=chunk)
                done += len(chunk)
                if self.progress:
                    self.progress(done, size_bytes)


class ResumableUpload:
    """One file on its way. A `resume_key` finds again what an earlier run of the same key has left unfinished."""

    def __init__(self, call: UploadCall, header: wire.UploadVideoHeader, resume_key: str) -> None:
        self._call = call
        self._header = header
        self._resume_key = resume_key
        self._own_key = secrets.token_hex(16)
        self._upload: video_pb2.Upload | None = None
        self._line = Lifeline(call.calls.patience)

    def run(self) -> video_pb2.Video:
        """The stored video. Raises ClipzyError for what the server refuses, and when nothing moves any more."""
        while True:
            try:
                upload = self._find()
                if upload.video_id:
                    return self._stored(upload.video_id)
                return self._call.send(_onward(upload))
            except ClipzyError as error:
                failed = error
            except grpc.RpcError as error:
                failed = from_rpc(error)
            if not may_repeat(failed, repeatable=True) and not isinstance(failed, UploadOffsetConflict):
                raise failed
            self._line.broke(failed)

    def _find(self) -> video_pb2.Upload:
        """The upload as it stands, begun where there is none."""
        if self._upload is None:
            self._upload = self._begin()
            return self._upload
        found = self._get(self._upload.upload_id)
        if found.offset_bytes > self._upload.offset_bytes:
            self._line.came_further()
        self._upload = found
        return found

    def _begin(self) -> video_pb2.Upload:
        if self._resume_key and (unfinished := self._left_behind()):
            return unfinished
        return self._start(self._own_key)

    def _left_behind(self) -> video_pb2.Upload | None:
        """What an earlier run has left, or a new upload under the key; None when that one has been finished."""
        # The answer to a repeated start is the first one: how far the upload is by now must be asked.
        upload = self._start(self._resume_key)
        try:
            upload = self._get(upload.upload_id)
        except UploadNotFound:
            return None
        return None if upload.video_id else upload

    def _get(self, upload_id: str) -> video_pb2.Upload:
        request = wire.GetUploadRequest(upload_id=upload_id)
        answer: wire.GetUploadResponse = self._call.calls.answer(self._call.videos.GetUpload, request)
        return answer.upload

    def _start(self, request_id: str) -> video_pb2.Upload:
        request = wire.StartUploadRequest(
            filename=self._header.filename, size_bytes=self._header.size_bytes, request_id=request_id
        )
        for name in ("template_video_id", "webhook_url"):
            if self._header.HasField(name):
                setattr(request, name, getattr(self._header, name))
        answer: wire.StartUploadResponse = self._call.calls.answer(self._call.videos.StartUpload, request)
        return answer.upload

    def _stored(self, video_id: str) -> video_pb2.Video:
        request = wire.GetVideoRequest(video_id=video_id)
        answer: wire.GetVideoResponse = self._call.calls.answer(self._call.videos.GetVideo, request)
        return answer.video


def _onward(upload: video_pb2.Upload) -> wire.UploadVideoHeader:
    return wire.UploadVideoHeader(upload_id=upload.upload_id, offset_bytes=upload.offset_bytes)
