"""Hosts of the engine under test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ringfence.plugins import PluginHost
from tests.plugins.specs import Counting

MakeHost = Callable[..., PluginHost]


@pytest.fixture
def host(engine: str) -> Iterator[MakeHost]:
    """Makes a host of plugins for the tests' spec; closed at the end."""
    made: list[PluginHost] = []

    def make(*plugins: Any, spec: Any = Counting, **options: Any) -> PluginHost:
        made.append(PluginHost(spec, plugins, engine=engine, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
