"""The zygotes of a process: shared by equal requests, a bounded number of idle ones kept."""

from __future__ import annotations

import atexit
import os
import threading
from collections import OrderedDict
from typing import Any

from ringfence._engines.native.process import ZygoteConfig, ZygoteProcess

__all__ = ["Lease", "Zygotes"]

_MOST_IDLE = 8


class Lease:
    """A share in a zygote; release it once."""

    def __init__(self, owner: Zygotes, key: Any, zygote: ZygoteProcess) -> None:
        self.zygote = zygote
        self._owner: Zygotes | None = owner
        self._key = key

    def release(self) -> None:
        """This user no longer starts guests from it. Its guests live on."""
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.release(self._key, self.zygote)


class Zygotes:
    """Starts zygotes and keeps them. It belongs to a process: a forked child starts afresh."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._known: OrderedDict[Any, ZygoteProcess] = OrderedDict()
        self._starting: dict[Any, threading.Lock] = {}
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
            starting = self._starting.setdefault(key, threading.Lock())
        with starting:
            with self._lock:
                zygote = self._known.get(key)
                if zygote is not None and not zygote.alive:
                    del self._known[key]
                    zygote.close()
                    zygote = None
                if zygote is not None:
                    zygote.users += 1
                    self._known.move_to_end(key)
                    return Lease(self, key, zygote)
            zygote = ZygoteProcess(config)
            with self._lock:
                zygote.users = 1
                self._known[key] = zygote
                self._starting.pop(key, None)
            return Lease(self, key, zygote)

    def release(self, key: Any, zygote: ZygoteProcess) -> None:
        """A user is done."""
        with self._lock:
            zygote.users -= 1
            if key[1] is not None and zygote.users <= 0:
                zygote.retired = True
        self.trim()

    def trim(self) -> None:
        """Close zygotes that nobody uses, beyond the few kept warm."""
        with self._lock:
            idle = [(k, z) for k, z in self._known.items() if z.users <= 0 and not z.guests]
            surplus = [(k, z) for k, z in idle if z.retired]
            kept = [(k, z) for k, z in idle if not z.retired]
            surplus += kept[: max(0, len(kept) - _MOST_IDLE)]
            for key, _ in surplus:
                del self._known[key]
        for _, zygote in surplus:
            zygote.close()

    def _adopt(self) -> None:
        """Forget what belongs to the process before a fork."""
        if self._pid != os.getpid():
            self._lock = threading.RLock()
            self._known = OrderedDict()
            self._starting = {}
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
