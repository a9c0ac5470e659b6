"""The worker of a guest whose instructions are counted, turn by turn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ringfence._engines.wasi.calls import ChannelCalls
from ringfence._engines.wasi.control import BUDGET, OUT_OF_FUEL, SPENT, USED
from ringfence._engines.wasi.program import FAILED, WasiProgram
from ringfence._engines.wasi.whole_frames import WholeFrames
from ringfence.wasm.fuel import UNBOUNDED
from ringfence.wasm.instance import Instance, InstanceStopped
from ringfence.wasm.store import StoreLimits

if TYPE_CHECKING:
    from ringfence._engines.wasi.originals import Originals

__all__ = ["CountingProgram"]


class CountingProgram(WasiProgram):
    """Gives each turn its fuel, and tells the host what it used.

    Starting a guest and setting it up are the host's doing, and are not counted.

    Args:
        code: the file with the image's native code, which counts.
        calls: serves the imports.
        store: what the module may have beside its memory.
        originals: see :class:`WasiProgram`.
    """

    def __init__(
        self, code: Path, calls: WholeFrames, store: StoreLimits, originals: Originals | None = None
    ) -> None:
        super().__init__(code, calls, store, fuel=True, originals=originals)
        self._frames = calls
        self._budget = 0

    def make(self, calls: ChannelCalls) -> Instance:
        assert isinstance(calls, WholeFrames)
        self._frames = calls
        return super().make(calls)

    def _take_order(self, order: bytes) -> None:
        if order.startswith(BUDGET):
            (self._budget,) = USED.unpack_from(order, len(BUDGET))
        else:
            super()._take_order(order)

    def _answer_request(self) -> int:
        if self._frames.begin():
            self._instance.fuel = UNBOUNDED
            return super()._answer_request()
        budget = self._budget
        # With one instruction more there is one left exactly if the turn kept to its budget.
        self._instance.fuel = budget + 1
        try:
            waiting = super()._answer_request()
        except InstanceStopped as stopped:
            left = 0 if stopped.out_of_fuel else self._instance.fuel
            self._tell(budget, left)
            raise
        self._tell(budget, self._instance.fuel)
        self._frames.end()
        return waiting

    def _tell(self, budget: int, left: int) -> None:
        if not left:
            self._orders.say(OUT_OF_FUEL)
            self._leave(FAILED)
        self._orders.say(SPENT + USED.pack(budget + 1 - left))
