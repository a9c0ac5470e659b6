"""What wakes a turn: an eventfd; a pipe where there is none, or a pair of sockets."""

from __future__ import annotations

import errno
import os
import select
import sys
from collections.abc import Iterator
from typing import NoReturn

import pytest

from ringfence.errors import EngineFailure
from ringfence.runtime.wake import Wake


def _refuse(code: int) -> NoReturn:
    raise OSError(code, os.strerror(code))


@pytest.fixture(params=["an eventfd", "not in this Python", "not in this kernel", "Windows"])
def wake(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wake]:
    if request.param == "not in this Python":
        monkeypatch.delattr(os, "eventfd")
    elif request.param == "not in this kernel":
        monkeypatch.setattr(os, "eventfd", lambda *_: _refuse(errno.ENOSYS))
    elif request.param == "Windows":
        monkeypatch.setattr(sys, "platform", "win32")
    made = Wake()
    monkeypatch.undo()
    yield made
    made.close()


def _is_awake(wake: Wake) -> bool:
    return bool(select.select((wake,), (), (), 0)[0])


def test_it_wakes_until_that_is_forgotten(wake: Wake) -> None:
    assert not _is_awake(wake)
    wake.set()
    assert _is_awake(wake)
    wake.clear()
    assert not _is_awake(wake)
    wake.clear()  # there is nothing to forget, and nobody waits for that


def test_nobody_waits_to_wake(wake: Wake) -> None:
    for _ in range(100_000):  # more than a pipe holds
        wake.set()
    assert _is_awake(wake)
    wake.clear()
    assert not _is_awake(wake)


def test_one_that_was_closed_wakes_nobody(wake: Wake) -> None:
    wake.close()
    wake.close()
    wake.set()
    assert wake.fileno() == -1


def test_no_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "eventfd", lambda *_: _refuse(errno.EMFILE))
    with pytest.raises(EngineFailure, match="no descriptor to wake a turn with: .*Too many open"):
        Wake()
