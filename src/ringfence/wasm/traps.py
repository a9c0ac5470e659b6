"""The handlers of the signals that compiled code raises when it traps.

An access outside of a guest's memory, or a division by zero, is a signal to this process. Wasmtime
takes it and ends the call. Whoever puts a handler of his own in its place afterwards
(``faulthandler.enable()`` does) would have one instruction of a guest end the process: then no
guest may run. sigaction(2). On Windows an exception goes to all handlers there are, Wasmtime's too
(AddVectoredExceptionHandler), and nobody can replace it.
"""

from __future__ import annotations

import ctypes
import signal
import sys

__all__ = ["check_handlers", "remember_handlers"]

_SIGNAL = signal.SIGSEGV  # who handles others of them handles this one
_SIZE = 256  # more than struct sigaction has on any system
_HANDLER = ctypes.sizeof(ctypes.c_void_p)  # its first field
_place = ctypes.create_string_buffer(_SIZE)
_where = ctypes.c_void_p(ctypes.addressof(_place))
_known = b""


def remember_handlers() -> None:
    """Take the handlers for Wasmtime's: right after it has installed them, once per process."""
    global _known
    _known = _known or _handler()


def check_handlers() -> None:
    """Make sure that nobody has replaced them.

    Raises:
        RuntimeError: somebody has.
    """
    if _handler() != _known:
        raise RuntimeError(
            "SIGSEGV is handled by somebody else than Wasmtime by now (faulthandler.enable()?), so "
            "a guest's trap would end this process"
        )


if sys.platform == "win32":

    def _handler() -> bytes:
        return b"there are several"

else:
    _sigaction = ctypes.PyDLL(None).sigaction  # keeps the interpreter's lock: all use one place
    _sigaction.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)

    def _handler() -> bytes:
        _sigaction(_SIGNAL, None, _where)
        return _place.raw[:_HANDLER]
