"""Turns that nobody asked for: an image takes a few before its first guest, as guests will take
them; and a guest that nobody waits for takes one, so that its first has less to do.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from ringfence_guest.agent import Agent
from ringfence_guest.channel import GuestChannel
from ringfence_guest.protocol import codec
from ringfence_guest.protocol.framing import Frame, FrameReader, frame_buffers

__all__ = ["rehearse", "rehearse_turn"]

_FAR = 1 << 26
_DEFINE = "import math\ndef f(x=1): return x\nclass A: y = f\na = [A(), {'b': 1.5}]\nb = a"

_BLOCKS = """
from ringfence_guest.blocks import BlockEvaluator
e = BlockEvaluator()
s = "def f(n, x):\\n for i in _turns((range(n)),_ticks):\\n  _draw((x, 0.0, x, i, 0.0, 0.0, 2))"
e.load([[s, "f", 7, 0]])
c = [("q", bytes([3, 0, 0, 0, 0, 0, 0, 0]) * 64), [1.5] * 64]
m = memoryview(bytearray(1 << 14))
for i in range(4): e.evaluate(m, bytes(256), [c], 200, [99, 9, 99], False)
"""


class _Left(Exception):
    """The rehearsing agent was told to leave."""


def _leave() -> NoReturn:
    raise _Left


def rehearse(
    channel: GuestChannel, say: Callable[[bytes], object], hear: Callable[[], object]
) -> None:
    """Run a few turns, so that caches are filled, lazy parts are imported and the interpreter has
    specialised the code that every turn runs. Leaves nothing behind.

    Args:
        channel: one that nobody will use again.
        say: puts bytes where ``channel`` receives them.
        hear: takes away what was sent on ``channel``, up to the end of the turn.
    """
    agent = Agent(channel, threads=False, leave=_leave)
    kept = sys.modules.get("__main__"), sys.stdin, sys.stdout, sys.stderr
    agent.install()
    setup = {"functions": [], "modules": {}, "files": {}, "value": _FAR, "stdin": False}
    packed = codec.encode(setup, limit=_FAR)
    reader = FrameReader(1 << 20)
    data = b"".join(frame_buffers({"type": "setup"}, packed.body))
    reader.buffer()[: len(data)] = data
    agent.handle(reader.received(len(data))[0])
    turns = itertools.count()

    def ask(kind: str, value: Any = None) -> None:
        packed = codec.encode(value, limit=_FAR) if value else codec.Packed(b"", [], 0)
        header = {"type": kind, "turn": next(turns)}
        say(b"".join(frame_buffers(header, packed.body, packed.blob, packed.blob_size)))
        agent.handle(agent.link.next_request())
        hear()

    for _ in range(15):
        say(b"".join(frame_buffers({"type": "close"})))
        with contextlib.suppress(_Left):
            agent.serve()
        ask("run", ["1+1", None, None, None])
        ask("run", ["print(1)\n[1.5, 'a', {'b': (1, 2)}]", None, None, None])
    ask("run", [_DEFINE, None, None, None])
    for _ in range(4):
        ask("save")
        ask("restore", agent.state.save(_FAR)[1])
    ask("run", [_BLOCKS, None, None, None])
    # Only loaded: a list of imports, once installed, stays.
    ask("run", ["import ringfence_guest.plugins", None, None, None])
    if kept[0] is not None:
        sys.modules["__main__"] = kept[0]
    sys.stdin, sys.stdout, sys.stderr = kept[1:]


def rehearse_turn(agent: Agent) -> None:
    """Take a whole turn that nobody hears of: the pages that it writes to are the guest's own then,
    and the first turn that somebody waits for finds them so. Only before anything of a program has
    run: what other threads said meanwhile would be lost.
    """
    link, state = agent.link, agent.state
    cells = state.cells
    packed = codec.encode(["1+1", None, None, None], limit=_FAR)
    link.muted = True
    try:
        agent.handle(Frame({"type": "run", "turn": 0}, packed.body, b""))
    finally:
        link.muted = False
        state.cells = cells
