"""Progress on its way to the database: seldom, the newest, and never in the stage's way."""

import asyncio
from contextlib import suppress

import pytest

from clipzy_server.domain.errors import ErrorCode, Unavailable
from clipzy_server.jobs import pace
from clipzy_server.jobs.pace import paced


class Book:
    """Where shares are written; a write ends when `open` is set."""

    def __init__(self):
        self.written = []
        self.begun = asyncio.Event()
        self.open = asyncio.Event()

    async def write(self, share):
        self.begun.set()
        await self.open.wait()
        self.written.append(share)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(pace, "WRITE_INTERVAL_S", 0.001)


def pumps():
    return [task for task in asyncio.all_tasks() if task.get_coro().__qualname__.startswith("paced.")]


async def settled():
    for _ in range(20):
        await asyncio.sleep(0.001)


async def test_only_the_newest_is_written_and_none_goes_back():
    book = Book()
    async with paced(book.write) as report:
        report(0.1)
        await book.begun.wait()
        for share in (0.2, 0.7, 0.3):
            report(share)
        book.open.set()
        await settled()
    assert book.written == [0.1, 0.7]


async def test_what_the_database_refuses_is_dropped_and_the_next_is_written():
    refused = []

    async def write(share):
        if not refused:
            refused.append(share)
            raise Unavailable(ErrorCode.UNAVAILABLE, "The database is away", "gone")
        refused.append(share)

    async with paced(write) as report:
        for share in (0.1, 0.2):
            report(share)
            await settled()
    assert refused == [0.1, 0.2]


async def test_a_write_under_way_ends_before_the_block_does():
    book = Book()
    asyncio.get_running_loop().call_later(0.02, book.open.set)
    async with paced(book.write) as report:
        assert pumps()
        report(0.4)
        await book.begun.wait()
    assert book.written == [0.4]
    assert not pumps()


async def test_a_stage_cancelled_twice_leaves_no_task():
    book = Book()

    async def stage():
        async with paced(book.write) as report:
            report(0.4)
            await asyncio.sleep(60)

    task = asyncio.create_task(stage())
    await book.begun.wait()
    for _ in range(2):
        task.cancel()
        await settled()
    with suppress(asyncio.CancelledError):
        await task
    assert not pumps()
