"""A guest of the wasi engine, as the host holds it: a forked worker, and its control socket."""

from __future__ import annotations

import contextlib
import socket
from typing import Literal

from ringfence._engines.wasi.control import INTERRUPT, MOST_BYTES, TRAPPED
from ringfence.engine import Exit
from ringfence.zygote.guest import ForkedGuest
from ringfence.zygote.process import ZygoteProcess

__all__ = ["WasiGuest"]


class WasiGuest(ForkedGuest):
    """One worker process.

    Args:
        zygote: the process that forked it.
        number: the number of the spawn request.
        end: the host's end of the channel.
        control: the host's end of the control socket.
    """

    def __init__(
        self, zygote: ZygoteProcess, number: int, end: socket.socket, control: socket.socket
    ) -> None:
        control.setblocking(False)
        self._control = control
        super().__init__(zygote, number, end)

    @property
    def shares_memory(self) -> bool:
        return False

    def stop(self, how: Literal["interrupt", "kill"]) -> None:
        if how == "kill":
            super().stop(how)
            return
        # A guest that is gone needs no interrupt, and one that has not read the last has it coming.
        with contextlib.suppress(OSError):
            self._control.send(INTERRUPT)

    def exit(self, timeout: float) -> Exit | None:
        ended = super().exit(timeout)
        if ended is None:
            return None
        reason = self._last_words()
        if reason is None:
            return ended
        return Exit("Trap", f"the guest's code trapped: {reason}", None, ended.cpu, ended.memory)

    def _last_words(self) -> str | None:
        """Why the worker says that it ended, if it said so: a line of text."""
        try:
            said = self._control.recv(MOST_BYTES)
        except OSError:
            return None
        if not said.startswith(TRAPPED):
            return None
        text = said[len(TRAPPED) :].decode("utf-8", "replace")
        return " ".join("".join(c if c.isprintable() else " " for c in text).split())

    def close(self) -> None:
        super().close()
        self._control.close()

    def drop_after_fork(self) -> None:
        super().drop_after_fork()
        self._control.close()
