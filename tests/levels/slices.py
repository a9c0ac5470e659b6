"""A pytest plugin: keeps one slice of the tests. ``RINGFENCE_TEST_SLICE`` is the number of it."""

from __future__ import annotations

import os

import pytest

from tests.levels.selection import slice_of


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of the other slices."""
    kept = slice_of(items, int(os.environ["RINGFENCE_TEST_SLICE"]))
    names = {item.nodeid for item in kept}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in names])
    items[:] = kept
