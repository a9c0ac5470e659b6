"""A guest that has loaded a plugin: from a clean start, from its verified source, and nothing else.

Its module body runs here for the first time, under the limits of loading; no host function is ever
lent. What it returns is checked by the spec and believed in nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from ringfence.model import Limits, Result
from ringfence.model.hooks import FailureKind, HookFailure
from ringfence.plugins.bundle import Bundle
from ringfence.plugins.hookspec import Hook
from ringfence.plugins.lending import Loan
from ringfence.runtime.arena import Arena, empty
from ringfence.runtime.request import with_output
from ringfence.sandbox import Sandbox

__all__ = ["LoadedPlugin", "Plugin", "PluginFailed", "Start"]

_LOAD = """
from ringfence_guest.plugins import call_hook, load, rehearse, restore_state, save_state
load(*request)
"""
_STATUS: Mapping[str, FailureKind] = {
    "error": "raised",
    "limit": "limit",
    "crashed": "crashed",
    "cancelled": "cancelled",
}

_MOST_TOLD = 1 << 20

Start = Callable[[Mapping[str, str]], Sandbox]
"""Starts a sandbox with these modules."""


class PluginFailed(Exception):
    """A call of a plugin came to nothing. Internal: :class:`HookFailure` is what callers see."""

    def __init__(self, failure: HookFailure) -> None:
        super().__init__(failure)
        self.failure = failure


@dataclass(frozen=True, eq=False)
class Plugin:
    """A plugin in use.

    Attributes:
        name: what the host calls it.
        bundle: its source.
        parameters: what is set, checked.
        packages: the top-level modules that it may import of packages.
        standard: what it may import of the standard library.
    """

    name: str
    bundle: Bundle
    parameters: Mapping[str, Any]
    packages: tuple[str, ...]
    standard: tuple[str, ...]

    def request(self, hooks: Mapping[str, Hook], seed: int) -> list[Any]:
        """What its guest is told to load."""
        counts = {name: len(hook.arguments) for name, hook in hooks.items()}
        text = f"{seed} {self.bundle.sha256}"
        own_seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
        own = sorted({module.partition(".")[0] for module in self.bundle.modules})
        entry = self.bundle.manifest.entry
        return [entry, own, list(self.standard), list(self.packages), counts, own_seed]

    def failed(
        self, hook: str, kind: FailureKind, reason: str, *, field: str = "", traceback: str = ""
    ) -> PluginFailed:
        """What to raise."""
        return PluginFailed(
            HookFailure(
                plugin=self.name,
                hook=hook,
                kind=kind,
                reason=reason,
                field=field,
                traceback=traceback,
            )
        )


class LoadedPlugin:
    """A plugin in a guest of its own. Close it.

    Args:
        plugin: which.
        start: starts the sandbox.
        request: what the guest is told to load.
        limits: of loading.
        hook: on whose behalf, for messages.

    Attributes:
        spent: CPU seconds of what it did; seconds, where its clock is not known.
        answered: bytes of what its last call returned.
        loan: memory that it was lent ahead, for its call.
        walls: around it, as its last turn told.

    Raises:
        PluginFailed: it did not load.
        EngineNotAvailable, PolicyNotEnforceable, EngineFailure: there is no guest to be had.
    """

    def __init__(
        self, plugin: Plugin, start: Start, request: Sequence[Any], limits: Limits, hook: str
    ) -> None:
        self._plugin = plugin
        self.spent = 0.0
        self.answered = 0
        self.loan: Loan | None = None
        self.walls: frozenset[str] = frozenset()
        self.box = start(plugin.bundle.modules)
        try:
            result = self.box.run(
                _LOAD, inputs={"request": request}, filename="<load>", limits=_telling(limits)
            )
            self._count(result)
            if result.status != "ok":
                raise self._failure(hook, result, "load")
            self.hooks = _read_hooks(result.value, request[4])
            if self.hooks is None:
                raise plugin.failed(hook, "load", "its guest did not say what it implements")
        except BaseException:
            self.box.close()
            raise

    hooks: frozenset[str] | None

    @property
    def shares_memory(self) -> bool:
        """Whether it can be lent memory."""
        session = self.box._session
        return session is not None and session.guest.shares_memory

    def rehearse(self, limits: Limits, loan: Loan | None = None) -> None:
        """Have it do what a call with arrays does, so that the call finds it done; where the
        plugin may use NumPy. What comes of it shows in the call.

        Args:
            limits: of that.
            loan: memory for its call, which it keeps mapped.
        """
        if "numpy" not in self._plugin.packages:
            return
        import numpy as np

        given, answer = (None, None) if loan is None else loan
        x = empty((2, 256, 256)) if given is None else np.frombuffer(given)
        size = 0 if answer is None else len(answer)
        limits = limits.replace(value=min(int(limits.value), size + _MOST_TOLD))
        self._count(self._call_into(answer, "rehearse", [x, size], limits))

    def implements(self, hook: str) -> bool:
        """Whether it has a function for a hook."""
        return self.hooks is not None and hook in self.hooks

    def call(
        self, hook: str, arguments: Sequence[Any], limits: Limits, answer: Arena | None = None
    ) -> Any:
        """What its function returns; unchecked, and hostile.

        Args:
            hook: its name.
            arguments: in the order of the spec.
            limits: of the call.
            answer: memory that is lent to it alone, for what it returns.

        Raises:
            PluginFailed: it raised, reached a limit, or died.
        """
        asked = [hook, list(arguments), dict(self._plugin.parameters)]
        result = self._call_into(answer, "call_hook", asked, limits)
        self._count(result)
        self.answered = result.usage.value
        if result.status != "ok":
            raise self._failure(hook, result)
        return result.value

    def save(self, limits: Limits) -> Any:
        """What its modules keep, as its guest says; unchecked.

        Raises:
            PluginFailed: it could not.
        """
        return self._ask("save_state", [int(limits.value) // 2], limits)

    def restore(self, saved: Sequence[Sequence[Any]], limits: Limits) -> Any:
        """Have it keep that again; what its guest says of it.

        Raises:
            PluginFailed: it could not.
        """
        return self._ask("restore_state", [[list(one) for one in saved]], limits)

    def _ask(self, function: str, arguments: list[Any], limits: Limits) -> Any:
        result = self.box.call_with(function, arguments, limits=limits)
        if result.status != "ok":
            raise self._failure(function, result)
        return result.value

    def _count(self, result: Result) -> None:
        used = result.usage
        self.spent += used.wall if used.cpu is None else used.cpu
        self.walls = frozenset(result.walls)

    def _call_into(
        self, answer: Arena | None, name: str, arguments: Sequence[Any], limits: Limits
    ) -> Result:
        """A turn whose value may come in memory that the guest is lent for it."""
        request = self.box._call_request(name, arguments, {}, limits)
        if answer is not None:
            request = with_output(request, answer)
        return self.box._drive(request, None)

    def cancelled(self, hook: str) -> PluginFailed:
        """What to raise where a call is not made any more."""
        return self._plugin.failed(hook, "cancelled", "it was cancelled before it began")

    def _failure(self, hook: str, result: Result, kind: FailureKind | None = None) -> PluginFailed:
        error = result.error
        reason = "" if error is None else f"{error.type}: {error.message}"
        if result.status == "limit":
            figure = "" if error is None else error.message.partition("its limit ")[2]
            more = f": {reason}" if reason and not figure else ""
            reason = f"it reached the limit {figure or result.limit}{more}"
        return self._plugin.failed(
            hook,
            kind or _STATUS[result.status],
            reason or result.status,
            traceback="" if error is None else error.traceback,
        )

    def kill(self) -> None:
        """End the guest, without waiting; it still has to be closed."""
        session = self.box._session
        if session is not None:
            session.guest.stop("kill")

    def is_gone(self) -> bool:
        """Whether its process has ended: nothing of it can run or read any more."""
        session = self.box._session
        return session is None or session.guest.exit(0) is not None

    def close(self) -> None:
        """End the guest."""
        self.box.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _telling(limits: Limits) -> Limits:
    """Limits of a turn whose value says little."""
    return limits.replace(value=min(int(limits.value), _MOST_TOLD))


def _read_hooks(value: Any, hooks: Mapping[str, int]) -> frozenset[str] | None:
    """What the guest says that the plugin implements of the spec's hooks; the host believes the
    names alone.
    """
    if type(value) is not list or len(value) > len(hooks):
        return None
    found = set()
    for entry in value:
        if type(entry) is not list or len(entry) != 2 or type(entry[0]) is not str:
            return None
        if entry[0] not in hooks:
            return None
        found.add(entry[0])
    return frozenset(found)
