"""Guests that have loaded a plugin and wait for the one call that each of them is for."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict, deque
from collections.abc import Callable

from ringfence.plugins.guest import LoadedPlugin, Plugin

__all__ = ["MOST_READY", "LoadedStock"]

_MOMENT = 0.003

MOST_READY = 32
"""Guests that wait, of all plugins together."""


class LoadedStock:
    """Keeps loaded guests of the plugins that were called last. Any thread may use it.

    A plugin has guests here once one of its calls has begun; where there are too many, they are
    shared out, and of the plugin that has most one is ended. What does not load in the background
    is not tried there again before the next call, which is told why.

    Args:
        load: starts a guest that has loaded a plugin.
        each: guests to keep ready of a plugin.
    """

    def __init__(self, load: Callable[[Plugin], LoadedPlugin], each: int) -> None:
        self._load, self._each = load, min(each, MOST_READY)
        self._changed = threading.Condition()
        self._ready: OrderedDict[Plugin, deque[LoadedPlugin]] = OrderedDict()
        self._given_up: set[Plugin] = set()
        self._filler: threading.Thread | None = None
        self._closed = False

    def take(self, plugin: Plugin) -> LoadedPlugin | None:
        """A guest of a plugin that is ready, for the caller to close; None where none is."""
        with self._changed:
            waiting = self._ready.get(plugin)
            while waiting:
                loaded = waiting.popleft()
                if loaded.box.alive:
                    return loaded
                loaded.close()
        return None

    def wanted(self, plugin: Plugin) -> None:
        """A call has begun: have others ready for the next ones."""
        with self._changed:
            if self._closed:
                return
            self._given_up.discard(plugin)
            self._ready.setdefault(plugin, deque())
            self._ready.move_to_end(plugin)
            if self._filler is None:
                filler = threading.Thread(target=self._fill, name="ringfence-plugins", daemon=True)
                # Without a thread each call starts its own guest.
                with contextlib.suppress(RuntimeError):
                    filler.start()
                    self._filler = filler
            self._changed.notify_all()

    def _fill(self) -> None:
        try:
            self._fill_for_ever()
        finally:  # whatever ended it, the next call starts another
            with self._changed:
                if self._filler is threading.current_thread():
                    self._filler = None

    def _fill_for_ever(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._lacking() is not None)
                # Who has just taken one has an answer to look at, behind the same interpreter lock.
                self._changed.wait_for(lambda: self._closed or self._is_low(), _MOMENT)
                plugin = self._lacking()
                if self._closed:
                    return
            if plugin is None:
                continue
            try:
                loaded = self._load(plugin)
            except Exception:  # the next call says so
                with self._changed:
                    self._given_up.add(plugin)
                continue
            for surplus in self._put(plugin, loaded):
                surplus.close()

    def _put(self, plugin: Plugin, loaded: LoadedPlugin) -> list[LoadedPlugin]:
        """Keep it; what is then too much."""
        with self._changed:
            waiting = self._ready.get(plugin)
            if waiting is None:  # closed meanwhile, or others were called since
                return [loaded]
            waiting.append(loaded)
            return self._surplus()

    def _is_low(self) -> bool:
        """Whether the plugin that was called last has less than half of what it should have."""
        last = next(reversed(self._ready), None)
        return last is not None and 2 * len(self._ready[last]) < self._each

    def _lacking(self) -> Plugin | None:
        """The plugin to start a guest for: of those that lack one, the one called last."""
        for plugin in reversed(self._ready):
            each = min(self._each, max(1, MOST_READY // len(self._ready)))
            if len(self._ready[plugin]) < each and plugin not in self._given_up:
                return plugin
        return None

    def _surplus(self) -> list[LoadedPlugin]:
        """What is too much; it was taken out."""
        ended: list[LoadedPlugin] = []
        while sum(map(len, self._ready.values())) > MOST_READY:
            most = max(map(len, self._ready.values()))
            fullest = next(one for one in self._ready.values() if len(one) == most)
            ended.append(fullest.popleft())
        return ended

    def close(self) -> None:
        """End what nobody took."""
        with self._changed:
            self._closed = True
            left = [one for waiting in self._ready.values() for one in waiting]
            self._ready.clear()
            filler, self._filler = self._filler, None
            self._changed.notify_all()
        for one in left:
            one.close()
        if filler is not None and filler is not threading.current_thread():
            filler.join()
