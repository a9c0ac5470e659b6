"""Recipes of guests from what requests ask, and the guests that are kept warm.

A request narrows what the operator decided, and never widens it: engines and packages are those of
the settings, a limit is at most the operator's. What asks for nothing has the default recipe, whose
guests wait in a pool; any other starts from its image.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ringfence.async_sandbox import AsyncSandbox
from ringfence.errors import (
    ConfigurationError,
    EngineFailure,
    EngineNotAvailable,
    PolicyNotEnforceable,
    RingfenceError,
)
from ringfence.model import Limits, Policy
from ringfence.model.limits import LIMIT_NAMES, parse_duration, parse_size
from ringfence.runtime.pool import Pool, PoolStatistics
from ringfence.server.operations.tracing import NoTracing
from ringfence.server.problems import Fault, Problem

if TYPE_CHECKING:
    from ringfence.runtime.handle import SandboxOptions
    from ringfence.server.operations.metrics import Metrics
    from ringfence.server.operations.tracing import Tracing
    from ringfence.server.settings import Settings

__all__ = ["Fleet", "Recipe", "limits_as_json"]

_TIMES = frozenset({"wall", "host_wall", "cpu"})
_SIZES = frozenset({"output", "display", "value", "memory", "disk"})
_PER_SANDBOX = ("memory", "threads", "disk", "files", "steps")
_LONGEST = 32
"""Characters of a limit that is written as text."""

_MOST_POOLS = 16
"""Tenants that have a pool of their own at once (``isolation="tenant"``)."""

_PATIENCE = 60.0
"""Seconds until the first guest of a pool is there, or nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What guests are started from.

    Attributes:
        engine: its name, or ``auto``.
        packages: what is importable.
        limits: of the sandbox, and of a turn that asks for nothing narrower.
    """

    engine: str
    packages: tuple[str, ...]
    limits: Limits

    def as_json(self) -> dict[str, Any]:
        """For the database; :meth:`Fleet.recipe_from` reads it."""
        limits = limits_as_json(self.limits)
        return {"engine": self.engine, "packages": list(self.packages), "limits": limits}


def limits_as_json(limits: Limits) -> dict[str, Any]:
    """Limits by name, in seconds and bytes."""
    return {field.name: getattr(limits, field.name) for field in fields(limits)}


class Fleet:
    """Starts sandboxes.

    Args:
        settings: what the operator decided.
        metrics: counts what could not be started.
        tracing: times what was.
    """

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self._settings, self._metrics = settings, metrics
        self._tracing = NoTracing() if tracing is None else tracing
        ceiling = settings.limits
        packages = tuple(sorted(set(settings.default_packages)))
        self.default = Recipe(settings.engine, packages, ceiling)
        """Of what asks for nothing."""
        self._engines = {settings.engine, *settings.engines}
        self._packages = {*settings.packages, *settings.default_packages}
        self._alone = settings.isolation == "tenant"
        self._pool: Pool | None = None
        if settings.pool_size and not self._alone:
            self._pool = self._make_pool(self.default, settings.pool_size)
        self._pools: OrderedDict[tuple[str, Recipe], Pool] = OrderedDict()
        self._found: str | None = None  # the engine that the default recipe has found
        # Each of these is asked for the same few things, over and over.
        self._narrowed = lru_cache(1_024)(_narrowed)

    async def start(self) -> None:
        """Begin to fill the pool. Guests are there in a moment; the first run waits for one."""
        if self._pool is not None:
            self._pool.start()

    async def ready(self) -> str:
        """The engine of the default recipe, once a guest of it has started.

        Raises:
            PolicyNotEnforceable, EngineNotAvailable, EngineFailure: there is none to be had.
        """
        if self._found is None:
            box = self.sandbox(self.default, "")
            try:
                await box.start()
                self.found(self.default, box)
            finally:
                await box.close()
        assert self._found is not None
        return self._found

    async def close(self) -> None:
        """End the guests that nobody took."""
        pools = [*self._pools.values(), *([self._pool] if self._pool is not None else [])]
        self._pools.clear()
        for pool in pools:
            await asyncio.to_thread(pool.close)

    def statistics(self) -> PoolStatistics | None:
        """Of the pool of the default recipe; None without one."""
        return None if self._pool is None else self._pool.statistics()

    # --- what was asked for ------------------------------------------------------------------

    def recipe(
        self,
        engine: str | None = None,
        packages: Sequence[str] | None = None,
        limits: Mapping[str, Any] | None = None,
    ) -> Recipe:
        """The recipe of a request.

        Raises:
            Problem: ``not-allowed`` or ``malformed``; names field, asked and allowed.
        """
        if engine is None and packages is None and not limits:
            return self.default
        if engine is None:
            engine = self.default.engine
        elif engine not in self._engines:
            raise _refuse("engine", sorted(self._engines), engine)
        chosen = self.default.packages
        if packages is not None:
            wrong = [name for name in packages if name not in self._packages]
            if wrong:
                raise _refuse("packages", sorted(self._packages), wrong[0])
            chosen = tuple(sorted(set(packages)))
        return Recipe(engine, chosen, self.narrowed(self.default.limits, limits))

    def recipe_from(self, data: Mapping[str, Any]) -> Recipe:
        """A recipe that was kept; the operator may have narrowed what it asks for since.

        Raises:
            Problem: ``not-allowed``: what it needs is not allowed any more.
        """
        engine, packages = data["engine"], tuple(data["packages"])
        if engine == "auto":
            engine = self.default.engine
        elif engine not in self._engines and engine != self._found:
            raise _refuse("engine", sorted(self._engines), engine)
        wrong = [name for name in packages if name not in self._packages]
        if wrong:
            raise _refuse("packages", sorted(self._packages), wrong[0])
        ceiling = self.default.limits
        kept = {name: data["limits"].get(name) for name in LIMIT_NAMES}
        most = limits_as_json(ceiling)
        least = {
            name: most[name] if kept[name] is None else _smaller(kept[name], most[name])
            for name in LIMIT_NAMES
        }
        if least == most:
            return Recipe(engine, packages, ceiling)
        return Recipe(engine, packages, Limits(**least))

    def narrowed(self, ceiling: Limits, limits: Mapping[str, Any] | None) -> Limits:
        """``ceiling`` with some limits that are narrower.

        Raises:
            Problem: ``malformed``: a name or value is none. ``not-allowed``: it is wider.
        """
        if not limits:
            return ceiling
        # As numbers: what a client wrote is not kept.
        return self._narrowed(ceiling, tuple(sorted(_parsed_all(limits).items())))

    def turn_limits(
        self, recipe: Recipe, timeout: float | None, limits: Mapping[str, Any] | None
    ) -> Limits:
        """The limits of one turn of a sandbox of this recipe.

        Args:
            recipe: of the sandbox.
            timeout: seconds that the turn may run.
            limits: narrower ones. Those of a sandbox cannot change for a turn.

        Raises:
            Problem: ``malformed`` or ``not-allowed``.
        """
        own = recipe.limits
        if limits:
            chosen = self.narrowed(own, limits)
            for name in _PER_SANDBOX:
                if getattr(chosen, name) != getattr(own, name):
                    has, asked = getattr(own, name), repr(limits[name])[:60]
                    raise Problem(
                        "not-allowed",
                        f"limits.{name}: the session was made with {has}, and one turn cannot have "
                        f"{asked}; make another session",
                        errors=[Fault(f"limits.{name}", str(has), asked)],
                    )
            own = chosen
        wall = float(own.wall)  # type: ignore[arg-type]
        if timeout is None:
            timeout = min(self._settings.default_timeout, wall)
        elif timeout > wall:
            raise _refuse("timeout_seconds", f"at most {wall:g}", timeout)
        return own if timeout == wall else self._narrowed(own, (("wall", timeout),))

    # --- sandboxes ---------------------------------------------------------------------------

    def options(self, recipe: Recipe, tenant: str) -> SandboxOptions:
        """The arguments of a sandbox of a recipe."""
        pool = self._pool_of(recipe, tenant)
        if pool is not None:
            return {"pool": pool, "limits": recipe.limits}
        policy = Policy(isolation=self._settings.isolation) if self._alone else None
        return {
            "engine": recipe.engine,
            "packages": recipe.packages,
            "limits": recipe.limits,
            "policy": policy,
        }

    def sandbox(
        self, recipe: Recipe, tenant: str, files: Mapping[str, bytes] | None = None
    ) -> AsyncSandbox:
        """A sandbox that was not started.

        Raises:
            ConfigurationError: a name of a file is none, or they are too many.
        """
        options = self.options(recipe, tenant)
        if files:
            options["files"] = files
        return AsyncSandbox(**options)

    def found(self, recipe: Recipe, box: AsyncSandbox) -> None:
        """A sandbox of a recipe was started: what the default engine is here."""
        if self._found is None and recipe.engine == self.default.engine:
            self._found = box.engine

    @contextmanager
    def starting(self, recipe: Recipe, tenant: str) -> Iterator[None]:
        """Around what starts a guest of a tenant's: failures are counted, and become problems.

        Raises:
            Problem: ``not-enforceable`` or ``unavailable``.
        """
        try:
            with self._tracing.span("start") as span:
                engine = self._found if recipe.engine == "auto" else recipe.engine
                span.set(tenant=tenant, **({"engine": engine} if engine else {}))
                yield
        except (PolicyNotEnforceable, EngineNotAvailable, EngineFailure) as error:
            self._count(recipe, error)
            if isinstance(error, PolicyNotEnforceable):
                raise Problem("not-enforceable", str(error)) from error
            raise Problem(
                "unavailable", f"no guest could be started: {error}", retry_after=2.0
            ) from error

    def _count(self, recipe: Recipe, error: RingfenceError) -> None:
        if self._metrics is not None:
            self._metrics.start_failed(recipe.engine, type(error).__name__)

    def _pool_of(self, recipe: Recipe, tenant: str) -> Pool | None:
        """The pool of a recipe; a sandbox may narrow what is of a turn, and nothing else."""
        if not self._alone:
            default = self.default
            same = (
                recipe is default
                or (
                    # What the default engine was found to be has its pool as well.
                    recipe.engine in (default.engine, self._found)
                    and recipe.packages == default.packages
                )
            ) and all(
                getattr(recipe.limits, name) == getattr(default.limits, name)
                for name in (*_PER_SANDBOX, "fuel")
            )
            return self._pool if same else None
        key = tenant, recipe
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = self._make_pool(recipe, 1)
        self._pools.move_to_end(key)
        while len(self._pools) > _MOST_POOLS:
            _, oldest = self._pools.popitem(last=False)
            asyncio.get_running_loop().run_in_executor(None, oldest.close)
        return pool

    def _make_pool(self, recipe: Recipe, size: int) -> Pool:
        return Pool(
            size,
            engine=recipe.engine,
            packages=recipe.packages,
            limits=recipe.limits,
            policy=Policy(isolation=self._settings.isolation),
        )


def _parsed_all(limits: Mapping[str, Any]) -> dict[str, Any]:
    parsed: dict[str, Any] = {}
    for name, value in limits.items():
        if name not in LIMIT_NAMES:
            fault = Fault(f"limits.{name[:60]}", f"one of {', '.join(LIMIT_NAMES)}", name[:60])
            raise Problem("malformed", f"limits: there is none named {name[:60]!r}", errors=[fault])
        parsed[name] = _parsed(name, value)
    return parsed


def _narrowed(ceiling: Limits, limits: tuple[tuple[str, Any], ...]) -> Limits:
    changes = dict(limits)
    for name, value in limits:
        most = getattr(ceiling, name)
        if most is not None and value > most:
            raise _refuse(f"limits.{name}", f"at most {most}", value)
    if "memory" in changes and "disk" not in changes:
        changes["disk"] = min(int(ceiling.disk or 0), changes["memory"] // 4)
    try:
        return ceiling.replace(**changes)
    except ConfigurationError as error:
        raise Problem("malformed", f"limits: {error}") from None


def _parsed(name: str, value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST:
        fault = Fault(f"limits.{name}", f"at most {_LONGEST} characters", f"{len(value)}")
        raise Problem("malformed", f"limits: {name} is no size", errors=[fault])
    try:
        if name in _TIMES:
            return parse_duration(value, name)
        if name in _SIZES:
            return parse_size(value, name, least=0)
        if type(value) is not int:
            raise ConfigurationError(f"{name}={value!r} must be a whole number")
    except ConfigurationError as error:
        fault = Fault(f"limits.{name}", "seconds" if name in _TIMES else "a size", repr(value)[:60])
        raise Problem("malformed", f"limits: {error}", errors=[fault]) from None
    return value


def _smaller(kept: Any, most: Any) -> Any:
    return kept if most is None else min(kept, most)


def _refuse(field: str, allowed: Any, asked: Any) -> Problem:
    expected = f"one of {', '.join(allowed) or 'none'}" if isinstance(allowed, list) else allowed
    got = repr(asked)[:120]
    return Problem(
        "not-allowed",
        f"{field}: asked for {got}, and the operator of this service allows {expected}",
        errors=[Fault(field, str(expected), got)],
    )
