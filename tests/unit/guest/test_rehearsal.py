"""The turn that a guest takes while nobody waits for it: nobody notices."""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from typing import Any

import pytest

from ringfence_guest.agent import Agent
from ringfence_guest.protocol import codec
from ringfence_guest.protocol.framing import Frame, FrameReader
from ringfence_guest.rehearsal import rehearse_turn


class Channel:
    """A channel that keeps what is sent."""

    def __init__(self) -> None:
        self.sent = b""

    def fileno(self) -> None:
        return None

    def wait(self, timeout: float | None) -> bool:
        return False

    def receive(self, buffer: memoryview) -> int:
        raise AssertionError("nothing comes here")

    def take_descriptors(self, count: int) -> list[int]:
        raise AssertionError("nothing is lent here")

    def send(self, buffers: list[Any]) -> int:
        data = b"".join(buffers)
        self.sent += data
        return len(data)

    def frames(self) -> list[Frame]:
        """What was sent."""
        reader = FrameReader(1 << 20)
        reader.buffer()[: len(self.sent)] = self.sent
        return reader.received(len(self.sent))


@pytest.fixture(autouse=True)
def _lines() -> Iterator[None]:
    """The lines that tracebacks show are this process's."""
    before = dict(linecache.cache)
    yield
    linecache.cache.clear()
    linecache.cache.update(before)


def _run(code: str) -> Frame:
    packed = codec.encode([code, None, None, None], limit=1 << 20)
    return Frame({"type": "run", "turn": 1}, packed.body, b"")


def test_nobody_hears_of_it_and_the_first_turn_is_the_first() -> None:
    channel = Channel()
    agent = Agent(channel, threads=False)
    rehearse_turn(agent)
    assert channel.sent == b""
    assert not agent.link.turn_open
    agent.handle(_run("1 / 0"))
    (done,) = channel.frames()
    assert done.header == {"type": "done", "turn": 1, "status": "error", "limit": None}
    kind, _, shown = codec.decode(done.body, limit=1 << 20)
    assert kind == "ZeroDivisionError"
    assert 'File "<cell 1>", line 1' in shown


def test_what_goes_with_the_first_frame_still_does() -> None:
    channel = Channel()
    agent = Agent(channel, threads=False)
    agent.link.queue({"type": "ready", "protocol": 1, "python": "3"})
    rehearse_turn(agent)
    agent.handle(_run("7"))
    ready, done = channel.frames()
    assert ready.header["type"] == "ready"
    assert codec.decode(done.body, limit=1 << 20) == 7
