"""Worlds in a database."""

from worldgen.store.worlds import World, Worlds

__all__ = ["World", "Worlds"]
