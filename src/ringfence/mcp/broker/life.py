"""One life of a server: from its start until it ended, and why."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ringfence.mcp.broker.catalog import cleaned

__all__ = ["HIDDEN", "Life"]

HIDDEN = "[redacted]"
"""What stands in a result for a secret of its server's."""
_SHORTEST_SECRET = 4
_SHORTEST_IN_RESULTS = 8
_SOUNDS_SECRET = re.compile(r"(?i)token|key|secret|passw|auth|credential|cookie|session")


class Life:
    """Is told by a transport that the other end is gone.

    Attributes:
        ended: set once it is.
        errors: the last that it wrote to its standard error.
        refused: over HTTP, the status that it refused a request with last; 0 for none.
    """

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.errors = b""
        self.refused = 0
        self._why = ""
        self._secrets: list[str] = []
        self._hidden: list[str] = []

    def keep_secret(self, secrets: Iterable[str], named: Mapping[str, str]) -> None:
        """What was looked up for it, and is never in what is said of it.

        Args:
            secrets: what references led to, and the texts that these are in.
            named: its variables or headers, by their names.
        """
        looked_up = set(secrets)
        long = {one for one in looked_up.union(named.values()) if len(one) >= _SHORTEST_SECRET}
        self._secrets = sorted(long, key=len, reverse=True)
        hidden = looked_up | {one for name, one in named.items() if _SOUNDS_SECRET.search(name)}
        # A folder is no secret, and results are full of it; a short one would be in every text.
        self._hidden = sorted(
            (one for one in hidden if len(one) >= _SHORTEST_IN_RESULTS and not _is_place(one)),
            key=len,
            reverse=True,
        )

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

    def hide(self, text: str) -> str:
        """A text of a result, without the secrets in it."""
        for secret in self._hidden:
            if secret in text:
                text = text.replace(secret, HIDDEN)
        return text

    def last_words(self) -> str:
        """The last line of its errors, for the operator; empty if there are none."""
        lines = self.errors.decode(errors="replace").strip().splitlines()
        return self.said(lines[-1]) if lines else ""


def _is_place(text: str) -> bool:
    try:
        return text.startswith("/") and Path(text).exists()
    except (OSError, ValueError):
        return False
