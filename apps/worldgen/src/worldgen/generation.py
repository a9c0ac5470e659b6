"""A chain of plugins makes the fields of a window, in guests that keep nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ringfence import Limits
from ringfence.plugins import Bundle, HookFailure, PluginHost, Quarantined, QuarantineRule, Use
from worldgen.chains import Settings
from worldgen.drawing import MARGIN, Fields
from worldgen.geometry import Window
from worldgen.spec import Terrain, reach_of

__all__ = ["LIMITS", "PACKAGES", "Generator", "Generators", "Made"]

PACKAGES = ("numpy",)
"""What plugins may ask for; everything else is refused."""

LIMITS = Limits(
    wall=12, cpu=3, calls=0, threads=0, disk=0, output="64KiB", display="64KiB", memory="256MiB"
)
"""Of one call of a hook for one tile. What computes too long has spent its CPU time; on a busy
machine a good plugin may wait for its turn."""

_MOST_OPEN = 4
_KEPT_FAILURES = 50


@dataclass(frozen=True)
class Made:
    """What came of a window.

    Attributes:
        fields: with :data:`~worldgen.drawing.MARGIN` pixels around the window.
        failures: of plugins; where there are any, others or the spec's own answers stand in.
    """

    fields: Fields
    failures: tuple[HookFailure, ...]


class Generator:
    """A chain that is ready to make windows. Any number of threads may use it.

    Args:
        plugins: the bundles of the chain with their parameters, in order.
        engine: of Ringfence.
        quarantine: when a plugin that fails is left alone, and for how long.

    Raises:
        ConfigurationError: a plugin asks for what is not lent, or a parameter is wrong.
        SpecMismatch, WorldRefused: a plugin is for something else.
    """

    def __init__(
        self,
        plugins: Sequence[tuple[Bundle, Mapping[str, Any]]],
        *,
        engine: str = "auto",
        quarantine: QuarantineRule | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        self.margin = MARGIN + sum(reach_of(bundle.manifest) for bundle, _ in plugins)
        self._host = PluginHost(
            Terrain,
            [Use(bundle=bundle, parameters=given) for bundle, given in plugins],
            engine=engine,
            limits=limits,
            packages=PACKAGES,
            quarantine=quarantine,
        )
        self._recent: deque[HookFailure] = deque(maxlen=_KEPT_FAILURES)

    def make(self, window: Window, settings: Settings) -> Made:
        """The fields of a window: each hook of the spec, in its order."""
        failures: list[HookFailure] = []

        def ask(hook: str, **arguments: Any) -> Any:
            answer = self._host.call(hook, x=x, y=y, seed=settings.seed, **arguments)
            failures.extend(answer.failures)
            return answer.value

        x, y = window.widened(self.margin).coordinates()
        ground = ask("elevation") - settings.sea_level
        ground = ask("shape", elevation=ground)
        # What looked at neighbours is right inside only: from here on without the outer pixels.
        spare = self.margin - MARGIN
        if spare:
            inner = (slice(spare, -spare), slice(spare, -spare))
            x, y, ground = (np.ascontiguousarray(one[inner]) for one in (x, y, ground))
        nothing = np.zeros_like(ground)
        water = ask("water", elevation=ground, water=nothing)
        hollow = ask("hollow", elevation=ground, hollow=nothing)
        moisture = ask("moisture", elevation=ground)
        biome = ask("biome", elevation=ground, moisture=moisture, water=water)
        self._recent.extend(one for one in failures if one.kind != "quarantined")
        return Made(Fields(ground, water, hollow, biome), tuple(failures))

    @property
    def quarantined(self) -> Mapping[str, Quarantined]:
        """Plugins that are not asked now."""
        return self._host.quarantined

    @property
    def engine(self) -> str | None:
        """What runs them, once something ran."""
        return self._host.engine

    def failures(self) -> list[HookFailure]:
        """The last ones, the newest first."""
        return list(reversed(self._recent))

    def release(self, plugin: str) -> bool:
        """Ask a plugin again; whether it was quarantined."""
        return self._host.release(plugin)

    def close(self) -> None:
        """End its guests."""
        self._host.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Generators:
    """Generators of the chains that were asked for last; the oldest are closed.

    Args:
        engine, quarantine, limits: as of :class:`Generator`.
        most: how many are open.
    """

    def __init__(
        self,
        *,
        engine: str = "auto",
        quarantine: QuarantineRule | None = None,
        limits: Limits = LIMITS,
        most: int = _MOST_OPEN,
    ) -> None:
        self._options: dict[str, Any] = {
            "engine": engine,
            "quarantine": quarantine,
            "limits": limits,
        }
        self._most = most
        self._lock = threading.Lock()
        self._open: OrderedDict[tuple[str, str], _Lent] = OrderedDict()

    def lend(
        self, world: str, key: str, plugins: Sequence[tuple[Bundle, Mapping[str, Any]]]
    ) -> _Lent:
        """The generator of a world's chain, in a ``with`` block: it stays open as long as that.

        ``key`` names the chain, with its parameters. A world has generators of its own: what is
        quarantined there says nothing of another world.
        """
        at = (world, key)
        with self._lock:
            found = self._open.get(at)
            if found is None:
                found = self._open[at] = _Lent(Generator(plugins, **self._options), self._lock)
            self._open.move_to_end(at)
            found.users += 1
            while len(self._open) > self._most:
                _, oldest = self._open.popitem(last=False)
                oldest.drop()
        return found

    def peek(self, world: str, key: str) -> Generator | None:
        """The generator of a world's chain, if one is open."""
        with self._lock:
            found = self._open.get((world, key))
            return found.generator if found else None

    def close(self) -> None:
        """Close all of them."""
        with self._lock:
            for one in self._open.values():
                one.drop()
            self._open.clear()


class _Lent:
    """A generator and how many use it; closed when it is dropped and nobody does."""

    def __init__(self, generator: Generator, lock: threading.Lock) -> None:
        self.generator = generator
        self.users = 0
        self._lock = lock
        self._dropped = False

    def drop(self) -> None:
        """No new users; called with the lock."""
        self._dropped = True
        if not self.users:
            self.generator.close()

    def __enter__(self) -> Generator:
        return self.generator

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.users -= 1
            if self._dropped and not self.users:
                self.generator.close()
