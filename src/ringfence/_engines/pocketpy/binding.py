"""PocketPy's library, as its C header has it. Only ever loaded inside the jail.

The library is memory-unsafe: harmless code crashes it, and a script can write anywhere. So nothing
here defends itself against scripts: who runs this is a guest, and is believed nothing.

A value is 24 bytes: its type (16 bits), flags, and from the eighth byte on the number itself, or a
reference. https://pocketpy.dev/c-api/
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any, Final

__all__ = [
    "BOOL", "EXECUTE", "FLOAT", "INT", "LIST", "STR", "TUPLE", "VALUE", "Library",
    "address_of", "allocated",
    "hidden",
    "map_shared", "reserve", "view_of",
]  # fmt: skip

VALUE: Final = 24
INT, FLOAT, BOOL, STR, LIST, TUPLE = 3, 4, 5, 6, 8, 9
EXECUTE: Final = 0

_POINTER, _TEXT, _INT, _BOOL = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_bool
_LAZY, _PRINT = 8, 16  # of py_Callbacks: importfile, lazyimport, print
_MODULES: Final = 8  # of the VM: behind its frame
_LEFT, _RIGHT = 40, 48  # of a node of the tree of modules: key, value, configuration, left, right
_SIGNATURES: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "py_initialize": (None, ()),
    "py_newmodule": (_POINTER, (_TEXT,)),
    "py_getmodule": (_POINTER, (_TEXT,)),
    "py_name": (_POINTER, (_TEXT,)),
    "py_getdict": (_POINTER, (_POINTER, _POINTER)),
    "py_setdict": (None, (_POINTER, _POINTER, _POINTER)),
    "py_deldict": (_BOOL, (_POINTER, _POINTER)),
    "py_applydict": (_BOOL, (_POINTER, _POINTER, _POINTER)),
    "py_name2str": (_TEXT, (_POINTER,)),
    "py_bindfunc": (None, (_POINTER, _TEXT, _POINTER)),
    "py_callbacks": (_POINTER, ()),
    "py_retval": (_POINTER, ()),
    "py_newnone": (None, (_POINTER,)),
    "py_newstr": (None, (_POINTER, _TEXT)),
    "py_newint": (None, (_POINTER, ctypes.c_int64)),
    "py_tostr": (_TEXT, (_POINTER,)),
    "py_tpname": (_TEXT, (ctypes.c_int16,)),
    "py_callable": (_BOOL, (_POINTER,)),
    "py_list_len": (_INT, (_POINTER,)),
    "py_list_data": (_POINTER, (_POINTER,)),
    "py_tuple_len": (_INT, (_POINTER,)),
    "py_tuple_data": (_POINTER, (_POINTER,)),
    "py_exec": (_BOOL, (_TEXT, _TEXT, _INT, _POINTER)),
    "py_call": (_BOOL, (_POINTER, _INT, _POINTER)),
    "py_json_loads": (_BOOL, (_TEXT,)),
    "py_exception": (_BOOL, (ctypes.c_int16, _TEXT, _TEXT)),
    "py_formatexc": (_POINTER, ()),
    "py_clearexc": (None, (_POINTER,)),
    "py_peek": (_POINTER, (_INT,)),
    "py_free": (None, (_POINTER,)),
    "py_gc_collect": (_INT, ()),
}
_FUNCTION = ctypes.PYFUNCTYPE(_BOOL, _INT, _POINTER)
_APPLY = ctypes.PYFUNCTYPE(_BOOL, _POINTER, _POINTER, _POINTER)
_PRINTER = ctypes.PYFUNCTYPE(None, _TEXT)
_FINDER = ctypes.PYFUNCTYPE(_POINTER, _POINTER)


def hidden(name: str) -> bytes:
    """The name of a module that no statement can write. It sorts as the name does."""
    return name.encode() + b"\x01"


class Library:
    """The library, initialised.

    Args:
        path: where it is.
    """

    def __init__(self, path: str) -> None:
        # Keeps Python's lock: there is one thread.
        self._library = library = ctypes.PyDLL(path)
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
            setattr(self, name.removeprefix("py_"), function)
        self._kept: list[Any] = []
        self.initialize()
        self._vm = ctypes.c_void_p.in_dll(library, "pk_current_vm").value or 0
        self._closed = False
        self._masked: list[tuple[int, int]] = []
        self._put(self.callbacks(), _FINDER(self._find_file))
        self._put(self.callbacks() + _LAZY, _FINDER(self._find_module))

    initialize: Callable[[], None]
    newmodule: Callable[[bytes], int]
    getmodule: Callable[[bytes], int | None]
    name: Callable[[bytes], int]
    getdict: Callable[[int, int], int | None]
    setdict: Callable[[int, int, int], None]
    deldict: Callable[[int, int], bool]
    applydict: Callable[[int, Any, Any], bool]
    name2str: Callable[[int], bytes]
    bindfunc: Callable[[int, bytes, Any], None]
    callbacks: Callable[[], int]
    retval: Callable[[], int]
    newnone: Callable[[int], None]
    newstr: Callable[[int, bytes], None]
    newint: Callable[[int, int], None]
    tostr: Callable[[int], bytes]
    tpname: Callable[[int], bytes]
    callable: Callable[[int], bool]
    list_len: Callable[[int], int]
    list_data: Callable[[int], int]
    tuple_len: Callable[[int], int]
    tuple_data: Callable[[int], int]
    exec: Callable[[bytes, bytes, int, int], bool]
    call: Callable[[int, int, int], bool]
    json_loads: Callable[[bytes], bool]
    exception: Callable[[int, bytes, bytes], bool]
    formatexc: Callable[[], int | None]
    clearexc: Callable[[int | None], None]
    peek: Callable[[int], int]
    free: Callable[[int], None]
    gc_collect: Callable[[], int]

    # --- memory ----------------------------------------------------------------------------

    def _put(self, address: int, function: Any) -> None:
        """Store a function where the library finds it."""
        self._kept.append(function)
        ctypes.c_void_p.from_address(address).value = ctypes.cast(function, _POINTER).value

    @staticmethod
    def room(values: int) -> tuple[Any, int]:
        """Memory for values, and its address."""
        buffer = ctypes.create_string_buffer(VALUE * values)
        return buffer, ctypes.addressof(buffer)

    @staticmethod
    def type_of(value: int) -> int:
        """The number of its type."""
        return ctypes.c_int16.from_address(value).value

    @staticmethod
    def whole(value: int) -> int:
        """The number of an int, or of a bool."""
        return ctypes.c_int64.from_address(value + 8).value

    @staticmethod
    def truth(value: int) -> bool:
        """What a bool is."""
        return ctypes.c_bool.from_address(value + 8).value

    @staticmethod
    def floating(value: int) -> float:
        """The number of a float."""
        return ctypes.c_double.from_address(value + 8).value

    @staticmethod
    def set_floating(value: int, number: float) -> None:
        """Make it a float."""
        ctypes.c_int64.from_address(value).value = FLOAT
        ctypes.c_double.from_address(value + 8).value = number

    @staticmethod
    def set_whole(value: int, number: int) -> None:
        """Make it an int."""
        ctypes.c_int64.from_address(value).value = INT
        ctypes.c_int64.from_address(value + 8).value = number

    @staticmethod
    def copy(target: int, source: int, values: int = 1) -> None:
        """Copy values."""
        ctypes.memmove(target, source, VALUE * values)

    @staticmethod
    def bytes_of(value: int, values: int) -> bytes:
        """The values that stand one after another."""
        return ctypes.string_at(value, VALUE * values)

    def items(self, value: int) -> tuple[int, int] | None:
        """Where the items of a list or tuple begin, and how many there are."""
        kind = self.type_of(value)
        if kind == LIST:
            return self.list_data(value), self.list_len(value)
        if kind == TUPLE:
            return self.tuple_data(value), self.tuple_len(value)
        return None

    def text_of_type(self, value: int) -> str:
        """The name of its type."""
        return self.tpname(self.type_of(value)).decode("utf-8", "replace")

    # --- names and modules -----------------------------------------------------------------

    def bind(self, module: int, name: str, function: Callable[[int, int], bool]) -> None:
        """Put a function into a module. It is given the number of arguments and their address,
        leaves its result in :attr:`retval`, and returns whether it has raised nothing.
        """
        native = _FUNCTION(function)
        self._kept.append(native)
        self.bindfunc(module, name.encode(), ctypes.cast(native, _POINTER))

    def names(self, module: int) -> list[bytes]:
        """What is in a module."""
        found: list[bytes] = []

        def take(name: int, _value: int, _context: int) -> bool:
            found.append(self.name2str(name))
            return True

        apply = _APPLY(take)
        self.applydict(module, ctypes.cast(apply, _POINTER), None)
        return found

    def print_to(self, write: Callable[[bytes], None]) -> None:
        """Have ``print`` hand over its text."""
        self._put(self.callbacks() + _PRINT, _PRINTER(write))

    def hide_modules(self) -> None:
        """Let no module be found by its name any more; those that hold one keep it."""
        self._closed = True
        for node in list(self._nodes(self._vm + _MODULES)):
            key = ctypes.c_char_p.from_address(node).value or b""
            if not key.endswith(b"\x01"):
                buffer = ctypes.create_string_buffer(key + b"\x01")
                self._kept.append(buffer)
                ctypes.c_void_p.from_address(node).value = ctypes.addressof(buffer)

    def _find_module(self, name: int) -> None:
        """Asked for a module that is not loaded. Next the library looks among its own sources, by
        the same text, so nothing is found there once its first character is another.
        """
        if self._closed:
            character = ctypes.c_ubyte.from_address(name)
            self._masked.append((name, character.value))
            character.value = 1

    def _find_file(self, _name: int) -> None:
        """Asked for a file, which is nowhere: then comes the error, with the module's name."""
        while self._masked:
            name, character = self._masked.pop()
            ctypes.c_ubyte.from_address(name).value = character

    def _nodes(self, node: int) -> Iterator[int]:
        yield node
        for side in (_LEFT, _RIGHT):
            below = ctypes.c_void_p.from_address(node + side).value
            if below:
                yield from self._nodes(below)

    # --- exceptions ------------------------------------------------------------------------

    def take_exception(self, stack: int) -> str:
        """What was raised, as text; it is forgotten, with all that lay on the stack above."""
        place = self.formatexc()
        text = ctypes.string_at(place).decode("utf-8", "replace") if place else ""
        if place:
            self.free(place)
        self.clearexc(stack)
        return text


