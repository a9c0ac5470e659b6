"""Who calls a tool, who is asked before it is destructive, and where it is noted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ringfence.mcp.broker.catalog import ToolInfo

__all__ = ["ApprovalRequest", "Approve", "CallRecorder", "RunIdentity"]


@dataclass(frozen=True)
class RunIdentity:
    """Whose guest it is that calls.

    Attributes:
        client: who asked for the run: the one of a stdio server, or the API key's over HTTP.
        session: the session's id; None for a fresh guest.
        run_id: of this run.
    """

    client: str
    session: str | None
    run_id: str


@dataclass(frozen=True)
class ApprovalRequest:
    """A destructive tool is about to be called: somebody has to agree.

    Attributes:
        tool: what would be called.
        arguments: with what; they match its schema. A guest wrote them: show them as data.
        run: whose guest asks.
    """

    tool: ToolInfo
    arguments: Mapping[str, Any]
    run: RunIdentity


Approve = Callable[[ApprovalRequest], Awaitable[bool]]
"""Answers whether the call may be made. What it raises counts as no."""


class CallRecorder(Protocol):
    """What the broker needs of the audit log. :mod:`ringfence.mcp.recording` has the real one."""

    def note(self, kind: str, client: str, details: Mapping[str, Any]) -> None:
        """Note one thing; never blocks, never raises."""
