"""What kind of machine this is."""

from __future__ import annotations

import os
import sys

__all__ = ["machine_name"]

_SAME = {"AMD64": "x86_64", "ARM64": "aarch64", "arm64": "aarch64"}
"""What Windows and macOS call what is called otherwise on Linux."""


def machine_name() -> str:
    """The kind of processor, as Linux calls it: ``x86_64``, ``aarch64``, …"""
    if sys.platform == "win32":
        import platform  # takes longer than a guest

        name = platform.machine()
    else:
        name = os.uname().machine
    return _SAME.get(name, name)
