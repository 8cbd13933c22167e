"""Bytes under keys, on a local folder or S3, through obstore.

A key is a relative path of safe names (`vid_…/clip.mp4`). A file becomes visible whole or not at all: it is spooled
into the staging folder and published by one rename (local) or one upload (S3). Published keys are never replaced.
"""

import asyncio
import errno
import os
import shutil
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import obstore
from obstore.store import LocalStore, S3Store

from clipzy_server.domain.errors import ErrorCode, Unavailable
from clipzy_server.store.content_types import content_type_of
from clipzy_server.store.staging import Staging

STAGING = ".staging"
_READ_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BlobSettings:
    """Where bytes lie. With a `bucket` they lie on S3 and `folder` only holds the staging area.

    Credentials that are None come from the environment, as AWS tools take them. `link_ttl_s` lets S3 itself give bytes
    away, under links that are good for so long.
    """

    folder: Path
    bucket: str | None = None
    prefix: str = ""
    region: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    link_ttl_s: float | None = None


class BlobWriter:
    """A file being spooled; calls write to the disk at once, so use it from a thread for large pieces."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb", buffering=0)

    async def write(self, piece: bytes) -> None:
        """Append."""
        await asyncio.to_thread(self._file.write, piece)

    def close(self) -> None:
        """Stop writing; publishing is the owner's part."""
        self._file.close()


