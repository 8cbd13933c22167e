"""A process to be killed: takes an upload up, writes 3 MiB of it, says so, and waits. `half_upload.py URL FOLDER`."""

import asyncio
import sys
from pathlib import Path

from clipzy_server.store.blobs import Blobs, BlobSettings
from clipzy_server.store.database import Database
from clipzy_server.usecases.owners import Owners
from clipzy_server.usecases.requests import Limits, UploadRequest
from clipzy_server.usecases.videos import Videos


class NoSandbox:
    async def run(self, function: str, payload: dict[str, object], *, view: object) -> dict[str, object]:
        raise AssertionError("nothing is probed before the upload is whole")


async def main(url: str, folder: str) -> None:
    database = Database(url)
    videos = Videos(database, Blobs(BlobSettings(Path(folder))), NoSandbox(), Limits(free_disk_reserve_bytes=0))
    sink = await videos.begin((await Owners(database).anonymous()).owner, UploadRequest("half.mp4"), "key-1")
    for _ in range(3):
        await sink.write(bytes(1024 * 1024))
    sys.stdout.write("halfway\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
