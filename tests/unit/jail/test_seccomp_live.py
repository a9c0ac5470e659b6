"""The filters in the running kernel: each witness is a forked child that installs both and calls.

The raw calls go through ctypes on purpose: that is what a guest can do.
"""

from __future__ import annotations

import asyncio
import concurrent.futures.thread
import ctypes
import mmap
import os
import platform
import shutil
import signal
import socket
import sqlite3
import struct
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ringfence.jail.seccomp import layer_one, layer_two
from ringfence.jail.syscalls import find_machine
from tests.unit.jail.seccomp_expectations import (
    EVERYTHING,
    GRANTS,
    NOTHING,
    Grants,
    names,
)

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64",
    reason="the witnesses' numbers and machine code are those of Linux on x86_64",
)

NUMBERS = find_machine("x86_64").numbers
COMPUTING = Grants(paths=False, scratch=False, threads=True)

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def raw(number: int, *arguments: int | bytes | ctypes.Array[Any]) -> int:
    """The result of a system call, or minus its errno."""
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result: int = _libc.syscall(ctypes.c_long(number), *words)
    return -ctypes.get_errno() if result == -1 else result


def call(name: str, *arguments: int | bytes | ctypes.Array[Any]) -> int:
    return raw(NUMBERS[name], *arguments)


def install(program: bytes) -> None:
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HP", len(program) // 8, ctypes.addressof(code))
    assert call("seccomp", 1, 0, ctypes.create_string_buffer(head, len(head))) == 0


