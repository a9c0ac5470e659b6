"""What a guest is granted, and which walls the caller accepts."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ringfence.errors import ConfigurationError

__all__ = ["FULL_WALLS", "WALLS", "Policy", "WallSet", "describe_walls"]

WallSet = frozenset[str]

WALLS = frozenset({"namespaces", "landlock", "seccomp", "wasm", "process", "v8"})
"""The walls there are: each is one mechanism that confines."""

FULL_WALLS: tuple[WallSet, ...] = (
    frozenset({"namespaces", "landlock", "seccomp"}),
    frozenset({"wasm", "namespaces", "seccomp"}),
    frozenset({"wasm", "process"}),
)
"""The sets accepted when a policy names none."""


def describe_walls(walls: Iterable[str]) -> str:
    """``{landlock, seccomp}``."""
    return "{" + ", ".join(sorted(walls)) + "}"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a guest is granted. The default grants nothing.

    Attributes:
        walls: the sets of walls that are accepted, strongest first. A weaker set, such as
            ``{"landlock", "seccomp"}`` or ``{"seccomp"}``, stands only if it is named here.
        read: absolute host paths that the guest may read; files or folders.
        cpu_share: how much of one core the guest may use, for example 0.5; through the cgroup
            controller, refused where there is none.
        deterministic: fix clock, hash seed and entropy, where the engine can; refused elsewhere.
            The same code and inputs then give the same bytes and use the same fuel.
        isolation: ``"shared-image"``: guests start as copies of one warm image. ``"tenant"``: the
            image belongs to this sandbox alone, so not even its address layout is shared.

    Raises:
        ConfigurationError: a value is not what it should be; the message names it.
    """

    walls: Iterable[Iterable[str]] = FULL_WALLS
    read: Iterable[str | os.PathLike[str]] = ()
    cpu_share: float | None = None
    deterministic: bool = False
    isolation: Literal["shared-image", "tenant"] = "shared-image"

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "walls", _parse_walls(self.walls))
        set_(self, "read", _parse_paths(self.read))
        share = self.cpu_share
        if share is not None and (
            type(share) not in (int, float) or not 0.01 <= share <= (os.cpu_count() or 1)
        ):
            raise ConfigurationError(
                f"cpu_share={share!r} must be a number of cores from 0.01 to {os.cpu_count()}"
            )
        if type(self.deterministic) is not bool:
            raise ConfigurationError(f"deterministic={self.deterministic!r} must be True or False")
        if self.isolation not in ("shared-image", "tenant"):
            raise ConfigurationError(
                f'isolation={self.isolation!r} must be "shared-image" or "tenant"'
            )

    @property
    def wall_sets(self) -> tuple[WallSet, ...]:
        """``walls``, as parsed."""
        return self.walls  # type: ignore[return-value]

    @property
    def read_paths(self) -> tuple[str, ...]:
        """``read``, as parsed: absolute, existing, without duplicates."""
        return self.read  # type: ignore[return-value]


def _parse_walls(walls: object) -> tuple[WallSet, ...]:
    what = 'walls must be a list of sets of walls, such as [{"namespaces", "landlock", "seccomp"}]'
    if isinstance(walls, str) or not isinstance(walls, Iterable):
        raise ConfigurationError(what)
    sets: list[WallSet] = []
    for one in walls:
        if isinstance(one, str) or not isinstance(one, Iterable):
            raise ConfigurationError(what)
        names = frozenset(one)
        unknown = sorted(str(n) for n in names - WALLS)
        if unknown or not names:
            raise ConfigurationError(
                f"walls: {describe_walls(map(str, names))} is not a set of walls; "
                f"the walls are {', '.join(sorted(WALLS))}"
            )
        sets.append(names)
    if not sets:
        raise ConfigurationError("walls is empty: no engine could be accepted. " + what)
    return tuple(sets)


def _parse_paths(paths: object) -> tuple[str, ...]:
    if isinstance(paths, str | bytes) or not isinstance(paths, Iterable):
        raise ConfigurationError(f'read={paths!r} must be a list of paths, such as ["/usr/share"]')
    parsed: dict[str, None] = {}
    for path in paths:
        text = os.fspath(path) if isinstance(path, str | os.PathLike) else None
        if type(text) is not str or "\0" in text:
            raise ConfigurationError(f"read: {path!r} is not a path")
        if not os.path.isabs(text):  # noqa: PTH117 - as text: a Path drops what stands at its end
            raise ConfigurationError(f"read: {text!r} is not an absolute path")
        if not Path(text).exists():
            raise ConfigurationError(f"read: {text!r} does not exist")
        if os.path.realpath(text) == "/":
            raise ConfigurationError("read: '/' would show the guest the whole host; name folders")
        parsed[os.path.normpath(text)] = None
    return tuple(parsed)
