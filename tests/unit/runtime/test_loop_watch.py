"""Event loops that can watch no descriptor, as that of Windows: a thread does it for them."""

from __future__ import annotations

import asyncio
import fcntl
import os
import select
import socket
import threading
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from ringfence.runtime import loop_watch
from ringfence.runtime.loop_watch import LoopWatch

Ends = tuple[socket.socket, socket.socket]


class Proactor(asyncio.SelectorEventLoop):
    """Watches what asyncio itself needs, and nothing else."""

    def add_reader(self, *_: Any) -> NoReturn:  # type: ignore[override]
        raise NotImplementedError

    def add_writer(self, *_: Any) -> NoReturn:  # type: ignore[override]
        raise NotImplementedError


@pytest.fixture(params=["a loop that can", "a loop that cannot"])
def loop(request: pytest.FixtureRequest) -> Callable[[], asyncio.AbstractEventLoop]:
    return asyncio.SelectorEventLoop if request.param == "a loop that can" else Proactor


def run(loop: Callable[[], asyncio.AbstractEventLoop], main: Any) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main)


def _is_watching() -> bool:
    return any(thread.name == "ringfence-loop-watch" for thread in threading.enumerate())


def test_it_tells_each_time_that_there_is_something(
    loop: Callable[[], asyncio.AbstractEventLoop], ends: Ends
) -> None:
    here, there = ends
    here.setblocking(False)

    async def main() -> None:
        told = asyncio.Event()
        watch = LoopWatch(asyncio.get_running_loop(), here.fileno(), told.set)
        watch.read(True)
        watch.read(True)
        assert (watch.reads, watch.writes) == (True, False)
        for byte in (b"a", b"b", b"c"):
            await asyncio.to_thread(there.send, byte)
            data = b""
            while not data:  # it may be told once more than there is something
                await told.wait()
                told.clear()
                try:
                    data = here.recv(1)
                except BlockingIOError:
                    continue
            assert data == byte
        watch.close()
        watch.close()
        assert (watch.reads, watch.writes) == (False, False)

    run(loop, main())
    for thread in threading.enumerate():
        if thread.name == "ringfence-loop-watch":
            thread.join()
    assert not _is_watching()


def test_it_tells_of_room(loop: Callable[[], asyncio.AbstractEventLoop], ends: Ends) -> None:
    here, there = ends
    here.setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            here.send(bytes(65_536))

    def drain() -> None:
        there.setblocking(False)
        with pytest.raises(BlockingIOError):
            while True:
                there.recv(65_536)

    async def main() -> None:
        told = asyncio.Event()
        watch = LoopWatch(asyncio.get_running_loop(), here.fileno(), told.set)
        watch.read(True)
        watch.write(True)
        await asyncio.to_thread(drain)
        await told.wait()
        watch.write(False)
        assert here.send(b"x") == 1
        watch.close()

    run(loop, main())


def test_a_loop_that_was_closed_is_told_nothing(ends: Ends) -> None:
    here, there = ends

    async def main() -> None:
        LoopWatch(asyncio.get_running_loop(), here.fileno(), lambda: None).read(True)

    run(Proactor, main())
    there.send(b"x")
    for thread in threading.enumerate():
        if thread.name == "ringfence-loop-watch":
            thread.join()  # it has found nobody to tell
    assert loop_watch._watcher._wanted == {}


@pytest.mark.parametrize("by", ["poll", "select"])
def test_what_was_closed_is_told_too(monkeypatch: pytest.MonkeyPatch, ends: Ends, by: str) -> None:
    """Whoever uses it finds out what has become of it; nobody waits for ever."""
    descriptor = fcntl.fcntl(ends[0].fileno(), fcntl.F_DUPFD, 500)  # which nothing else gets
    os.close(descriptor)
    if by == "select":
        monkeypatch.delattr(select, "poll")

    async def main() -> None:
        told = asyncio.Event()
        watch = LoopWatch(asyncio.get_running_loop(), descriptor, told.set)
        watch.read(True)
        await told.wait()
        watch.close()

    run(Proactor, main())
    assert loop_watch._watcher._wanted == {}


def test_without_a_thread_one_turn_fails_and_the_next_is_told(
    monkeypatch: pytest.MonkeyPatch, ends: Ends
) -> None:
    here, there = ends
    for thread in threading.enumerate():
        if thread.name == "ringfence-loop-watch":
            thread.join()  # of a test before this one

    def refuse(_: threading.Thread) -> NoReturn:
        raise RuntimeError("can't start new thread")

    async def main() -> None:
        told = asyncio.Event()
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", refuse)
            with pytest.raises(RuntimeError, match="can't start new thread"):
                LoopWatch(asyncio.get_running_loop(), here.fileno(), told.set).read(True)
        watch = LoopWatch(asyncio.get_running_loop(), here.fileno(), told.set)
        watch.read(True)
        there.send(b"x")
        await told.wait()
        watch.close()

    run(Proactor, main())
