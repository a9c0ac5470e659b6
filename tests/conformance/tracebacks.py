"""What tracebacks of different versions of CPython look like."""

from __future__ import annotations

__all__ = ["below_call"]


def below_call(version: tuple[int, int], call: str, *, indent: int = 4, alone: bool = True) -> str:
    """The line with which a traceback points at a call in the line above it.

    Args:
        version: the guest's CPython. From 3.13 on what is called and its arguments are marked
            apart, also where the call is all of the line.
        call: its text.
        indent: how far to the right it stands.
        alone: whether it is all of the line.
    """
    called, bracket, arguments = call.partition("(")
    if version >= (3, 13):
        return " " * indent + "~" * len(called) + "^" * len(bracket + arguments) + "\n"
    return "" if alone else " " * indent + "^" * len(call) + "\n"
