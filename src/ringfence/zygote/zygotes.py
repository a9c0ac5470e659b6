"""The zygotes of a process: shared by equal requests, a bounded number of idle ones kept."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ringfence.jail import cgroups
from ringfence.zygote.launch import ZygoteConfig
from ringfence.zygote.source import GuestSource

__all__ = ["Lease", "Zygotes"]

_MOST_IDLE = 8


class Lease:
    """A share in a zygote. It ends when it is released, or when nobody holds it any more."""

    def __init__(self, owner: Zygotes, key: Any, zygote: GuestSource) -> None:
        self.zygote = zygote
        self._owner: Zygotes | None = owner
        self._key = key

    @property
    def held(self) -> bool:
        """Whether it has not been released."""
        return self._owner is not None

    def release(self) -> None:
        """This user no longer starts guests from it. Its guests live on."""
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.release(self._key, self.zygote)

    def __del__(self, is_finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        if not is_finalizing():  # by then modules are gone, and everything ends anyway
            self.release()


class _Start:
    """The start of one zygote, and how many threads want it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting = 0


class Zygotes:
    """Starts zygotes and keeps them. It belongs to a process: a forked child starts afresh."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._known: OrderedDict[Any, GuestSource] = OrderedDict()
        self._starting: dict[Any, _Start] = {}
        self._trimming = self._untrimmed = False
        atexit.register(self._close_at_exit)

    def acquire(self, config: ZygoteConfig, owner: object | None) -> Lease:
        """A lease of the zygote for ``config``; starts it if there is none that lives.

        Args:
            config: what it must be.
            owner: None to share it, or an object to have it alone.

        Raises:
            StartFailed: it cannot be started.
        """
        key = (config, owner if owner is None else id(owner), owner)
        self._adopt()
        with self._lock:
            zygote = self._take(key)
            if zygote is not None:
                return Lease(self, key, zygote)
            start = self._starting.setdefault(key, _Start())
            start.waiting += 1
        try:
            with start.lock:  # one thread starts it, the others wait for that and nothing else
                return Lease(self, key, self._take_or_start(key, config))
        finally:
            with self._lock:
                start.waiting -= 1
                if not start.waiting:
                    self._starting.pop(key, None)

    def _take(self, key: Any) -> GuestSource | None:
        """The zygote, with one user more, if there is one that lives. The lock is held."""
        zygote = self._known.get(key)
        if zygote is None or not zygote.alive:
            return None
        zygote.users += 1
        self._known.move_to_end(key)
        return zygote

    def _take_or_start(self, key: Any, config: ZygoteConfig) -> GuestSource:
        with self._lock:
            zygote = self._take(key)
            if zygote is not None:
                return zygote
            dead = self._known.pop(key, None)
        if dead is not None:
            dead.close()
        zygote = _start(config, self.trim)
        zygote.users = 1
        with self._lock:
            self._known[key] = zygote
        return zygote

    def release(self, key: Any, zygote: GuestSource) -> None:
        """A user is done."""
        self._adopt()
        with self._lock:
            zygote.users -= 1
            unused = zygote.users <= 0
            if key[1] is not None and zygote.users <= 0:
                zygote.retired = True
        if unused:
            zygote.spares.drop()
        self.trim()

    def trim(self) -> None:
        """Close zygotes that nobody uses, beyond the few kept warm."""
        self._adopt()
        surplus: list[GuestSource] = []
        with self._lock:
            self._untrimmed = True
            if self._trimming:  # a garbage collection in the loop below ended a lease or a guest
                return
            self._trimming = True
            try:
                while self._untrimmed:
                    self._untrimmed = False
                    surplus += self._take_surplus()
            finally:
                self._trimming = False
        for zygote in surplus:
            zygote.close()

    def _take_surplus(self) -> list[GuestSource]:
        """Zygotes to close, which are known no more. The lock is held."""
        idle = [(k, z) for k, z in self._known.items() if z.users <= 0 and not z.guests]
        kept = [(k, z) for k, z in idle if not z.retired]
        surplus = [(k, z) for k, z in idle if z.retired] + kept[: max(0, len(kept) - _MOST_IDLE)]
        for key, _ in surplus:
            del self._known[key]
        return [zygote for _, zygote in surplus]

    def _adopt(self) -> None:
        """Forget what belongs to the process before a fork."""
        if self._pid != os.getpid():
            self._lock = threading.RLock()
            self._known = OrderedDict()
            self._starting = {}
            self._trimming = False
            self._pid = os.getpid()

    def close(self) -> None:
        """End all of them, and their guests."""
        self._adopt()
        with self._lock:
            zygotes = list(self._known.values())
            self._known.clear()
        for zygote in zygotes:
            zygote.close()

    def _close_at_exit(self) -> None:
        if self._pid == os.getpid():
            self.close()
            cgroups.remove_all()


def _start(config: ZygoteConfig, when_unused: Callable[[], None]) -> GuestSource:
    # Each for itself: what a zygote is made of is not there on every system.
    if config.alone:
        from ringfence.zygote.workers import WorkerProcesses

        return WorkerProcesses(config, when_unused)
    from ringfence.zygote.process import ZygoteProcess

    return ZygoteProcess(config, when_unused)
