"""What Wine does otherwise than Windows, where a test must know."""

from __future__ import annotations

import ctypes
import sys

__all__ = ["UNDER_WINE"]

UNDER_WINE = sys.platform == "win32" and hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")
"""It tells no processor time of other processes, and does not hold a job to its bounds of memory and
time.
"""
