"""What a zygote needs of a machine, found by trying."""

from __future__ import annotations

import errno
import os
import select
import signal
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest

from ringfence.errors import EngineFailure
from ringfence.zygote.needs import why_no_zygote


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    why_no_zygote.cache_clear()
    yield
    why_no_zygote.cache_clear()


def _refuse(code: int) -> Any:
    def call(*_: object) -> NoReturn:
        raise OSError(code, os.strerror(code))

    return call


def test_this_machine_has_it_all() -> None:
    assert why_no_zygote() is None


def test_another_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert why_no_zygote() == "a zygote needs Linux"


@pytest.mark.parametrize(
    ("module", "name", "told"),
    [
        (os, "pidfd_open", "pidfd_open"),
        (signal, "pidfd_send_signal", "pidfd_send_signal"),
        (os, "eventfd", "eventfd"),
        (select, "epoll", "epoll"),
    ],
)
def test_a_call_that_there_is_none_of(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, told: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, name, _refuse(errno.ENOSYS))
        expected = f"a zygote needs {told}, which there is none of here: Function not implemented"
        assert why_no_zygote() == expected
    why_no_zygote.cache_clear()
    monkeypatch.delattr(module, name)
    assert why_no_zygote() == f"a zygote needs {told}, which this Python was built without"


def test_a_process_without_descriptors_is_no_fact_about_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "eventfd", _refuse(errno.EMFILE))
        with pytest.raises(EngineFailure, match=r"no zygote can be tried: .*\(ulimit -n\)"):
            why_no_zygote()
    assert why_no_zygote() is None  # that was not kept
