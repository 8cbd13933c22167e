import asyncio

from clipzy_server.app.janitor import keep_clean
from clipzy_server.domain.errors import ErrorCode, Unavailable
from clipzy_server.usecases.requests import UploadRequest


async def test_expired_uploads_go_and_a_failure_is_tried_again(desk, monkeypatch):
    upload = await desk.uploads.start(desk.owner, UploadRequest("clip.mp4", 5))
    uploads, rounds, done = desk.uploads, [], asyncio.Event()
    remove = uploads.remove_expired

    async def remove_expired() -> int:
        rounds.append(None)
        if len(rounds) == 1:
            raise Unavailable(ErrorCode.UNAVAILABLE, "Not now")
        gone = await remove()
        if gone:
            done.set()
        return gone

    monkeypatch.setattr(uploads, "remove_expired", remove_expired)
    async with desk.database.transaction() as connection:
        await connection.exec_driver_sql("UPDATE clipzy.upload SET expires_at = now()")
    cleaning = asyncio.create_task(keep_clean(uploads, interval_s=0.0))
    await done.wait()
    cleaning.cancel()
    async with desk.database.reading() as connection:
        left = await connection.exec_driver_sql("SELECT count(*) FROM clipzy.upload")
        assert left.scalar_one() == 0, upload