class Blobs:
    """All of this installation's bytes."""

    def __init__(self, settings: BlobSettings) -> None:
        self._folder = settings.folder
        self._bucket = settings.bucket
        self._prefix = settings.prefix.strip("/")
        self._link_ttl_s = settings.link_ttl_s
        self._staging = Staging(settings.folder / STAGING)
        self._store: LocalStore | S3Store = _s3(settings) if settings.bucket else LocalStore(settings.folder)

    @property
    def is_local(self) -> bool:
        """Are published bytes plain files on this machine?"""
        return self._bucket is None

    def url(self, key: str) -> str:
        """What callers are shown: `file:///storage/<key>` or `s3://<bucket>/<prefix>/<key>`."""
        if self._bucket is None:
            return f"file:///storage/{key}"
        return f"s3://{self._bucket}/{self._full(key)}"

    def staged_path(self) -> Path:
        """A new path in the staging area, on the same file system as local blobs."""
        return self._staging.new_path()

    def free_bytes(self) -> int:
        """Bytes that can still be written on the disk of the staging folder."""
        disk = os.statvfs(self._staging.root)
        return disk.f_bavail * disk.f_frsize

    @asynccontextmanager
    async def open_writer(self, key: str) -> AsyncIterator[BlobWriter]:
        """Write a blob piece by piece; it appears at the end of the block, or never when the block fails."""
        path = self.staged_path()
        writer = BlobWriter(path)
        try:
            yield writer
            writer.close()
            await self.put_file(key, path)
        finally:
            writer.close()
            path.unlink(missing_ok=True)

    async def put_file(self, key: str, path: Path) -> None:
        """Publish a file under a new key and take it away from `path`; no copy when both are on one local disk.

        Raises FileExistsError when the key is taken, Unavailable when there is no room.
        """
        try:
            if self._bucket is None:
                await asyncio.to_thread(_move_new, path, self._folder / key)
            else:
                await self._refuse_taken(key)
                name = PurePosixPath(key).name
                told = {
                    "Content-Type": content_type_of(name),
                    "Content-Disposition": f'attachment; filename="{name}"',
                }
                await obstore.put_async(self._store, self._full(key), path, attributes=told)
                await asyncio.to_thread(path.unlink)
        except OSError as error:
            raise no_room(error) from error

    def growing_path(self, key: str) -> Path:
        """Where to write a file that shall be `key` before it is complete: its own place locally, else a staged one."""
        path = self._folder / key if self._bucket is None else self.staged_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    async def persist(self, key: str, path: Path) -> None:
        """What was written to `growing_path(key)` lies under the key and survives the loss of power.

        Locally the file may go on growing and be persisted again; on S3 it is taken away from `path`.
        """
        if self._bucket is None:
            await asyncio.to_thread(_sync, path)
        else:
            await self.put_file(key, path)

    async def join(self, parts: list[tuple[str, int]], path: Path) -> None:
        """Make a new file of the first so many bytes of each key; one local key is linked, not copied.

        Raises FileNotFoundError when a key is gone, Unavailable when there is no room.
        """
        try:
            if self._bucket is not None:
                with path.open("xb", buffering=0) as file:
                    for key, size in parts:
                        async for piece in self.read(key, 0, size):
                            await asyncio.to_thread(file.write, piece)
            else:
                files = [(self._folder / key, size) for key, size in parts]
                await asyncio.to_thread(_link if len(files) == 1 else _concatenate, files, path)
        except OSError as error:
            raise no_room(error) from error

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        """The bytes `start` … `end` − 1 in pieces of about 1 MiB; raises FileNotFoundError before the first."""
        size = await self.size(key)
        stop = size if end is None else min(end, size)
        if start >= stop:
            return
        answer = await obstore.get_async(self._store, self._full(key), options={"range": (start, stop)})
        async for piece in answer.stream(min_chunk_size=_READ_CHUNK_BYTES):
            yield bytes(piece)

    async def link(self, key: str, method: Literal["GET", "HEAD"]) -> str | None:
        """A URL under which anybody may read the blob for a while; None where bytes are not given away like this."""
        if self._link_ttl_s is None or isinstance(self._store, LocalStore):
            return None
        ttl = timedelta(seconds=self._link_ttl_s)
        return await obstore.sign_async(self._store, method, self._full(key), ttl)

    async def size(self, key: str) -> int:
        """Bytes under the key; raises FileNotFoundError."""
        return int((await obstore.head_async(self._store, self._full(key)))["size"])

    async def delete(self, key: str) -> None:
        """Forget the key; nothing happens when there is none."""
        if self._bucket is None:
            await asyncio.to_thread(_remove_file, self._folder, key)
            return
        await obstore.delete_async(self._store, self._full(key))

    async def delete_prefix(self, prefix: str) -> None:
        """Forget every key below `prefix/`."""
        if self._bucket is None:
            await asyncio.to_thread(shutil.rmtree, self._folder / prefix, ignore_errors=True)
            return
        keys = [self._full(key) for key in await self.keys(prefix)]
        if keys:
            await obstore.delete_async(self._store, keys)

    async def delete_others(self, prefix: str, kept: frozenset[str]) -> None:
        """Forget every key below `prefix/` but those to keep."""
        if self._bucket is None:
            await asyncio.to_thread(_keep_only, self._folder / prefix, {self._folder / key for key in kept})
            return
        keys = [self._full(key) for key in await self.keys(prefix) if key not in kept]
        if keys:
            await obstore.delete_async(self._store, keys)

    async def keys(self, prefix: str) -> list[str]:
        """Every key below `prefix/`, sorted."""
        return sorted(await self.published(prefix))

    async def folders(self, prefix: str = "") -> list[str]:
        """Names of the folders directly below `prefix/`, those that begin with a dot left out."""
        found = await obstore.list_with_delimiter_async(self._store, self._full(prefix) if prefix else self._prefix)
        names = [PurePosixPath(path).name for path in found["common_prefixes"]]
        return sorted(name for name in names if not name.startswith("."))

    async def published(self, prefix: str) -> dict[str, datetime]:
        """Every key below `prefix/` and the instant at which it was published."""
        root = f"{self._prefix}/" if self._prefix else ""
        found: dict[str, datetime] = {}
        async for batch in obstore.list(self._store, self._full(prefix)):
            found |= {entry["path"].removeprefix(root): entry["last_modified"] for entry in batch}
        return found

    @asynccontextmanager
    async def workspace(self, prefix: str) -> AsyncIterator[Path]:
        """An empty local folder whose files are published below `prefix/` when the block ends well.

        Locally it is one rename: `prefix` must be new, so name it for the attempt. A block that fails leaves nothing.
        """
        folder = self.staged_path()
        folder.mkdir()
        try:
            yield folder
            if self._bucket is None:
                await asyncio.to_thread(_move_folder, folder, self._folder / prefix)
            else:
                for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                    await self.put_file(f"{prefix}/{path.relative_to(folder)}", path)
        except OSError as error:
            raise no_room(error) from error
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    @asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        """A path that holds the blob while the block runs: the blob itself when local, else a copy. Read only."""
        if self._bucket is None:
            path = self._folder / key
            if not path.exists():
                raise FileNotFoundError(key)
            yield path
            return
        folder = self.staged_path()
        folder.mkdir()
        path = folder / Path(key).name
        try:
            await self._download(key, path)
            yield path
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    @asynccontextmanager
    async def local_folder(self, prefix: str) -> AsyncIterator[Path]:
        """Like `local` for everything below `prefix/`."""
        if self._bucket is None:
            yield self._folder / prefix
            return
        folder = self.staged_path()
        folder.mkdir()
        try:
            for key in await self.keys(prefix):
                path = folder / Path(key).relative_to(prefix)
                path.parent.mkdir(parents=True, exist_ok=True)
                await self._download(key, path)
            yield folder
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def sweep(self, older_than_s: float) -> int:
        """Remove what crashed processes left in the staging area; gives how many they were. See `Staging.sweep`."""
        return await asyncio.to_thread(self._staging.sweep, older_than_s)

    def close(self) -> None:
        """Nothing is written any more: remove what this process staged."""
        self._staging.close()

    async def _refuse_taken(self, key: str) -> None:
        # Multipart uploads can't be create-only; keys carry random ids, so two writers of one never race.
        try:
            await self.size(key)
        except FileNotFoundError:
            return
        raise FileExistsError(key)

    async def _download(self, key: str, path: Path) -> None:
        with path.open("xb", buffering=0) as file:
            async for piece in self.read(key):
                await asyncio.to_thread(file.write, piece)

    def _full(self, key: str) -> str:
        return f"{self._prefix}/{key}" if self._prefix else key


