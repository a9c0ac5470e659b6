"""Wheels for a wasi guest: one archive, which the worker mounts before its first guest."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from ringfence.images.packages import keep_file
from ringfence.images.wasi.mounting import PACKAGES, pack_files
from ringfence.images.wasi.recipe import CPYTHON
from ringfence.model import Wheel
from ringfence.wheels.assembly import Assembly, Target, assemble

__all__ = ["MARKERS", "lend_wheels", "package_settings"]

_VERSION = tuple(map(int, re.findall(r"\d+", CPYTHON.folder)))
_WRITTEN = ".".join(map(str, _VERSION))

MARKERS: Mapping[str, str] = {
    "implementation_name": "cpython",
    "implementation_version": _WRITTEN,
    "os_name": "posix",
    "platform_machine": "wasm32",
    "platform_python_implementation": "CPython",
    "platform_release": "0.0.0",
    "platform_system": "wasi",
    "platform_version": "0.0.0",
    "python_full_version": _WRITTEN,
    "python_version": ".".join(map(str, _VERSION[:2])),
    "sys_platform": "wasi",
}
"""What requirements are evaluated in: the guest's own answers (PEP 508)."""

def lend_wheels(wheels: Sequence[Wheel]) -> Assembly:
    """Check the wheels of a request.

    Raises:
        WheelRefused: one cannot be lent.
        PackageNotAvailable: one of them requires what is not given.
    """
    major, minor, micro = _VERSION
    assembly = assemble(wheels, Target((major, minor, micro), MARKERS, "the engine wasi"))
    assembly.require_nothing_else()
    return assembly


def package_settings(assembly: Assembly) -> dict[str, str]:
    """What the worker finds them by (:func:`.mounting.read_archive`).

    Raises:
        ImageNotUsable: the user's cache folder is not private.
        EngineFailure: the disk is full.
    """
    files = {f"{PACKAGES}/{name}": data for name, data in sorted(assembly.files.items())}
    file = keep_file(assembly.key, lambda: pack_files(files))
    return {"file": str(file), "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
