"""A process to be killed: appends two steps and a half to a resumable upload, says its id, and waits.

`half_resumable.py URL FOLDER`.
"""

import asyncio
import sys
from pathlib import Path

from clipzy_server.store.blobs import Blobs, BlobSettings
from clipzy_server.store.database import Database
from clipzy_server.usecases.appending import STEP_BYTES
from clipzy_server.usecases.owners import Owners
from clipzy_server.usecases.requests import Limits, UploadRequest
from clipzy_server.usecases.resumable import ResumableUploads


class NoSandbox:
    async def run(self, function: str, payload: dict[str, object], *, view: object) -> dict[str, object]:
        raise AssertionError("nothing is probed before the upload is whole")


async def main(url: str, folder: str) -> None:
    database = Database(url)
    blobs = Blobs(BlobSettings(Path(folder)))
    uploads = ResumableUploads(database, blobs, NoSandbox(), Limits(free_disk_reserve_bytes=0))
    owner = (await Owners(database).anonymous()).owner
    upload = await uploads.start(owner, UploadRequest("half.mp4", 3 * STEP_BYTES))
    async with uploads.appending(owner, upload.upload_id, 0) as appending:
        for _ in range(5):
            await appending.write(bytes(STEP_BYTES // 2))
        sys.stdout.write(f"{upload.upload_id}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
