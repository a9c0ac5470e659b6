"""The descriptors of a server's one client, taken before anything can print there."""

from __future__ import annotations

import os
from dataclasses import dataclass

__all__ = ["Wire", "claimed"]


@dataclass(frozen=True)
class Wire:
    """What the client's frames come and go by.

    Attributes:
        incoming: was standard input.
        outgoing: was standard output.
    """

    incoming: int
    outgoing: int


def claimed() -> Wire:
    """Take standard input and output for frames: whatever else is written goes to standard error.

    Children inherit neither.
    """
    wire = Wire(os.dup(0), os.dup(1))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return wire
