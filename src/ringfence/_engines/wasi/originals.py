"""What a worker's pages were before the first guest, so that one that waits can give them back.

An interpreter counts references in its objects, so whatever a worker runs, it writes to pages that
it shared with all the others until then. When it is done, half of them are as they were. The
zygote keeps the originals in a file in memory that its own pages are then copies of, and guests
drop what is equal: the next one to read such a page reads the file's. Comparing and dropping is
done by a few lines of C beside the image (``images/wasi/worker/originals.c``), which say why no
other thread can write meanwhile. memfd_create(2), madvise(2), proc_pid_pagemap(5).
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ringfence.jail import libc

__all__ = ["Originals"]

_PAGE = 4096
_HIGH = 16  # above a guest's descriptors, and below every limit that a worker can run under
_MOST = 2_048  # runs of pages
_ROOM = 1 << 28  # bytes; those of a file that nothing was written to are none
_MEMORY = 1 << 32  # what a module's memory may become; more of it is a guard
_BOOK = struct.Struct("<IIQQQQQQ")
_SPAN = struct.Struct("<QQQ")
_NO_ACCESS, _PRIVATE, _ANONYMOUS = 0, 2, 0x20
_CLOSE_ON_EXEC, _NO_PROGRAM = 1, 8
_HEAD = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (\S+) ([0-9a-f]+) \S+ (\d+) *(.*)$")
_PLAIN = frozenset(["rd", "wr", "mr", "mw", "me", "ac", "nr", "sd", "hg", "nh"])
"""The flags of mappings that a copy can stand for. What the kernel empties at a fork, say, has
another one, and must stay what it is: the state of random numbers is kept in such memory.
"""


class Originals:
    """The originals of one zygote.

    Args:
        library: the C code.
        code: the file with the image's native code, which a module's memory is mapped from.

    Attributes:
        held: descriptors that are open until :meth:`keep`.

    Raises:
        OSError: there is no memory for it, or the library cannot be loaded.
    """

    def __init__(self, library: Path, code: Path) -> None:
        number, pointer, size = ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t
        functions = ctypes.PyDLL(str(library))
        keep = ctypes.PYFUNCTYPE(ctypes.c_long, pointer, ctypes.c_char_p, size, number, number)
        give_back = ctypes.PYFUNCTYPE(ctypes.c_long, pointer, number)
        self._keep = keep(("keep", functions))
        self._give_back = give_back(("give_back", functions))
        self._give_back_memory = give_back(("give_back_memory", functions))
        # This one waits, and lets other threads run meanwhile.
        self._await_order = ctypes.CFUNCTYPE(None, pointer, number)(("await_order", functions))
        with code.open("rb") as file:
            self._code = os.fstat(file.fileno())
            self._code_at = _map(self._code.st_size, mmap.PROT_READ, _PRIVATE, file.fileno())
        self._pagemap = -1
        self._file = _lift(_make_file(b"ringfence-originals"))
        try:
            os.truncate(self._file, _ROOM)  # the jail allows neither
            self._size = -(-(_BOOK.size + _MOST * _SPAN.size) // _PAGE) * _PAGE
            self._book = _map(self._size, mmap.PROT_READ | mmap.PROT_WRITE, _PRIVATE | _ANONYMOUS)
        except OSError:
            self.close()
            raise
        self._places: list[bytes] = []

    @property
    def held(self) -> tuple[int, ...]:
        return tuple(one for one in (self._file, self._pagemap) if one >= 0)

    def choose(self, proc: int, memory: int) -> None:
        """Choose what is worth keeping, and take the addresses for it, which count as memory.

        Args:
            proc: a descriptor of /proc.
            memory: the address of the module's memory, which has its originals in the code's file.

        Raises:
            OSError: there is no room for it.
        """
        flags = os.O_RDONLY | os.O_CLOEXEC
        smaps = os.open("self/smaps", flags, dir_fd=proc)
        with open(smaps, encoding="utf-8", errors="replace") as lines:
            mappings = list(_read(lines))
        total = 0
        for one in mappings:
            original, size = 0, one.end - one.begin
            if memory <= one.begin < memory + _MEMORY:
                if one.inode != self._code.st_ino:
                    continue
                original = self._code_at + one.offset
            elif one.name == "[stack]" or not one.flags <= _PLAIN:
                continue
            else:
                total += size
            self._places.append(_SPAN.pack(one.begin, size, original))
        self._pagemap = _lift(os.open("self/pagemap", flags, dir_fd=proc))
        room = min(total, _ROOM)
        at = _map(room, _NO_ACCESS, _PRIVATE | _ANONYMOUS)
        book = (ctypes.c_char * self._size).from_address(self._book)
        _BOOK.pack_into(book, 0, 0, _MOST, self._size, at, room, 0, 0, 0)

    def keep(self) -> int:
        """Keep the originals: what this process has written to until now. Once, while there is one
        thread. Returns how many bytes: fewer than there are where memory is short, and what is not
        kept is not given back.
        """
        kept: int = self._keep(
            self._book, b"".join(self._places), len(self._places), self._file, self._pagemap
        )
        self.close()  # nobody can write to the file any more: it is mapped as copies, and nameless
        return kept

    def close(self) -> None:
        """Close what is held."""
        for one in self.held:
            os.close(one)
        self._file = self._pagemap = -1

    def await_order(self, descriptor: int) -> None:
        """Wait for something to read; on the one thread beside that of the guest."""
        self._await_order(self._book, descriptor)

    def give_back(self, pagemap: int) -> int:
        """Give back what is as it was; on the guest's thread. Returns how many pages: none unless
        the other thread waits for an order.

        Args:
            pagemap: a descriptor of this process's /proc/self/pagemap.
        """
        given: int = self._give_back(self._book, pagemap)
        return given

    def give_back_memory(self, pagemap: int) -> int:
        """The same of the module's memory alone, on the thread of a guest that is not running; what
        it has of its own afterwards is what it has made of it, whatever it did until then.
        """
        given: int = self._give_back_memory(self._book, pagemap)
        return given


class _Mapping(NamedTuple):
    """A part of memory that is this process's own to write to. proc_pid_smaps(5)."""

    begin: int
    end: int
    offset: int
    inode: int
    name: str
    flags: frozenset[str]


def _read(lines: Any) -> Iterator[_Mapping]:
    head: tuple[str, ...] = ()
    for line in lines:
        if match := _HEAD.match(line):
            head = match.groups()
        elif line.startswith("VmFlags:") and head[2] == "rw-p":
            begin, end, _, offset, inode, name = head
            flags = frozenset(line.split()[1:])
            yield _Mapping(int(begin, 16), int(end, 16), int(offset, 16), int(inode), name, flags)


def _make_file(name: bytes) -> int:
    """A file in memory. Where programs may not be run from such files it has to say that it is
    none, which kernels before 6.3 do not know.
    """
    try:
        return libc.syscall("memfd_create", name, _CLOSE_ON_EXEC | _NO_PROGRAM)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        return libc.syscall("memfd_create", name, _CLOSE_ON_EXEC)


def _lift(descriptor: int) -> int:
    """The same one, at a number that nothing of a guest's gets: it leaves no gap there later."""
    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    finally:
        os.close(descriptor)


def _map(size: int, access: int, how: int, file: int = -1) -> int:
    """Map something to where there is room: mmap(2). Its address: it is never unmapped."""
    return libc.syscall("mmap", 0, size, access, how, file, 0)
