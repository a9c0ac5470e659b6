"""The tracing seam: what the host did, as it happens, for logs, metrics and audits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Trace", "TraceEvent"]

TraceKind = Literal[
    "start", "turn_start", "turn_end", "call_start", "call_end", "interrupt", "kill", "close"
]


@dataclass(frozen=True, slots=True)
class TraceEvent:
    """One thing that happened.

    Attributes:
        kind: what: a guest was started; a turn began or ended; a host function began or ended; the
            guest was interrupted, killed or closed.
        sandbox: a number, unique in this process.
        turn: the turn's number within the sandbox; 0 outside of turns.
        time: :func:`time.monotonic` seconds.
        details: more, by kind: ``engine`` and ``walls``; ``status``; ``name`` and ``ok``.
    """

    kind: TraceKind
    sandbox: int
    turn: int
    time: float
    details: Mapping[str, Any] = field(default_factory=dict)


Trace = Callable[[TraceEvent], None]
"""Called on the thread that drives the sandbox; an exception in it is the caller's."""
