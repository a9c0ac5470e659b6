"""What would show that an attack reached the host: secrets, sockets, processes, mounts, descriptors.

Permissions never save a canary: the folder and the file are open to every user, so that only the
walls keep a guest from them.
"""

from __future__ import annotations

import os
import platform
import secrets
import select
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from ringfence.model import Result
from tests.support.spares import drop_spares

__all__ = ["SECRET_VARIABLE", "Canaries", "Sighting", "descendants", "wait_until"]

SECRET_VARIABLE = "RINGFENCE_CANARY"
"""The host's environment variable that holds a secret."""

_PATIENCE = 10.0
_SYSTEM_V = ("shm", "msg", "sem")


@dataclass(frozen=True)
class Sighting:
    """The host at one moment."""

    processes: frozenset[int]
    descriptors: frozenset[str]
    mounts: str
    folder: tuple[tuple[str, int, int, int], ...]
    system_v: tuple[str, ...]
    threads: int
    host_name: str
    folder_now: str


class Canaries:
    """The canaries of one run of the suite. Close it, or use it in a ``with`` block."""

    def __init__(self) -> None:
        self.environment_secret = secrets.token_hex(16)
        self.file_secret = secrets.token_hex(16)
        self.sibling_secret = secrets.token_hex(16)
        self._outer = os.environ.get(SECRET_VARIABLE)
        os.environ[SECRET_VARIABLE] = self.environment_secret
        self.folder = Path(tempfile.mkdtemp(prefix="canary-"))
        self.folder.chmod(0o777)
        self.secret_file = self.folder / "secret.txt"
        self.secret_file.write_text(self.file_secret)
        self.secret_file.chmod(0o666)
        self.granted = self.folder / "granted"
        self._make_granted()
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self._abstract_name = f"canary-{secrets.token_hex(8)}"
        self._sockets = {"the TCP port": self._tcp, "the UDP port": self._udp}
        if sys.platform != "win32":
            self._sockets["the abstract socket"] = _listen("\0" + self._abstract_name)
            self._sockets["the unix socket"] = _listen(str(self.folder / "socket"))
            os.chmod(self.folder / "socket", 0o777)
        for one in self._sockets.values():
            one.setblocking(False)

    def _make_granted(self) -> None:
        self.granted.mkdir()
        self.granted.chmod(0o777)
        (self.granted / "public.txt").write_text("public")
        (self.granted / "public.txt").chmod(0o666)
        if sys.platform == "win32":  # where links are for who may make them
            return
        (self.granted / "to-secret").symlink_to(self.secret_file)
        (self.granted / "to-folder").symlink_to(self.folder)
        (self.granted / "to-root").symlink_to("/")

    def __enter__(self) -> Canaries:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Take everything down."""
        for one in self._sockets.values():
            one.close()
        shutil.rmtree(self.folder)
        if self._outer is None:
            del os.environ[SECRET_VARIABLE]
        else:
            os.environ[SECRET_VARIABLE] = self._outer

    @property
    def target(self) -> dict[str, str | int]:
        """What an attack is told: everything but the secrets."""
        return {
            "secret_file": str(self.secret_file),
            "folder": str(self.folder),
            "port": self._tcp.getsockname()[1],
            "udp_port": self._udp.getsockname()[1],
            "abstract": self._abstract_name,
            "socket": str(self.folder / "socket"),
            "host_pid": os.getpid(),
            "granted": str(self.granted),
        }

    # --- looking ---------------------------------------------------------------------------

    def look(self) -> Sighting:
        """The host now, without guests that are forked ahead of time."""
        ended = drop_spares()
        wait_until(lambda: not any(map(_is_there, ended)))
        return Sighting(
            processes=frozenset(descendants(os.getpid())),
            descriptors=frozenset(_descriptors()),
            mounts="" if sys.platform == "win32" else Path("/proc/self/mountinfo").read_text(),
            folder=tuple(sorted(_entries(self.folder))),
            system_v=tuple(_system_v()),
            threads=threading.active_count(),
            host_name=platform.node(),
            folder_now=os.getcwd(),
        )

    def complaints(self, before: Sighting, results: Iterable[Result]) -> list[str]:
        """What is not as it was, or should not be anywhere. Waits until guests are reaped."""
        found: list[str] = []
        drop_spares()
        wait_until(lambda: frozenset(descendants(os.getpid())) == before.processes)
        wait_until(lambda: _closed(before))
        now = self.look()
        for pid in now.processes - before.processes:
            found.append(f"process {pid} ({_name(pid)}) is left")
        for pid in before.processes - now.processes:
            found.append(f"process {pid}, which is not the attack's, is gone")
        for one in sorted(now.descriptors - before.descriptors):
            found.append(f"a descriptor of the host is left: {one}")
        if now.mounts != before.mounts:
            lines = set(now.mounts.splitlines()) ^ set(before.mounts.splitlines())
            found.append(f"the host's mounts changed: {sorted(lines)}")
        if now.folder != before.folder:
            found.append(f"the folder changed: {before.folder} is now {now.folder}")
        if self.secret_file.read_text() != self.file_secret:
            found.append("the secret file was written")
        if now.system_v != before.system_v:
            found.append(f"System V objects changed: {now.system_v}")
        if now.threads > before.threads:
            found.append(f"{now.threads - before.threads} threads of the host are left")
        if (now.host_name, now.folder_now) != (before.host_name, before.folder_now):
            found.append("the host's name or working directory changed")
        found += self._connections()
        for result in results:
            found += self._leaks(result)
        return found

    def _connections(self) -> Iterable[str]:
        for what, one in self._sockets.items():
            ready, _, _ = select.select([one], [], [], 0)
            if ready:
                if one.type == socket.SOCK_DGRAM:
                    one.recvfrom(1)
                else:
                    one.accept()[0].close()
                yield f"{what} was reached"

    def _leaks(self, result: Result) -> Iterable[str]:
        text = _everything(result)
        for what, secret in (
            ("the environment", self.environment_secret),
            ("the file", self.file_secret),
            ("the sibling sandbox", self.sibling_secret),
        ):
            if secret in text:
                yield f"the secret of {what} is in the result"


def _listen(name: str) -> socket.socket:
    one = socket.socket(socket.AF_UNIX)
    one.bind(name)
    one.listen()
    return one


def _everything(result: Result) -> str:
    """All that a guest put into its result."""
    parts = [repr(result.value), result.stdout, result.stderr]
    parts += [repr(display) for display in result.displays]
    if result.error is not None:
        parts += [result.error.type, result.error.message, result.error.traceback]
    return "\n".join(parts)


def descendants(pid: int) -> set[int]:
    """Every process below ``pid``, zombies too."""
    if sys.platform == "win32":
        return {one.pid for one in psutil.Process(pid).children(recursive=True)}
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            try:
                with open(f"/proc/{entry}/stat", "rb") as file:
                    parent = int(file.read().rpartition(b")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended meanwhile
            children.setdefault(parent, []).append(int(entry))
    found: set[int] = set()
    pending = [pid]
    while pending:
        for child in children.get(pending.pop(), ()):
            found.add(child)
            pending.append(child)
    return found


def _is_there(pid: int) -> bool:
    return psutil.pid_exists(pid) if sys.platform == "win32" else os.path.exists(f"/proc/{pid}")


def _name(pid: int) -> str:
    if sys.platform == "win32":
        return psutil.Process(pid).name() if psutil.pid_exists(pid) else "ended meanwhile"
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return "ended meanwhile"


def _closed(before: Sighting) -> bool:
    """Whether nothing is open that was not: a connection ends a moment after its guest, and one
    that is made ready for the next guest may just have come.
    """
    drop_spares()
    return frozenset(_descriptors()) <= before.descriptors


def _descriptors() -> Iterable[str]:
    if sys.platform == "win32":  # which lists no handles
        return
    for entry in os.listdir("/proc/self/fd"):
        try:
            yield f"{entry} -> {os.readlink(f'/proc/self/fd/{entry}')}"
        except FileNotFoundError:
            continue  # the descriptor of this listing


def _entries(folder: Path) -> Iterable[tuple[str, int, int, int]]:
    for path in folder.rglob("*"):
        status = path.lstat()
        yield str(path.relative_to(folder)), status.st_mode, status.st_size, status.st_mtime_ns


def _system_v() -> Iterable[str]:
    for kind in () if sys.platform == "win32" else _SYSTEM_V:
        path = Path("/proc/sysvipc") / kind
        if path.exists():
            yield from (f"{kind} {line.split()[1]}" for line in path.read_text().splitlines()[1:])


def wait_until(ready: Callable[[], bool]) -> None:
    """Until ``ready()``, or until it has taken far too long: the caller looks again."""
    until = time.monotonic() + _PATIENCE
    while not ready() and time.monotonic() < until:
        threading.Event().wait(0.002)
