"""Finds the shared libraries that programs and extension modules need, as the loader would.

Nothing is executed: the dynamic sections are read (:mod:`~ringfence._engines.native.elf`) and the
search order of ld.so(8) is followed: ``DT_RPATH`` of the file and of what loaded it,
``LD_LIBRARY_PATH``, ``DT_RUNPATH``, ``/etc/ld.so.cache``, the system's own directories. The cache
is read in its current form only (glibc >= 2.2, ``sysdeps/generic/dl-cache.h``).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence._engines.native.elf import Elf, MalformedElf, read_elf

__all__ = ["Closure", "Loader", "read_loader_cache"]

LOADER_CACHE: Final = "/etc/ld.so.cache"

_CACHE_MAGIC: Final = b"glibc-ld.so.cache1.1"
_CACHE_HEADER: Final = struct.Struct("<20sII20x")
_CACHE_ENTRY: Final = struct.Struct("<iIIIQ")
_LIBC: Final = "libc.so.6"


@dataclass(frozen=True, slots=True)
class Closure:
    """The libraries that a set of files needs.

    Attributes:
        libraries: each where the loader opens it, sorted. The last component may be a symbolic
            link; the guest must find the file under exactly this name.
        search: directories of ``libraries`` that a loader without ``/etc/ld.so.cache`` does not
            search by itself: they belong in ``LD_LIBRARY_PATH``.
        missing: ``(file, library)`` for each library that is nowhere to be found.
    """

    libraries: tuple[str, ...]
    search: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]


class Loader:
    """The dynamic loader as it behaves for one program.

    Args:
        program: the executable whose process will load the libraries.
        multiarch: the triplet in the names of the system's directories (``x86_64-linux-gnu``),
            None where there is none.
        library_path: the entries of ``LD_LIBRARY_PATH`` in the program's environment.
        cache: library name to candidate paths, as :func:`read_loader_cache` returns it.

    Raises:
        MalformedElf: the program is damaged.
        OSError: it cannot be read.
        ValueError: it is not a 64-bit little-endian ELF file.
    """

    def __init__(
        self,
        program: str,
        *,
        multiarch: str | None,
        library_path: Iterable[str] = (),
        cache: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        elf = read_elf(program)
        if elf is None:
            raise ValueError(f"{program} is not a 64-bit little-endian ELF program")
        self.path = elf.interpreter
        """Where the program names its loader (``PT_INTERP``); None if it is linked statically."""
        self._files: dict[str, Elf | None] = {program: elf}
        self._machine = elf.machine
        self._library_path = tuple(library_path)
        self._cache = read_loader_cache() if cache is None else cache
        names = (f"lib/{multiarch}", "lib64", "lib") if multiarch else ("lib64", "lib")
        self._system = tuple(root + name for name in names for root in ("/", "/usr/"))
        # What glibc searches without a cache was compiled in: the directories that hold glibc.
        self._built_in = frozenset(
            folder for folder in self._system if self._read(f"{folder}/{_LIBC}") is not None
        )
        self._rpath = () if elf.runpath else _expand(elf.rpath, program)
        self._loaded = frozenset({Path(elf.interpreter).name} if elf.interpreter else ())
        self.start_up = self.closure([program])
        """What the program itself needs; other closures of this loader leave it out."""
        self._loaded |= {Path(library).name for library in self.start_up.libraries}

    def closure(self, objects: Iterable[str], names: Iterable[str] = ()) -> Closure:
        """Returns what *objects* and the libraries called *names* need beyond ``start_up``.

        Args:
            objects: paths of programs, libraries and extension modules. They are not part of the
                result, unless one of them is needed by another. Files that are not ELF, or made
                for another machine, need nothing.
            names: library names that are looked for in the system's places; missing ones are left
                out (they are what a process may load, not what a file names).
        """
        libraries: set[str] = set()
        search: set[str] = set()
        missing: set[tuple[str, str]] = set()
        met: set[tuple[str, str]] = set()
        queue: list[tuple[str, tuple[str, ...]]] = [(path, self._rpath) for path in objects]
        for name in names:
            found = self._find(name, self._system_places(name))
            if found is not None:
                libraries.add(found[0])
                search.update(found[1])
                queue.append((found[0], self._rpath))
        visited = set(queue)
        while queue:
            path, inherited = queue.pop()
            elf = self._read(path)
            if elf is None:
                continue
            rpath = inherited
            if not elf.runpath and elf.rpath:
                rpath = tuple(dict.fromkeys((*_expand(elf.rpath, path), *inherited)))
            for name in elf.needed:
                if name in self._loaded:
                    continue
                found = self._find(name, self._places(name, elf, path, rpath))
                if found is None:
                    missing.add((path, name))
                    continue
                met.add((path, name))
                libraries.add(found[0])
                search.update(found[1])
                step = (found[0], rpath)
                if step not in visited:
                    visited.add(step)
                    queue.append(step)
        return Closure(
            tuple(sorted(libraries)), tuple(sorted(search)), tuple(sorted(missing - met))
        )

    def _places(
        self, name: str, elf: Elf, path: str, rpath: tuple[str, ...]
    ) -> Iterator[tuple[str, bool]]:
        if "/" in name:
            yield name, False
            return
        if not elf.runpath:
            yield from ((f"{folder}/{name}", False) for folder in rpath)
        yield from ((f"{folder}/{name}", True) for folder in self._library_path)
        yield from ((f"{folder}/{name}", False) for folder in _expand(elf.runpath, path))
        yield from self._system_places(name)

    def _system_places(self, name: str) -> Iterator[tuple[str, bool]]:
        yield from ((place, True) for place in self._cache.get(name, ()))
        yield from ((f"{folder}/{name}", True) for folder in self._system)

    def _find(
        self, name: str, places: Iterable[tuple[str, bool]]
    ) -> tuple[str, tuple[str, ...]] | None:
        """Returns the first fitting file and the directory to name in ``LD_LIBRARY_PATH``."""
        for place, by_search in places:
            path = os.path.normpath(place)
            if not os.path.isabs(path) or not Path(path).is_file():
                continue
            if self._read(path) is None:
                continue
            folder = str(Path(path).parent)
            return path, ((folder,) if by_search and folder not in self._built_in else ())
        return None

    def _read(self, path: str) -> Elf | None:
        """Returns the ELF file at *path*; None if it is none of ours, absent or damaged."""
        if path not in self._files:
            try:
                elf = read_elf(path)
            except (OSError, MalformedElf):
                elf = None  # the loader would pass over it too
            self._files[path] = elf if elf is not None and elf.machine == self._machine else None
        return self._files[path]


def _expand(entries: Iterable[str], path: str) -> tuple[str, ...]:
    """Returns *entries* with ``$ORIGIN`` filled in; other tokens name nothing that we can find."""
    folder = str(Path(path).parent)
    filled = (e.replace("${ORIGIN}", folder).replace("$ORIGIN", folder) for e in entries)
    return tuple(os.path.normpath(entry) for entry in filled if "$" not in entry)


def read_loader_cache(path: str = LOADER_CACHE) -> dict[str, tuple[str, ...]]:
    """Reads ``ld.so.cache``: library name to paths, plain ones before those of ``glibc-hwcaps``.

    Returns:
        Nothing when there is no cache, or it is not in the current form (musl, a broken file): the
        loader then searches the system's directories only, and so does :class:`Loader`.

    Raises:
        OSError: the file is there and cannot be read.
    """
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        return {}
    start = data.find(_CACHE_MAGIC)
    if start < 0 or len(data) < start + _CACHE_HEADER.size:
        return {}
    _magic, count, _strings = _CACHE_HEADER.unpack_from(data, start)
    first = start + _CACHE_HEADER.size
    if first + count * _CACHE_ENTRY.size > len(data):
        return {}
    plain: dict[str, list[str]] = {}
    special: dict[str, list[str]] = {}
    for index in range(count):
        offset = first + index * _CACHE_ENTRY.size
        _flags, key, value, _version, hwcap = _CACHE_ENTRY.unpack_from(data, offset)
        group = special if hwcap else plain
        name = _text(data, start + key)
        group.setdefault(name, []).append(_text(data, start + value))
    return {
        name: (*plain.get(name, ()), *special.get(name, ()))
        for name in dict.fromkeys((*plain, *special))
    }


def _text(data: bytes, offset: int) -> str:
    end = data.find(b"\0", offset)
    return os.fsdecode(data[offset : end if end >= 0 else len(data)])
