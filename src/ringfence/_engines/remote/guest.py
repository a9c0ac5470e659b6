"""A guest of a service, as the host holds it."""

from __future__ import annotations

from typing import Literal

from ringfence._engines.remote.link import Link
from ringfence.engine import Exit, ResourceUse
from ringfence.zygote.guest import SocketChannel

__all__ = ["RemoteGuest"]


class _Meter:
    """Counts over the connection: what is told comes before the bytes that it is about."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def begin(self, fuel: int | None) -> None:
        self._link.begin_turn(fuel)

    def used(self) -> int | None:
        return self._link.spent


class RemoteGuest:
    """One guest.

    Args:
        link: its connection; ends with the guest.
        counts: whether its instructions are counted.
    """

    shares_memory = False
    distance = 0.25
    """There and back over a network, each time through the service's event loop."""

    def __init__(self, link: Link, *, counts: bool) -> None:
        self._link = link
        self.channel = SocketChannel(link.shell_end)
        self.meter = _Meter(link) if counts else None

    def stop(self, how: Literal["interrupt", "kill"]) -> None:
        self._link.order("stop", how=how)

    def pause(self) -> None:
        self._link.order("pause")

    def resume(self) -> None:
        self._link.order("resume")

    def usage(self) -> ResourceUse:
        return self._link.usage

    def weight(self) -> int | None:
        return None

    def exit(self, timeout: float) -> Exit | None:
        return self._link.exit(timeout)

    def close(self) -> None:
        self._link.close()

    def __del__(self) -> None:
        self._link.close()
