"""Which servers of projects this user approved: by what exactly would be started, and nothing less.

A project's ``.mcp.json`` is a command line in a repository that somebody cloned. It runs once its
owner said so, and again after each change of it.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ringfence.errors import ConfigurationError
from ringfence.mcp.broker.configuration import ServerEntry
from ringfence.mcp.broker.names import is_server_name

__all__ = ["Approval", "Approvals", "approvals_file"]

_LARGEST = 4 << 20
_MOST = 5_000


@dataclass(frozen=True)
class Approval:
    """One server that may be started.

    Attributes:
        fingerprint: of its entry.
        name: what it was called.
        source: the file that named it.
        shown: its command line or address as it was written, for people.
        approved: when, in UTC.
    """

    fingerprint: str
    name: str
    source: str
    shown: str
    approved: str


def approvals_file() -> Path:
    """``$XDG_STATE_HOME/ringfence/mcp-approvals.json``, or below ``~/.local/state``.

    Raises:
        ConfigurationError: nobody knows where this user's files belong.
    """
    folder = Path(os.environ.get("XDG_STATE_HOME", ""))
    if folder.is_absolute():
        return folder / "ringfence" / "mcp-approvals.json"
    try:
        return Path.home() / ".local" / "state" / "ringfence" / "mcp-approvals.json"
    except RuntimeError:
        raise ConfigurationError(
            "this user has no home folder to keep approvals in; set XDG_STATE_HOME"
        ) from None


class Approvals:
    """The file of them. Each method reads it anew: what is approved holds at once, everywhere.

    Args:
        path: the file, by default this user's.

    Raises:
        ConfigurationError: by each method: it cannot be read or written, or others could have.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = approvals_file() if path is None else path

    def holds(self, entry: ServerEntry) -> bool:
        """Whether an entry may be started: a user's own always, a project's if it was approved."""
        return entry.origin == "user" or entry.fingerprint in self._read()

    def all(self) -> list[Approval]:
        """All of them, by name and then by time."""
        return sorted(self._read().values(), key=lambda one: (one.name, one.approved))

    def add(self, entry: ServerEntry) -> Approval:
        """Approve of an entry, exactly as it is."""
        moment = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        shown = " ".join([entry.command, *entry.args]) if entry.command else entry.url
        one = Approval(entry.fingerprint, entry.name, str(entry.source), shown[:1_000], moment)
        with self._changing() as approvals:
            if len(approvals) >= _MOST and one.fingerprint not in approvals:
                raise ConfigurationError(f"{self.path} has {_MOST} approvals; revoke some")
            approvals[one.fingerprint] = one
        return one

    def remove(self, name: str) -> list[Approval]:
        """Take back all approvals of a name, or the one of a fingerprint; 12 digits of it do."""
        with self._changing() as approvals:
            gone = [
                one
                for one in approvals.values()
                if one.name == name or (len(name) >= 12 and one.fingerprint.startswith(name))
            ]
            for one in gone:
                del approvals[one.fingerprint]
        return gone

    def _read(self) -> dict[str, Approval]:
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unusable(error.strerror or "it cannot be read") from None
        with os.fdopen(fd, "rb") as file:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
                raise self._unusable("it is no file of yours")
            if status.st_mode & 0o077:
                raise self._unusable("it is open to others: remove it, and approve anew")
            _check_folder(self.path.parent)
            data = file.read(_LARGEST + 1)
        try:
            if len(data) > _LARGEST:
                raise ValueError
            return {key: _approval(key, one) for key, one in json.loads(data)["servers"].items()}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise self._unusable("it is not as it was written; remove it") from None

    @contextlib.contextmanager
    def _changing(self) -> Iterator[dict[str, Approval]]:
        """The approvals, changed by one process at a time, and written whole or not at all."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _check_folder(self.path.parent)
            lock = os.open(
                self.path.with_name(f".{self.path.name}.lock"),
                os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW,
                0o600,
            )
        except OSError as error:
            raise self._unusable(error.strerror or "it cannot be written") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            approvals = self._read()
            before = dict(approvals)
            yield approvals
            if approvals != before:
                self._write(approvals)
        finally:
            os.close(lock)

    def _write(self, approvals: dict[str, Approval]) -> None:
        table = {
            key: {"name": one.name, "source": one.source, "shown": one.shown, "at": one.approved}
            for key, one in approvals.items()
        }
        text = json.dumps({"version": 1, "servers": table}, indent=1) + "\n"
        draft = self.path.with_name(f".{secrets.token_hex(8)}")
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
            with os.fdopen(os.open(draft, flags, 0o600), "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise self._unusable(error.strerror or "it cannot be written") from None

    def _unusable(self, why: str) -> ConfigurationError:
        return ConfigurationError(f"{self.path}, which says what servers you approved: {why}")


def _approval(fingerprint: str, one: dict[str, Any]) -> Approval:
    texts = [one["name"], one["source"], one["shown"], one["at"]]
    if not all(isinstance(text, str) for text in texts) or not is_server_name(one["name"]):
        raise ValueError
    return Approval(fingerprint, *texts)


def _check_folder(folder: Path) -> None:
    status = folder.stat()
    if status.st_uid not in (os.geteuid(), 0) or status.st_mode & 0o022:
        raise ConfigurationError(f"{folder} can be written by others, and is to hold approvals")
