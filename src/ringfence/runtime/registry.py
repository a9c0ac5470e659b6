"""Finding engines, choosing one, and keeping their images."""

from __future__ import annotations

import atexit
import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, cast

from ringfence.engine import (
    Availability,
    Capabilities,
    Engine,
    EvaluatorCapabilities,
    EvaluatorEngine,
    Image,
    ImageSpec,
)
from ringfence.errors import ConfigurationError, EngineNotAvailable, PolicyNotEnforceable
from ringfence.model.policy import describe_walls

__all__ = [
    "AUTO",
    "EngineInfo",
    "Images",
    "as_evaluator",
    "describe_engines",
    "find_engine",
    "find_evaluator",
    "list_evaluators",
    "parse_engines",
]

GROUP = "ringfence.engines"

ADDRESSES = "ringfence.addresses"
"""What an address leads to, by its scheme: each entry is called with the address."""

EVALUATORS = "ringfence.evaluators"
"""Of those that only evaluate: nothing but a name leads to one of them."""

AUTO = ("native", "wasi")
"""What ``engine="auto"`` tries, in order. Never an engine with a single wall."""

_MOST_IMAGES = 16


@dataclass(frozen=True)
class EngineInfo:
    """An installed engine: what it can do, and whether it can do it here."""

    name: str
    capabilities: Capabilities
    availability: Availability


@lru_cache(maxsize=1)
def _entries() -> dict[str, Any]:
    from importlib.metadata import entry_points  # not before an engine is looked for

    return {entry.name: entry for entry in entry_points(group=GROUP)}


@cache
def find_engine(name: str) -> Engine:
    """The engine with this name, or at this address.

    Raises:
        ConfigurationError: there is none.
    """
    entry = _entries().get(name)
    if entry is None:
        scheme, separator, _ = name.partition("://")
        found = _addresses().get(scheme.lower()) if separator else None
        if found is not None:
            reached: Engine = found.load()(name)
            return reached
        there = ", ".join(sorted(_entries())) or "none"
        if name in _evaluators():
            raise ConfigurationError(
                f"engine={name!r} makes short calls of scripts, and holds no sandbox; for one "
                f"there is {there}"
            )
        raise ConfigurationError(f"engine={name!r} is not installed; there is {there}")
    engine: Engine = entry.load()()
    return engine


@lru_cache(maxsize=1)
def _addresses() -> dict[str, Any]:
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in entry_points(group=ADDRESSES)}


@lru_cache(maxsize=1)
def _evaluators() -> dict[str, Any]:
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in entry_points(group=EVALUATORS)}


def list_evaluators() -> list[str]:
    """The engines that only evaluate, sorted."""
    return sorted(_evaluators())


@cache
def find_evaluator(name: str) -> EvaluatorEngine:
    """The engine with this name that only evaluates.

    Raises:
        ConfigurationError: there is none.
    """
    entry = _evaluators().get(name)
    if entry is None:
        raise ConfigurationError(
            f"engine={name!r} is no evaluator; there is {', '.join(list_evaluators()) or 'none'}"
        )
    engine: EvaluatorEngine = entry.load()()
    return engine


def as_evaluator(engine: object) -> EvaluatorEngine | None:
    """What only evaluates, by its name or itself; None if this is something else."""
    if isinstance(engine, str):
        return find_evaluator(engine) if engine in _evaluators() else None
    compiles = callable(getattr(engine, "compile", None)) and not hasattr(engine, "image")
    if compiles and isinstance(getattr(engine, "capabilities", None), EvaluatorCapabilities):
        return cast("EvaluatorEngine", engine)
    return None


def describe_engines() -> dict[str, EngineInfo]:
    """Every installed engine. Tries what stands on this machine, so it may take a second."""
    found = {}
    for name in sorted(_entries()):
        engine = find_engine(name)
        found[name] = EngineInfo(name, engine.capabilities, engine.availability())
    return found


def parse_engines(engine: str | Engine | Sequence[str | Engine]) -> tuple[Engine, ...]:
    """The engines to try, in order, from what the caller wrote.

    Raises:
        ConfigurationError: a name that is not installed, or not a name.
    """
    if isinstance(engine, str):
        if engine == "auto":
            return tuple(find_engine(name) for name in AUTO if name in _entries())
        return (find_engine(engine),)
    wrong = f"engine={engine!r} is not an engine's name or a list of names"
    if isinstance(engine, Iterable):
        if isinstance(engine, bytes | Mapping):
            raise ConfigurationError(wrong)
        several = tuple(one for item in engine for one in parse_engines(item))
        if not several:
            raise ConfigurationError("engine=[] names no engine")
        return several
    if callable(getattr(engine, "image", None)) and isinstance(getattr(engine, "name", None), str):
        return (engine,)
    raise ConfigurationError(wrong)


class Images:
    """The images in use by this process, and a few that were; shared by equal requests."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._kept: OrderedDict[Any, tuple[Engine, Image]] = OrderedDict()
        atexit.register(self.close)

    def get(self, engines: tuple[Engine, ...], spec: ImageSpec) -> tuple[Engine, Image, bool]:
        """(engine, image, whether the caller must close the image).

        Raises:
            PolicyNotEnforceable: the one engine asked for cannot honour the request.
            EngineNotAvailable: none of several can.
        """
        if spec.policy.isolation == "tenant":
            return (*_first_image(engines, spec), True)
        limits = spec.limits
        key = (
            engines,
            spec.packages,
            spec.wheels,
            spec.python,
            spec.policy,
            (limits.fuel is None, limits.steps is None, limits.threads > 0, limits.disk != 0),
        )
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._lock = threading.Lock()
            self._kept = OrderedDict()
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept[1].alive:
                self._kept.move_to_end(key)
                return (*kept, False)
        made = _first_image(engines, spec)
        with self._lock:
            old = self._kept.pop(key, None)
            self._kept[key] = made
            surplus = [old] if old is not None else []
            while len(self._kept) > _MOST_IMAGES:
                surplus.append(self._kept.popitem(last=False)[1])
        for _, image in surplus:
            image.close()
        return (*made, False)

    def close(self) -> None:
        """Let go of all images; what they were made of ends when no guest needs it."""
        if self._pid != os.getpid():
            return
        with self._lock:
            kept = list(self._kept.values())
            self._kept.clear()
        for _, image in kept:
            image.close()


def _first_image(engines: tuple[Engine, ...], spec: ImageSpec) -> tuple[Engine, Image]:
    reasons: list[str] = []
    for engine in engines:
        try:
            return engine, engine.image(spec)
        except (PolicyNotEnforceable, EngineNotAvailable) as error:
            if len(engines) == 1:
                raise
            reasons.append(f"{engine.name}: {error}")
    wanted = ", ".join(describe_walls(walls) for walls in spec.policy.wall_sets)
    listed = "\n".join(reasons) or "no engine is installed"
    raise EngineNotAvailable(f"no engine can honour the request (walls: {wanted}):\n{listed}")
