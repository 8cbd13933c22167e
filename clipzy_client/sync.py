"""The synchronous client: the asynchronous one on an event loop in a thread of its own."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from clipzy_client.aio import AsyncClipzy
from clipzy_client.types import Delivery, DeliveryPage, Job, JobConfig, JobPage, JobResult, JobStatus, Usage, Video
from clipzy_client.uploads import Progress

T = TypeVar("T")


class Clipzy:
    """Use as `with Clipzy("127.0.0.1:8000", token) as clipzy:`. Every call may raise `ClipzyError`."""

    def __init__(self, target: str, token: str | None = None, *, tls: bool = False) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="clipzy-client", daemon=True)
        self._thread.start()
        self._client = self._run(_opened(target, token, tls))

    def _run(self, call: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(call, self._loop).result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the channel and its thread."""
        self._run(self._client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def upload(
        self,
        path: Path | str,
        *,
        template_video_id: str | None = None,
        webhook_url: str | None = None,
        on_progress: Progress | None = None,
        resumable: bool | None = None,
        resume_key: str = "",
    ) -> Video:
        """Uploads a file in chunks; memory does not grow with it.

        `resumable`, by itself for files over 16 MiB, goes on after a lost connection. With a `resume_key` it also goes
        on with what an earlier call of the same key and arguments, up to a day ago, has left unfinished.
        """
        return self._run(
            self._client.upload(
                path,
                template_video_id=template_video_id,
                webhook_url=webhook_url,
                on_progress=on_progress,
                resumable=resumable,
                resume_key=resume_key,
            )
        )

    def create_job(
        self,
        video_id: str,
        *,
        template_video_id: str | None = None,
        webhook_url: str | None = None,
        config: JobConfig | None = None,
        request_id: str = "",
    ) -> Job:
        """Queues a job. The same `request_id` with the same inputs gives the first answer again for a day."""
        return self._run(
            self._client.create_job(
                video_id,
                template_video_id=template_video_id,
                webhook_url=webhook_url,
                config=config,
                request_id=request_id,
            )
        )

    def get_job(self, job_id: str) -> Job:
        """The job as it stands."""
        return self._run(self._client.get_job(job_id))

    def list_jobs(self, page: int = 1, page_size: int = 10, status: JobStatus | None = None) -> JobPage:
        """A page of jobs, newest first."""
        return self._run(self._client.list_jobs(page, page_size, status))

    def usage(self) -> Usage:
        """The owner's quotas, and what is used of them."""
        return self._run(self._client.usage())

    def cancel(self, job_id: str) -> Job:
        """Cancels a job that is queued or processing."""
        return self._run(self._client.cancel(job_id))

    def result(self, job_id: str) -> JobResult:
        """Everything a finished job made; `RESULT_NOT_READY` before."""
        return self._run(self._client.result(job_id))

    def watch(self, job_id: str) -> Iterator[Job]:
        """The job now, then at every change, until it has ended."""
        jobs = self._client.watch(job_id)
        while (job := self._run(_next(jobs))) is not None:
            yield job

    def wait(self, job_id: str, on_progress: Callable[[Job], None] | None = None) -> JobResult:
        """Waits until the job has ended; gives its result, whatever the end."""
        return self._run(self._client.wait(job_id, on_progress))

    def download(
        self, job_id: str, path: Path | str, *, artifact: str | None = None, on_progress: Progress | None = None
    ) -> Path:
        """The rendered video, or one artifact, into a file; the file appears when it is whole."""
        return self._run(self._client.download(job_id, path, artifact=artifact, on_progress=on_progress))

    def list_deliveries(self, job_id: str = "", page: int = 1, page_size: int = 10) -> DeliveryPage:
        """A page of the webhooks' deliveries, newest first, of one job or of all."""
        return self._run(self._client.list_deliveries(job_id, page, page_size))

    def resend(self, delivery_id: str) -> Delivery:
        """Sends a webhook's message again, now and with the same id."""
        return self._run(self._client.resend(delivery_id))


async def _opened(target: str, token: str | None, tls: bool) -> AsyncClipzy:
    return AsyncClipzy(target, token, tls=tls)


async def _next(jobs: AsyncIterator[Job]) -> Job | None:
    return await anext(jobs, None)
