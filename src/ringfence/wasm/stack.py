"""Threads that have room for a guest's stack.

Compiled code counts what it uses of the stack and traps when it is :data:`STACK`; it does not know
how much the thread has. On a thread with less, a recursion of the guest's would end the process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from ringfence.wasm.engine import STACK

__all__ = ["has_room", "start_with_room", "with_room"]

T = TypeVar("T")

_SIZE = 3 * STACK
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

    def work() -> None:
        try:
            outcome.append((function(*arguments), None))
        except BaseException as error:
            outcome.append((None, error))

    start_with_room(work).join()
    value, failure = outcome[0]
    if failure is not None:
        raise failure
    return value  # type: ignore[return-value]


def start_with_room(function: Callable[..., None], *arguments: Any) -> threading.Thread:
    """Start a thread that has room for a guest."""

    def work() -> None:
        _here.has_room = True
        function(*arguments)

    thread = threading.Thread(target=work, name="guest")
    with _changing:  # the size is that of the next thread of the whole process
        before = threading.stack_size(_SIZE)
        try:
            thread.start()
        finally:
            threading.stack_size(before)
    return thread