def address_of(buffer: Any) -> int:
    """Where :meth:`Library.room` has made room."""
    return ctypes.addressof(buffer)


class _MallocInfo(ctypes.Structure):
    """mallinfo(3)."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks",
            "fordblks", "keepcost",
        )
    ]  # fmt: skip


def allocated() -> int:
    """Bytes that are allocated from malloc now."""
    info = _mallinfo()
    return int(info.uordblks + info.hblkhd)


_mallinfo = ctypes.PyDLL(None).mallinfo2
_mallinfo.restype = _MallocInfo


def map_shared(address: int, size: int, descriptor: int) -> None:
    """Map shared memory over what is at an address: mmap(2).

    Raises:
        OSError: the kernel refused.
    """
    mmap = ctypes.CDLL(None, use_errno=True).mmap
    mmap.restype = ctypes.c_void_p
    mmap.argtypes = (_POINTER, ctypes.c_size_t, _INT, _INT, _INT, ctypes.c_long)
    shared_fixed, read_write = 0x11, 3
    if mmap(address, size, read_write, shared_fixed, descriptor, 0) != address:
        raise OSError(ctypes.get_errno(), "mmap")


def reserve(size: int) -> int:
    """Address space without memory; returns where it begins."""
    mmap = ctypes.CDLL(None, use_errno=True).mmap
    mmap.restype = ctypes.c_void_p
    mmap.argtypes = (_POINTER, ctypes.c_size_t, _INT, _INT, _INT, ctypes.c_long)
    private_anonymous = 0x22
    place = mmap(None, size, 0, private_anonymous, -1, 0)
    if place is None or place == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")
    return int(place)


def view_of(address: int, size: int) -> memoryview:
    """Memory at an address."""
    return memoryview((ctypes.c_char * size).from_address(address)).cast("B")
