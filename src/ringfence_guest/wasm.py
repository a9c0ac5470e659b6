"""The guest inside WebAssembly: what the module's exports call.

The module is called for each request and returns when it is answered. Between two calls nothing of
it is running, so its memory is all of its state.
"""

from __future__ import annotations

import gc
import os
import random
from typing import Any, NoReturn

from ringfence_guest import _host, byte_code
from ringfence_guest.agent import Agent
from ringfence_guest.missing_modules import install_import_advice
from ringfence_guest.refusals import install_refusals
from ringfence_guest.rehearsal import rehearse
from ringfence_guest.standard_library import warm_standard_library

__all__ = ["boot", "compile_packages", "start", "turn"]

_SECOND = 1_000_000_000
_SCRATCH = "/box/tmp"
_SMALL = 1 << 16
_PACKAGES = "/packages"
_MOST_SOURCE = 8 << 20


class HostChannel:
    """The channel that the module imports."""

    __slots__ = ()

    def fileno(self) -> int | None:
        return None

    def wait(self, timeout: float | None) -> bool:
        left = -1 if timeout is None else max(0, int(timeout * _SECOND))
        return bool(_host.wait(left))

    def receive(self, buffer: memoryview) -> int:
        return int(_host.receive(buffer))

    def send(self, buffers: list[Any]) -> int:
        if len(buffers) == 1:
            return int(_host.send(buffers[0]))
        if sum(map(len, buffers)) <= _SMALL:
            return int(_host.send(b"".join(buffers)))
        return int(_host.send(buffers[0]))

    def take_descriptors(self, count: int) -> list[int]:
        raise ValueError("this channel carries no descriptors")


class _Rehearsed:
    """A channel whose other end is this module as well."""

    def __init__(self) -> None:
        self._arrived = bytearray()

    def say(self, data: bytes) -> None:
        self._arrived += data

    def fileno(self) -> int | None:
        return None

    def wait(self, timeout: float | None) -> bool:
        return bool(self._arrived)

    def receive(self, buffer: memoryview) -> int:
        size = min(len(buffer), len(self._arrived))
        buffer[:size] = self._arrived[:size]
        del self._arrived[:size]
        return size

    def send(self, buffers: list[Any]) -> int:
        return sum(map(len, buffers))

    def take_descriptors(self, count: int) -> list[int]:
        raise ValueError("this channel carries no descriptors")


def _leave() -> NoReturn:
    _host.leave(0)
    raise SystemExit


_agent: Agent


def boot() -> None:
    """Import what guests start with, and make everything ready; before the image is frozen."""
    global _agent
    os.chdir(_SCRATCH)
    os.environ.update(HOME=_SCRATCH, TMPDIR=_SCRATCH, PATH="/usr/bin:/bin", LC_ALL="C.UTF-8")
    warm_standard_library(complete=True)
    install_refusals()
    install_import_advice(packages=False, whole=False)
    rehearsed = _Rehearsed()
    rehearse(rehearsed, rehearsed.say, lambda: None)
    _agent = Agent(HostChannel(), threads=False, leave=_leave)
    _agent.install()
    _agent.begin()
    gc.collect()
    gc.freeze()
    gc.disable()  # a collection would write to every page that guests share; guests enable it


def compile_packages() -> int:
    """Send the byte code of all packages to the host, in an instance that never has a guest."""
    byte_code.compile_packages(_PACKAGES, _send_whole, _MOST_SOURCE)
    return 0


def _send_whole(data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[_host.send(left) :]


def start() -> int:
    """Become a guest: with random numbers of one's own."""
    random.seed()
    gc.enable()
    return 0


def turn() -> int:
    """Answer one request; returns how many more have arrived with it."""
    _agent.handle(_agent.link.next_request())
    return _agent.link.waiting
