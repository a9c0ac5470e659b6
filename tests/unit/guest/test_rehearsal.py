"""The turn that a guest takes while nobody waits for it: nobody notices."""

from __future__ import annotations

import linecache
from collections.abc import Iterator

import pytest

from ringfence_guest.agent import Agent
from ringfence_guest.protocol import codec
from ringfence_guest.protocol.framing import Frame
from ringfence_guest.rehearsal import rehearse_turn
from tests.support.recorder import Recorder


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
    channel = Recorder()
    agent = Agent(channel, threads=False)
    rehearse_turn(agent)
    assert channel.sent == []
    assert not agent.link.turn_open
    agent.handle(_run("1 / 0"))
    (done,) = channel.frames()
    assert done.header == {"type": "done", "turn": 1, "status": "error", "limit": None}
    kind, _, shown = codec.decode(done.body, limit=1 << 20)
    assert kind == "ZeroDivisionError"
    assert 'File "<cell 1>", line 1' in shown


def test_what_goes_with_the_first_frame_still_does() -> None:
    channel = Recorder()
    agent = Agent(channel, threads=False)
    agent.link.queue({"type": "ready", "protocol": 1, "python": "3"})
    rehearse_turn(agent)
    agent.handle(_run("7"))
    ready, done = channel.frames()
    assert ready.header["type"] == "ready"
    assert codec.decode(done.body, limit=1 << 20) == 7
