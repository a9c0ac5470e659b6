"""Having packages compiled, once for each image, so that no guest has to do it for itself.

What a worker answers is its own word: each entry is checked to be the byte code of a module that is
there. What it does is the guests' business, as the source text is that it was made of.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from typing import Final

from ringfence.jail.guest_limits import GuestLimits
from ringfence.zygote.guest import ProcessGuest
from ringfence.zygote.launch import ZygoteConfig
from ringfence.zygote.zygotes import Zygotes
from ringfence_guest.readiness import POLLIN, await_one

__all__ = ["compile_packages"]

_PATIENCE: Final = 120.0
_MOST_BYTES: Final = 128 << 20
_PIECE: Final = 1 << 20
_LENGTHS: Final = struct.Struct("<II")
_LIMITS: Final = GuestLimits(memory=512 << 20, disk=0, files=0, threads=0, cpu=_PATIENCE)


def compile_packages(
    zygotes: Zygotes, config: ZygoteConfig, files: frozenset[str]
) -> dict[str, bytes]:
    """Byte code, by the name below the root. Takes seconds for each MB of source text.

    A module that cannot be compiled is left out, and so is all that is not done when two minutes
    have passed or the worker has ended: whoever imports it compiles it then.

    Args:
        zygotes: start the worker.
        config: of the worker.
        files: what it has, by the same names.

    Raises:
        EngineFailure: it cannot be started.
    """
    lease = zygotes.acquire(config, object())
    try:
        guest = ProcessGuest(lease.zygote, *lease.zygote.spawn(_LIMITS))
        try:
            guest.host_pid()  # raises what became of one that never lived
            answer = _read(guest)
        finally:
            guest.close()
    finally:
        lease.release()
    return {
        name: data
        for name, data in _entries(answer)
        if name not in files and _source_of(name) in files
    }


def _read(guest: ProcessGuest) -> bytearray:
    """All that it says until it ends, or for as long as anybody waits."""
    answer = bytearray()
    buffer = memoryview(bytearray(_PIECE))
    until = time.monotonic() + _PATIENCE
    while len(answer) < _MOST_BYTES and (left := until - time.monotonic()) > 0:
        if not await_one(guest.channel.fileno(), POLLIN, left):
            break
        try:
            got = guest.channel.receive(buffer)
        except BlockingIOError:
            continue
        except OSError:
            break
        if not got:
            break
        answer += buffer[:got]
    return answer


def _entries(answer: bytearray) -> Iterator[tuple[str, bytes]]:
    """The whole entries of an archive as it is written by the module; the rest is nothing."""
    at = 0
    while at + _LENGTHS.size <= len(answer):
        name_size, size = _LENGTHS.unpack_from(answer, at)
        start = at + _LENGTHS.size
        at = start + name_size + size
        if at > len(answer):
            return
        name = bytes(answer[start : start + name_size]).decode("utf-8", "replace")
        yield name.removeprefix("/"), bytes(answer[start + name_size : at])


def _source_of(name: str) -> str:
    """The name of the source that byte code is looked up for. PEP 3147."""
    folder, slash, file = name.rpartition("/__pycache__/")
    stem, dot, rest = file.partition(".cpython-")
    return f"{folder}/{stem}.py" if slash and dot and rest.endswith(".pyc") else ""
