"""Plugins that fail are left alone for a while. Pure: time is passed in."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ringfence.errors import ConfigurationError
from ringfence.model.hooks import FailureKind, HookFailure

__all__ = ["Quarantine", "QuarantineRule", "Quarantined", "Ticket"]

_AT_ONCE: frozenset[FailureKind] = frozenset({"limit", "crashed", "load"})


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRule:
    """When a plugin is no longer asked, and when it is tried again.

    Attributes:
        failures: so many in a row that cost little (it raised, its value was wrong) are too many.
        hangs: so many in a row that cost much (a limit, a crash, a module that does not load).
        wait: seconds until it is tried again, with one call; twice as long each time that fails.
        longest: seconds that it waits at most.

    Raises:
        ConfigurationError: a value is not what it should be.
    """

    failures: int = 3
    hangs: int = 1
    wait: float = 60.0
    longest: float = 3600.0

    def __post_init__(self) -> None:
        for name in ("failures", "hangs"):
            if type(getattr(self, name)) is not int or getattr(self, name) < 1:
                raise ConfigurationError(f"{name}={getattr(self, name)!r} must be 1 or more")
        if not 0 < self.wait <= self.longest:
            raise ConfigurationError(
                f"wait={self.wait!r} must be more than 0, and at most longest={self.longest!r}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A plugin that is not asked for now.

    Attributes:
        reason: the failure that brought it there; the plugin's text.
        failures: in a row, until now.
        since: when it began; seconds of the host's monotonic clock.
        until: when it is tried again.
    """

    reason: HookFailure
    failures: int
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Ticket:
    """For asking a plugin.

    Attributes:
        times: how often it had been held then.
        trying: whether this is the one call that tries it again.
    """

    times: int
    trying: bool


@dataclass(frozen=True, slots=True)
class _Record:
    failures: int = 0
    hangs: int = 0
    times: int = 0
    trying: bool = False
    held: Quarantined | None = None


class Quarantine:
    """What is known of each plugin. Any number of threads may use it."""

    def __init__(self, rule: QuarantineRule) -> None:
        self._rule = rule
        self._lock = threading.Lock()
        self._records: dict[str, _Record] = {}

    def holds(self, plugin: str, now: float) -> Quarantined | Ticket:
        """Why a plugin is not to be asked; or a ticket for asking it, which goes with what came of
        that. When its time has come, one caller is told to try it, and the others wait for what
        comes of that.
        """
        with self._lock:
            record = self._records.get(plugin, _Record())
            if record.held is None:
                return Ticket(record.times, trying=False)
            if record.trying or now < record.held.until:
                return record.held
            self._records[plugin] = replace(record, trying=True)
            return Ticket(record.times, trying=True)

    def worked(self, plugin: str, ticket: Ticket) -> None:
        """It has answered. What was asked before it was held says nothing about it since."""
        if plugin not in self._records:
            return
        with self._lock:
            record = self._records.get(plugin)
            if record is not None and record.times == ticket.times:
                del self._records[plugin]

    def failed(
        self, plugin: str, failure: HookFailure, now: float, ticket: Ticket
    ) -> Quarantined | None:
        """It has not; returns what that brought about."""
        rule = self._rule
        with self._lock:
            record = self._records.get(plugin, _Record())
            if record.times != ticket.times:
                return record.held
            hung = failure.kind in _AT_ONCE
            record = replace(
                record,
                failures=record.failures + 1,
                hangs=record.hangs + 1 if hung else 0,
            )
            if ticket.trying or record.failures >= rule.failures or record.hangs >= rule.hangs:
                wait = min(rule.wait * 2.0 ** min(record.times, 64), rule.longest)
                held = Quarantined(
                    reason=failure, failures=record.failures, since=now, until=now + wait
                )
                record = replace(record, times=record.times + 1, trying=False, held=held)
            self._records[plugin] = record
            return record.held

    def untried(self, plugin: str, ticket: Ticket) -> None:
        """What was to be tried could not be: the next caller is told to."""
        with self._lock:
            record = self._records.get(plugin)
            if record is not None and ticket.trying and record.times == ticket.times:
                self._records[plugin] = replace(record, trying=False)

    def release(self, plugin: str) -> bool:
        """Forget what it did; whether it was held."""
        with self._lock:
            record = self._records.pop(plugin, None)
        return record is not None and record.held is not None

    def held(self) -> Mapping[str, Quarantined]:
        """Every plugin that is held, by name."""
        with self._lock:
            return {name: one.held for name, one in self._records.items() if one.held is not None}
