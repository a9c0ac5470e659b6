"""What a host must not leave behind: processes, descriptors, mounts, files, cgroups.

Nothing here sleeps or measures: whoever waits for an end waits on the pidfds of what has to end.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.attacks.canaries import descendants
from tests.support.spares import drop_spares

__all__ = [
    "Belongings",
    "adopting",
    "await_ends",
    "below",
    "cgroups_of",
    "children",
    "describe",
    "descriptors",
    "guests_of",
    "is_running",
    "outer_of",
]

PATIENCE = 60.0
"""Seconds after which something that should have ended counts as left behind. Nobody waits for it
when all is well.
"""

_REAPING = 5.0
_PR_SET_CHILD_SUBREAPER = 36
_CGROUPS = ("/sys/fs/cgroup/cpu", "/sys/fs/cgroup/unified", "/sys/fs/cgroup")


@dataclass(frozen=True)
class Belongings:
    """What a process has, at one moment.

    Attributes:
        processes: all below it, zombies too.
        descriptors: number -> what it leads to, without sockets' and pipes' own numbers.
        mounts: of its mount namespace.
        files: in the folder for temporary files.
    """

    processes: frozenset[int]
    descriptors: dict[int, str]
    mounts: str
    files: frozenset[str]

    @classmethod
    def now(cls) -> Belongings:
        """Of this process, without guests that are forked ahead."""
        return cls(
            frozenset(below()),
            descriptors(),
            Path("/proc/self/mountinfo").read_text(encoding="utf-8"),
            frozenset(os.listdir(tempfile.gettempdir())),
        )

    def left_since(self, before: Belongings) -> list[str]:
        """What is there now and was not there before, in words."""
        left = [f"process {pid}: {describe(pid)}" for pid in self.processes - before.processes]
        for number, target in self.descriptors.items():
            if number not in before.descriptors:
                left.append(f"descriptor {number} -> {target}")
        for line in set(self.mounts.splitlines()) - set(before.mounts.splitlines()):
            left.append(f"mount {line}")
        left += [f"file {name}" for name in self.files - before.files]
        return sorted(left)


def below() -> set[int]:
    """The processes below this one, without guests that are forked ahead: those are ended."""
    await_ends(drop_spares())
    return descendants(os.getpid())


def descriptors() -> dict[int, str]:
    """Number -> target of every open descriptor of this process."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # the descriptor of this listing
            target = Path(f"/proc/self/fd/{name}").readlink().name
            found[int(name)] = target
    return found


def children(pid: int) -> set[int]:
    """The processes that ``pid`` started."""
    return {one for one in descendants(pid) if _parent(one) == pid}


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


def describe(pid: int) -> str:
    """State and command of a process, for messages."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")[-60:]
    except (FileNotFoundError, ProcessLookupError):
        return "ended meanwhile"
    return f"{state} {command}"


def is_running(pid: int) -> bool:
    """Whether there is such a process, and it is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


# --- the processes of the native engine -----------------------------------------------------


def outer_of(pid: int) -> set[int]:
    """The zygote processes that a host started: its direct children that run one."""
    return {
        child
        for child in children(pid)
        if b"zygote.main" in Path(f"/proc/{child}/cmdline").read_bytes()
    }


def guests_of(pid: int) -> set[int]:
    """The guests below a host: leaves of its tree of zygote processes, which fork nothing else."""
    everyone = descendants(pid)
    parents = {_parent(one) for one in everyone}
    return {one for one in everyone if one not in parents and _parent(one) in everyone}


# --- ends -----------------------------------------------------------------------------------


@contextlib.contextmanager
def adopting() -> Iterator[None]:
    """Orphans of what this process starts become its own children: none escapes by being orphaned.
    PR_SET_CHILD_SUBREAPER, prctl(2).
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    try:
        yield
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def await_ends(pids: Iterable[int], *, patience: float = PATIENCE) -> set[int]:
    """Wait until processes have ended; returns those that did not. Adopted ones are reaped."""
    left = set()
    for pid in pids:
        try:
            pidfd = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            if not select.select([pidfd], [], [], patience)[0]:
                left.add(pid)
                continue
        finally:
            os.close(pidfd)
        try:
            os.waitpid(pid, 0)
        except ChildProcessError:
            _await_reaping(pid)
    return left


def _await_reaping(pid: int) -> None:
    """Let the parent of a process that has ended take its status: nothing tells others when."""
    until = time.monotonic() + _REAPING
    while time.monotonic() < until and describe(pid).startswith("Z"):
        os.sched_yield()


def await_no_orphans(before: frozenset[int]) -> list[str]:
    """Wait until this process has no descendants but those that it had ``before``; returns what is
    left in words, and ends it, so that one failure does not become many.
    """
    while True:
        orphans = below() - before
        if not orphans:
            return []
        left = await_ends(orphans)
        if left:
            words = [f"process {pid}: {describe(pid)}" for pid in sorted(left)]
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            await_ends(left)
            return words


def cgroups_of(pid: int) -> set[str]:
    """The cgroups that a host process made and did not remove."""
    found = set()
    for root in _CGROUPS:
        for folder, names, _ in os.walk(root):
            found |= {f"{folder}/{name}" for name in names if name.startswith(f"ringfence-{pid}-")}
            if folder.count("/") > 6:
                names.clear()
    return found


def is_socket(number: int) -> bool:
    """Whether a descriptor is a socket."""
    return stat.S_ISSOCK(os.fstat(number).st_mode)
