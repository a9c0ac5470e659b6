"""How guests end on Windows: killed from outside, by a crash, with their host; and that all do."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import psutil
import pytest

from ringfence import PolicyNotEnforceable, Sandbox
from ringfence._engines.wasi.engine import WasiEngine
from ringfence._engines.wasi.image import AHEAD
from ringfence.zygote.launch import ZygoteConfig
from tests.support.processes import pid_of
from tests.windows.programs import read_line, start


def _pid(box: Sandbox) -> int:
    """Of its guest's process."""
    return pid_of(box)


def _children() -> set[int]:
    return {one.pid for one in psutil.Process().children(recursive=True)}


def test_a_guest_that_leaves() -> None:
    with Sandbox(engine="wasi") as box:
        result = box.run("import os; os._exit(3)")
        assert result.error is not None
        assert (result.status, result.error.type) == ("crashed", "Exit")
        assert result.error.message == "the guest process ended with exit code 3"


def test_a_guest_that_is_killed_from_outside() -> None:
    with Sandbox(engine="wasi") as box:
        box.run("1").raise_for_status()
        psutil.Process(_pid(box)).kill()
        assert box.run("2").status == "crashed"
        assert not box.alive


def test_nothing_is_left_when_they_are_closed() -> None:
    before = _children()
    engine = WasiEngine()
    with Sandbox(engine=engine) as box, Sandbox(engine=engine) as other:
        box.run("1").raise_for_status()
        other.run("2").raise_for_status()
        assert len(_children() - before) >= 2
    for thread in threading.enumerate():
        if thread.name == AHEAD:  # it starts one that nobody will need
            thread.join()
    engine.close()
    assert _children() - before == set()


@pytest.mark.parametrize("stopped", [False, True], ids=["a turn runs", "stopped"])
def test_a_host_that_is_killed_takes_them_along(stopped: bool) -> None:
    """Also one that does not run: nobody else would ever end it."""
    turn = "x = 1" if stopped else "on()\nwhile True: pass"
    source = f"""
import threading
from ringfence import Limits, Sandbox
def on(): print(box._session.guest.host_pid(), flush=True)
box = Sandbox(engine="wasi", functions=[on], limits=Limits(wall=600, cpu=600)).start()
box.run({turn!r})
assert box._pause()
on()
threading.Event().wait()
"""
    with start(source) as host:
        guest = psutil.Process(int(read_line(host)))
        host.kill()
        host.wait()
        guest.wait(60)
        assert not guest.is_running()


class Changed(WasiEngine):
    """Starts something else."""

    def __init__(self, changes: dict[str, Any]) -> None:
        super().__init__()
        self._changes = changes

    def _config(self, *arguments: Any, **options: Any) -> ZygoteConfig:
        return dataclasses.replace(super()._config(*arguments, **options), **self._changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"command": (r"C:\nowhere\python.exe",)}, r"failed at start: C:\\nowhere\\python.exe"),
        ({"program": "tests.nowhere"}, "failed at configuration: ModuleNotFoundError"),
    ],
)
def test_what_cannot_be_started_says_why(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(PolicyNotEnforceable, match=words):
        Sandbox(engine=Changed(changes)).start()
