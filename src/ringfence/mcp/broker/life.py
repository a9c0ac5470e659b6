"""One life of a server: from its start until it ended, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from ringfence.mcp.broker.catalog import cleaned

__all__ = ["Life"]

_SHORTEST_SECRET = 4


class Life:
    """Is told by a transport that the other end is gone.

    Attributes:
        ended: set once it is.
        errors: the last that it wrote to its standard error.
    """

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.errors = b""
        self._why = ""
        self._secrets: list[str] = []

    def keep_secret(self, secrets: Iterable[str]) -> None:
        """What was looked up for it, and is never in what is said of it."""
        long = {one for one in secrets if len(one) >= _SHORTEST_SECRET}
        self._secrets = sorted(long, key=len, reverse=True)

    @property
    def secrets(self) -> Sequence[str]:
        """What was kept, the longest first."""
        return self._secrets

    def end(self, why: str) -> None:
        """It ended; the first reason that is told is kept."""
        self._why = self._why or why
        self.ended.set()

    @property
    def why(self) -> str:
        """Why it ended, in words of this process only."""
        return self._why or "it ended by itself"

    def said(self, text: str) -> str:
        """A text of the server, or about it, without its secrets and without control characters."""
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return cleaned(text, 400)

    def reason(self) -> str:
        """Why it ended, with the last line of its errors."""
        lines = self.errors.decode(errors="replace").strip().splitlines()
        return self.said(f"{self.why}; its last words: {lines[-1]}" if lines else self.why)