def no_room(error: OSError) -> Exception:
    """INSUFFICIENT_STORAGE when the disk is full, else the error itself."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Unavailable(ErrorCode.INSUFFICIENT_STORAGE, "Not enough storage", "The disk is full.")
    return error


def _s3(settings: BlobSettings) -> S3Store:
    options = {
        "region": settings.region,
        "endpoint": settings.endpoint_url,
        "access_key_id": settings.access_key_id,
        "secret_access_key": settings.secret_access_key,
    }
    plain = bool(settings.endpoint_url and settings.endpoint_url.startswith("http://"))
    given: Any = {name: value for name, value in options.items() if value is not None}
    return S3Store(settings.bucket, config=given, client_options={"allow_http": plain})


def _move_new(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # What is published counts as new, however long its writing took.
    os.utime(path)
    # A hard link, unlike a rename, fails when the name is taken.
    os.link(path, target)
    path.unlink()


def _sync(path: Path) -> None:
    for entry in (path, path.parent):
        descriptor = os.open(entry, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _link(files: list[tuple[Path, int]], target: Path) -> None:
    ((path, _),) = files
    os.link(path, target)


def _concatenate(files: list[tuple[Path, int]], target: Path) -> None:
    with target.open("xb") as joined:
        for path, size in files:
            with path.open("rb") as file:
                done = 0
                while done < size:
                    sent = os.sendfile(joined.fileno(), file.fileno(), done, size - done)
                    if not sent:
                        raise EOFError(f"{path} has {done} bytes, not {size}")
                    done += sent


def _move_folder(folder: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(target)


def _keep_only(folder: Path, kept: set[Path]) -> None:
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            if (path := Path(place) / name) not in kept:
                path.unlink(missing_ok=True)
        if not any(Path(place).iterdir()):
            Path(place).rmdir()


def _remove_file(root: Path, key: str) -> None:
    path = root / key
    path.unlink(missing_ok=True)
    if path.parent != root and path.parent.is_dir() and not any(path.parent.iterdir()):
        path.parent.rmdir()
