"""What a library of Windows exports.

The format: https://learn.microsoft.com/windows/win32/debug/pe-format
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

__all__ = ["exports_of"]

_SECTION = 40


def exports_of(library: bytes) -> Iterator[str]:
    """The names that a library exports.

    Raises:
        ValueError: it is damaged.
    """
    header = struct.unpack_from("<I", library, 0x3C)[0] + 4
    sections, size = struct.unpack_from("<2xH12xH", library, header)
    optional = header + 20
    table = struct.unpack_from("<I", library, optional + 112)[0]
    places = [
        struct.unpack_from("<8xIIII", library, optional + size + _SECTION * number)
        for number in range(sections)
    ]

    def at(address: int) -> int:
        for length, start, _, raw in places:
            if start <= address < start + length:
                return int(address - start + raw)
        raise ValueError("an address that is nowhere in the library")

    count, names = struct.unpack_from("<24xI4xI", library, at(table))
    for number in range(count):
        name = at(struct.unpack_from("<I", library, at(names) + 4 * number)[0])
        yield library[name : library.index(b"\0", name)].decode("ascii")
