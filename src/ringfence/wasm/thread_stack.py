"""How much stack the calling thread has. pthread_getattr_np(3)."""

from __future__ import annotations

import ctypes
import sys

__all__ = ["stack_size"]

_ATTRIBUTES = 256  # more than pthread_attr_t has on any system


def stack_size() -> int:
    """Bytes of the calling thread's whole stack; 0 where nobody can tell."""
    if not sys.platform.startswith("linux"):
        return 0
    library = ctypes.PyDLL(None)
    attributes = ctypes.create_string_buffer(_ATTRIBUTES)
    lowest, size = ctypes.c_void_p(), ctypes.c_size_t()
    library.pthread_self.restype = ctypes.c_void_p
    thread = ctypes.c_void_p(library.pthread_self())
    if library.pthread_getattr_np(thread, attributes):
        return 0
    try:
        failed = library.pthread_attr_getstack(attributes, ctypes.byref(lowest), ctypes.byref(size))
        return 0 if failed else size.value
    finally:
        library.pthread_attr_destroy(attributes)
