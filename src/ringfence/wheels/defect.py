"""What is wrong with a wheel, while nobody has said yet which wheel it is."""

from __future__ import annotations

__all__ = ["Defect", "shown"]

_LONGEST = 120


class Defect(Exception):
    """A wheel is refused; the message is the reason, for people."""


def shown(name: object) -> str:
    """Text out of a wheel, as it may stand in a message: quoted, printable, short."""
    text = ascii(name)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
