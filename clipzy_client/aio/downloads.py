"""Downloads that go on after a break, as long as the file is the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import grpc

from clipzy_client.aio.calls import AsyncCalls, AsyncLifeline
from clipzy_client.aio.runtime import in_thread
from clipzy_client.connection import may_repeat
from clipzy_client.refusals import from_rpc
from clipzy_client.types import Progress


class AsyncDownload:
    """One file on its way here. `request_at` makes the request that begins at a byte."""

    def __init__(
        self, calls: AsyncCalls, method: Any, request_at: Callable[[int], Any], progress: Progress | None
    ) -> None:
        self._calls = calls
        self._method = method
        self._request_at = request_at
        self._progress = progress
        self._line = AsyncLifeline(calls.patience)
        self._done = self._size = 0
        self._etag = ""

    async def into(self, path: Path) -> Path:
        """Writes the file; under its name it appears when it is whole. Raises ClipzyError."""
        partial = path.with_name(path.name + ".part")
        try:
            with partial.open("wb") as file:
                while not await self._whole(file):
                    pass
            return partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    async def _whole(self, file: BinaryIO) -> bool:
        """Goes on from where it is; False when the line broke and it may be tried again."""
        answers = self._method(self._request_at(self._done), metadata=self._calls.metadata)
        try:
            async for answer in answers:
                await self._take(answer, file)
        except grpc.RpcError as failed:
            error = from_rpc(failed)
            if not may_repeat(error, repeatable=True):
                raise error from failed
            await self._line.broke(error)
            return False
        finally:
            answers.cancel()
        return True

    async def _take(self, answer: Any, file: BinaryIO) -> None:
        self._line.came_further()
        if answer.HasField("info"):
            self._size = answer.info.size_bytes
            if self._etag and answer.info.etag != self._etag:
                raise OSError("the file has changed while it was downloaded")
            self._etag = answer.info.etag
        else:
            await in_thread(file.write, answer.chunk)
            self._done += len(answer.chunk)
        if self._progress:
            self._progress(self._done, self._size)
