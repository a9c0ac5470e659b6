"""What the native engine's walls enforce, and what they cannot."""

from __future__ import annotations

from ringfence.jail.profile import Profile
from ringfence.model import Limits, WallSet

__all__ = ["describe_enforcement", "unenforceable"]


def unenforceable(limits: Limits, walls: WallSet) -> str | None:
    """Why these limits cannot be enforced behind these walls, or None."""
    if limits.fuel is not None:
        return "fuel: a processor counts no instructions exactly; use cpu, or an engine with fuel"
    if limits.steps is not None:
        return "steps: only scripts compiled by ringfence.blocks have steps"
    if "namespaces" not in walls:
        if limits.threads:
            return (
                f"threads={limits.threads}: without a user namespace the kernel counts threads per "
                "user, not per guest; ask for Limits(threads=0)"
            )
        if limits.disk:
            return (
                f"disk={limits.disk}: without a mount namespace there is no private scratch "
                "folder; ask for Limits(disk=0)"
            )
    return None


def describe_enforcement(profile: Profile) -> dict[str, str]:
    """Limit or grant -> the mechanism that enforces it, for a jail."""
    landlock = []
    if profile.landlock_abi:
        from ringfence.jail.landlock import describe_abi  # where there is that

        landlock.append(describe_abi(profile.landlock_abi))
    files = (["mount namespace, empty root"] if profile.namespaces else []) + landlock
    if not profile.paths:
        files = ["seccomp: no path calls"]
    network = ["seccomp: no socket calls"]
    if profile.namespaces:
        network.insert(0, "network namespace without interfaces")
    enforced = {
        "wall": "host clock: interrupt, then SIGKILL",
        "host_wall": "host clock: interrupt, then SIGKILL",
        "cpu": "process CPU clock read by the host; RLIMIT_CPU as backstop",
        "output": "host: bytes counted as they arrive",
        "display": "host: bytes counted as they arrive",
        "calls": "host: calls counted as they arrive",
        "value": "host: frame lengths checked before they are read",
        "memory": "RLIMIT_DATA and RLIMIT_AS",
        "network": " + ".join(network),
        "files": " + ".join(files),
        "processes": "seccomp: no fork, no exec",
    }
    if profile.namespaces:
        enforced["threads"] = "RLIMIT_NPROC in a user namespace of its own"
        enforced["disk"] = "size of a private tmpfs; RLIMIT_FSIZE"
        enforced["files"] += "; their number: inodes of a private tmpfs"
        enforced["processes"] += "; RLIMIT_NPROC and a PID namespace of its own"
    else:
        enforced["threads"] = "seccomp: no clone"
        enforced["disk"] = "no writable folder"
        enforced["files"] += "; their number: no writable folder"
    return enforced
