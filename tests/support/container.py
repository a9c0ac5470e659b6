"""What deploy/compose/ makes of a process, as far as a machine without a container engine can.

The profile is turned into a filter of system calls, as runc does with libseccomp, and installed on
this process and all that it starts.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ringfence.jail import libc
from ringfence.jail.bpf import Branch, Goto, Here, Label, Load, Return, Statement, assemble
from ringfence.jail.syscalls import find_machine

__all__ = ["PROFILE", "allowed", "enter_container", "read_only_root"]

PROFILE = Path(__file__).resolve().parents[2] / "deploy" / "compose" / "seccomp.json"

_ALLOW, _ERRNO = 0x7FFF_0000, 0x0005_0000
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_PR_CAPBSET_DROP, _LAST_CAPABILITY = 24, 40
_AT_FDCWD, _AT_RECURSIVE, _RDONLY = -100, 0x8000, 1


def allowed(profile: dict[str, Any]) -> set[str]:
    """The calls that a profile lets through, with some arguments at least."""
    return {
        name
        for rule in profile["syscalls"]
        if rule["action"] == "SCMP_ACT_ALLOW"
        for name in rule["names"]
    }


def enter_container(text: str | None = None) -> None:
    """No capabilities, no way to get any, and only the system calls of the profile. For good.

    Args:
        text: a profile; by default that of deploy/compose/.
    """
    profile = json.loads(PROFILE.read_text() if text is None else text)
    program = assemble(list(_program(profile))).code
    for capability in range(_LAST_CAPABILITY + 1):
        with contextlib.suppress(OSError):  # newer than the kernel, or no right to
            libc.prctl(_PR_CAPBSET_DROP, capability)
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    libc.seccomp_filter(program).install()


def read_only_root() -> None:
    """The whole tree read-only but for an empty /tmp, in a mount namespace of this process."""
    libc.unshare(libc.CLONE_NEWNS)
    libc.mount(None, b"/", None, libc.MS_REC | libc.MS_PRIVATE, None)
    closed, opened = struct.pack("QQQQ", _RDONLY, 0, 0, 0), struct.pack("QQQQ", 0, _RDONLY, 0, 0)
    libc.syscall("mount_setattr", _AT_FDCWD, b"/", _AT_RECURSIVE, closed, len(closed))
    for own in (b"/proc", b"/dev"):  # mounts of the container's own, which it may write to
        libc.syscall("mount_setattr", _AT_FDCWD, own, _AT_RECURSIVE, opened, len(opened))
    flags = libc.MS_NOSUID | libc.MS_NODEV | libc.MS_NOEXEC
    libc.mount(b"tmp", b"/tmp", b"tmpfs", flags, b"mode=1777,size=64m")
    os.environ["XDG_DATA_HOME"] = "/tmp/data"


def _program(profile: dict[str, Any]) -> Iterator[Statement]:
    machine = find_machine(platform.machine())
    ours = Label("this machine's own calls")
    default = _ERRNO | profile["defaultErrnoRet"]
    yield Load(_ARCH)
    yield Branch("==", machine.audit_arch, ours)
    yield Return(default)
    yield Here(ours)
    yield Load(_NUMBER)
    for rule in profile["syscalls"]:
        verdict = _ALLOW if rule["action"] == "SCMP_ACT_ALLOW" else _ERRNO | rule["errnoRet"]
        for name in rule["names"]:
            if name in machine.numbers:
                yield from _one(machine.numbers[name], rule.get("args", []), verdict)
    yield Return(default)


def _one(number: int, tests: list[dict[str, Any]], verdict: int) -> Iterator[Statement]:
    other = Label("another call")
    yield Branch("==", number, None, other)
    for test in tests:
        assert test["op"] == "SCMP_CMP_EQ"
        same, differs = Label("as asked"), Label("other argument")
        yield Load(_FIRST_ARGUMENT + 8 * test["index"])
        yield Branch("==", test["value"], same, differs)
        yield Here(differs)
        yield Load(_NUMBER)
        yield Goto(other)
        yield Here(same)
    yield Return(verdict)
    yield Here(other)
