"""Fixtures of the lifecycle suite."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from tests.attacks.canaries import descendants
from tests.support.leaks import adopting, await_no_orphans


@pytest.fixture
def nothing_left() -> Iterator[Callable[[], list[str]]]:
    """Adopt orphans for the time of a test. Calling it waits for the end of all processes that the
    test started, and returns those that do not end.
    """
    before = frozenset(descendants(os.getpid()))
    with adopting():
        yield lambda: await_no_orphans(before)
        await_no_orphans(before)
