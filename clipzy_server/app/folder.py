"""The folders and files of one installation on one machine."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clipzy_server.domain.owner import new_token

LONGEST_SOCKET_PATH_BYTES = 100
"""The kernel takes 107; PostgreSQL and gRPC add a few of their own."""

_LONGEST_SOCKET_NAME = "gateway-admin.sock"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Everything `clipzy up` keeps lies under `root`, an absolute path."""

    root: Path

    @property
    def postgres(self) -> Path:
        """The database cluster."""
        return self.root / "postgres"

    @property
    def logs(self) -> Path:
        """One log a program."""
        return self.root / "logs"

    @property
    def token_file(self) -> Path:
        """The first owner's token."""
        return self.root / "token"

    @property
    def runtime(self) -> Path:
        """Sockets. In the folder itself, or where its path is too long for a socket, in a private one named for it."""
        inside = self.root / "run"
        if len(os.fsencode(inside / _LONGEST_SOCKET_NAME)) <= LONGEST_SOCKET_PATH_BYTES:
            return inside
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"clipzy-{os.getuid()}-{digest}"

    def prepare(self) -> None:
        """Make the folders. Raises SystemExit when somebody else owns the one for sockets."""
        for folder in (self.root, self.logs, self.runtime):
            folder.mkdir(parents=True, exist_ok=True)
        if self.runtime.stat().st_uid != os.getuid():
            raise SystemExit(f"{self.runtime} belongs to another user")
        self.runtime.chmod(0o700)

    @contextmanager
    def sole_use(self) -> Iterator[None]:
        """Hold the folder while the block runs. Raises SystemExit when another `clipzy up` does."""
        with (self.root / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SystemExit(f"Clipzy is running on {self.root} already") from None
            yield

    def first_token(self) -> str:
        """The first owner's token, made at the first start; readable by this user alone."""
        if not self.token_file.exists():
            self.write_token(new_token())
        return self.token_file.read_text().strip()

    def write_token(self, token: str) -> None:
        """Put another token into the file; whole or not at all, a crash may not leave an empty one behind."""
        fresh = self.token_file.with_name(".token")
        fresh.touch(mode=0o600)
        fresh.chmod(0o600)
        fresh.write_text(f"{token}\n")
        fresh.rename(self.token_file)
