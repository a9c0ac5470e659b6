"""Imports that answer the same in every run: for ``Policy(deterministic=True)``.

Time is counted, not measured: it begins at a fixed moment, goes on by a step with each look at a
clock, and by what was asked for with each wait that came to its end (which takes that long, too).
Random bytes are a hash of a counter. The hash seed is the image's own. Frames come whole, so the
guest runs the same instructions to read them. What is left to chance is what comes from outside:
which answer of several async host functions arrives first, and whether one comes before a timeout.
"""

from __future__ import annotations

import hashlib

from ringfence._engines.wasi.whole_frames import WholeFrames
from ringfence.wasm.host import CLOCKS

__all__ = ["BEGIN", "STEP", "FixedCalls"]

BEGIN = 1_767_225_600_000_000_000
"""Nanoseconds since 1970 when a guest begins: 2026-01-01, midnight in Greenwich."""

STEP = 100_000
"""Nanoseconds from one look at a clock to the next."""


class FixedCalls(WholeFrames):
    """:class:`WholeFrames`, and nothing else is left to chance either."""

    def __init__(self) -> None:
        super().__init__()
        self._now = BEGIN
        self._blocks = 0

    def clock(self, which: int) -> int:
        self._now += STEP
        return self._now if CLOCKS[which] == "realtime" else self._now - BEGIN

    def wait(self, nanoseconds: int, channel: bool) -> int:
        outcome = super().wait(nanoseconds, channel)
        if outcome == 0 and nanoseconds > 0:
            self._now += nanoseconds
        return outcome

    def entropy(self, buffer: memoryview) -> None:
        data = b""
        while len(data) < len(buffer):
            data += hashlib.sha256(b"ringfence%d" % self._blocks).digest()
            self._blocks += 1
        buffer[:] = data[: len(buffer)]

    def state(self) -> tuple[int, int]:
        return self._now, self._blocks

    def go_on_from(self, state: tuple[int, int]) -> None:
        now, self._blocks = state
        self._now = max(BEGIN, now)  # a twin of a guest whose clocks were the host's has none
