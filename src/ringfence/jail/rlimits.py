"""Resource limits. setrlimit(2).

``memory`` means growth beyond the warm image. RLIMIT_DATA counts private writable memory and stops
an honest program first. It can be evaded (memory that was filled and then made read-only leaves the
count; a stack mapping that mremap enlarges was never in it), so RLIMIT_AS bounds the whole address
space as tightly. Scratch files live in memory and are taken from the same budget; shared anonymous
memory, which tmpfs would hold outside of it, is denied by seccomp.
"""

from __future__ import annotations

import contextlib
import os
import resource

from ringfence.jail.guest_limits import GuestLimits, process_seconds

__all__ = [
    "FIRST_TO_END",
    "STACK",
    "apply_image",
    "end_before_host",
    "guest_rlimits",
    "raise_soft_limits",
]

STACK = 8 << 20
"""Bytes of the main thread's stack. Other threads get 1 MiB, from the same budget as the heap."""

FIRST_TO_END = b"1000"
"""What a guest has for ``oom_score_adj``: a machine without memory ends guests first."""

_THREAD_STACK = 1 << 20
_SPARE = 4 << 20  # allocator slack: an arena of the interpreter is 1 MiB, mmap rounds up


def apply_image() -> None:
    """Set what every guest inherits unchanged."""
    for which, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_NICE, 0),
        (resource.RLIMIT_RTPRIO, 0),
        (resource.RLIMIT_SIGPENDING, 64),
        (resource.RLIMIT_STACK, STACK),
    ):
        _, hard = resource.getrlimit(which)
        if hard == resource.RLIM_INFINITY or value <= hard:
            resource.setrlimit(which, (value, value))


def raise_soft_limits() -> None:
    """Let the zygote have a descriptor and a process for each guest, however few its host may."""
    for which in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC):
        _, hard = resource.getrlimit(which)
        resource.setrlimit(which, (hard, hard))


def end_before_host(proc: int, *, guests_follow: bool) -> None:
    """Let a machine that is out of memory end this process before its host, whose guests are other
    people's too. A process may always ask for that; where /proc cannot be written, nothing is said.

    Args:
        proc: a descriptor of /proc.
        guests_follow: each guest asks for itself, so that it ends before its image does.
    """
    with contextlib.suppress(OSError):
        descriptor = os.open("self/oom_score_adj", os.O_WRONLY | os.O_CLOEXEC, dir_fd=proc)
        try:
            os.write(descriptor, b"500" if guests_follow else FIRST_TO_END)
        finally:
            os.close(descriptor)


def guest_rlimits(
    limits: GuestLimits, data: int, address_space: int, *, count_threads: bool
) -> list[tuple[int, int]]:
    """(resource, value) for soft and hard limit of one guest.

    Args:
        limits: the numbers.
        data: bytes of private writable memory that the image has (VmData).
        address_space: bytes of address space that the image has (VmSize).
        count_threads: whether RLIMIT_NPROC counts this guest alone (a user namespace of its own).
    """
    heap = limits.memory - limits.disk + _SPARE
    pairs = [
        (resource.RLIMIT_DATA, data + heap),
        (resource.RLIMIT_AS, address_space + heap + STACK),
        (resource.RLIMIT_FSIZE, limits.disk),
        (resource.RLIMIT_NOFILE, 64),
        # Soft and hard are equal: pid 1 of a namespace ignores SIGXCPU.
        (resource.RLIMIT_CPU, process_seconds(limits)),
    ]
    if count_threads:
        pairs.append((resource.RLIMIT_NPROC, limits.threads + 1))  # and the main one
    return pairs
