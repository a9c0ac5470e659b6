"""Fuel: a count of instructions. What runs takes from it, and traps when nothing is left."""

from __future__ import annotations

__all__ = ["UNBOUNDED"]

UNBOUNDED = 1 << 62
"""More than anybody uses, and the largest limit that there is."""
