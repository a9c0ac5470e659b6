"""A guest that has run a program, and is started anew when it has ended."""

from __future__ import annotations

import time
from typing import Self

from ringfence.errors import EngineFailure, PolicyNotEnforceable, SandboxClosed
from ringfence.model import Result
from ringfence.runtime import arguments
from ringfence.runtime.arena import Arena
from ringfence.runtime.recipe import Recipe
from ringfence.runtime.request import Request, run_request
from ringfence.runtime.shell_sync import SyncShell
from ringfence_guest.protocol.pace import Pace

__all__ = ["ProgramGuest"]

_PATIENCE = 2.0
"""Seconds in which a guest that was killed has ended."""


class ProgramGuest:
    """A guest of its own for a program. Use it in a ``with`` block.

    Args:
        source: run once in each guest.
        recipe: what guests are started with.

    Raises:
        ConfigurationError: ``source`` is wrong.
        GuestFailure: ``source`` did not run to its end.
        EngineNotAvailable, PolicyNotEnforceable, EngineFailure: there is no guest to be had.
    """

    def __init__(self, source: str, recipe: Recipe) -> None:
        self._recipe = recipe
        self._source = arguments.check_code(source)
        self._closed = self._cancelled = False
        self._start()

    def _start(self) -> None:
        self._session, self._give_back = self._recipe.start()
        self._shell = SyncShell(self._session)
        request = run_request(
            self._source, filename=None, stdin=None, inputs={}, limits=self._recipe.limits
        )
        try:
            turn = self._session.begin(request)
            for _ in self._shell.drive(turn):
                pass
            self._session.finish(turn, None).raise_for_status()
        except BaseException:
            self._end()
            raise

    def _renew(self) -> bool:
        """Start a fresh guest if the last one has ended; whether it did.

        Raises:
            SandboxClosed: the program was closed.
            GuestFailure: ``source`` failed in the fresh guest.
        """
        if self._closed:
            raise SandboxClosed("this program was closed")
        if self._session.alive:
            return False
        self._end()
        self._start()
        return True

    def _check_each(self, each: float | None) -> bool:
        """Whether what the guest writes can be seen while it does.

        Raises:
            PolicyNotEnforceable: it cannot, and ``each`` needs it.
        """
        shares = self._session.guest.shares_memory
        if each is not None and not shares:
            raise PolicyNotEnforceable(
                f"{self._session.engine}: each={each} needs memory that the guest shares with the "
                "host"
            )
        return shares

    def _drive(
        self, request: Request, output: Arena | None, each: float | None
    ) -> tuple[Result, Arena | None]:
        """A turn in which the guest may write to ``output``: its result, and the memory if lent.

        Args:
            request: what asks for it.
            output: begins with a counter of 64 bits.
            each: seconds for which the counter may stand still.

        Raises:
            EngineFailure: ``each``, and this process has no descriptor left to lend memory by.
        """
        session = self._session
        turn = session.begin(request)
        if output is not None and "arenas" not in request.header:  # it was not lent
            output = None
            if each is not None:
                session.abandon(turn)
                raise EngineFailure(
                    f"each={each} needs shared memory, and this process has no file descriptor "
                    "left to lend it by; raise its limit of open files"
                )
        if output is not None and each is not None:
            counter = memoryview(output)[:8].cast("Q")
            turn.pace = Pace(lambda: counter[0], each, time.monotonic())
        for _ in self._shell.drive(turn):
            pass
        result = session.finish(turn, None)
        if not result.alive:  # what it wrote may still change until it has ended
            session.guest.exit(_PATIENCE)
        return result, output

    def cancel(self) -> bool:
        """End the running batch within 50 ms; from any thread. False when none is running."""
        self._cancelled = True
        return self._shell.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the guest. May be called again."""
        if not self._closed:
            self._closed = True
            self._end()

    def _end(self) -> None:
        self._session.close()
        self._shell.close()
        self._give_back()
