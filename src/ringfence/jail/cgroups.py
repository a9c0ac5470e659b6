"""A share of the CPU for one guest, through the cgroup controller. cgroups(7), v1 and v2.

Nothing else uses cgroups: making one costs more than a guest, and an ordinary user rarely may.
"""

from __future__ import annotations

import itertools
import os
import time

__all__ = ["CgroupUnavailable", "CpuShare", "remove_all"]

_PERIOD = 100_000
_PREFIX = "ringfence-"
_TRIES, _PAUSE = 100, 0.01
_numbers = itertools.count()


class CgroupUnavailable(OSError):
    """There is no ``cpu`` controller here that this user may use."""


def _own_path(controller: str) -> str:
    with open("/proc/self/cgroup", encoding="utf-8") as lines:
        for line in lines:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            if controller in controllers.split(",") or (not controller and not controllers):
                return path
    raise CgroupUnavailable(f"this process is in no {controller or 'unified'} cgroup")


def _mounts() -> tuple[str | None, str | None]:
    """Where the v1 ``cpu`` controller and the v2 hierarchy are mounted."""
    first = second = None
    with open("/proc/self/mounts", encoding="utf-8") as lines:
        for line in lines:
            _, place, kind, options, *_ = line.split(" ")
            if kind == "cgroup" and "cpu" in options.split(","):
                first = place
            elif kind == "cgroup2":
                second = place
    return first, second


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


class CpuShare:
    """A cgroup with a quota. Attach one process, close when it has ended.

    Args:
        cores: how many cores' worth of time it may use, for example 0.5.

    Raises:
        CgroupUnavailable: no controller, or no right to it.
    """

    def __init__(self, cores: float) -> None:
        first, second = _mounts()
        name = f"{_PREFIX}{os.getpid()}-{next(_numbers)}"
        quota = int(cores * _PERIOD)
        self.mechanism = ""
        try:
            if first is not None:
                folder = os.path.join(first + _own_path("cpu").rstrip("/"), name)
                self._make(folder)
                _write(folder + "/cpu.cfs_period_us", str(_PERIOD))
                _write(folder + "/cpu.cfs_quota_us", str(quota))
                self.mechanism = "cgroup v1 cpu.cfs_quota_us"
            elif second is not None:
                folder = os.path.join(second + _own_path("").rstrip("/"), name)
                self._make(folder)
                _write(folder + "/cpu.max", f"{quota} {_PERIOD}")
                self.mechanism = "cgroup v2 cpu.max"
            else:
                raise CgroupUnavailable("no cgroup file system is mounted")
        except OSError as error:
            if hasattr(self, "_folder"):
                self.close()
            if isinstance(error, CgroupUnavailable):
                raise
            raise CgroupUnavailable(error.errno, f"{error.filename}: {error.strerror}") from error

    def _make(self, folder: str) -> None:
        if not _made:
            _remove_orphans(os.path.dirname(folder))
        os.mkdir(folder)
        self._folder = folder
        _made[folder] = os.getpid()

    def attach(self, pid: int) -> None:
        """Put a process under the quota.

        Raises:
            OSError: it has ended.
        """
        _write(self._folder + "/cgroup.procs", str(pid))

    def close(self) -> None:
        """Remove the cgroup. One that still holds an ending process is removed by the next call, or
        by :func:`remove_all`.
        """
        _closed.add(self._folder)
        for folder in list(_closed):
            if _remove(folder):
                _closed.discard(folder)


def remove_all() -> None:
    """Remove every cgroup that this process made; called when all guests are told to end."""
    for _ in range(_TRIES):
        for folder, owner in list(_made.items()):
            if owner != os.getpid():  # made before a fork: the parent's
                del _made[folder]
            else:
                _remove(folder)
        if not _made:
            return
        time.sleep(_PAUSE)  # the last guests are being reaped


def _remove(folder: str) -> bool:
    """Whether it is gone."""
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        pass
    except OSError:
        return False
    _made.pop(folder, None)
    return True


def _remove_orphans(parent: str) -> None:
    """Remove what hosts left behind that were killed: nothing else can, they had no time to."""
    for name in os.listdir(parent):
        if name.startswith(_PREFIX):
            owner = name[len(_PREFIX) :].partition("-")[0]
            if owner.isdecimal() and not os.path.exists(f"/proc/{owner}"):
                _remove(os.path.join(parent, name))


_closed: set[str] = set()
_made: dict[str, int] = {}
