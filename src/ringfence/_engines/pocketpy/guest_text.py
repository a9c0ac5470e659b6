"""What runs in PocketPy before any script does, and what scripts do not get.

It is text: the host never imports what is in it. What it takes away is policy and good manners; the
wall is the jail.
"""

from __future__ import annotations

__all__ = ["EMPTIED", "JSON", "MATH", "RECORDS", "REFUSED", "TAKEN"]

EMPTIED = (
    "conio", "dis", "gc", "importlib", "inspect", "io", "os", "pickle", "picoterm", "pkpy", "stdc",
    "sys", "time", "traceback",
)  # fmt: skip
"""Modules that lose all that is in them: of the machine, the interpreter, and plain memory."""

TAKEN = (
    "__import__", "breakpoint", "compile", "dir", "eval", "exec", "exit", "globals", "help",
    "input", "locals", "open",
)  # fmt: skip
"""Builtins that are there no more."""

REFUSED = ("delattr", "getattr", "hasattr", "setattr", "super", "type")
"""Builtins that PocketPy's own library needs: scripts find something else under the name."""

MATH = """
def hypot(*lengths):
    total = 0.0
    for length in lengths:
        total += length * length
    return sqrt(total)

tau = 2 * pi
"""
"""What is added to ``math``, in it."""

JSON = """
null, true, false = None, True, False
"""
"""What arguments that are no numbers are read with, once ``json`` is hidden."""

RECORDS = """
class Records:
    def __init__(self, size):
        self.size = size
    def __len__(self):
        return self.size
"""
"""What ``records`` is an instance of: only ``struct.pack_into`` can do anything with it."""
