"""The host of plugins: calls hooks, by the rules of their spec, in guests that keep nothing."""

from __future__ import annotations

import dataclasses
import inspect
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from types import MappingProxyType
from typing import Any, Literal, Self

from ringfence.errors import (
    ConfigurationError,
    HookUnanswered,
    SandboxClosed,
    ValidationFailed,
)
from ringfence.model import Limits, Policy
from ringfence.model.hooks import Answer, HookFailure
from ringfence.plugins.bundle import Bundle
from ringfence.plugins.compatibility import STANDARD, normalized
from ringfence.plugins.fields import Lengths
from ringfence.plugins.guest import Plugin, PluginFailed
from ringfence.plugins.hookspec import Hook, HookSpec
from ringfence.plugins.quarantine import Quarantine, Quarantined, QuarantineRule
from ringfence.plugins.running import FreshRuns, Runs, WorldRuns
from ringfence.plugins.sameness import is_same
from ringfence.plugins.using import Use, adopt
from ringfence.plugins.world import (
    LostState,
    SavedPlugin,
    SavedWorld,
    lost_whole,
    open_world,
    refuse_others,
    seal_world,
)
from ringfence.runtime.arguments import turn_limits
from ringfence.runtime.keeping import Seal
from ringfence.runtime.processors import count_processors
from ringfence.runtime.seal import check_state
from ringfence.runtime.source import Source

__all__ = ["CALL_LIMITS", "PluginHost"]

CALL_LIMITS = Limits(
    wall=5, cpu=5, calls=0, threads=0, disk=0, output="64KiB", display="64KiB", memory="256MiB"
)
"""What bounds one call of a plugin, unless the host says otherwise."""

_MOST_WORKERS = 64


