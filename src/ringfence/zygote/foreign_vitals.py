"""What a process uses, on systems other than Linux: psutil asks each of them in its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringfence.engine import ResourceUse
from ringfence.errors import EngineFailure
from ringfence.zygote.vitals import LinuxVitals, Vitals, has_clocks

if TYPE_CHECKING:
    import psutil

__all__ = ["ForeignVitals", "make_vitals"]

_NOTHING = ResourceUse(None, None)


def make_vitals(pid: int, before: float) -> Vitals | None:
    """What tells what a process uses that this one has started; None when it is gone.

    Args:
        pid: of the process.
        before: CPU seconds that are none of the guest's.

    Raises:
        EngineFailure: nothing here can tell.
    """
    if has_clocks():
        return LinuxVitals(pid, before=before)
    try:
        import psutil
    except ModuleNotFoundError:
        raise EngineFailure(
            "what a guest uses cannot be seen here without psutil: pip install psutil"
        ) from None
    try:
        return ForeignVitals(psutil.Process(pid), before)
    except psutil.Error:
        return None


class ForeignVitals:
    """By psutil.

    Args:
        process: the process.
        before: CPU seconds that are none of the guest's.
    """

    def __init__(self, process: psutil.Process, before: float) -> None:
        self.pid: int = process.pid
        self._process = process
        self._before = before

    def usage(self) -> ResourceUse:
        import psutil

        try:
            times = self._process.cpu_times()
            memory = self._process.memory_info().rss
        except psutil.Error:
            return _NOTHING
        return ResourceUse(max(0.0, times.user + times.system - self._before), memory)

    def weight(self) -> int | None:
        import psutil

        try:
            return int(self._process.memory_full_info().uss)
        except psutil.Error:
            return None

    def yield_to_host(self) -> None:
        """Its end waits for nobody."""

    def close(self) -> None:
        """Nothing is held."""
