"""Reads the dynamic section of an ELF file: what it needs, and where it looks for it.

Only what a loader reads before it maps anything: the program headers and ``PT_DYNAMIC``. Nothing
is executed, unlike ``ldd``. Sources: elf(5); System V gABI, chapter 5.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

__all__ = ["Elf", "MalformedElf", "read_elf"]

_PT_LOAD: Final = 1
_PT_DYNAMIC: Final = 2
_PT_INTERP: Final = 3

_DT_NULL: Final = 0
_DT_NEEDED: Final = 1
_DT_STRTAB: Final = 5
_DT_RPATH: Final = 15
_DT_RUNPATH: Final = 29

_IDENT: Final = b"\x7fELF\x02\x01\x01"  # 64-bit, little-endian, version 1
_HEADER: Final = struct.Struct("<16xHHI8xQ8x4xHHH6x")
_PROGRAM_HEADER: Final = struct.Struct("<I4xQQ8xQ16x")
_DYNAMIC_ENTRY: Final = struct.Struct("<qQ")

_MAX_PROGRAM_HEADERS: Final = 256
_MAX_DYNAMIC_BYTES: Final = 1 << 20
_MAX_STRING: Final = 4096


class MalformedElf(ValueError):
    """The file begins like an ELF file, and its headers contradict each other."""


@dataclass(frozen=True, slots=True)
class Elf:
    """What the dynamic loader asks of one program or library.

    Attributes:
        machine: ``e_machine`` (62 is x86-64, 183 is aarch64).
        interpreter: the dynamic loader that a program names (``PT_INTERP``), None for a library.
        needed: the libraries it names (``DT_NEEDED``), in order.
        rpath: ``DT_RPATH`` split at colons; it also serves what the library loads in turn.
        runpath: ``DT_RUNPATH`` split at colons; it serves this file only.
    """

    machine: int
    interpreter: str | None
    needed: tuple[str, ...]
    rpath: tuple[str, ...]
    runpath: tuple[str, ...]


def read_elf(path: str) -> Elf | None:
    """Returns what *path* asks of the dynamic loader.

    Returns:
        None when the file is not a 64-bit little-endian ELF file: another loader's business.

    Raises:
        MalformedElf: the file is damaged.
        OSError: it cannot be read.
    """
    with open(path, "rb", buffering=0) as file:
        header = file.read(64)
        if len(header) < 64 or not header.startswith(_IDENT):
            return None
        try:
            return _read(file, header)
        except (struct.error, UnicodeDecodeError, OverflowError) as error:
            raise MalformedElf(f"{path}: {error}") from error
        except MalformedElf as error:
            raise MalformedElf(f"{path}: {error}") from None


def _at(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    data = file.read(size)
    if len(data) < size:
        raise MalformedElf(f"the file ends before {offset + size}")
    return data


def _read(file: BinaryIO, header: bytes) -> Elf:
    _type, machine, _version, offset, _size, entry_size, count = _HEADER.unpack(header)
    if count > _MAX_PROGRAM_HEADERS or (count and entry_size < _PROGRAM_HEADER.size):
        raise MalformedElf(f"{count} program headers of {entry_size} bytes")
    table = _at(file, offset, entry_size * count)
    loads: list[tuple[int, int, int]] = []
    dynamic: tuple[int, int] | None = None
    interpreter: str | None = None
    for index in range(count):
        kind, start, address, size = _PROGRAM_HEADER.unpack_from(table, index * entry_size)
        if kind == _PT_LOAD:
            loads.append((address, start, size))
        elif kind == _PT_DYNAMIC:
            dynamic = (start, size)
        elif kind == _PT_INTERP:
            interpreter = _string(file, start)
    if dynamic is None:
        return Elf(machine, interpreter, (), (), ())
    if dynamic[1] > _MAX_DYNAMIC_BYTES:
        raise MalformedElf(f"a dynamic section of {dynamic[1]} bytes")
    entries = _entries(_at(file, *dynamic))
    strings = next((value for tag, value in entries if tag == _DT_STRTAB), None)
    if strings is None:
        return Elf(machine, interpreter, (), (), ())
    base = _file_offset(loads, strings)

    def named(wanted: int) -> tuple[str, ...]:
        return tuple(_string(file, base + value) for tag, value in entries if tag == wanted)

    return Elf(
        machine,
        interpreter,
        needed=named(_DT_NEEDED),
        rpath=_split(named(_DT_RPATH)),
        runpath=_split(named(_DT_RUNPATH)),
    )


def _entries(section: bytes) -> list[tuple[int, int]]:
    entries: list[tuple[int, int]] = []
    whole = len(section) - len(section) % _DYNAMIC_ENTRY.size
    for tag, value in _DYNAMIC_ENTRY.iter_unpack(section[:whole]):
        if tag == _DT_NULL:
            break
        entries.append((tag, value))
    return entries


def _file_offset(loads: list[tuple[int, int, int]], address: int) -> int:
    for start, offset, size in loads:
        if start <= address < start + size:
            return offset + address - start
    raise MalformedElf(f"address {address:#x} lies in no segment")


def _string(file: BinaryIO, offset: int) -> str:
    file.seek(offset)
    text, end, _rest = file.read(_MAX_STRING).partition(b"\0")
    if not end:
        raise MalformedElf(f"the string at {offset} does not end")
    return text.decode()


def _split(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(entry for value in values for entry in value.split(":") if entry)
