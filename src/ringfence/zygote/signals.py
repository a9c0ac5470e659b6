"""The signals that a host sends its guests' processes.

Windows has none of them but the first. There the numbers stand for what is done in their place
(:mod:`.windows_child`).
"""

from __future__ import annotations

import signal

__all__ = ["CONTINUE", "INTERRUPT", "KILL", "STOP"]

INTERRUPT: int = signal.SIGINT
KILL: int = getattr(signal, "SIGKILL", 9)
STOP: int = getattr(signal, "SIGSTOP", 19)
CONTINUE: int = getattr(signal, "SIGCONT", 18)