def in_child(body: Callable[[], Any], *filters: Callable[[], bytes]) -> str:
    """Run ``body`` behind the filters in a child; what it returned, raised, or died of."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            assert call("prctl", 38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
            for program in filters:
                install(program())
            answer = str(body())
        except BaseException:
            answer = traceback.format_exc()
        try:
            os.write(write, answer.encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        answer = stream.read().decode()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return answer


_ONE = layer_one("x86_64", paths=True, scratch=True)
_TWO = {grants: layer_two("x86_64", **vars(grants)) for grants in GRANTS}


def as_zygote(body: Callable[[], Any]) -> str:
    return in_child(body, lambda: _ONE)


def as_guest(body: Callable[[], Any], grants: Grants = EVERYTHING) -> str:
    return in_child(body, lambda: _ONE, lambda: _TWO[grants].for_pid(os.getpid()))


# --------------------------------------------------------------------- one call, one answer

_PRIVATE, _SHARED, _ANONYMOUS, _GROWS_DOWN, _LOCKED, _HUGE = 2, 1, 0x20, 0x100, 0x2000, 0x40000


def _map(flags: int) -> str:
    result = call("mmap", 0, 4096, 3, flags, -1, 0)
    return str(result) if -4096 < result < 0 else "mapped"


def _datagram(address: bool) -> int:
    mine, yours = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    name = struct.pack("H", socket.AF_UNIX) + b"\0ringfence-nobody-listens"
    with mine, yours:
        if address:
            return call("sendto", mine.fileno(), b"x", 1, 0, name, len(name))
        return call("sendto", mine.fileno(), b"x", 1, 0x40, 0, 0)


WITNESSES: dict[str, tuple[Callable[[], object], str]] = {
    "getppid": (lambda: call("getppid") > 0, "True"),
    "socket": (lambda: call("socket", 2, 1, 0), "-1"),
    "fork": (lambda: call("fork"), "-1"),
    "vfork": (lambda: call("vfork"), "-1"),
    "clone as fork does": (lambda: call("clone", 17, 0, 0, 0, 0), "-1"),
    "clone of a user namespace": (lambda: call("clone", 0x10000011, 0, 0, 0, 0), "-1"),
    "clone3": (lambda: call("clone3", b"\0" * 88, 88), "-38"),
    "wait4": (lambda: call("wait4", -1, 0, 1, 0), "-1"),
    "kill of itself": (lambda: call("kill", os.getpid(), 0), "-1"),
    "tgkill of itself": (lambda: call("tgkill", os.getpid(), os.getpid(), 0), "0"),
    "tgkill of the parent": (lambda: call("tgkill", os.getppid(), os.getppid(), 0), "-1"),
    "tkill of itself": (lambda: call("tkill", os.getpid(), 0), "-1"),
    "pidfd_open": (lambda: call("pidfd_open", os.getppid(), 0), "-1"),
    "private memory": (lambda: _map(_PRIVATE | _ANONYMOUS), "mapped"),
    "shared anonymous memory": (lambda: _map(_SHARED | _ANONYMOUS), "-1"),
    "memory that grows down": (lambda: _map(_PRIVATE | _ANONYMOUS | _GROWS_DOWN), "-1"),
    "locked memory": (lambda: _map(_PRIVATE | _ANONYMOUS | _LOCKED), "-1"),
    "huge pages": (lambda: _map(_PRIVATE | _ANONYMOUS | _HUGE), "-1"),
    "memfd_create": (lambda: call("memfd_create", b"x", 0), "-1"),
    "shmget": (lambda: call("shmget", 0, 4096, 0o1600), "-1"),
    "MADV_POPULATE_WRITE": (lambda: call("madvise", 0, 0, 23), "-22"),
    "MADV_DONTNEED": (lambda: call("madvise", 0, 0, 4), "0"),
    "F_SETPIPE_SZ": (lambda: call("fcntl", os.pipe()[1], 1031, 1 << 20), "-1"),
    "F_SETLK of no descriptor": (lambda: call("fcntl", -1, 6, 0), "0"),
    "F_GETFD of no descriptor": (lambda: call("fcntl", -1, 1, 0), "-9"),
    "fsync of no descriptor": (lambda: call("fsync", -1), "0"),
    "flock": (lambda: call("flock", 0, 2), "-1"),
    "FICLONE": (lambda: call("ioctl", 0, 0x40049409, 0), "-95"),
    "TIOCSTI": (lambda: call("ioctl", 0, 0x5412, b"x"), "-1"),
    "listxattr": (lambda: call("listxattr", b"/", 0, 0), "-95"),
    "notification pipe": (lambda: call("pipe2", b"\0" * 8, 0x80), "-1"),
    "sendto": (lambda: _datagram(address=False), "1"),
    "sendto an address": (lambda: _datagram(address=True), "-1"),
    "sendmsg": (lambda: call("sendmsg", -1, 0, 0), "-1"),
    "recvmsg of no channel": (lambda: call("recvmsg", -1, 0, 0), "-1"),
    "recvmsg of the channel": (lambda: call("recvmsg", 3, 0, 0) == -1, "False"),
    "SO_PEERCRED": (lambda: call("getsockopt", -1, 1, 17, 0, 0), "-1"),
    "SO_TYPE": (lambda: call("getsockopt", -1, 1, 3, 0, 0), "-9"),
    "own clock": (lambda: call("clock_gettime", 2, ctypes.create_string_buffer(16)), "0"),
    "clock of the parent": (
        lambda: call("clock_gettime", (~os.getppid() << 3) | 2, ctypes.create_string_buffer(16)),
        "-1",
    ),
    "FUTEX_WAKE": (lambda: call("futex", ctypes.create_string_buffer(8), 129, 1), "0"),
    "FUTEX_LOCK_PI": (lambda: call("futex", ctypes.create_string_buffer(8), 6, 0), "-38"),
    "affinity of the parent": (
        lambda: call("sched_getaffinity", os.getppid(), 8, ctypes.create_string_buffer(8)),
        "-38",
    ),
    "PR_SET_DUMPABLE": (lambda: call("prctl", 4, 1, 0, 0, 0), "-1"),
    "prlimit64 that reads": (
        lambda: call("prlimit64", 0, 7, 0, ctypes.create_string_buffer(16)),
        "0",
    ),
    "prlimit64 that sets": (lambda: call("prlimit64", 0, 7, b"\0" * 16, 0), "-1"),
    "prlimit64 of the parent": (
        lambda: call("prlimit64", os.getppid(), 7, 0, ctypes.create_string_buffer(16)),
        "-1",
    ),
    "setrlimit": (lambda: call("setrlimit", 7, b"\0" * 16), "-1"),
    "capset": (lambda: call("capset", 0, 0), "-1"),
    "seccomp": (lambda: call("seccomp", 1, 0, 0), "-1"),
    "landlock_restrict_self": (lambda: call("landlock_restrict_self", -1, 0), "-1"),
    "sysinfo": (lambda: call("sysinfo", ctypes.create_string_buffer(112)), "-1"),
    "statfs": (lambda: call("statfs", b"/", ctypes.create_string_buffer(120)), "-1"),
    "a call that no kernel has": (lambda: raw(2000), "-38"),
    "CLOSE_RANGE_UNSHARE": (lambda: call("close_range", 900, 901, 2), "-22"),
}


@pytest.mark.parametrize("what", WITNESSES)
def test_a_guest_with_everything_granted_still_gets(what: str) -> None:
    body, answer = WITNESSES[what]
    assert as_guest(body) == answer


@pytest.mark.parametrize(
    "name",
    sorted(
        names(
            """
            execve execveat ptrace process_vm_readv mount umount2 unshare setns pivot_root chroot
            open_tree move_mount keyctl add_key bpf perf_event_open userfaultfd io_uring_setup
            memfd_secret open_by_handle_at name_to_handle_at personality modify_ldt pidfd_getfd
            kcmp clock_settime
            """
        )
    ),
)
def test_a_guest_dies_of(name: str) -> None:
    assert as_guest(lambda: call(name, 0, 0, 0, 0, 0)) == "SIGSYS"


def _machine_code(code: bytes) -> int:
    page = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 7)
    page.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    result: int = ctypes.CFUNCTYPE(ctypes.c_long)(address)()
    return result


def test_a_guest_dies_of_the_x32_abi() -> None:
    assert as_guest(lambda: raw(0x40000000 | NUMBERS["getpid"])) == "SIGSYS"


def test_a_guest_dies_of_the_i386_abi() -> None:
    # mov eax, 20 (getpid there, writev here); int 0x80; ret
    assert as_guest(lambda: _machine_code(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")) == "SIGSYS"


def test_machine_code_that_brings_its_own_instruction_is_filtered_too() -> None:
    # mov eax, 41 (socket); xor edi, edi; syscall; ret
    assert as_guest(lambda: _machine_code(b"\xb8\x29\x00\x00\x00\x31\xff\x0f\x05\xc3")) == "-1"


# --------------------------------------------------------------------------- grants

_CREATE = os.O_WRONLY | os.O_CREAT
_HERE = -100  # AT_FDCWD

GRANTED: dict[str, tuple[Callable[[], object], str, str]] = {
    "openat to read": (lambda: call("openat", _HERE, b"/none", 0, 0), "-2", "paths"),
    "openat to write": (lambda: call("openat", _HERE, b"/none/x", _CREATE, 0), "-2", "scratch"),
    "stat": (lambda: call("newfstatat", _HERE, b"/none", b"\0" * 144, 0), "-2", "paths"),
    "readlink": (lambda: call("readlink", b"/none", b"\0" * 9, 9), "-2", "paths"),
    "mkdir": (lambda: call("mkdir", b"/none/x", 0), "-2", "scratch"),
    "rename": (lambda: call("rename", b"/none/x", b"/none/y"), "-2", "scratch"),
    "unlink": (lambda: call("unlink", b"/none/x"), "-2", "scratch"),
    "chmod": (lambda: call("chmod", b"/none/x", 0), "-2", "scratch"),
}


@pytest.mark.parametrize("grants", GRANTS, ids=str)
@pytest.mark.parametrize("what", GRANTED)
def test_a_grant_decides(what: str, grants: Grants) -> None:
    body, granted, needs = GRANTED[what]
    assert as_guest(body, grants) == (granted if getattr(grants, needs) else "-1")


@pytest.mark.parametrize("grants", GRANTS, ids=str)
def test_threads_are_granted_or_not(grants: Grants) -> None:
    def body() -> str:
        try:
            thread = threading.Thread(target=lambda: None)
            thread.start()
        except RuntimeError as error:
            return str(error)
        thread.join()
        return "joined"

    assert as_guest(body, grants) == ("joined" if grants.threads else "can't start new thread")


# --------------------------------------------------------------------------- the zygote


def test_the_zygote_forks_a_guest_that_locks_itself_down() -> None:
    def body() -> str:
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            install(_TWO[NOTHING].for_pid(os.getpid()))
            os.write(write, str((call("fork"), call("getpid") == os.getpid())).encode())
            os._exit(7)
        return f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])} {os.read(read, 99).decode()}"

    assert as_zygote(body) == "7 (-1, True)"


def test_the_zygote_shares_no_memory_with_its_guests() -> None:
    assert as_zygote(lambda: _map(_SHARED | _ANONYMOUS)) == "-1"


@pytest.mark.parametrize(
    ("name", "answer"),
    [("execve", "-1"), ("execveat", "-1"), ("umount2", "SIGSYS"), ("bpf", "SIGSYS")],
)
def test_the_zygote_cannot(name: str, answer: str) -> None:
    assert as_zygote(lambda: call(name, 0, 0, 0, 0, 0)) == answer


# ------------------------------------------------------------------ what guests do for a living


def _threads() -> None:
    with concurrent.futures.thread.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(abs, range(-4, 0))) == [4, 3, 2, 1]


def _asyncio() -> None:
    async def main() -> bytes:
        mine, yours = socket.socketpair()
        reader, back = await asyncio.open_connection(sock=mine)
        _, writer = await asyncio.open_connection(sock=yours)
        writer.write(b"ping")
        await writer.drain()
        answer = await reader.readexactly(4)
        for stream in (back, writer):
            stream.close()
        return answer

    assert asyncio.run(main()) == b"ping"


def _signals() -> None:
    seen: list[int] = []
    signal.signal(signal.SIGALRM, lambda number, _: seen.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    signal.pause()
    signal.raise_signal(signal.SIGALRM)
    assert seen == [signal.SIGALRM] * 2


def _callbacks() -> None:
    assert ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda n: n + 1)(1) == 2


def _memory() -> None:
    assert len([0] * 3_000_000 + list(range(100_000))) == 3_100_000


def _clocks() -> None:
    assert time.process_time() > 0
    assert time.thread_time() > 0
    assert os.times().user >= 0
    assert len(os.sched_getaffinity(0)) > 0
    assert len(os.urandom(16)) == 16


def _files() -> None:
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder, "first")
        first.write_bytes(b"x" * 100_000)
        shutil.copy2(first, Path(folder, "second"))
        os.utime(first, (1, 1))
        first.replace(Path(folder, "third"))
        with Path(folder, "third").open("r+b") as stream, mmap.mmap(stream.fileno(), 0) as view:
            view[0] = 65
            view.flush()
        shutil.copytree(folder, Path(folder, "tree"), ignore=shutil.ignore_patterns("tree"))
        copied = sorted(path.name for path in Path(folder, "tree").iterdir())
        assert copied == ["second", "third"]
    with tempfile.NamedTemporaryFile() as named:
        os.fsync(named.fileno())
        os.truncate(named.name, 10)
        assert Path(named.name).stat().st_size == 10


def _sqlite() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for mode in ("delete", "wal"):
            path = Path(folder, mode)
            first, second = sqlite3.connect(path), sqlite3.connect(path)
            first.execute(f"pragma journal_mode={mode}")
            first.execute("create table t (n)")
            with first:
                first.executemany("insert into t values (?)", [(n,) for n in range(100)])
            with second:
                second.execute("delete from t where n > 10")
            assert first.execute("select sum(n) from t").fetchone() == (55,)
            first.close()
            second.close()


@pytest.mark.parametrize(
    "work", [_threads, _asyncio, _signals, _callbacks, _memory, _clocks, _files, _sqlite]
)
def test_a_guest_with_everything_granted_can_work(
    work: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert as_guest(work) == "None"


@pytest.mark.parametrize("work", [_threads, _asyncio, _signals, _callbacks, _memory, _clocks])
def test_a_guest_that_only_computes_needs_no_path(work: Callable[[], None]) -> None:
    assert as_guest(work, COMPUTING) == "None"
