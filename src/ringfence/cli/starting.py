"""Starting a guest: a refusal speaks of options, not of arguments."""

from __future__ import annotations

from ringfence.errors import EngineNotAvailable, PolicyNotEnforceable
from ringfence.sandbox import Sandbox

__all__ = ["start_guest"]

_WEAKER = (
    "On this command line: --walls landlock+seccomp --threads 0 --disk 0 accepts that weaker set."
)


def start_guest(box: Sandbox) -> None:
    """Start it. A refusal that tells what to write in Python tells what to write here, too."""
    try:
        box.start()
    except (EngineNotAvailable, PolicyNotEnforceable) as error:
        if "Limits(" not in str(error):
            raise
        raise type(error)(f"{error}\n{_WEAKER}") from error
