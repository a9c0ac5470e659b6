"""Tests of what not every engine can do."""

from __future__ import annotations

import pytest

import ringfence

__all__ = ["require"]


def require(engine: str, capability: str) -> None:
    """Skip where an engine says in its ``Capabilities`` that it cannot."""
    if not getattr(ringfence.engines()[engine].capabilities, capability):
        pytest.skip(f"{engine} has not got: {capability}")
