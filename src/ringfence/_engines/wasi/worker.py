"""What the processes around the module have in common."""

from __future__ import annotations

from ringfence.jail.guest_limits import GuestLimits
from ringfence.wasm.engine import STACK

__all__ = ["process_limits"]

_MEMORY = 3 * STACK + (8 << 20)  # the thread's stack, and what the worker itself may need


def process_limits(limits: GuestLimits) -> GuestLimits:
    """What the kernel holds a worker to whose module has these limits. Files are in the module's
    memory; one thread is the worker's own.
    """
    return GuestLimits(
        memory=limits.memory + _MEMORY,
        disk=0,
        files=0,
        threads=1,
        cpu=limits.cpu,
        once=limits.once,
    )
