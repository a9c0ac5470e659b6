"""A state and the files of a session in one piece, for a client to keep and to bring back.

::

    magic (8) | header length (4) | header: JSON | state | files, compressed | HMAC-SHA256 (32)

The code is of the service's key and the tenant, and is checked before anything behind the magic is
read. The state in it is sealed by itself. A session without files is its state alone.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ringfence.errors import StateRefused

if TYPE_CHECKING:
    from ringfence.model import Limits

__all__ = ["has_files", "pack", "unpack"]

_MAGIC = b"RFFILES\n"
_LENGTH = struct.Struct("<I")
_MAC = 32
_PURPOSE = b"ringfence: the files of a session, for a client\0"


def has_files(data: bytes) -> bool:
    """Whether it says that there are files beside the state."""
    return data.startswith(_MAGIC)


def pack(state: bytes, files: Mapping[str, bytes], *, key: bytes, tenant: str) -> bytes:
    """A sealed state and files as one piece.

    Args:
        state: sealed for the tenant.
        files: name -> content.
        key: the service's.
        tenant: whose it is.
    """
    sizes = [[name, len(content)] for name, content in files.items()]
    header = json.dumps({"state": len(state), "files": sizes}).encode()
    packing = zlib.compressobj(1)
    parts = [_MAGIC, _LENGTH.pack(len(header)), header, state]
    parts += [packing.compress(content) for content in files.values()]
    parts.append(packing.flush())
    body = b"".join(parts)
    return body + _code(body, key, tenant)


def unpack(
    data: bytes, *, key: bytes, tenant: str, limits: Limits
) -> tuple[bytes, dict[str, bytes]]:
    """What :func:`pack` put in.

    Args:
        data: of a client: any bytes.
        key: the service's.
        tenant: whose it must be.
        limits: of the session that it goes to.

    Raises:
        StateRefused: it is none of this service's, or of another tenant's; or the files are more
            than a session may have here.
    """
    body, code = data[:-_MAC], data[-_MAC:]
    start = len(_MAGIC) + _LENGTH.size
    if len(body) < start or not hmac.compare_digest(code, _code(body, key, tenant)):
        raise StateRefused(
            "tampered", "it was not made by this service for this tenant, or was changed since"
        )
    (length,) = _LENGTH.unpack_from(body, len(_MAGIC))
    header = json.loads(body[start : start + length])
    middle = start + length + header["state"]
    sizes: list[tuple[str, int]] = header["files"]
    total = sum(size for _, size in sizes)
    if len(sizes) > limits.files or total > int(limits.disk or 0):
        raise StateRefused(
            "too-large",
            f"it has {len(sizes)} files of {total} bytes together, and a session may have "
            f"{limits.files} of {limits.disk} here",
        )
    unpacked = zlib.decompressobj().decompress(body[middle:], total + 1)
    files, at = {}, 0
    for name, size in sizes:
        files[name], at = unpacked[at : at + size], at + size
    return body[start + length : middle], files


def _code(body: bytes, key: bytes, tenant: str) -> bytes:
    own = hmac.digest(key, _PURPOSE + tenant.encode(), hashlib.sha256)
    return hmac.digest(own, body, hashlib.sha256)
