"""How many processors there are, as far as the system tells."""

from __future__ import annotations

import os

import pytest

from ringfence.runtime.processors import count_processors
from ringfence_guest.eager_poll import EagerPoll


def test_those_that_this_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5, 7})
    assert count_processors() == 3


@pytest.mark.parametrize(("there", "counted"), [(4, 4), (None, 1)])
def test_a_system_that_does_not_tell(
    monkeypatch: pytest.MonkeyPatch, there: int | None, counted: int
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: there)
    assert count_processors() == counted
    EagerPoll()  # which asks for itself, in a guest
