"""Guests that are willing to be interrupted, on machines that are busy.

A cancelled guest has 30 ms to end its turn before it is killed, so that a cancel takes less than 50.
On a busy machine a willing guest may not get to run in that time. A test of what survives is
therefore allowed a few attempts; whatever else it asserts must hold in each.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

__all__ = ["must_live", "willing"]

P = ParamSpec("P")
_ATTEMPTS = 10


class _Killed(Exception):
    """The guest did not get to run within the grace."""


def must_live(alive: bool) -> None:
    """What follows needs a guest that survived."""
    if not alive:
        raise _Killed(f"a willing guest was killed {_ATTEMPTS} times")


def willing(test: Callable[P, None]) -> Callable[P, None]:
    """Run a test again, a few times, when :func:`must_live` found its guest killed."""

    @functools.wraps(test)
    def attempt(*args: P.args, **kwargs: P.kwargs) -> None:
        for _ in range(_ATTEMPTS - 1):
            try:
                return test(*args, **kwargs)
            except _Killed:
                continue
        return test(*args, **kwargs)

    return attempt
