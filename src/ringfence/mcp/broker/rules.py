"""Which tools may be called. Nothing may, unless the operator's list says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ringfence.errors import ConfigurationError

if TYPE_CHECKING:
    from ringfence.mcp.broker.catalog import ToolInfo

__all__ = ["Narrowing", "ToolRules"]

_MOST_PATTERNS = 1_000
_LONGEST = 300


@dataclass(frozen=True)
class _Pattern:
    """``server``, ``server.tool`` or ``mcp__server__tool``, each with ``*`` for any text."""

    server: str
    tool: str | None  # None for the server as a whole

    def names(self, tool: ToolInfo) -> bool:
        return _matches(self.server, tool.server) and (
            self.tool is None or _matches(self.tool, tool.tool)
        )


@dataclass(frozen=True)
class ToolRules:
    """The operator's list.

    A pattern is ``server`` (all its tools that say they are not destructive), ``server.tool`` or
    ``mcp__server__tool``; ``*`` stands for any text within a part. So ``git.*`` are all tools of
    git, destructive ones too, and each call of those still has to be approved.

    Attributes:
        allow: what may be called. The default allows nothing.
        approved: of these, what needs nobody's approval although it is destructive, or does not
            say: the operator knows better than the server.

    Raises:
        ConfigurationError: a pattern is none, or there are more than 1,000.
    """

    allow: Sequence[str] = ()
    approved: Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_allow", _read(self.allow, "allow"))
        object.__setattr__(self, "_approved", _read(self.approved, "approved"))

    def allows(self, tool: ToolInfo) -> bool:
        """Whether it may be called at all."""
        patterns: tuple[_Pattern, ...] = self.__dict__["_allow"]
        return any(
            one.names(tool) and (one.tool is not None or not tool.destructive) for one in patterns
        )

    def may_name(self, server: str) -> bool:
        """Whether a tool of this server may be allowed at all."""
        patterns: tuple[_Pattern, ...] = self.__dict__["_allow"]
        return any(_matches(one.server, server) for one in patterns)

    def needs_approval(self, tool: ToolInfo) -> bool:
        """Whether somebody has to approve of each call."""
        patterns: tuple[_Pattern, ...] = self.__dict__["_approved"]
        return tool.destructive and not any(one.names(tool) for one in patterns)


class Narrowing:
    """A caller's ``allowed_tools``: of what the operator allows, only this.

    Args:
        patterns: as the operator's, but ``server`` is all its tools; None narrows nothing, and an
            empty sequence leaves nothing.

    Raises:
        ConfigurationError: a pattern is none, or there are more than 1,000.
    """

    def __init__(self, patterns: Sequence[str] | None) -> None:
        self._patterns = None if patterns is None else _read(patterns, "allowed_tools")

    def may_name(self, server: str) -> bool:
        """Whether a tool of this server may be among them."""
        return self._patterns is None or any(_matches(one.server, server) for one in self._patterns)

    def admits(self, tool: ToolInfo) -> bool:
        """Whether it is among them."""
        return self._patterns is None or any(one.names(tool) for one in self._patterns)


def _read(patterns: Sequence[str], what: str) -> tuple[_Pattern, ...]:
    if not isinstance(patterns, list | tuple) or len(patterns) > _MOST_PATTERNS:
        raise ConfigurationError(f"{what}: a list of at most {_MOST_PATTERNS} patterns")
    return tuple(_pattern(one, what) for one in patterns)


def _pattern(text: str, what: str) -> _Pattern:
    if not 0 < len(text) <= _LONGEST:
        raise ConfigurationError(
            f"{what}: a pattern is text of 1 to {_LONGEST} characters, such as server.tool"
        )
    if text.startswith("mcp__"):
        server, between, tool = text.removeprefix("mcp__").partition("__")
    else:
        server, between, tool = text.partition(".")
    if not server or (between and not tool):
        raise ConfigurationError(
            f"{what}: {text!r} is no pattern: write server, server.tool or mcp__server__tool, "
            "with * for any text"
        )
    return _Pattern(server, tool if between else None)


def _matches(pattern: str, text: str) -> bool:
    """Whether ``text`` is ``pattern``, ``*`` in it standing for anything; linear in both."""
    first, *others = pattern.split("*")
    if not others:
        return pattern == text
    *middle, last = others
    if not (len(text) >= len(first) + len(last) and text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
