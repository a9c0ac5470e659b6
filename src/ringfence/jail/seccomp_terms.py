"""The words in which ``ringfence.jail.seccomp_rules`` says what may be called.

Plain data. A test looks at one argument of a call; only numbers can be tested, for a filter sees
the registers and cannot follow a pointer. ``str()`` of a test is what a person reads.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

__all__ = [
    "ALLOW",
    "INVALID",
    "KILL",
    "REFUSE",
    "SUCCEED",
    "UNKNOWN",
    "UNSUPPORTED",
    "Action",
    "AllClear",
    "Case",
    "Grant",
    "IsNull",
    "IsOwnPid",
    "IsThread",
    "NotTogether",
    "OneOf",
    "Rule",
    "Test",
    "Under",
    "refuse",
]

# ------------------------------------------------------------------------------------- actions


@dataclass(frozen=True, slots=True)
class Action:
    """What the kernel does with a call.

    Attributes:
        name: For people.
        verdict: SECCOMP_RET_... of linux/seccomp.h, with the error number in the low bits.
    """

    name: str
    verdict: int


def refuse(error: str) -> Action:
    """The call is not made and fails with the error of that name (errno.h)."""
    number: int = getattr(errno, error)
    return Action(error, 0x00050000 | number)


ALLOW = Action("allow", 0x7FFF0000)
"""The call is made."""
KILL = Action("kill", 0x80000000)
"""Only an attack makes this call: the whole process dies of SIGSYS, and the host learns of it."""
REFUSE = refuse("EPERM")
"""The call fails; Python sees PermissionError and copes."""
UNKNOWN = refuse("ENOSYS")
"""The call fails as on a kernel that lacks it; programs fall back to an older one."""
SUCCEED = Action("succeed", 0x00050000)
"""The call does nothing and returns 0."""
INVALID = refuse("EINVAL")
"""The call fails as on a kernel that does not know the value of an argument."""
UNSUPPORTED = refuse("EOPNOTSUPP")
"""The call fails as on a file system that lacks the feature."""

# --------------------------------------------------------------------------------------- tests


@dataclass(frozen=True, slots=True)
class OneOf:
    """The low 32 bits of the argument, after ``mask``, are one of ``values``."""

    argument: int
    label: str
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFF

    def __str__(self) -> str:
        masked = self.label if self.mask == 0xFFFFFFFF else f"{self.label} & {self.mask:#x}"
        return f"{masked} in {{{', '.join(f'{value:#x}' for value in self.values)}}}"


@dataclass(frozen=True, slots=True)
class AllClear:
    """No bit of ``mask`` is set in the low 32 bits of the argument."""

    argument: int
    label: str
    mask: int

    def __str__(self) -> str:
        return f"{self.label} & {self.mask:#x} == 0"


@dataclass(frozen=True, slots=True)
class NotTogether:
    """The bits of ``mask`` are not all set at once."""

    argument: int
    label: str
    mask: int

    def __str__(self) -> str:
        return f"{self.label} & {self.mask:#x} != {self.mask:#x}"


@dataclass(frozen=True, slots=True)
class Under:
    """The low 32 bits of the argument, unsigned, are under ``limit``."""

    argument: int
    label: str
    limit: int

    def __str__(self) -> str:
        return f"{self.label} < {self.limit:#x}"


@dataclass(frozen=True, slots=True)
class IsNull:
    """All 64 bits of the argument are 0."""

    argument: int
    label: str

    def __str__(self) -> str:
        return f"{self.label} == NULL"


@dataclass(frozen=True, slots=True)
class IsOwnPid:
    """The argument is the guest's own process id, filled in when the guest is started."""

    argument: int
    label: str

    def __str__(self) -> str:
        return f"{self.label} == the guest's own pid"


@dataclass(frozen=True, slots=True)
class IsThread:
    """The low 32 bits, all that clone(2) looks at, are those that ``pthread_create`` passes."""

    argument: int
    label: str

    def __str__(self) -> str:
        return f"{self.label} == those of pthread_create"


Test: TypeAlias = OneOf | AllClear | NotTogether | Under | IsNull | IsOwnPid | IsThread

# --------------------------------------------------------------------------------------- rules


class Grant(Enum):
    """What a guest may be given beyond computing."""

    PATHS = "paths"  # read what its file system shows
    SCRATCH = "scratch"  # change the files of a private mount
    THREADS = "threads"


@dataclass(frozen=True, slots=True)
class Case:
    """An action for a call that passes every test."""

    tests: tuple[Test, ...] = ()
    action: Action = ALLOW


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens to some calls.

    Attributes:
        calls: Names as in ``__NR_name``; one that a machine lacks is passed over.
        reason: Why it may be made, or why not.
        cases: Tried in order.
        otherwise: What happens if no case fits.
        grants: What must have been granted for this rule to count.
    """

    calls: tuple[str, ...]
    reason: str
    cases: tuple[Case, ...] = (Case(),)
    otherwise: Action = REFUSE
    grants: frozenset[Grant] = field(default=frozenset(), kw_only=True)
