"""A process to be killed: brings a cluster up, commits a row, prints the postmaster's id, and waits.

`postgres_parent.py DATA RUNTIME`
"""

import asyncio
import sys
from pathlib import Path

import asyncpg

from clipzy_server.app.postgres import EmbeddedPostgres


async def main(data: str, runtime: str) -> None:
    async with EmbeddedPostgres(Path(data), Path(runtime)) as cluster:
        connection = await asyncpg.connect(cluster.url)
        await connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        await connection.execute("INSERT INTO kept VALUES ('of the parent')")
        await connection.close()
        sys.stdout.write(f"{cluster.pid}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
