"""Threads that have room for a guest's stack.

Compiled code counts what it uses of the stack and traps when it is :data:`STACK`; it does not know
how much the thread has. On a thread with less, a recursion of the guest's would end the process.
"""

from __future__ import annotations

import _thread
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from ringfence.wasm.engine import EMBEDDED_STACK, STACK
from ringfence.wasm.thread_stack import stack_size

__all__ = ["has_own_room", "has_room", "run_with_room", "start_with_room", "with_room"]

T = TypeVar("T")

_SIZE = 3 * STACK
_LEAST = 4 * EMBEDDED_STACK  # what the caller's own frames take is not known
_here = threading.local()
_changing = threading.Lock()


def has_room() -> bool:
    """Whether the calling thread was made by :func:`with_room`."""
    return getattr(_here, "has_room", False)


def with_room(function: Callable[..., T], *arguments: Any) -> T:
    """Call a function on a thread that has room for a guest, and wait for it.

    Raises:
        BaseException: what the function raised.
    """
    if has_room():
        return function(*arguments)
    outcome: list[tuple[T | None, BaseException | None]] = []
    running = threading.Lock()
    running.acquire()

    def work() -> None:
        try:
            outcome.append((function(*arguments), None))
        except BaseException as error:
            outcome.append((None, error))
        finally:
            running.release()

    start_with_room(work)
    running.acquire()
    value, failure = outcome[0]
    if failure is not None:
        raise failure
    return value  # type: ignore[return-value]


def run_with_room(function: Callable[..., T], *arguments: Any) -> T:
    """Call a function that runs an embedded guest: on this thread, if that has room for one.

    Raises:
        BaseException: what the function raised.
    """
    return function(*arguments) if has_own_room() else with_room(function, *arguments)


def has_own_room() -> bool:
    """Whether the calling thread has room for an embedded guest."""
    fits: bool | None = getattr(_here, "fits", None)
    if fits is None:
        fits = _here.fits = stack_size() >= _LEAST
    return fits


def start_with_room(function: Callable[..., None], *arguments: Any) -> None:
    """Start a thread that has room for a guest, and that nothing of ``threading`` knows: what that
    sets up for each would make thirty pages of a forked worker its own.
    """

    def work() -> None:
        _here.has_room = True
        function(*arguments)

    with _changing:  # the size is that of the next thread of the whole process
        before = _thread.stack_size(_SIZE)
        try:
            _thread.start_new_thread(work, ())
        finally:
            _thread.stack_size(before)
