"""What a jail is, as data that can be printed, compared, and sent to the process that builds it.

The protection is entirely what is written here. Numeric limits are not part of it: they travel with
each guest.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from ringfence.system.machine import machine_name

__all__ = ["CHANNEL", "SCRATCH", "Profile"]

CHANNEL = 3
"""The first descriptor that a guest is given, its channel. What it is not given is closed."""

SCRATCH = "/box/tmp"
"""Where a guest finds its private scratch files, when it has any."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One jail.

    Attributes:
        walls: which walls it builds.
        read: host paths visible to the guest, read-only, at their own place.
        masks: folders below ``read`` that are empty for the guest (what of them it may see is in
            ``read`` again, deeper).
        list: folders of the module search path: their names may be listed, as ``importlib`` does.
        mounts: host path -> place in the jail, for what must not be at its own place.
        landlock_abi: the ABI of its ruleset; 0 when Landlock is not one of the walls.
        paths: whether system calls that take paths exist for the guest. Without mount namespace
            and Landlock they do not: nothing else would restrict them.
        scratch: whether there is a private writable folder (a tmpfs; needs the mount namespace).
        machine: the architecture whose system calls the filters know.
    """

    walls: frozenset[str]
    read: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()
    list: tuple[str, ...] = ()
    mounts: tuple[tuple[str, str], ...] = ()
    landlock_abi: int = 0
    paths: bool = True
    scratch: bool = True
    machine: str = dataclasses.field(default_factory=machine_name)

    @property
    def namespaces(self) -> bool:
        """Whether the namespaces are one of the walls."""
        return "namespaces" in self.walls

    def to_json(self) -> str:
        """For the process that builds the jail, and for people."""
        data = dataclasses.asdict(self)
        data["walls"] = sorted(self.walls)
        return json.dumps(data, indent=2)

    @classmethod
    def from_json(cls, text: str) -> Profile:
        """The opposite."""
        data: dict[str, Any] = json.loads(text)
        data["walls"] = frozenset(data["walls"])
        for name in ("read", "masks", "list"):
            data[name] = tuple(data[name])
        data["mounts"] = tuple((a, b) for a, b in data["mounts"])
        return cls(**data)
