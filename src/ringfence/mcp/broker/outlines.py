"""How many values a message of a server has, counted before anybody parses it.

JSON amplifies: nine megabytes of ``[],[],…`` are a gigabyte of objects, and their parser lets
nothing else run for seconds. So commas and opening brackets outside of texts are counted as the
bytes come, in time linear in them.
"""

from __future__ import annotations

from typing import Literal

from ringfence.mcp.broker.flood import Flood

__all__ = ["MOST_VALUES", "Outline"]

MOST_VALUES = 300_000
"""Values of one message, about; a result that a guest gets may have fewer."""

_NOT_OUTLINE = bytes(one for one in range(256) if one not in b'[{,"')

Ends = Literal["line", "blank line", "never"]


class Outline:
    """Counts the values of messages.

    Args:
        ends: what ends a message: a line where each is one, a blank one in a stream of events.
    """

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self._values = 0
        self._inside = False  # of a text
        self._carried = b""
        self._blank = True

    def feed(self, chunk: bytes) -> None:
        """Count what came.

        Raises:
            Flood: a message has too many.
        """
        if self._ends == "never":
            self._count(chunk)
            return
        *lines, rest = chunk.split(b"\n")
        for line in lines:
            # A message that is all of one short line has not so many values: most are.
            if self._ends != "line" or self._values or len(line) > MOST_VALUES:
                self._count(line)
            if self._ends == "line" or (self._blank and not line.strip(b"\r")):
                self._values = 0
            # No text of JSON goes on over the end of a line.
            self._inside, self._carried, self._blank = False, b"", True
        if rest:
            self._count(rest)
        self._blank = self._blank and not rest.strip(b"\r")

    def _count(self, part: bytes) -> None:
        part = self._carried + part
        # A backslash is with what follows it.
        self._carried = b"\\" if (len(part) - len(part.rstrip(b"\\"))) % 2 else b""
        part = part[: len(part) - len(self._carried)]
        if b"\\" in part:
            part = part.replace(b"\\\\", b"").replace(b'\\"', b"")
        pieces = part.translate(None, _NOT_OUTLINE).split(b'"')
        outside = b"".join(pieces[self._inside :: 2])
        self._inside ^= not len(pieces) % 2
        self._values += len(outside)
        if self._values > MOST_VALUES:
            raise Flood(f"it sent a message of more than {MOST_VALUES:,} values")
