"""What the wasi engine enforces, by which mechanism, and what it cannot and does not have."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from ringfence.engine import ImageSpec
from ringfence.jail.profile import Profile
from ringfence.model import Limits

__all__ = [
    "MISSING_MODULES",
    "MOST_MEMORY",
    "describe_enforcement",
    "unenforceable",
    "ungrantable",
]

MOST_MEMORY = 3 << 30
"""Bytes that a guest may have beyond the image, of the 4 GiB that WebAssembly addresses."""

MISSING_MODULES = frozenset(
    {
        "bz2", "ctypes", "lzma", "ssl",  # libraries in C that the image is built without
        "curses", "pty", "readline", "termios", "tkinter", "tty", "turtle", "turtledemo",
        "fcntl", "grp", "mmap", "pwd", "resource", "syslog",  # WASI has nothing like it
        "ensurepip", "idlelib", "venv",
    }
)  # fmt: skip
"""Modules of the standard library that the image does not have."""

_KILL, _CPU = "SIGKILL", "RLIMIT_CPU"
if sys.platform == "win32":
    _KILL, _CPU = "TerminateProcess", "the time of its job"

_NATIVE = "use engine='native', which can"


_NATIVE_CODE = frozenset(
    {
        "h5py", "lxml", "matplotlib", "numba", "numpy", "pandas", "pillow", "polars", "pyarrow",
        "pydantic-core", "scikit-image", "scikit-learn", "scipy", "shapely", "tensorflow", "torch",
    }
)  # fmt: skip
"""Distributions that people ask for, and that no wheel of pure Python has."""


def ungrantable(spec: ImageSpec) -> str | None:
    """Why what a policy asks for cannot be had, and what to do instead; or None."""
    policy = spec.policy
    if spec.packages:
        return _refuse_names(spec.packages)
    if spec.python:
        return f"python= cannot be chosen: the image has its own; {_NATIVE}"
    if policy.read_paths:
        return f"read= cannot be granted: guests see no path of the host; pass files=, or {_NATIVE}"
    if policy.cpu_share is not None:
        return f"cpu_share= cannot be enforced: it is not offered; {_NATIVE} on some machines"
    if policy.isolation == "tenant":
        return (
            "isolation='tenant' cannot be enforced: the memory that guests start from is the "
            f"image's, the same for all; {_NATIVE}"
        )
    return None


def _refuse_names(names: Sequence[str]) -> str:
    """Why names in ``packages=`` cannot be had, and what to do instead."""
    first = re.split(r"[\[<>=!~; ]", names[0].strip())[0]
    if re.sub(r"[-_.]+", "-", first).lower() in _NATIVE_CODE:
        return (
            f"packages={names[0]!r} cannot be lent: it has native code, which nobody publishes for "
            "WASI and which is no part of this image; use engine='native', which can, or lend host "
            "functions that compute with it"
        )
    return (
        f"packages={names[0]!r} cannot be lent: guests do not see what the host has installed; "
        f"give its wheel by path, if it is pure Python (pip download --no-deps {first}; then "
        "packages=[ringfence.Wheel(path)]), or use engine='native', which can"
    )


def unenforceable(limits: Limits) -> str | None:
    """Why these limits cannot be enforced, or None."""
    if limits.steps is not None:
        return "steps: only scripts compiled by ringfence.blocks have steps"
    if int(limits.memory) > MOST_MEMORY:
        return (
            f"memory={limits.memory}: a guest can have at most {MOST_MEMORY} bytes (3GiB) beyond "
            "its image, for WebAssembly addresses 4 GiB; ask for less, or use an engine without "
            "that bound"
        )
    return None


def describe_enforcement(
    profile: Profile, *, deterministic: bool, counted: bool, alone: bool, packages: str = ""
) -> dict[str, str]:
    """Limit or grant -> the mechanism that enforces it.

    Args:
        profile: the jail of the worker.
        deterministic: whether time and chance are the same in every run.
        counted: whether instructions are counted.
        alone: whether the worker is a process that was started for this guest.
        packages: the wheels that are lent, with their hashes.
    """
    jailed = "seccomp" in profile.walls
    network = ["wasm: nothing to import"]
    processes = ["wasm: nothing to import"]
    files = ["wasm: a file system in the guest's own memory"]
    if jailed:
        network.append("seccomp: no socket calls")
        processes.append("seccomp: no fork, no exec")
        files.append("seccomp: no path calls")
    if profile.namespaces:
        network.append("network namespace without interfaces")
        files.append("mount namespace, empty root")
    if profile.landlock_abi:
        files.append("landlock: no path")
    chance = {"deterministic": "worker: counted clocks and entropy; the image's hash seed"}
    fuel = {"fuel": "wasm: compiled code counts its instructions"}
    memory = "wasm: size of the linear memory"
    if not alone:
        memory += "; RLIMIT_DATA of the worker as backstop"
    elif sys.platform == "win32":
        memory += "; what the worker's job may commit as backstop"
        processes.append("its job: of one process")
    return {
        **(chance if deterministic else {}),
        **(fuel if counted else {}),
        **({"packages": f"wasm: read-only files, each checked: {packages}"} if packages else {}),
        "wall": f"host clock: interrupt, then {_KILL}",
        "host_wall": f"host clock: interrupt, then {_KILL}",
        "cpu": f"process CPU clock read by the host; {_CPU} as backstop",
        "output": "host: bytes counted as they arrive",
        "display": "host: bytes counted as they arrive",
        "calls": "host: calls counted as they arrive",
        "value": "host: frame lengths checked before they are read",
        "memory": memory,
        "disk": "wasm: bytes of the file system in memory",
        "threads": "wasm: no threads",
        "network": "; ".join(network),
        "processes": "; ".join(processes),
        "files": "; ".join(files) + "; their number: counted in memory",
    }
