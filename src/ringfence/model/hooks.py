"""What came of a hook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Answer", "FailureKind", "HookFailure"]

FailureKind = Literal[
    "load", "raised", "limit", "crashed", "cancelled", "wrong-value", "unequal", "quarantined"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class HookFailure:
    """What went wrong in a plugin. Every text in it is the plugin's: show it as such.

    Attributes:
        plugin: the plugin's name in its host.
        hook: which hook was called.
        field: the part of what was returned that is wrong; empty where it is about all of it.
        kind: ``load`` (its module did not load), ``raised``, ``limit`` (``reason`` names it),
            ``crashed``, ``cancelled``, ``wrong-value`` (what it returned is not what the spec
            says), ``unequal`` (two runs differed), ``quarantined`` (it was not asked).
        reason: for people.
        traceback: the plugin's own lines; may be empty.
    """

    plugin: str
    hook: str
    kind: FailureKind
    reason: str
    field: str = ""
    traceback: str = ""

    def __str__(self) -> str:
        where = f"{self.plugin}: {self.hook}"
        return f"{where}: {self.field}: {self.reason}" if self.field else f"{where}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a call of a hook.

    Attributes:
        value: what was answered, checked; for the rule ``all`` a dict of plugin -> value.
        plugins: the plugins whose answer it is, in order; empty where the spec's own answer is.
        failures: what went wrong on the way.
    """

    value: Any
    plugins: tuple[str, ...]
    failures: tuple[HookFailure, ...] = ()

    @property
    def plugin(self) -> str | None:
        """The plugin whose answer it is; None where it is the spec's own, or nobody's alone."""
        return self.plugins[0] if len(self.plugins) == 1 else None

    @property
    def is_default(self) -> bool:
        """Whether no plugin has a part in it."""
        return not self.plugins
