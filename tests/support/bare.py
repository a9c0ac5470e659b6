"""A host that has what every POSIX system has, and nothing that is Linux's own.

The kernel refuses the calls, by a filter that everything this process starts inherits, and Python
says that it is another system's, and lacks their names, as it does on macOS. ``/proc`` is no place for Ringfence.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import platform
import select
import selectors
import signal
import sys
import sysconfig
from types import FrameType
from typing import Any

from ringfence.jail import libc
from ringfence.jail.bpf import Branch, Here, Label, Load, Mask, Return, Statement, assemble
from ringfence.jail.syscalls import find_machine

__all__ = ["become_bare"]

_ALLOW, _ERRNO = 0x7FFF_0000, 0x0005_0000
_NUMBER, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 16, 24  # offsets in struct seccomp_data
_KINDS, _SEQPACKET = 0xF, 5
_OF_A_PROCESS = 0x8000_0000  # the sign of a clock's id; clock_getcpuclockid(3)
_NEW_NAMESPACES = 0x7E02_0000

_LINUX = """
    add_key bpf clone3 close_range epoll_create epoll_create1 eventfd eventfd2 fanotify_init fsmount
    fsopen io_uring_setup keyctl landlock_create_ruleset landlock_restrict_self memfd_create mount
    move_mount open_tree pidfd_getfd pidfd_open pidfd_send_signal pivot_root process_vm_readv
    process_vm_writev sched_setscheduler sendfile setns signalfd4 splice syslog timerfd_create umount2
    unshare userfaultfd
"""
_CHOOSE = ("asyncio", "multiprocessing", "psutil", "urllib.request", "uuid", "wasmtime")
"""What asks for the name of the system when it is imported."""

_NAMES = {
    os: """
        eventfd eventfd_read eventfd_write memfd_create pidfd_open sched_getaffinity sched_param
        sched_setscheduler setns unshare EFD_CLOEXEC EFD_NONBLOCK MFD_ALLOW_SEALING MFD_CLOEXEC O_PATH
        SCHED_BATCH posix_fadvise setresuid setresgid
    """,
    select: "epoll EPOLLIN POLLRDHUP",
    signal: "pidfd_send_signal",
}


def become_bare() -> None:
    """Be on such a host. For good."""
    _refuse_calls()
    for module, names in _NAMES.items():
        for name in names.split():
            if hasattr(module, name):
                delattr(module, name)
    for chooses in _CHOOSE:
        importlib.import_module(chooses)
    sysconfig.get_config_vars()
    sys.platform = "darwin"
    if hasattr(os, "process_cpu_count"):  # of Python 3.13, and of another kind there
        os.process_cpu_count = os.cpu_count
    selectors.DefaultSelector = selectors.PollSelector  # type: ignore[assignment,misc] # chosen when imported
    sys.addaudithook(_hide_proc)


def _refuse_calls() -> None:
    numbers = find_machine(platform.machine()).numbers
    absent, packets, clock, clone = map(Label, ("absent", "packets", "clock", "clone"))
    wrong, allowed = Label("wrong"), Label("allowed")
    program: list[Statement] = [
        Load(_NUMBER),
        *(Branch("==", numbers[name], absent) for name in _LINUX.split() if name in numbers),
        Branch("==", numbers["socketpair"], packets),
        Branch("==", numbers["clock_gettime"], clock),
        Branch("==", numbers["clone"], clone, allowed),
        Here(packets),
        Load(_SECOND_ARGUMENT),
        Mask(_KINDS),
        Branch("==", _SEQPACKET, wrong, allowed),
        Here(clock),
        Load(_FIRST_ARGUMENT),
        Branch("&", _OF_A_PROCESS, wrong, allowed),
        Here(clone),
        Load(_FIRST_ARGUMENT),
        Branch("&", _NEW_NAMESPACES, wrong, allowed),
        Here(absent),
        Return(_ERRNO | errno.ENOSYS),
        Here(wrong),
        Return(_ERRNO | errno.EINVAL),
        Here(allowed),
        Return(_ALLOW),
    ]
    with contextlib.suppress(PermissionError):  # no_new_privs, or the right to do without
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    libc.seccomp_filter(assemble(program).code).install()


def _hide_proc(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: whoever opens what is in ``/proc`` is told that there is no such place."""
    if event != "open" or not isinstance(arguments[0], str | bytes):
        return
    path = os.fsdecode(arguments[0])
    if path.startswith("/proc/") and _product_asks():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)


def _product_asks() -> bool:
    """Whether the innermost code that is not the standard library's is Ringfence's own: tests look
    at a machine from outside, and psutil asks each system in its own way.
    """
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package not in sys.stdlib_module_names:
            return package in ("ringfence", "ringfence_guest")
        frame = frame.f_back
    return False
