"""Work side by side: a source read ahead by a thread, a sink served by another; errors come out where they belong."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import Empty, Full, Queue
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

T = TypeVar("T")

_PATIENCE_S = 0.2
_REPORT_EVERY = 8


class _End:
    """Marks the end of a queue; carries the error that caused it, if any."""

    def __init__(self, problem: BaseException | None = None) -> None:
        self.problem = problem


@contextmanager
def read_ahead(items: Iterable[T], depth: int) -> Iterator[Iterator[T]]:
    """The items, made by a thread that is at most `depth` ahead. Leaving the block stops the thread."""
    queue: Queue[T | _End] = Queue(depth)
    stop = Event()

    def produce() -> None:
        try:
            for item in items:
                if not _put(queue, item, stop):
                    return
            _put(queue, _End(), stop)
        except BaseException as problem:  # noqa: BLE001 - raised again by the reader
            _put(queue, _End(problem), stop)

    thread = Thread(target=produce, name="read-ahead", daemon=True)
    thread.start()
    try:
        yield _drain(queue)
    finally:
        stop.set()
        thread.join()


def _drain(queue: "Queue[T | _End]") -> Iterator[T]:
    while True:
        item = queue.get()
        if isinstance(item, _End):
            if item.problem is not None:
                raise item.problem
            return
        yield item


def _put(queue: "Queue[T | _End]", item: T | _End, stop: Event) -> bool:
    while not stop.is_set():
        try:
            queue.put(item, timeout=_PATIENCE_S)
        except Full:
            continue
        return True
    return False


class Counted:
    """Progress 0…1 by items of `count`, told by any thread, every eighth."""

    def __init__(self, count: int, report: Callable[[float], None]) -> None:
        self._count = count
        self._report = report
        self._done = 0
        self._lock = Lock()

    def one_more(self) -> None:
        """Another item is done."""
        with self._lock:
            self._done += 1
            if self._done % _REPORT_EVERY == 0:
                self._report(min(1.0, self._done / self._count))


class WrittenBehind(Generic[T]):
    """Hands items to `write` in a thread, at most `depth` waiting. A context manager that waits for the last one."""

    def __init__(self, write: Callable[[T], None], depth: int) -> None:
        self._write = write
        self._queue: Queue[T | _End] = Queue(depth)
        self._problem: BaseException | None = None
        self._stop = Event()
        self._thread = Thread(target=self._serve, name="write-behind", daemon=True)
        self._thread.start()

    def put(self, item: T) -> None:
        """Waits while the queue is full; raises what `write` raised."""
        if not _put(self._queue, item, self._stop):
            self._raise()

    def __enter__(self) -> "WrittenBehind[T]":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            _put(self._queue, _End(), self._stop)
        else:
            self._stop.set()
        self._thread.join()
        if kind is None:
            self._raise()

    def _raise(self) -> None:
        if self._problem is not None:
            raise self._problem

    def _serve(self) -> None:
        try:
            while not self._stop.is_set():
                try:
                    item = self._queue.get(timeout=_PATIENCE_S)
                except Empty:
                    continue
                if isinstance(item, _End):
                    return
                self._write(item)
        except BaseException as problem:  # noqa: BLE001 - raised again by `put` or on leaving
            self._problem = problem
            self._stop.set()
