"""The fuel of a guest, over its control socket: what a turn may use, and what its worker tells."""

from __future__ import annotations

from ringfence._engines.wasi.control import BUDGET, OUT_OF_FUEL, SPENT, USED, Control, hear
from ringfence.errors import EngineFailure
from ringfence.wasm.fuel import UNBOUNDED
from ringfence_guest.readiness import POLLOUT, await_one

__all__ = ["WorkerMeter"]

_PATIENCE = 20.0


class WorkerMeter:
    """Tells a worker what each turn may use, if it is something else than before, and takes in what
    the turn used.

    Args:
        control: the host's end of the control socket, which does not block.

    Attributes:
        exhausted: whether the worker has said that it ends, for no fuel is left.
    """

    def __init__(self, control: Control) -> None:
        self._control = control
        self._budget = -1
        self._used: int | None = None
        self.exhausted = False

    def begin(self, fuel: int | None) -> None:
        self._used = None
        budget = UNBOUNDED if fuel is None else fuel
        if budget == self._budget:
            return
        self._budget = budget
        message = BUDGET + USED.pack(self._budget)
        try:
            self._control.send(message)
        except BlockingIOError:  # full of interrupts that it has not read yet
            self._send_late(message)
        except OSError:
            pass  # it is gone, which the turn will find

    def _send_late(self, message: bytes) -> None:
        await_one(self._control.fileno(), POLLOUT, _PATIENCE)
        try:
            self._control.send(message)
        except BlockingIOError:
            self._budget = -1
            raise EngineFailure(
                f"the guest's worker did not read its orders within {_PATIENCE:g} s"
            ) from None
        except OSError:
            pass

    def take(self, said: bytes) -> bool:
        """Take in what the worker says; False if it is about something else."""
        if said == OUT_OF_FUEL:
            self.exhausted = True
        elif said.startswith(SPENT) and len(said) == len(SPENT) + USED.size:
            (used,) = USED.unpack_from(said, len(SPENT))
            self._used = used if used <= self._budget else None  # or it is not our worker any more
        else:
            return False
        return True

    def end(self) -> None:
        """The worker has ended: of a turn that it had no fuel for, all was used. Not before that: a
        turn whose end was read is none of these, and one that says so was forged.
        """
        if self.exhausted:
            self._used = self._budget

    def used(self) -> int | None:
        if self._used is None:
            self.take(hear(self._control))
        return self._used
