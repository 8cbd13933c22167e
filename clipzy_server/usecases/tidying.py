"""What a job wrote on its way, and its attempts that did not count, go at its end; what it published stays."""

from clipzy_server.store import litter
from clipzy_server.store.blobs import Blobs
from clipzy_server.store.database import Database

_BATCH = 100


class Tidying:
    """Every call may be made by several processes at once, and cut short anywhere: the next one goes on."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    async def tidy(self, job_id: str) -> None:
        """Remove what the job did not publish; nothing happens while it is active. Raises Unavailable."""
        async with self._database.reading() as connection:
            kept = await litter.kept_files(connection, job_id)
        if kept is None:
            return
        await self._blobs.delete_others(f"jobs/{job_id}", kept)
        async with self._database.transaction() as connection:
            await litter.mark_tidy(connection, job_id)

    async def tidy_some(self) -> int:
        """Do so for ended jobs whose worker did not; gives how many there were."""
        async with self._database.reading() as connection:
            job_ids = await litter.list_untidy(connection, _BATCH)
        for job_id in job_ids:
            await self.tidy(job_id)
        return len(job_ids)
