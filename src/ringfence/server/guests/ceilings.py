"""What a lent guest may use in all, whatever its client says: it is held here."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ringfence.engine import ResourceUse
from ringfence.server.settings import Settings

__all__ = ["Ceilings", "Watch"]


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Of one guest.

    Attributes:
        seconds: that it may be there.
        idle: seconds without a byte in either direction.
        cpu: seconds of its CPU clock.
        quiet_cpu: the same without a byte from its client: no turn may use more.
        transfer: bytes that it may be sent and may send.
    """

    seconds: float
    idle: float
    cpu: float
    quiet_cpu: float
    transfer: int

    @classmethod
    def of(cls, settings: Settings) -> Ceilings:
        """As the operator decided."""
        return cls(
            seconds=settings.guest_seconds,
            idle=settings.idle_seconds,
            cpu=settings.guest_cpu_seconds,
            quiet_cpu=float(settings.limits.cpu) + 1.0,  # type: ignore[arg-type]
            transfer=settings.guest_bytes,
        )

    def within(self, cpu: float) -> Ceilings:
        """The same, with no more CPU seconds than a tenant has left."""
        return replace(self, cpu=min(self.cpu, cpu))


class Watch:
    """Compares what a guest does with its ceilings. Pure; time is passed in.

    Args:
        ceilings: what holds.
        now: the monotonic clock.
    """

    def __init__(self, ceilings: Ceilings, now: float) -> None:
        self._ceilings = ceilings
        self._began = self._stirred = now
        self._bytes = 0
        self._heard_cpu: float | None = None
        self.cpu = 0.0

    def moved(self, size: int, now: float) -> None:
        """So many bytes went through."""
        self._bytes += size
        self._stirred = now

    def heard(self) -> None:
        """The client has sent some: a turn begins, or goes on."""
        self._heard_cpu = None

    def broken(self, used: ResourceUse, now: float) -> tuple[str, str | None] | None:
        """Why the guest has to end, and the limit that this is; None while it may go on."""
        most = self._ceilings
        if used.cpu is not None:
            self.cpu = used.cpu
            if self._heard_cpu is None:
                self._heard_cpu = used.cpu
            if used.cpu > most.cpu:
                return f"it has used the {most.cpu:g} CPU seconds that this service lends", "cpu"
            if used.cpu - self._heard_cpu > most.quiet_cpu:
                return f"its turn has used more than {most.quiet_cpu:g} CPU seconds", "cpu"
        if self._bytes > most.transfer:
            return f"it has moved the {most.transfer} bytes that this service lends", None
        if now - self._began > most.seconds:
            return f"it was there for the {most.seconds:g} s that this service lends", None
        if now - self._stirred > most.idle:
            return f"nobody has used it for {most.idle:g} s", None
        return None
