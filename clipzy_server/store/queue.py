"""The queue of jobs: DBOS on the same database, so that a job's row and its place in the queue commit together."""

import asyncio

from dbos import DBOS, DBOSClient, EnqueueOptions
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain.job import Job
from clipzy_server.store.turns import give_turn_up, take_turn
from clipzy_server.store.urls import database_urls

APPLICATION_NAME = "clipzy"
APPLICATION_VERSION = "2"
"""Workers take only work of their own version. Raise it when the order or the inputs of the steps change."""

QUEUE_NAME = "jobs"
PARTS_QUEUE_NAME = "parts"
"""Parts of long outputs: jobs wait for them, so they must not wait for jobs."""

QUEUE_CHANNEL = "clipzy_queue"
"""Named here, whoever does it, is the queue in which a workflow begins to wait: a job, a part, or one given back."""

WORKFLOW_NAME = "process_job"
PART_WORKFLOW_NAME = "render_part"


_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('clipzy_queue', 0))")
_IS_TOLD = text(
    "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'dbos.workflow_status'::regclass AND tgname = 'clipzy_tell')"
)
_TELL = text(
    f"""
    CREATE OR REPLACE FUNCTION clipzy.tell_of_work() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_notify('{QUEUE_CHANNEL}', NEW.queue_name); RETURN NULL; END $$;
    CREATE TRIGGER clipzy_tell AFTER INSERT OR UPDATE OF status ON dbos.workflow_status
      FOR EACH ROW WHEN (NEW.status = 'ENQUEUED') EXECUTE FUNCTION clipzy.tell_of_work()
    """
)


def migrate_queue(database_url: str) -> None:
    """Create or upgrade the engine's own tables (schema `dbos`), after ours; they tell of work. Safe to repeat."""
    url = database_urls(database_url).dbos
    DBOS.migrate(url)
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(_LOCK)
            if not connection.execute(_IS_TOLD).scalar_one():
                connection.execute(_TELL)
    finally:
        engine.dispose()


class JobQueue:
    """Puts jobs into the queue and takes them out; runs none. The workflow's id is the job's id."""

    def __init__(self, database_url: str) -> None:
        self._client = DBOSClient(
            system_database_url=database_urls(database_url).dbos, application_name=APPLICATION_NAME, lazy=True
        )

    async def enqueue(self, connection: AsyncConnection, job: Job) -> None:
        """Queue the job inside the transaction that inserted its row: it is there when, and only when, that commits."""
        options = EnqueueOptions(
            workflow_name=WORKFLOW_NAME,
            queue_name=QUEUE_NAME,
            workflow_id=job.job_id,
            app_version=APPLICATION_VERSION,
            priority=await take_turn(connection, job),
        )

        def insert(sync: Connection) -> None:
            self._client.enqueue_in_transaction(sync, options, job.job_id)

        await connection.run_sync(insert)

    async def withdraw(self, connection: AsyncConnection, job: Job) -> None:
        """Before a job's row is ended: let the owner's jobs behind it move up, if it waits still."""
        await give_turn_up(connection, job)

    async def cancel(self, job_id: str) -> None:
        """Take the job out of the queue, or have its worker stop before the next step. Finished jobs stay."""
        await self._client.cancel_workflow_async(job_id, cancel_children=True)

    async def forget(self, job_ids: tuple[str, ...]) -> None:
        """Delete everything that the engine keeps of these jobs' workflows."""
        await self._client.delete_workflows_async(list(job_ids), delete_children=True)

    async def close(self) -> None:
        """Close the engine's connections."""
        await asyncio.to_thread(self._client.destroy)
