"""What is wrong in a block script, for people and for programs."""

from __future__ import annotations

from typing import Any

from ringfence.errors import BlockRejected, Finding

__all__ = ["BlockRejected", "Finding", "Findings"]

_MOST = 100


class Findings:
    """Collects what is wrong, so that all of it is told at once.

    Args:
        source: the text, for columns in characters; the tree has them in bytes.
    """

    def __init__(self, source: str) -> None:
        self._lines = source.split("\n")
        self.found: list[Finding] = []

    def at(self, node: Any, message: str, remedy: str = "") -> None:
        """Note one about a node of the tree."""
        line: int = node.lineno
        before = self._lines[line - 1].encode("utf-8", "surrogatepass")[: node.col_offset]
        self.add(line, len(before.decode("utf-8", "surrogatepass")) + 1, message, remedy)

    def add(self, line: int, column: int, message: str, remedy: str = "") -> None:
        """Note one; ``line`` and ``column`` count from 1."""
        finding = Finding(line, column, message, remedy)
        if len(self.found) < _MOST and finding not in self.found:
            self.found.append(finding)

    def raise_if_any(self, block: str) -> None:
        """Tell all of it.

        Raises:
            BlockRejected: there is any.
        """
        if self.found:
            raise BlockRejected(block, tuple(sorted(self.found)))
