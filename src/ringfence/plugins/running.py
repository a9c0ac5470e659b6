"""Where calls of plugins run: each in a clean guest, or all of a plugin's in one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ringfence.errors import SandboxClosed
from ringfence.model import Limits, Policy
from ringfence.plugins.guest import LoadedPlugin, Plugin, PluginFailed
from ringfence.plugins.hookspec import Hook
from ringfence.plugins.lending import CallMemory, Loan, Needs, is_copied
from ringfence.plugins.one_call import OneCall
from ringfence.plugins.stock import LoadedStock
from ringfence.plugins.world import LostState, SavedPlugin, lost_of, read_saved
from ringfence.runtime.arena import place_of
from ringfence.sandbox import Sandbox

__all__ = ["FreshRuns", "Runs", "WorldRuns"]

_NONE = Needs()
_NO_LOAN = Loan.of(_NONE)


Accept = Callable[[Any], Any]
"""Checks what a guest returned; raises PluginFailed."""


class Runs(Protocol):
    """Runs calls of plugins.

    Attributes:
        engine: the engine that runs, once a guest was started.
    """

    engine: str | None

    def implemented(self, plugin: Plugin) -> frozenset[str] | None:
        """The hooks that a plugin implements; None while no guest has said."""

    def may_implement(self, plugin: Plugin, hook: str) -> bool:
        """False once a guest has said that the plugin does not implement a hook."""

    def load(self, plugin: Plugin) -> None:
        """Load a plugin in a guest of its own, which then ends.

        Raises:
            PluginFailed: it does not load.
        """

    def run(
        self, plugin: Plugin, hook: str, values: Sequence[Any], accept: Accept
    ) -> tuple[bool, Any]:
        """Whether the plugin implements a hook, and what it returned.

        Args:
            plugin: which.
            hook: its name.
            values: arguments.
            accept: makes of what the guest returned what the caller gets, before anything is done
                for calls to come.

        Raises:
            PluginFailed: it did not load, raised, reached a limit, or died; or by ``accept``.
            EngineNotAvailable, PolicyNotEnforceable, EngineFailure: there is no guest to be had.
            SandboxClosed: it was closed.
        """

    def close(self) -> None:
        """End everything."""


class _Common:
    def __init__(
        self,
        hooks: Mapping[str, Hook],
        *,
        engine: str | Sequence[str],
        limits: Limits,
        load_limits: Limits,
        policy: Policy,
        packages: tuple[str, ...],
        seed: int,
        ready: int,
    ) -> None:
        self._hooks = hooks
        self._engine, self._policy, self._packages = engine, policy, packages
        self._limits, self._load_limits = limits, load_limits
        self._seed, self._ready = seed, ready
        self._lock = threading.Lock()
        self._closed = False
        self._implemented: dict[Plugin, frozenset[str]] = {}
        self.engine: str | None = None

    def implemented(self, plugin: Plugin) -> frozenset[str] | None:
        return self._implemented.get(plugin)

    def may_implement(self, plugin: Plugin, hook: str) -> bool:
        known = self._implemented.get(plugin)
        return known is None or hook in known

    def load(self, plugin: Plugin) -> None:
        self._refuse_closed()
        self._load(plugin, "").close()

    def _load(self, plugin: Plugin, hook: str) -> LoadedPlugin:
        request = plugin.request(self._hooks, self._seed)
        loaded = LoadedPlugin(plugin, self._start_sandbox, request, self._load_limits, hook)
        assert loaded.hooks is not None
        self._implemented[plugin] = loaded.hooks
        self.engine = loaded.box.engine
        return loaded

    def _start_sandbox(self, modules: Mapping[str, str]) -> Sandbox:
        return Sandbox(
            engine=self._engine,
            limits=self._limits,
            policy=self._policy,
            packages=self._packages,
            modules=modules,
        ).start()

    def _refuse_closed(self) -> None:
        if self._closed:
            raise SandboxClosed("this host of plugins was closed")


class FreshRuns(_Common):
    """Each call in a guest of its own, which loads the plugin anew; some wait, loaded, for the next
    calls. A guest takes one call and ends.
    """

    def __init__(self, hooks: Mapping[str, Hook], **options: Any) -> None:
        super().__init__(hooks, **options)
        self._stock = LoadedStock(self._load_ahead, self._ready)
        self._open: set[LoadedPlugin] = set()
        self._memory = CallMemory()
        self._needs: dict[Plugin, Needs] = {}

    def run(
        self, plugin: Plugin, hook: str, values: Sequence[Any], accept: Accept
    ) -> tuple[bool, Any]:
        self._refuse_closed()
        one = OneCall.here()
        one.begins()
        try:
            loaded = self._stock.take(plugin) or self._load(plugin, hook)
        except PluginFailed:
            one.failed_to_load()
            raise
        with self._lock:
            self._open.add(loaded)
        try:
            self._refuse_closed()
            if not one.took(loaded):
                raise loaded.cancelled(hook)
            if not loaded.implements(hook):
                return False, None
            loan = self._lend(plugin, loaded, values)
            placed = loan.place(values)
            returned = loaded.call(hook, placed, one.narrowed(self._limits), loan.answer)
            self._needs[plugin] = Needs.of(values, loaded.answered)
            return True, accept(returned)
        finally:
            one.left(loaded)
            with self._lock:
                self._open.discard(loaded)
                closed = self._closed
            if loaded.loan is None or closed:
                loaded.close()
            else:
                self._memory.give_back(loaded.loan, loaded)
            self._stock.wanted(plugin)  # now: a start would take the processor from the call

    def _lend(self, plugin: Plugin, loaded: LoadedPlugin, values: Sequence[Any]) -> Loan:
        """Memory for a call: what its guest has, or what fits."""
        loan, needs = loaded.loan, Needs.of(values, self._needs.get(plugin, _NONE).answer)
        if loan is not None and loan.size.arguments >= needs.arguments:
            return loan
        if not any(needs) or not loaded.shares_memory:
            return _NO_LOAN
        loaded.loan = self._memory.lend(needs)
        return loaded.loan

    def _load_ahead(self, plugin: Plugin) -> LoadedPlugin:
        self._memory.close_gone()
        loaded = self._load(plugin, "")
        try:
            needs = self._needs.get(plugin, _NONE)
            if any(needs) and not needs.is_much and loaded.shares_memory:
                loaded.loan = self._memory.lend(needs)
            loaded.rehearse(self._load_limits, loaded.loan)
            if loaded.loan is not None:
                loaded.loan.open_ahead()
        except BaseException:
            loaded.close()
            raise
        return loaded

    def close(self) -> None:
        with self._lock:
            self._closed = True
            running = list(self._open)
        for loaded in running:
            loaded.box.cancel()
        self._stock.close()
        self._memory.close()


def _apart(values: Sequence[Any]) -> list[Any]:
    """Arguments, none of which is a part of an arena that holds more than that."""
    return [
        value.copy() if is_copied(value) and place_of(value) is not None else value
        for value in values
    ]


class WorldRuns(_Common):
    """All calls of a plugin in one guest."""

    def __init__(self, hooks: Mapping[str, Hook], **options: Any) -> None:
        super().__init__(hooks, **options)
        self._guests: dict[Plugin, LoadedPlugin] = {}
        self._turns: dict[Plugin, threading.Lock] = {}

    def run(
        self, plugin: Plugin, hook: str, values: Sequence[Any], accept: Accept
    ) -> tuple[bool, Any]:
        with self._turn(plugin):
            loaded = self._guest(plugin, hook)
            if not loaded.implements(hook):
                return False, None
            returned = loaded.call(hook, _apart(values), self._limits)
        return True, accept(returned)

    def save(self, plugin: Plugin) -> SavedPlugin | None:
        """What a plugin keeps; None if it has no guest that lives.

        Raises:
            PluginFailed: its guest could not say.
        """
        with self._turn(plugin):
            self._refuse_closed()
            loaded = self._guests.get(plugin)
            if loaded is None or not loaded.box.alive:
                return None
            value = loaded.save(self._load_limits)
        saved = read_saved(plugin.name, plugin.bundle, value)
        if saved is None:
            raise plugin.failed("", "wrong-value", "its guest did not say what it keeps")
        return saved

    def restore(self, plugin: Plugin, saved: SavedPlugin) -> Sequence[LostState]:
        """Have a plugin keep that again, in a new guest; what it could not.

        Raises:
            PluginFailed: it does not load, or its guest could not.
        """
        with self._turn(plugin):
            self._refuse_closed()
            loaded = self._load(plugin, "")
            try:
                value = loaded.restore(saved.modules, self._load_limits)
            except BaseException:
                loaded.close()
                raise
            self._keep(plugin, loaded)
        return lost_of(plugin.name, plugin.bundle, value)

    def _turn(self, plugin: Plugin) -> threading.Lock:
        with self._lock:
            return self._turns.setdefault(plugin, threading.Lock())

    def _guest(self, plugin: Plugin, hook: str) -> LoadedPlugin:
        """The plugin's guest; a new one if there is none that lives. In the plugin's turn."""
        self._refuse_closed()
        loaded = self._guests.get(plugin)
        if loaded is not None and loaded.box.alive:
            return loaded
        loaded = self._load(plugin, hook)
        self._keep(plugin, loaded)
        return loaded

    def _keep(self, plugin: Plugin, loaded: LoadedPlugin) -> None:
        with self._lock:
            closed, before = self._closed, self._guests.pop(plugin, None)
            if not closed:
                self._guests[plugin] = loaded
        if before is not None:
            before.close()
        if closed:
            loaded.close()
            raise SandboxClosed("this host of plugins was closed")

    def close(self) -> None:
        with self._lock:
            self._closed = True
            guests, self._guests = self._guests, {}
        for loaded in guests.values():
            loaded.box.cancel()
            loaded.close()
