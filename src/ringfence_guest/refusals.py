"""What WebAssembly does not have: processes, signals to others, the network, threads.

The Python of WASI lacks these functions, or has some that say "not supported". Programs expect them
all the same: here they fail as they do in a guest of another engine, with the same kinds of errors,
and say what to do instead. Installed when the standard library has been imported, which decides by
what there is what it does.
"""

from __future__ import annotations

import _thread
import concurrent.futures.thread  # noqa: F401 (it decides by what os has when it is imported)
import errno
import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import types
from collections.abc import Callable
from typing import Any, NoReturn

__all__ = ["describe_build", "install_refusals"]

_PROCESSES = (
    "there are no other processes here: call Python in this one, or lend a host function that does "
    "what is needed"
)
_PIPES = (
    "there are no pipes here, for there is nobody at the other end: use io.BytesIO, "
    "collections.deque or asyncio.Queue, or lend a host function that does what a process would"
)
_SIGNALS = "there are no other processes here: signal.raise_signal reaches this one"
_TIMERS = "there are no timers here: use asyncio.timeout, or let Limits(wall=…) end the turn"
_NETWORK = "there is no network here: lend a host function that fetches what is needed"
_THREADS = (
    "can't start new thread: there are none here; use asyncio.gather for what waits, or call what "
    "computes directly"
)

_REFUSED = {
    os: {
        _PROCESSES: """
            execv execve fork forkpty posix_spawn posix_spawnp spawnl spawnle spawnlp spawnlpe
            spawnv spawnve spawnvp spawnvpe
        """,
        _PIPES: "openpty pipe pipe2",
        _SIGNALS: "kill killpg",
    },
    signal: {_SIGNALS: "pthread_kill", _TIMERS: "alarm setitimer"},
    socket: {_NETWORK: "socketpair"},
}
_TIMERS_OF_SIGNAL = {"ITIMER_REAL": 0, "ITIMER_VIRTUAL": 1, "ITIMER_PROF": 2}
_ABSENT = re.compile("timerfd_|TFD_")  # of os: the compiler's C library declares them and has none
_NO_SHELL = 127 << 8  # what system(3) returns where there is none
_OPTIONS_OF_WAIT = {"WNOHANG": 1, "WUNTRACED": 2}


def describe_build() -> None:
    """Answer what :mod:`sysconfig` asks about how this Python was built: nothing is known of it but
    that its functions in C are documented. Called before anything asks.
    """
    name = sysconfig._get_sysconfigdata_name()  # type: ignore[attr-defined]
    described = types.ModuleType(name)
    described.__dict__["build_time_vars"] = {"WITH_DOC_STRINGS": 1}
    sys.modules[name] = described


def install_refusals() -> None:
    """Put what refuses in the place of what is not there."""
    for module, reasons in _REFUSED.items():
        for reason, names in reasons.items():
            for name in names.split():
                setattr(module, name, _refusal(name, reason, module.__name__))
    for name, value in _TIMERS_OF_SIGNAL.items():
        setattr(signal, name, value)
    for name in filter(_ABSENT.match, dir(os)):
        delattr(os, name)
    _refuse_processes()
    _refuse_network()
    for place, name in (
        (_thread, "start_new_thread"),
        (_thread, "start_new"),
        (_thread, "start_joinable_thread"),
        (threading, "_start_joinable_thread"),
        (threading, "_start_new_thread"),
    ):
        if hasattr(place, name):
            setattr(place, name, _start_no_thread)


def _refusal(name: str, reason: str, module: str) -> Callable[..., NoReturn]:
    def refused(*_: Any, **__: Any) -> NoReturn:
        raise PermissionError(errno.EPERM, reason)

    refused.__name__ = refused.__qualname__ = name
    refused.__module__ = module
    return refused


def _start_no_thread(*_: Any, **__: Any) -> NoReturn:
    raise RuntimeError(_THREADS)


# --- processes ------------------------------------------------------------------------------


def _system(command: Any) -> int:
    """``os.system``, where there is no shell: it says so and returns what says it, as elsewhere."""
    sys.stderr.write(f"os.system: {_PROCESSES}\n")
    return _NO_SHELL


def _no_child(*_: Any) -> NoReturn:
    raise ChildProcessError(errno.ECHILD, "there are no child processes here")


def _register_at_fork(**_: Any) -> None:
    """``os.register_at_fork``: what is registered is never called."""


class _SemLock:
    """A lock between processes."""

    SEM_VALUE_MAX = (1 << 31) - 1
    __init__ = _refusal("SemLock", _PROCESSES, "_multiprocessing")


def _refuse_processes() -> None:
    subprocess.Popen.__init__ = _refusal("Popen", _PROCESSES, "subprocess")  # type: ignore[method-assign]
    added: dict[str, Any] = {
        "system": _system,
        "getppid": lambda: 0,
        "register_at_fork": _register_at_fork,
        **dict.fromkeys(("wait", "wait3", "wait4", "waitid", "waitpid"), _no_child),
        **_OPTIONS_OF_WAIT,
    }
    for name, value in added.items():
        setattr(os, name, value)
    locks = types.ModuleType("_multiprocessing")  # without it multiprocessing tells of a platform
    locks.__dict__.update(
        SemLock=_SemLock, sem_unlink=_refusal("sem_unlink", _PROCESSES, "_multiprocessing")
    )
    sys.modules["_multiprocessing"] = locks


# --- network --------------------------------------------------------------------------------


def _refuse_network() -> None:
    socket.socket.__init__ = _refusal("socket", _NETWORK, "socket")  # type: ignore[method-assign]
    for name, value in (("AF_UNIX", 1), ("gethostname", lambda: os.uname().nodename)):
        setattr(socket, name, value)
    for name in ("getaddrinfo", "gethostbyname"):
        setattr(socket, name, _numbers_only(getattr(socket, name)))
    for name in ("gethostbyaddr", "gethostbyname_ex", "getservbyname", "getservbyport"):
        if not hasattr(socket, name):
            setattr(socket, name, _no_names)


def _no_names(*_: Any) -> NoReturn:
    raise socket.gaierror(socket.EAI_NONAME, _NETWORK)


def _numbers_only(resolve: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the resolver, which knows the addresses that are written as numbers."""

    def resolved(*given: Any, **named: Any) -> Any:
        try:
            return resolve(*given, **named)
        except socket.gaierror:
            pass
        _no_names()

    resolved.__name__ = resolved.__qualname__ = resolve.__name__
    return resolved
