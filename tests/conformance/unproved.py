"""Promises of the manifest that no test proves yet. The list must shrink to nothing."""

UNPROVED: frozenset[str] = frozenset()
