"""Whether a zygote can stand on this machine: what it is made of is Linux's own."""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from functools import cache

from ringfence.errors import EngineFailure
from ringfence.zygote.shortage import EXHAUSTED, explain_shortage

__all__ = ["why_no_zygote"]


@cache
def why_no_zygote() -> str | None:
    """What this machine lacks that a zygote is made of, found by trying; None if nothing.

    Raises:
        EngineFailure: this process has no descriptor left to try with.
    """
    if sys.platform != "linux":
        return "a zygote needs Linux"
    tries: dict[str, Callable[[], object]] = {
        "pidfd_open": lambda: os.close(os.pidfd_open(os.getpid())),
        "pidfd_send_signal": _signal_oneself,
        "eventfd": lambda: os.close(os.eventfd(0)),
        "epoll": lambda: select.epoll().close(),
        "SOCK_SEQPACKET": _make_packets,
    }
    for name, attempt in tries.items():
        try:
            attempt()
        except AttributeError:
            return f"a zygote needs {name}, which this Python was built without"
        except OSError as error:
            why = explain_shortage(error.errno)
            if error.errno in EXHAUSTED:
                raise EngineFailure(f"no zygote can be tried: {why}") from error
            return f"a zygote needs {name}, which there is none of here: {why}"
    return None


def _signal_oneself() -> None:
    own = os.pidfd_open(os.getpid())
    try:
        signal.pidfd_send_signal(own, 0)
    finally:
        os.close(own)


def _make_packets() -> None:
    for end in socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET):
        end.close()
