"""The hosts that the suites are run on: this machine, with something taken away for real."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["BARE", "FULL", "HOSTS", "Host"]

FULL = frozenset({"namespaces", "landlock", "seccomp"})
"""The walls that the default insists on."""
_WITHOUT_NAMESPACES = frozenset({"landlock", "seccomp"})

_OPEN_NAMESPACES = (
    "sysctl user.max_user_namespaces=10000",
    "Ubuntu 23.10 and later: sysctl kernel.apparmor_restrict_unprivileged_userns=0",
    "in Docker: a seccomp profile that allows unshare, mount, setns and clone with CLONE_NEW*",
)
_NEED_LANDLOCK = (
    "{landlock, namespaces, seccomp}: the kernel has no Landlock",
    "Landlock needs Linux 5.13 or later, built with it and booted with landlock in lsm=",
)
_NO_NAMESPACES = (
    "{landlock, namespaces, seccomp}: the zygote failed at namespaces",
    *_OPEN_NAMESPACES,
    'Policy(walls=[{"landlock", "seccomp"}]) with Limits(threads=0, disk=0)',
)
_NO_LANDLOCK = (*_NEED_LANDLOCK, 'Policy(walls=[{"namespaces", "seccomp"}]).')
_NEITHER = (
    *_NEED_LANDLOCK,
    *_OPEN_NAMESPACES,
    'Policy(walls=[{"seccomp"}]) with Limits(threads=0, disk=0)',
)


@dataclass(frozen=True)
class Host:
    """A host on which some wall cannot stand, or stands lower.

    Attributes:
        level: what a process enters to be there (``tests.support.levels``).
        walls: the strongest set that stands there.
        landlock: the Landlock ABI there; None is what this kernel has.
        says: what the refusal of the default names; empty where the default stands.
        engine: whose guests run there.
        whole: whether ``make test`` runs all conformance tests there, and not a slice of them.
    """

    level: str
    walls: frozenset[str] = FULL
    landlock: int | None = None
    says: tuple[str, ...] = ()
    engine: str = "native"
    whole: bool = False

    @property
    def unmet(self) -> str | None:
        """Why this process cannot step down to it, if it cannot."""
        if self.level.startswith("open+") and os.geteuid():
            return "only root is root there"
        return None

    @property
    def environment(self) -> Mapping[str, str]:
        """For the conformance suite: the walls that each sandbox accepts."""
        if self.walls == FULL:
            return {}
        return {"RINGFENCE_TEST_WALLS": ",".join(sorted(self.walls))}


HOSTS = (
    Host("open+docker", _WITHOUT_NAMESPACES, says=_NO_NAMESPACES),
    Host("nobody+docker", _WITHOUT_NAMESPACES, says=_NO_NAMESPACES, whole=True),
    Host("nobody+no-userns", _WITHOUT_NAMESPACES, says=_NO_NAMESPACES),
    Host("nobody+apparmor", _WITHOUT_NAMESPACES, says=_NO_NAMESPACES),
    Host("nobody+no-userns+landlock-1", _WITHOUT_NAMESPACES, 1, _NO_NAMESPACES),
    Host("nobody+docker+landlock-0", frozenset({"seccomp"}), 0, _NEITHER),
    Host("landlock-0", frozenset({"namespaces", "seccomp"}), 0, _NO_LANDLOCK),
    Host("landlock-1", landlock=1),
    Host("landlock-2", landlock=2),
    Host("landlock-4", landlock=4),
    Host("nobody", whole=True),
)
"""An ordinary user in each of them but where root is another case. Root needs no right to make user
namespaces, but Docker's filter refuses them to root too.
"""

BARE = Host("bare", frozenset({"wasm", "process"}), engine="wasi")
"""What every POSIX system has, and nothing of Linux: no jail stands, and no zygote."""
