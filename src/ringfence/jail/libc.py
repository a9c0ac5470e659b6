"""System calls that Python does not offer: the only place where ctypes is used.

Every function raises :class:`OSError` with the kernel's errno. Numbers of calls that glibc does not
wrap come from :mod:`ringfence.jail.syscalls`.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from ringfence.jail.syscalls import syscall_numbers_here

__all__ = [
    "CLONE_NEWCGROUP",
    "CLONE_NEWIPC",
    "CLONE_NEWNET",
    "CLONE_NEWNS",
    "CLONE_NEWPID",
    "CLONE_NEWUSER",
    "CLONE_NEWUTS",
    "NO_CAPABILITIES",
    "Prepared",
    "attach_mount",
    "bare_fork",
    "clone_tree",
    "close_from",
    "drop_capabilities",
    "landlock_abi",
    "landlock_add_path",
    "landlock_create",
    "landlock_restrict",
    "mount",
    "perform",
    "pivot_root",
    "prctl",
    "prepare",
    "seccomp_filter",
    "setns",
    "syscall",
    "umount",
    "unshare",
]

CLONE_NEWNS = 0x0002_0000
CLONE_NEWCGROUP = 0x0200_0000
CLONE_NEWUTS = 0x0400_0000
CLONE_NEWIPC = 0x0800_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWPID = 0x2000_0000
CLONE_NEWNET = 0x4000_0000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38

_AT_FDCWD = -100
_AT_EMPTY_PATH = 0x1000
_AT_RECURSIVE = 0x8000
_OPEN_TREE_CLONE = 1
_OPEN_TREE_CLOEXEC = os.O_CLOEXEC
_MOVE_MOUNT_F_EMPTY_PATH = 4
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID, _MOUNT_ATTR_NODEV = 1, 2, 4

_libc = ctypes.CDLL(None, use_errno=True)
_syscall = _libc.syscall
_syscall.restype = ctypes.c_long
_long = ctypes.c_long
NUMBERS = syscall_numbers_here()


def syscall(name: str, *args: Any) -> int:
    """Make a system call by name. Integers are passed as C longs, bytes as pointers."""
    return _call(NUMBERS[name], name, *args)


def _call(number: int, name: str, *args: Any) -> int:
    result: int = _syscall(_long(number), *[_long(a) if isinstance(a, int) else a for a in args])
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def unshare(flags: int) -> None:
    """unshare(2)."""
    perform(_prepared("unshare", flags))


def setns(fd: int, kind: int) -> None:
    """setns(2)."""
    perform(_prepared("setns", fd, kind))


def prctl(option: int, a: int = 0, b: int = 0, c: int = 0, d: int = 0) -> int:
    """prctl(2)."""
    return _call(NUMBERS["prctl"], "prctl", option, a, b, c, d)


def mount(
    source: bytes | None, target: bytes, kind: bytes | None, flags: int, data: bytes | None
) -> None:
    """mount(2)."""
    _call(NUMBERS["mount"], "mount", source, target, kind, flags, data)


def umount(target: bytes, flags: int) -> None:
    """umount2(2)."""
    _call(NUMBERS["umount2"], "umount2", target, flags)


def pivot_root(new: bytes, old: bytes) -> None:
    """pivot_root(2)."""
    _call(NUMBERS["pivot_root"], "pivot_root", new, old)


def clone_tree(path: str, *, recursive: bool = True) -> int:
    """A detached, private, read-only copy of the mounts at ``path``; returns its descriptor.

    open_tree(2) and mount_setattr(2), Linux 5.12: recursive and without parsing mount tables.
    """
    flags = _OPEN_TREE_CLONE | _OPEN_TREE_CLOEXEC | (_AT_RECURSIVE if recursive else 0)
    fd = syscall("open_tree", _AT_FDCWD, os.fsencode(path), flags)
    attributes = struct.pack(
        "QQQQ",
        _MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID | _MOUNT_ATTR_NODEV,
        0,
        MS_PRIVATE,
        0,
    )
    try:
        syscall(
            "mount_setattr",
            fd,
            b"",
            _AT_EMPTY_PATH | (_AT_RECURSIVE if recursive else 0),
            attributes,
            len(attributes),
        )
    except OSError:
        os.close(fd)
        raise
    return fd


def attach_mount(fd: int, target: str) -> None:
    """Attach what :func:`clone_tree` returned at ``target``: move_mount(2)."""
    syscall("move_mount", fd, b"", _AT_FDCWD, os.fsencode(target), _MOVE_MOUNT_F_EMPTY_PATH)


def close_from(first: int) -> None:
    """Close every descriptor from ``first`` on: close_range(2)."""
    _call(NUMBERS["close_range"], "close_range", first, 0xFFFF_FFFF, 0)


NO_CAPABILITIES = (struct.pack("Ii", 0x2008_0522, 0), bytes(24))


def drop_capabilities() -> None:
    """Empty the effective, permitted, inheritable and (with them) ambient sets: capset(2)."""
    perform([prepare("capset", *NO_CAPABILITIES)])


def landlock_abi() -> int:
    """The Landlock ABI of the running kernel; 0 when there is none: landlock_create_ruleset(2)."""
    number = NUMBERS.get("landlock_create_ruleset")
    if number is None:
        return 0
    result: int = _syscall(_long(number), None, _long(0), _long(1))
    return max(0, result)


def landlock_create(attributes: bytes) -> int:
    """A ruleset from a packed ``struct landlock_ruleset_attr``; returns its descriptor."""
    return syscall("landlock_create_ruleset", attributes, len(attributes), 0)


def landlock_add_path(ruleset: int, rights: int, fd: int) -> None:
    """Grant ``rights`` beneath the path that ``fd`` (O_PATH) stands for: landlock_add_rule(2)."""
    rule = struct.pack("=Qi", rights, fd)
    syscall("landlock_add_rule", ruleset, 1, rule, 0)


def landlock_restrict(ruleset: int) -> None:
    """Confine the calling thread, for good: landlock_restrict_self(2)."""
    _call(NUMBERS["landlock_restrict_self"], "landlock_restrict_self", ruleset, 0)


_fork = ctypes.PyDLL(None, use_errno=True).fork  # keeps the GIL, as a child must find it held


def bare_fork() -> int:
    """fork(2) without what ``os.fork`` has the interpreter do afterwards.

    That work repairs locks that other threads may hold, and touches a hundred pages in doing so:
    0.8 ms of a fresh guest. It repairs nothing in a process that has exactly one thread, which the
    caller must know that it has.

    Raises:
        OSError: the fork failed.
    """
    pid: int = _fork()
    if pid < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"fork: {os.strerror(code)}")
    return pid


Prepared = tuple[Any, ...]
"""A system call with its arguments converted, ready to be made."""


def prepare(name: str, *args: int | bytes | ctypes.Array[ctypes.c_char]) -> Prepared:
    """Convert a call's arguments once, so that :func:`perform` has nothing left to do.

    What the arguments point to stays alive as long as the prepared call does.
    """
    converted = [
        _long(a)
        if isinstance(a, int)
        else ctypes.create_string_buffer(a)
        if isinstance(a, bytes)
        else a
        for a in args
    ]
    return (_long(NUMBERS[name]), *converted)


def perform(calls: Iterable[Prepared]) -> int:
    """Make prepared calls in order; returns what the last one returned.

    A fresh guest spends its time on page faults, one for every object it touches first: a loop over
    converted arguments touches few.

    Raises:
        OSError: a call failed; those after it were not made.
    """
    result = 0
    for call in calls:
        result = _syscall(*call)
        if result < 0:
            raise _failure(call[0].value, ctypes.get_errno())
    return result


@lru_cache(maxsize=16)
def _prepared(name: str, *args: int) -> tuple[Prepared, ...]:
    """Of calls that a zygote makes for each guest, with the same arguments."""
    return (prepare(name, *args),)


def _failure(number: int, code: int) -> OSError:
    name = next(name for name, known in NUMBERS.items() if known == number)
    return OSError(code, f"{name}: {os.strerror(code)}")


class SeccompProgram:
    """A filter in memory where the kernel can read it; prepared once, installed many times.

    Args:
        program: an array of ``struct sock_filter``.
    """

    def __init__(self, program: bytes) -> None:
        self._filter = ctypes.create_string_buffer(program, len(program))
        self._fprog = ctypes.create_string_buffer(
            struct.pack("HP", len(program) // 8, ctypes.addressof(self._filter))
        )

    def patch(self, program: bytes) -> None:
        """Replace the program by one of the same length."""
        ctypes.memmove(self._filter, program, len(program))

    def install(self) -> None:
        """Install it on the calling thread: seccomp(2), SECCOMP_SET_MODE_FILTER."""
        perform([self.prepared()])

    def prepared(self) -> Prepared:
        """The call that installs it."""
        return prepare("seccomp", 1, 0, self._fprog)


def seccomp_filter(program: bytes) -> SeccompProgram:
    """Prepare a filter."""
    return SeccompProgram(program)


def is_denied(error: OSError) -> bool:
    """Whether an error means that the call is forbidden or missing here."""
    return error.errno in (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EINVAL, errno.ENOSPC)
