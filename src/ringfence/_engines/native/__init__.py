"""The native engine: the host's own CPython, in a kernel jail of its own for each guest."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringfence.engine import Engine

__all__ = ["engine"]


def engine() -> Engine:
    """The engine; the entry point ``ringfence.engines`` leads here."""
    from ringfence._engines.native.engine import NativeEngine

    return NativeEngine()
