"""A pytest plugin: keeps one slice of the tests. ``RINGFENCE_TEST_SLICE`` is the number of it;
``RINGFENCE_TEST_EACH`` keeps one test of so many.
"""

from __future__ import annotations

import os

import pytest

from tests.levels.selection import slice_of


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of the other slices. The rows of one test stay together: some share a
    sandbox.
    """
    tests = list(dict.fromkeys(map(_test_of, items)))
    each = os.environ.get("RINGFENCE_TEST_EACH")
    place = os.environ.get("RINGFENCE_TEST_SLICE")
    if place is not None:
        tests = slice_of(tests, int(place))
    kept = set(tests[:: int(each)] if each is not None else tests)
    config.hook.pytest_deselected(items=[item for item in items if _test_of(item) not in kept])
    items[:] = [item for item in items if _test_of(item) in kept]


def _test_of(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]
