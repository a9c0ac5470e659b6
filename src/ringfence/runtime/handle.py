"""What a sandbox is, whether its turns are waited for or awaited."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

from ringfence.errors import ConfigurationError, SandboxClosed
from ringfence.model import KeptDisplays, Limits, Package, Policy, WallSet
from ringfence.runtime import arguments
from ringfence.runtime.freezing import Frozen
from ringfence.runtime.pool import Pool
from ringfence.runtime.recipe import Functions, Recipe, Stdin
from ringfence.runtime.request import Request, call_request, run_request
from ringfence.runtime.session import Session
from ringfence.runtime.source import Engines, nothing
from ringfence.runtime.trace import Trace
from ringfence_guest.protocol.namespaces import Lost
from ringfence_guest.readiness import POLLIN, await_one

__all__ = ["SandboxHandle", "SandboxOptions"]


class SandboxOptions(TypedDict, total=False):
    """The arguments of a sandbox, for type checkers; :class:`SandboxHandle` has the defaults."""

    engine: Engines
    limits: Limits | None
    policy: Policy | None
    functions: Functions
    files: Mapping[str, bytes] | None
    packages: Sequence[Package]
    python: str | os.PathLike[str] | None
    modules: Mapping[str, str] | None
    stdin: Stdin
    trace: Trace | None
    pool: Pool | None
    checkpoints: bool


class SandboxHandle:
    """Arguments, and what can be asked without waiting."""

    def __init__(
        self,
        *,
        engine: Engines = "auto",
        limits: Limits | None = None,
        policy: Policy | None = None,
        functions: Functions = (),
        files: Mapping[str, bytes] | None = None,
        packages: Sequence[Package] = (),
        python: str | os.PathLike[str] | None = None,
        modules: Mapping[str, str] | None = None,
        stdin: Stdin = None,
        trace: Trace | None = None,
        pool: Pool | None = None,
        checkpoints: bool = False,
    ) -> None:
        source = engine, limits, policy, functions, files, packages, python, modules, stdin
        self._begin_with(Recipe(*source, trace, pool, checkpoints))

    def _begin_with(self, recipe: Recipe) -> None:
        """Be a sandbox that was not started."""
        self._recipe = recipe
        self._checkpoint: Frozen | None = None
        self._session: Session | None = None
        self._give_back: Callable[[], None] = nothing
        self._closed = False
        self._restored: tuple[str, ...] = ()
        self._lost: tuple[Lost, ...] = ()

    @property
    def restored(self) -> tuple[str, ...]:
        """The variables that :meth:`restore` has made anew; nothing for a new sandbox."""
        return self._restored

    @property
    def lost(self) -> tuple[Lost, ...]:
        """The variables of the saved sandbox that this one does not have: those that could not be
        saved, and those that could not be restored; nothing for a new sandbox.
        """
        return self._lost

    @property
    def limits(self) -> Limits:
        """The sandbox's limits."""
        return self._recipe.limits

    @property
    def alive(self) -> bool:
        """Whether another turn can run."""
        return not self._closed and (self._session is None or self._session.alive)

    @property
    def engine(self) -> str:
        """The engine that runs, once started."""
        return self._started().engine

    @property
    def walls(self) -> WallSet:
        """The walls that stand, once started."""
        return self._started().walls

    @property
    def enforced(self) -> Mapping[str, str]:
        """Limit or grant -> the mechanism that enforces it, once started."""
        return self._started().enforced

    @property
    def displays(self) -> KeptDisplays:
        """What the turns that have ended have shown, oldest first; also after the end of the guest.

        At most 1,000, of ``limits.display`` bytes in all: as much as one turn may show. Older ones
        are dropped, and counted in ``dropped``.
        """
        return KeptDisplays() if self._session is None else self._session.displays

    def _cpu_used(self) -> float:
        """CPU seconds of the guest in all, as of the end of the last turn."""
        return 0.0 if self._session is None else self._session.cpu_used

    def _resident(self) -> int | None:
        """Bytes of its guest that are resident, those of its image included; None where unknown."""
        return None if self._session is None else self._session.guest.usage().memory

    def _weight(self) -> int | None:
        """Bytes of memory that its guest takes; see :meth:`ringfence.engine.Guest.weight`."""
        return None if self._session is None else self._session.guest.weight()

    def _pause(self) -> bool:
        """Let nothing of its guest run until the next turn, now instead of in a moment; False if a
        turn runs, or none was.
        """
        return self._session is not None and self._session.pause()

    def _is_there(self) -> bool:
        """Whether the guest of a started sandbox has not ended by itself; between two turns."""
        session = self._session
        if session is None or not session.alive:
            return False
        # Between two turns a guest says nothing: without POLLRDHUP, what can be read is its end.
        ended: int = getattr(select, "POLLRDHUP", POLLIN)
        return not await_one(session.guest.channel.fileno(), ended, 0)

    def _forget_displays(self) -> None:
        """Keep no longer what the turns until now have shown; for who has handed it on."""
        if self._session is not None:
            self._session.displays = KeptDisplays()

    def _last_checkpoint(self) -> Frozen:
        """Where the last turn began.

        Raises:
            ConfigurationError: nothing was kept.
        """
        if not self._recipe.checkpoints:
            raise ConfigurationError(
                "rollback: the state before a turn is kept only by a sandbox that was made with "
                "checkpoints=True"
            )
        if self._checkpoint is None:
            raise ConfigurationError("rollback: no turn was begun, so there is none to undo")
        return self._checkpoint

    def _startable(self) -> bool:
        """Whether there is no guest yet, and may be one."""
        return self._session is None and not self._closed

    def _started(self) -> Session:
        if self._closed:
            raise SandboxClosed("this sandbox was closed")
        if self._session is None:
            raise SandboxClosed("this sandbox was not started; use it in a `with` block")
        return self._session

    def _run_request(
        self,
        code: str,
        stdin: str | None,
        inputs: Mapping[str, Any] | None,
        filename: str | None,
        limits: Limits | None,
    ) -> Request:
        if stdin is None:
            stdin = self._recipe.stdin
        elif not isinstance(stdin, str):
            raise ConfigurationError(
                "stdin of one run must be text; pass a function to the sandbox"
            )
        return run_request(
            arguments.check_code(code),
            filename=arguments.check_filename(filename),
            stdin=stdin,
            inputs=arguments.check_inputs(inputs),
            limits=self._turn_limits(limits),
        )

    def _turn_limits(self, limits: Limits | None) -> Limits:
        return arguments.turn_limits(limits, self.limits, counts=self._recipe.counts)

    def _call_request(
        self, name: object, args: object, kwargs: object, limits: Limits | None
    ) -> Request:
        if not isinstance(name, str) or not name.isidentifier():
            raise ConfigurationError(f"call: {name!r} is not the name of a function")
        return call_request(name, *arguments.check_call(args, kwargs), self._turn_limits(limits))