class PluginHost:
    """Calls the hooks of a spec in plugins that nobody trusts. Use it in a ``with`` block.

    With ``state="none"`` each call runs in a guest that has never run anything, which loads the
    plugin's source anew: nothing of one call is there in the next. With ``state="world"`` each
    plugin has one guest for as long as the host is open, and what it keeps there stays; a guest
    that ends is started anew, and has forgotten.

    In every guest the functions of ``random`` and ``numpy.random``, and ``default_rng()`` without a
    seed, begin from the same numbers, made from ``seed`` and the plugin: a call of the same plugin
    with the same arguments draws the same ones. Generators that a plugin makes otherwise, without a
    seed, draw from the system.

    Any number of threads may call it; with ``state="world"`` the calls of one plugin queue.

    Args:
        spec: what is asked for.
        plugins: the plugins, in the order in which they are asked.
        engine: as of :func:`ringfence.run`; with packages it must be one that has them.
        limits: of one call, and of the guest.
        load_limits: of loading a plugin, where they differ per turn; default: ``limits``, with 5
            seconds.
        packages: installed packages that plugins may ask for in their manifest.
        imports: what plugins may import of the standard library.
        state: ``none`` or ``world``; see above.
        seed: of the random numbers, 64 bits.
        deterministic: fixes clock and entropy too, where the engine can.
        twice: makes each call twice, in two guests, and compares; for ``state="none"``.
        quarantine: when a plugin that fails is no longer asked.
        policy: which walls are accepted.
        workers: calls that :meth:`map` makes beside each other; default: the processors.
        clock: monotonic seconds, for the quarantine.

    Raises:
        ConfigurationError: an argument is wrong, or a plugin asks for what this host does not lend.
        SpecMismatch: a plugin was written for something else.
        PolicyNotEnforceable, EngineNotAvailable: when the first guest is started.
    """

    def __init__(
        self,
        spec: type[HookSpec],
        plugins: Iterable[Bundle | Use] = (),
        *,
        engine: str | Sequence[str] = "auto",
        limits: Limits | None = None,
        load_limits: Limits | None = None,
        packages: Sequence[str] = (),
        imports: Iterable[str] = STANDARD,
        state: Literal["none", "world"] = "none",
        seed: int = 0,
        deterministic: bool = False,
        twice: bool = False,
        quarantine: QuarantineRule | None = None,
        policy: Policy | None = None,
        workers: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not _is_spec(spec):
            raise ConfigurationError(f"spec={spec!r} must be a HookSpec with hooks")
        _check_kinds(limits, load_limits, policy, quarantine, clock, packages, imports)
        if state not in ("none", "world"):
            raise ConfigurationError(f'state={state!r} must be "none" or "world"')
        if twice and state == "world":
            raise ConfigurationError('twice=True compares two clean guests: it needs state="none"')
        if type(seed) is not int or not 0 <= seed < 1 << 64:
            raise ConfigurationError(f"seed={seed!r} must be a whole number of 64 bits")
        self.spec = spec
        self.limits = limits or CALL_LIMITS
        self._load_limits = _check_load_limits(load_limits, self.limits)
        self._workers = _check_workers(workers)
        Source(engine, self.limits, policy, packages, None)  # refuses what no guest can have
        lent = frozenset(map(normalized, packages))
        self._plugins = adopt(spec, plugins, lent, tuple(sorted(imports)))
        policy = policy or Policy()
        if deterministic:
            policy = dataclasses.replace(policy, deterministic=True)
        self._twice = twice
        self._clock = clock
        self._quarantine = Quarantine(quarantine or QuarantineRule())
        kind = FreshRuns if state == "none" else WorldRuns
        self._runs: Runs = kind(
            spec.hooks,
            engine=engine,
            limits=self.limits,
            load_limits=self._load_limits,
            policy=policy,
            packages=tuple(sorted(lent)),
            seed=seed,
            ready=self._workers + 1,
        )
        self._state = state
        self._lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None
        self._closed = False

    @property
    def plugins(self) -> Mapping[str, Use]:
        """The plugins, by the name that answers and failures have."""
        return MappingProxyType(
            {
                name: Use(bundle=one.bundle, parameters=one.parameters, name=name)
                for name, one in self._plugins.items()
            }
        )

    @property
    def engine(self) -> str | None:
        """The engine that runs, once a guest was started."""
        return self._runs.engine

    def implemented(self, plugin: str) -> frozenset[str] | None:
        """The hooks that a plugin has functions for; None while no guest has loaded it."""
        return self._runs.implemented(self._plugins[plugin])

    def load(self, plugin: str) -> HookFailure | None:
        """Load a plugin in a guest, and call nothing of it; what went wrong, or None.

        Raises:
            EngineNotAvailable, PolicyNotEnforceable, EngineFailure: there is no guest to be had.
            SandboxClosed: the host was closed.
        """
        try:
            self._runs.load(self._plugins[plugin])
        except PluginFailed as failed:
            return failed.failure
        return None

    @property
    def quarantined(self) -> Mapping[str, Quarantined]:
        """The plugins that are not asked now, and why."""
        return self._quarantine.held()

    def release(self, plugin: str) -> bool:
        """Ask a plugin again; whether it was quarantined."""
        return self._quarantine.release(plugin)

    # --- calls -------------------------------------------------------------------------------

    def call(self, hook: str, /, **arguments: Any) -> Answer:
        """Call a hook.

        Args:
            hook: its name.
            arguments: by name, as the spec annotates them.

        Raises:
            ConfigurationError, ValidationFailed: the arguments are not those of the hook.
            HookUnanswered: no plugin answered, and the spec has no answer of its own.
            EngineFailure: the machine has run out of something.
            SandboxClosed: the host was closed.
        """
        found = self._hook(hook)
        values, lengths = found.check_arguments(arguments)
        return self._answer(found, values, lengths)

    def ask_plugins(self, hook: str, /, **arguments: Any) -> Answer | None:
        """As :meth:`call`, without the spec's own answer: None where no plugin implements the hook,
        and an answer without plugins where all that do have failed or declined.
        """
        found = self._hook(hook)
        values, lengths = found.check_arguments(arguments)
        try:
            answer = self._answer(found, values, lengths, default=False)
        except HookUnanswered as error:
            answer = Answer(value=None, plugins=(), failures=error.failures)
        asked = any(self._runs.may_implement(one, hook) for one in self._plugins.values())
        return answer if asked or answer.failures else None

    def map(self, hook: str, calls: Iterable[Mapping[str, Any]]) -> Iterator[Answer]:
        """Call a hook many times, some calls beside each other with ``state="none"``; the answers
        come in the order of the calls. Leaving the loop early makes no further calls.

        Args:
            hook: its name.
            calls: the arguments of each call, taken as they are needed.

        Raises:
            As :meth:`call`, when that call's turn comes.
        """
        found = self._hook(hook)
        if self._state == "world" or self._workers == 1:
            return (self._answer(found, *found.check_arguments(one)) for one in calls)
        return self._map(found, iter(calls))

    def _map(self, hook: Hook, calls: Iterator[Mapping[str, Any]]) -> Iterator[Answer]:
        threads = self._executor()
        waiting: deque[Future[Answer]] = deque()
        try:
            for one in calls:
                values, lengths = hook.check_arguments(one)
                waiting.append(self._submit(threads, hook, values, lengths))
                if len(waiting) > self._workers:
                    yield self._outcome(waiting.popleft())
            while waiting:
                yield self._outcome(waiting.popleft())
        finally:
            for one_left in waiting:
                one_left.cancel()

    def _submit(
        self, threads: ThreadPoolExecutor, hook: Hook, values: list[Any], lengths: Lengths
    ) -> Future[Answer]:
        try:
            return threads.submit(self._answer, hook, values, lengths)
        except RuntimeError:  # it was shut down
            self._refuse_closed()
            raise

    def _outcome(self, future: Future[Answer]) -> Answer:
        try:
            return future.result()
        except CancelledError:
            self._refuse_closed()
            raise

    def _executor(self) -> ThreadPoolExecutor:
        with self._lock:
            self._refuse_closed()
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self._workers, "ringfence-hooks")
            return self._threads

    def _hook(self, name: str) -> Hook:
        self._refuse_closed()
        try:
            return self.spec.hooks[name]
        except KeyError:
            known = ", ".join(self.spec.hooks)
            raise ConfigurationError(
                f"{self.spec.spec_name} has no hook {name!r}; it has {known}"
            ) from None

    def _answer(
        self, hook: Hook, values: list[Any], lengths: Lengths, *, default: bool = True
    ) -> Answer:
        if hook.rule == "all":
            return self._all(hook, values, lengths)
        if hook.rule == "fold":
            return self._fold(hook, values, lengths)
        failures: list[HookFailure] = []
        for plugin in self._plugins.values():
            answered, value = self._ask(plugin, hook, values, lengths, failures)
            if answered and (value is not None or hook.accepts_none):
                return Answer(value=value, plugins=(plugin.name,), failures=tuple(failures))
        if not default:
            raise HookUnanswered(hook.name, tuple(failures))
        return self._default(hook, values, failures)

    def _all(self, hook: Hook, values: list[Any], lengths: Lengths) -> Answer:
        failures: list[HookFailure] = []
        found = {}
        for plugin in self._plugins.values():
            answered, value = self._ask(plugin, hook, values, lengths, failures)
            if answered and (value is not None or hook.accepts_none):
                found[plugin.name] = value
        return Answer(value=found, plugins=tuple(found), failures=tuple(failures))

    def _fold(self, hook: Hook, values: list[Any], lengths: Lengths) -> Answer:
        failures: list[HookFailure] = []
        at = hook.arguments.index(hook.fold)
        took_part = []
        for plugin in self._plugins.values():
            answered, value = self._ask(plugin, hook, values, lengths, failures)
            if answered and (value is not None or hook.accepts_none):
                values = [*values[:at], value, *values[at + 1 :]]
                took_part.append(plugin.name)
        return Answer(value=values[at], plugins=tuple(took_part), failures=tuple(failures))

    def _default(self, hook: Hook, values: list[Any], failures: list[HookFailure]) -> Answer:
        if hook.default is None:
            raise HookUnanswered(hook.name, tuple(failures))
        return Answer(value=hook.default(*values), plugins=(), failures=tuple(failures))

    def _ask(
        self,
        plugin: Plugin,
        hook: Hook,
        values: list[Any],
        lengths: Lengths,
        failures: list[HookFailure],
    ) -> tuple[bool, Any]:
        """Whether a plugin answered, and what; what went wrong is added to the failures."""
        if not self._runs.may_implement(plugin, hook.name):
            return False, None
        ticket = self._quarantine.holds(plugin.name, self._clock())
        if isinstance(ticket, Quarantined):
            reason = f"it is quarantined, because {ticket.reason.reason}"
            failures.append(plugin.failed(hook.name, "quarantined", reason).failure)
            return False, None
        try:
            answered, value = self._run(plugin, hook, values, lengths)
        except PluginFailed as failed:
            self._refuse_closed()  # closing is what ended its guest
            failures.append(failed.failure)
            if failed.failure.kind != "cancelled":
                self._quarantine.failed(plugin.name, failed.failure, self._clock(), ticket)
            else:
                self._quarantine.untried(plugin.name, ticket)
            return False, None
        except BaseException:  # the machine's failure, not the plugin's: it may be tried again
            self._quarantine.untried(plugin.name, ticket)
            raise
        self._quarantine.worked(plugin.name, ticket)
        return answered, value

    def _run(
        self, plugin: Plugin, hook: Hook, values: list[Any], lengths: Lengths
    ) -> tuple[bool, Any]:
        answered, value = self._checked(plugin, hook, values, lengths)
        if answered and self._twice:
            again = self._checked(plugin, hook, values, lengths)[1]
            if not is_same(value, again):
                raise plugin.failed(
                    hook.name, "unequal", "two calls with the same arguments gave different values"
                )
        return answered, value

    def _checked(
        self, plugin: Plugin, hook: Hook, values: list[Any], lengths: Lengths
    ) -> tuple[bool, Any]:
        def accept(value: Any) -> Any:
            if value is None and not hook.accepts_none:
                return None
            return self._accepted(plugin, hook, value, lengths)

        return self._runs.run(plugin, hook.name, values, accept)

    def _accepted(self, plugin: Plugin, hook: Hook, value: Any, lengths: Lengths) -> Any:
        """What a plugin returned, as the spec has it."""
        try:
            return hook.check_returned(value, lengths)
        except ValidationFailed as error:
            raise plugin.failed(
                hook.name,
                "wrong-value",
                f"expected {error.expected}, got {error.got}",
                field=error.where,
            ) from error
        except Exception as error:  # a check that a hostile value breaks has not accepted it
            reason = f"it cannot be checked: {type(error).__name__}"
            raise plugin.failed(hook.name, "wrong-value", reason, field="return value") from error

    # --- worlds ------------------------------------------------------------------------------

    def save(
        self, *, key: bytes | None = None, context: Mapping[str, str] | None = None
    ) -> SavedWorld:
        """What the plugins keep, for :meth:`restore`, between two calls of each.

        The variables of their modules, as far as they are data. What is not is in ``lost``, and so
        is all that a plugin kept whose guest could not say: the others are saved.

        Args:
            key: see :meth:`ringfence.Sandbox.save`.
            context: what the save belongs to, such as a world; the same has to be given to restore.

        Raises:
            ConfigurationError: there is no state to keep with ``state="none"``.
            SandboxClosed: the host was closed.
        """
        runs, seal = self._world(), Seal.of(key, context)
        saved: dict[str, SavedPlugin] = {}
        lost: list[LostState] = []
        for name, plugin in self._plugins.items():
            try:
                one = runs.save(plugin)
            except PluginFailed as failed:
                lost.append(lost_whole(name, failed.failure.reason))
                continue
            if one is not None:
                saved[name] = one
        return seal_world(saved, lost, key=seal.key, context=seal.context)

    def restore(
        self, state: bytes, *, key: bytes | None = None, context: Mapping[str, str] | None = None
    ) -> tuple[LostState, ...]:
        """Have the plugins keep again what a save has, in new guests; returns what they could not.
        One that does not load, or could not be given what it had kept, begins anew.

        Args:
            state: of :meth:`save`, by a host with the same bundles under the same names.
            key: what it was sealed with.
            context: what it was saved with.

        Raises:
            StateRefused: it is not restored; nothing was started.
            ConfigurationError: an argument is wrong, or the host has ``state="none"``.
            SandboxClosed: the host was closed.
        """
        runs, seal = self._world(), Seal.of(key, context)
        limit = int(self._load_limits.value)
        saved = open_world(check_state(state), key=seal.key, context=seal.context, limit=limit)
        hashes = {name: one.bundle.sha256 for name, one in self._plugins.items()}
        refuse_others(saved, hashes)
        lost: list[LostState] = []
        for name, one in saved.items():
            try:
                lost += runs.restore(self._plugins[name], one)
            except PluginFailed as failed:
                lost.append(lost_whole(name, failed.failure.reason))
        return tuple(lost)

    def _world(self) -> WorldRuns:
        self._refuse_closed()
        if not isinstance(self._runs, WorldRuns):
            raise ConfigurationError(f'there is nothing to keep with state="{self._state}"')
        return self._runs

    # --- the end -----------------------------------------------------------------------------

    def _refuse_closed(self) -> None:
        if self._closed:
            raise SandboxClosed("this host of plugins was closed")

    def __enter__(self) -> Self:
        self._refuse_closed()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all guests; calls that run are cancelled. May be called again, from any thread."""
        with self._lock:
            self._closed = True
            threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=True)
        self._runs.close()
        if threads is not None:
            threads.shutdown(wait=True)


def _is_spec(spec: Any) -> bool:
    return inspect.isclass(spec) and issubclass(spec, HookSpec) and bool(spec.hooks)


def _check_load_limits(load_limits: Limits | None, limits: Limits) -> Limits:
    if load_limits is None:
        return limits.replace(wall=5, cpu=5)
    try:
        return turn_limits(load_limits, limits, "sandbox", counts=limits.fuel is not None)
    except ConfigurationError as error:
        raise ConfigurationError(f"load_limits: {error}") from None


def _check_kinds(
    limits: object,
    load_limits: object,
    policy: object,
    quarantine: object,
    clock: object,
    packages: object,
    imports: object,
) -> None:
    """Refuse by name what is of another kind than it should be."""
    for name, value, kind in (
        ("limits", limits, Limits),
        ("load_limits", load_limits, Limits),
        ("policy", policy, Policy),
        ("quarantine", quarantine, QuarantineRule),
    ):
        if value is not None and not isinstance(value, kind):
            raise ConfigurationError(f"{name}={value!r} must be a {kind.__name__}")
    if not callable(clock):
        raise ConfigurationError(f"clock={clock!r} must be a function that tells seconds")
    for name, names in (("packages", packages), ("imports", imports)):
        if isinstance(names, str) or not (
            isinstance(names, Iterable) and all(isinstance(one, str) for one in names)
        ):
            raise ConfigurationError(f'{name}={names!r} must be a list of names, such as ["numpy"]')


def _check_workers(workers: int | None) -> int:
    if workers is None:
        return min(count_processors(), _MOST_WORKERS)
    if type(workers) is not int or not 1 <= workers <= _MOST_WORKERS:
        raise ConfigurationError(f"workers={workers!r} must be from 1 to {_MOST_WORKERS}")
    return workers
