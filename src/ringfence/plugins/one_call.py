"""One call of a hook, seen from outside of the thread that makes it."""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar, Token
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ringfence.model import Limits

if TYPE_CHECKING:
    from ringfence.plugins.guest import LoadedPlugin

__all__ = ["OneCall"]

_LEAST_CPU = 0.1
"""CPU seconds of a call to which next to none are left."""


class OneCall:
    """Bounds one call further, can end it, and knows what it used.

    It is for hosts with ``state="none"``: who makes the call does so in a ``with`` block of this,
    and other threads may ask it meanwhile. Loading a plugin has bounds of its own, and is not ended
    early.

    Args:
        wall: seconds that the hook may run, where the host's limits say no less.
        cpu: CPU seconds of it, likewise.

    Attributes:
        begun: whether a guest was asked for: the plugin's code may have run.
        spent: CPU seconds of the guests that it had, loading included; where a guest's clock is not
            known, seconds.
        engine: the engine that ran; None before.
        walls: the walls around it.
    """

    def __init__(self, *, wall: float | None = None, cpu: float | None = None) -> None:
        self._wall, self._cpu = wall, cpu
        self._lock = threading.Lock()
        self._guest: LoadedPlugin | None = None
        self._token: Token[OneCall | None] | None = None
        self._since = 0.0
        self._cancelled = False
        self.begun = False
        self.spent = 0.0
        self.engine: str | None = None
        self.walls: frozenset[str] = frozenset()

    @classmethod
    def here(cls) -> OneCall:
        """The one that this thread makes; one without bounds if nobody looks."""
        return _here.get() or cls()

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked to end it."""
        return self._cancelled

    def cancel(self) -> None:
        """End it; from any thread."""
        with self._lock:
            self._cancelled = True
            # A turn that is just about to begin is none yet: then its guest goes.
            if self._guest is not None and not self._guest.box.cancel():
                self._guest.kill()

    def narrowed(self, limits: Limits) -> Limits:
        """The host's limits, and this call's."""
        changes = {}
        if self._wall is not None and self._wall < float(limits.wall):  # type: ignore[arg-type]
            changes["wall"] = self._wall
        if self._cpu is not None and self._cpu < float(limits.cpu):  # type: ignore[arg-type]
            changes["cpu"] = max(_LEAST_CPU, self._cpu)
        return limits.replace(**changes) if changes else limits

    # --- what the host tells it --------------------------------------------------------------

    def begins(self) -> None:
        """A guest is asked for."""
        self.begun, self._since = True, time.monotonic()

    def failed_to_load(self) -> None:
        """There is none, and nobody has read its clock."""
        self.spent += time.monotonic() - self._since

    def took(self, guest: LoadedPlugin) -> bool:
        """It has this guest; False if it is not to run any more."""
        with self._lock:
            self._guest = guest
            return not self._cancelled

    def left(self, guest: LoadedPlugin) -> None:
        """It needs the guest no more."""
        with self._lock:
            self._guest = None
        self.spent += guest.spent
        self.engine, self.walls = guest.box.engine, guest.walls

    def __enter__(self) -> Self:
        self._token = _here.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        assert self._token is not None
        _here.reset(self._token)


_here: ContextVar[OneCall | None] = ContextVar("ringfence_one_call", default=None)
