"""What tracebacks of different versions of CPython look like."""

from __future__ import annotations

__all__ = ["below_call"]


def below_call(version: tuple[int, int], call: str) -> str:
    """What a traceback writes below a line that is nothing but a call.

    Args:
        version: the guest's CPython. From 3.13 on what is called and its arguments are marked
            apart; before, a line that is marked as a whole is not marked.
        call: the text of the call.
    """
    if version < (3, 13):
        return ""
    called, bracket, arguments = call.partition("(")
    return " " * 4 + "~" * len(called) + "^" * len(bracket + arguments) + "\n"
