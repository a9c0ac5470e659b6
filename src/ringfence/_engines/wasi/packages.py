"""Wheels for a wasi guest: one archive, which the worker mounts before its first guest."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence

from ringfence._engines.wasi.compiled import compile_packages
from ringfence._engines.wasi.image import LentPackages
from ringfence.images.cache import hash_file
from ringfence.images.packages import keep_file
from ringfence.images.wasi.mounting import PACKAGES, pack_files
from ringfence.images.wasi.recipe import CPYTHON
from ringfence.model import Wheel
from ringfence.wheels.assembly import Target, assemble
from ringfence.zygote.launch import ZygoteConfig
from ringfence.zygote.zygotes import Zygotes

__all__ = ["MARKERS", "lend_wheels"]

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


def lend_wheels(
    wheels: Sequence[Wheel],
    image: str,
    zygotes: Zygotes,
    compiler: Callable[[Mapping[str, str]], ZygoteConfig],
) -> LentPackages:
    """Check the wheels of a request, and make them ready for workers to mount.

    Args:
        wheels: as they were asked for.
        image: the key of the image that they are compiled by.
        zygotes: start the worker that does it.
        compiler: the configuration of that worker, for the archive of the files.

    Raises:
        WheelRefused: one cannot be lent.
        PackageNotAvailable: one of them requires what is not given.
        ImageNotUsable: the user's cache folder is not private.
        EngineFailure: the disk is full, or the worker cannot be started.
    """
    major, minor, micro = _VERSION
    assembly = assemble(wheels, Target((major, minor, micro), MARKERS, "the engine wasi"))
    assembly.require_nothing_else()
    files = {f"{PACKAGES}/{name}": data for name, data in sorted(assembly.files.items())}
    source = _kept(assembly.key, lambda: pack_files(files))

    def compiled() -> bytes:
        return pack_files(compile_packages(zygotes, compiler(source), frozenset(files)))

    archives = source, _kept(f"{assembly.key}-{image}", compiled)
    exact = hashlib.sha256("".join(archive["sha256"] for archive in archives).encode())
    names = [f"{one.name}-{one.version}" for one in assembly.distributions]
    return LentPackages("+".join([*names, exact.hexdigest()[:32]]), str(assembly), archives)


def _kept(key: str, make: Callable[[], bytes]) -> dict[str, str]:
    file = keep_file(key, make)
    return {"file": str(file), "sha256": hash_file(file)}
