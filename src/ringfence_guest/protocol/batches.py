"""The output of a batch: memory that one guest writes and the host reads.

In bytes::

    0    the counter: one more than the index of the call that runs (unsigned, 64 bits)
    64   a status for each call (:class:`CallStatus`)
    …    from the next multiple of 64 on, ``width`` numbers for each call
"""

from __future__ import annotations

from enum import IntEnum

__all__ = ["CallStatus", "Layout"]

_ALIGNED = 64


class CallStatus(IntEnum):
    """What came of one call of a batch. A guest writes the first three, the host knows the rest."""

    NOT_RUN = 0
    OK = 1
    ERROR = 2
    LIMIT = 3
    CRASHED = 4


class Layout:
    """Where things are in the output of a batch.

    Args:
        count: calls.
        kind: of the numbers: ``d`` (float64) or ``q`` (int64).
        width: numbers of each call.
    """

    def __init__(self, count: int, kind: str, width: int) -> None:
        self.status = _ALIGNED
        self.values = -(-(_ALIGNED + count) // _ALIGNED) * _ALIGNED
        self.size = self.values + count * width * 8
        self.count, self.kind, self.width = count, kind, width
