"""What a filter of system calls must know about a machine.

The tables are generated (scripts/generate_syscalls.py) from the kernel headers of Debian 12, Linux
6.1. A call that is newer than its table is unknown here, and filters answer ENOSYS to unknown
calls.

x86_64 is tested. **aarch64 is untested**: its table is checked against Debian's arm64 headers and
its filters run in a simulator, but no such machine has run them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ringfence.jail.tables import aarch64, x86_64

__all__ = ["MACHINES", "Machine", "find_machine", "syscall_numbers", "syscall_numbers_here"]


@dataclass(frozen=True, slots=True)
class Machine:
    """One architecture as seccomp sees it.

    Attributes:
        name: As ``platform.machine()`` gives it.
        audit_arch: ``seccomp_data.arch`` of a native call (linux/audit.h). Every other value is
            another ABI of the same processor, with other numbers.
        foreign_bit: The bit of the number that marks a call of an ABI that shares ``audit_arch``
            (x32 on x86_64); 0 where there is none.
        thread_flags: What the C library's ``pthread_create`` passes to clone(2): glibc, musl.
        numbers: Name to number, as in ``__NR_name``.
    """

    name: str
    audit_arch: int
    foreign_bit: int
    thread_flags: tuple[int, ...]
    numbers: Mapping[str, int]


MACHINES: Mapping[str, Machine] = MappingProxyType(
    {
        name: Machine(
            name=name,
            audit_arch=table.AUDIT_ARCH,
            foreign_bit=table.FOREIGN_BIT,
            thread_flags=table.THREAD_FLAGS,
            numbers=MappingProxyType(table.NUMBERS),
        )
        for name, table in (("x86_64", x86_64), ("aarch64", aarch64))
    }
)
"""The machines that have a table, by name."""


def find_machine(name: str) -> Machine:
    """Return the machine that ``platform.machine()`` calls ``name``.

    Raises:
        ValueError: There is no table for it.
    """
    try:
        return MACHINES[name]
    except KeyError:
        raise ValueError(
            f"no table of system calls for machine {name!r}; there is one for {', '.join(MACHINES)}"
        ) from None


def syscall_numbers_here() -> Mapping[str, int]:
    """The calls of this machine; none where there is no table for it: no jail can stand there, and
    no call of Linux is made to another kernel.
    """
    machine = MACHINES.get(os.uname().machine) if sys.platform == "linux" else None
    return {} if machine is None else machine.numbers


def syscall_numbers(machine: str) -> Mapping[str, int]:
    """Return the numbers of a machine's system calls, by name.

    Raises:
        ValueError: There is no table for it.
    """
    return find_machine(machine).numbers
