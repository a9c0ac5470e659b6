"""The zip archive that a wheel is, read as hostile input: bounded, and only what wheels have.

Stricter than :mod:`zipfile`, which does the reading: nothing before or behind the archive, no Zip64
(no wheel within the bounds needs it), and no two readings of a name. The bounds hold before
anything is unpacked. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

from __future__ import annotations

import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable

from ringfence.wheels.defect import Defect, shown

__all__ = [
    "MOST_FILES",
    "MOST_PACKED",
    "MOST_RATIO",
    "MOST_UNPACKED",
    "check_apart",
    "check_name",
    "unpack",
]

MOST_PACKED = 64 << 20
"""Bytes of an archive."""

MOST_UNPACKED = 64 << 20
"""Bytes of its files in all."""

MOST_FILES = 20_000
"""Files and folders in it."""

MOST_RATIO = 100
"""How many times larger the files may be than the archive, above :data:`_UNSUSPECTED`."""

_UNSUSPECTED = 1 << 20
_MOST_DIRECTORY = 4 << 20
_LONGEST_PART = 255
_LONGEST_NAME = 1_024
_DRIVE = re.compile("[A-Za-z]:")
_END = struct.Struct("<4s4H2LH")
_END_64 = b"PK\x06\x07"
_END_64_SIZE = 20
_LOCAL_SIZE = 30
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_KINDS = (0, stat.S_IFREG)


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of an archive, by name; folders are left out.

    Raises:
        Defect: it is damaged, too large, or has what no wheel has.
    """
    directory, count = _check_end(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) != count:
                raise Defect(f"its directory has {len(entries):,} files, and says {count:,}")
            _check_entries(entries, directory, len(data))
            return {e.filename: _read(archive, e) for e in entries if not e.is_dir()}
    # All that zipfile raises for an archive that is none.
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError) as error:
        raise _damaged(error) from error
    except (ValueError, OverflowError, NotImplementedError, RuntimeError) as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> Defect:
    return Defect(f"it is no whole zip archive: {shown(str(error))}")


def _check_end(data: bytes) -> tuple[int, int]:
    """Look at the record at the end: where the central directory begins, how many it names."""
    if len(data) < _END.size:
        raise Defect("it is no zip archive")
    magic, disk, start_disk, here, count, size, start, comment = _END.unpack(data[-_END.size :])
    if magic != b"PK\x05\x06" or comment or disk or start_disk or here != count:
        raise Defect("it is no zip archive of one part that ends where the file ends")
    if count > MOST_FILES or size > _MOST_DIRECTORY:
        raise Defect(f"it says that it has {count:,} files, and may have {MOST_FILES:,}")
    if data[-_END.size - _END_64_SIZE :].startswith(_END_64):
        raise Defect("it uses Zip64, which no wheel of its size needs")
    if start + size != len(data) - _END.size:
        raise Defect("something stands before or behind the zip archive in it")
    return int(start), int(count)


def _check_entries(entries: list[zipfile.ZipInfo], directory: int, packed: int) -> None:
    names: list[str] = []
    for entry in entries:
        name = entry.filename.removesuffix("/") if entry.is_dir() else entry.filename
        if entry.orig_filename != entry.filename:
            raise Defect(f"the name {shown(entry.orig_filename)} does not end where it says")
        if not entry.filename.isascii() and not entry.flag_bits & _UTF8:
            raise Defect(f"the name {shown(name)} is in no known encoding")
        check_name(name)
        if entry.flag_bits & _ENCRYPTED:
            raise Defect(f"{shown(name)} is encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Defect(f"{shown(name)} is compressed in a way that wheels are not")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if entry.is_dir():
            if entry.file_size or kind not in (0, stat.S_IFDIR):
                raise Defect(f"{shown(name)} is a folder with content")
        elif kind not in _KINDS:
            what = "a symbolic link" if kind == stat.S_IFLNK else "no ordinary file"
            raise Defect(f"{shown(name)} is {what}")
        names.append(name)
    check_apart(names)
    _check_places(entries, directory)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_UNPACKED:
        raise Defect(f"its files are {unpacked:,} bytes, and may be {MOST_UNPACKED:,}")
    if unpacked > max(_UNSUSPECTED, packed * MOST_RATIO):
        raise Defect(
            f"its files are {unpacked:,} bytes, more than {MOST_RATIO} times the archive: a bomb"
        )
    files = {e.filename for e in entries if not e.is_dir()}
    folders = [n for n, e in zip(names, entries, strict=True) if e.is_dir()]
    for name in [*folders, *files]:
        for end in range(len(name)):
            if name[end] == "/" and name[:end] in files:
                raise Defect(f"{shown(name[:end])} is a file and a folder")


def check_name(name: str) -> None:
    """Raise Defect unless a name leads to one place beneath the root, everywhere."""
    parts = name.split("/")
    if name.startswith("/") or _DRIVE.match(name):
        raise Defect(f"the name {shown(name)} is absolute")
    if ".." in parts:
        raise Defect(f"the name {shown(name)} leads out of it")
    if "\\" in name or not name.isprintable() or any(part in ("", ".") for part in parts):
        raise Defect(f"the name {shown(name)} is not one that every system reads alike")
    if len(name.encode()) > _LONGEST_NAME or any(len(p.encode()) > _LONGEST_PART for p in parts):
        raise Defect(f"the name {shown(name)} is too long")


def check_apart(names: Iterable[str]) -> None:
    """Raise Defect if two names are the same, somewhere."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if other is not name:
            how = "twice" if other == name else f"beside {shown(other)}"
            raise Defect(f"{shown(name)} is in it {how}")


def _check_places(entries: list[zipfile.ZipInfo], directory: int) -> None:
    """No two entries share bytes: one that does costs an archive nothing, and unpacks again."""
    free = 0
    for entry in sorted(entries, key=lambda e: e.header_offset):
        if entry.header_offset < free:
            raise Defect(f"{shown(entry.filename)} overlaps another entry")
        free = entry.header_offset + _LOCAL_SIZE + entry.compress_size
    if free > directory:
        raise Defect("its last entry overlaps its directory")


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as file:
        data = file.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise Defect(f"{shown(entry.filename)} is not as long as it says")
    return data
