"""A module whose data segments are the memory of an instance of it, as it stands.

What the instance did before is then done once and for all: a new instance of the frozen module
begins where the old one was. Wasm binary format: https://webassembly.github.io/spec/core/binary/
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["freeze", "tables_of"]

_PAGE = 1 << 16
_PIECE = 4096
_CUSTOM, _TABLE, _MEMORY, _START, _DATA, _DATA_COUNT = 0, 4, 5, 8, 11, 12
_I32_CONST, _END, _FUNCTIONS = 0x41, 0x0B, 0x70


def freeze(module: bytes, memory: bytes | memoryview) -> bytes:
    """Freeze an instance of ``module``.

    Args:
        module: a module with one memory of its own, no passive data, and no mutable global whose
            value matters between two calls.
        memory: the whole memory of an instance between two calls.

    Raises:
        ValueError: it is not such a module, or not such a memory.
    """
    if module[:8] != b"\0asm\1\0\0\0" or len(memory) % _PAGE:
        raise ValueError("this is no module of WebAssembly, or no memory of one")
    frozen = bytearray(module[:8])
    seen = set()
    for kind, body in _sections(module):
        seen.add(kind)
        if kind in (_CUSTOM, _START, _DATA_COUNT):
            continue
        content = body
        if kind == _MEMORY:
            content = _with_size(body, len(memory) // _PAGE)
        elif kind == _DATA:
            content = _segments(memory)
        frozen.append(kind)
        frozen += _unsigned(len(content)) + content
    if not {_MEMORY, _DATA} <= seen:
        raise ValueError("the module has no memory, or no data")
    return bytes(frozen)


def tables_of(module: bytes) -> list[int]:
    """With how many elements each table of a module begins.

    Raises:
        ValueError: a table is of a kind that is not known here.
    """
    for kind, body in _sections(module):
        if kind == _TABLE:
            count, at = _read_unsigned(body, 0)
            sizes = []
            for _ in range(count):
                if body[at] != _FUNCTIONS or body[at + 1] > 1:
                    raise ValueError("a table of something else than functions")
                size, after = _read_unsigned(body, at + 2)
                at = _read_unsigned(body, after)[1] if body[at + 1] else after
                sizes.append(size)
            return sizes
    return []


def _sections(module: bytes) -> Iterator[tuple[int, bytes]]:
    at = 8
    while at < len(module):
        kind = module[at]
        size, at = _read_unsigned(module, at + 1)
        yield kind, module[at : at + size]
        at += size


def _with_size(body: bytes, pages: int) -> bytes:
    """The memory section, with another number of pages to begin with."""
    count, at = _read_unsigned(body, 0)
    if count != 1:
        raise ValueError(f"the module has {count} memories")
    flags = body[at]
    _, rest = _read_unsigned(body, at + 1)
    return b"\1" + bytes([flags]) + _unsigned(pages) + body[rest:]


def _segments(memory: bytes | memoryview) -> bytes:
    """The data section: the pages that are not empty, neighbours together."""
    runs = list(_runs(memory))
    parts = [_unsigned(len(runs))]
    for start, end in runs:
        parts.append(bytes([0, _I32_CONST]) + _signed(start) + bytes([_END]))
        parts.append(_unsigned(end - start))
        parts.append(bytes(memory[start:end]))
    return b"".join(parts)


def _runs(memory: bytes | memoryview) -> Iterator[tuple[int, int]]:
    empty = bytes(_PIECE)
    start = None
    for at in range(0, len(memory), _PIECE):
        full = memory[at : at + _PIECE] != empty
        if full and start is None:
            start = at
        elif not full and start is not None:
            yield start, at
            start = None
    if start is not None:
        yield start, len(memory)


# --- LEB128 -----------------------------------------------------------------------------------


def _unsigned(number: int) -> bytes:
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        if not number:
            out.append(low)
            return bytes(out)
        out.append(low | 0x80)


def _signed(number: int) -> bytes:
    """An address as the i32 constant that it is."""
    if number >= 1 << 31:
        number -= 1 << 32
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        if (number == 0 and not low & 0x40) or (number == -1 and low & 0x40):
            out.append(low)
            return bytes(out)
        out.append(low | 0x80)


def _read_unsigned(data: bytes, at: int) -> tuple[int, int]:
    """(number, where it ends)."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return number, at
