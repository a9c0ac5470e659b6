"""Where an attack applies, and where a verdict holds: the words of ``needs`` and ``expect[...]``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from ringfence.model import Limits
from ringfence.model.limits import LIMIT_NAMES
from ringfence.model.policy import WALLS
from ringfence.system.machine import machine_name

__all__ = ["Condition", "Setting", "parse_conditions"]

_MACHINES = frozenset({"x86_64", "aarch64"})
_COMPARE: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    ">=": operator.ge,
    "<": operator.lt,
}
_NUMBERED = re.compile(r"(python|landlock)(>=|<)(\d+(?:\.\d+)*)")


@dataclass(frozen=True)
class Setting:
    """Where an attack is run.

    Attributes:
        engine: the engine's name.
        walls: the walls that stand.
        limits: the guest's limits.
        landlock: the Landlock ABI in use; 0 is none.
        python: version of the guest's interpreter.
        machine: the architecture.
        modules: of those that conditions ask about, what the guest's interpreter can import.
        starts_threads: whether the engine's guests can have threads at all.
        bounds: the names of the limits that the engine can enforce.
        remote: whether its guests are a service's, over a network.
    """

    engine: str
    walls: frozenset[str]
    limits: Limits
    landlock: int
    python: tuple[int, ...]
    machine: str = machine_name()
    modules: frozenset[str] = frozenset()
    starts_threads: bool = True
    bounds: frozenset[str] = frozenset()
    remote: bool = False


@dataclass(frozen=True)
class Condition:
    """One condition, as written."""

    word: str
    test: Callable[[Setting], bool]

    def holds(self, setting: Setting) -> bool:
        """Whether it holds there."""
        return self.test(setting)

    @property
    def module(self) -> str | None:
        """The module that it asks about, if it asks about one."""
        _, _, name = self.word.partition("module:")
        return name or None

    def __str__(self) -> str:
        return self.word


def parse_conditions(text: str) -> tuple[Condition, ...]:
    """Conditions separated by spaces or commas.

    Raises:
        ValueError: one of them is none that README.md lists.
    """
    return tuple(Condition(word, _parse(word)) for word in text.replace(",", " ").split())


def _parse(word: str) -> Callable[[Setting], bool]:
    plain = word.removeprefix("no:")
    if plain != word:
        inner = _parse_plain(plain)
        return lambda s: not inner(s)
    return _parse_plain(word)


def _parse_plain(word: str) -> Callable[[Setting], bool]:
    if word in _MACHINES:
        return lambda s: s.machine == word
    if word in WALLS:
        return lambda s: word in s.walls
    if word == "threads":
        return lambda s: s.starts_threads and s.limits.threads > 0
    if word == "remote":
        return lambda s: s.remote
    if word == "disk":
        return lambda s: bool(s.limits.disk)
    walls = frozenset(word.removeprefix("only:").split("+"))
    if walls <= WALLS:
        return lambda s: s.walls == walls
    numbered = _NUMBERED.fullmatch(word)
    if numbered:
        what, sign, digits = numbered.groups()
        version = tuple(map(int, digits.split(".")))
        compare = _COMPARE[sign]
        if what == "python":
            return lambda s: compare(s.python, version)
        return lambda s: compare((s.landlock,), version)
    kind, _, module = word.partition(":")
    if kind == "module" and module:
        return lambda s: module in s.modules
    if kind == "limit" and module in LIMIT_NAMES:
        return lambda s: module in s.bounds
    name, _, value = word.partition("=")
    if name == "engine" and value:
        return lambda s: s.engine == value
    raise ValueError(f"{word!r} is not a condition; README.md lists them")
