"""Files for the module's file system: packed on the host, mounted read-only by the module."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from pathlib import Path

from ringfence.wasm.instance import Instance

__all__ = ["PACKAGES", "MountFailed", "mount", "pack_files", "read_archive"]

PACKAGES = "packages"
"""The folder below the root where packages are mounted; the last on the module search path."""

_LENGTHS = struct.Struct("<II")


class MountFailed(Exception):
    """The module refuses an archive."""


def pack_files(files: Mapping[str, bytes]) -> bytes:
    """An archive as the module's ``mount`` reads it.

    Args:
        files: bytes by the name below the root; a name that ends with a slash is a folder.
    """
    packed = bytearray()
    for name, data in files.items():
        path = f"/{name}".encode()
        packed += _LENGTHS.pack(len(path), len(data)) + path + data
    return bytes(packed)


def read_archive(settings: Mapping[str, str]) -> bytes:
    """An archive that the engine has kept: its ``file`` and ``sha256``. Before the jail is built.

    Raises:
        ValueError: it is not the file that the engine has checked.
    """
    data = Path(settings["file"]).read_bytes()
    if hashlib.sha256(data).hexdigest() != settings["sha256"]:
        raise ValueError("the packages are not those that were checked")
    return data


def mount(instance: Instance, archive: bytes) -> tuple[int, int]:
    """Put files into the file system of an instance; on a thread with room for its stack.

    Args:
        instance: between two calls, with no guest in it.
        archive: from :func:`pack_files`.

    Returns:
        where the archive lies in its memory: the first byte, and the one behind the last. It is
        used where it lies, and nothing of the module writes there.

    Raises:
        MountFailed: there is no memory for it, or a name is taken.
        InstanceStopped: the module ended.
    """
    address = instance.call("allocate", len(archive)) & 0xFFFF_FFFF
    if not address:
        raise MountFailed(f"no memory for {len(archive):,} bytes of files")
    instance.view(address, len(archive))[:] = archive
    error = instance.call("mount", address, len(archive))
    if error:
        raise MountFailed(f"mounting files: error {error} of WASI")
    return address, address + len(archive)
