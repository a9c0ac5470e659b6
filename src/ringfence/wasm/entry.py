"""Calls into compiled code and out of it, straight to Wasmtime's functions.

The binding's own ways convert every value through several objects: that takes longer than most
calls do, and in a forked worker it writes to hundreds of kilobytes that would be shared otherwise.
C API of Wasmtime: ``wasmtime/func.h``, ``wasmtime/memory.h``.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from typing import Any

from wasmtime import Func, FuncType, Linker, Memory, Store, Table, Trap, WasmtimeError
from wasmtime import _ffi as ffi

from ringfence.wasm.store import StoreLimits

__all__ = [
    "Fuel",
    "Function",
    "MemoryLength",
    "address_of",
    "context_of",
    "decide_when_interrupted",
    "define",
    "fill_table",
    "limit_store",
    "make_callback",
]

_VALUE = 16
"""Bytes of a ``wasmtime_val_raw_t``."""

_FORMATS = {"i32": "i12x", "i64": "q8x"}
_RESULTS = {kind: struct.Struct(f"<{layout}") for kind, layout in _FORMATS.items()}
_NARROW = {"i32": 0xFFFF_FFFF, "i64": 0xFFFF_FFFF_FFFF_FFFF}
_STOP = b"stopped by the host"
_NO_FINALIZER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(0)

_pointer = ctypes.c_void_p
_call = ctypes.CFUNCTYPE(_pointer, _pointer, _pointer, _pointer, ctypes.c_size_t, _pointer)(
    ("wasmtime_func_call_unchecked", ffi.dll)
)
# These keep the interpreter's lock: they take no time.
_memory_size = ctypes.PYFUNCTYPE(ctypes.c_size_t, _pointer, _pointer)(
    ("wasmtime_memory_data_size", ffi.dll)
)
_element = ctypes.PYFUNCTYPE(ctypes.c_bool, _pointer, _pointer, ctypes.c_uint64, _pointer)(
    ("wasmtime_table_get", ffi.dll)
)
_new_trap = ctypes.PYFUNCTYPE(_pointer, ctypes.c_char_p, ctypes.c_size_t)(
    ("wasmtime_trap_new", ffi.dll)
)
_get_fuel = ctypes.PYFUNCTYPE(_pointer, _pointer, _pointer)(("wasmtime_context_get_fuel", ffi.dll))
_set_fuel = ctypes.PYFUNCTYPE(_pointer, _pointer, ctypes.c_uint64)(
    ("wasmtime_context_set_fuel", ffi.dll)
)
_limit = ctypes.PYFUNCTYPE(None, *[_pointer] + 5 * [ctypes.c_int64])(
    ("wasmtime_store_limiter", ffi.dll)
)
_new_error = ctypes.PYFUNCTYPE(_pointer, ctypes.c_char_p)(("wasmtime_error_new", ffi.dll))
_Decision = ctypes.CFUNCTYPE(_pointer, _pointer, _pointer, _pointer, _pointer)
_set_decision = ctypes.PYFUNCTYPE(None, _pointer, _Decision, _pointer, _pointer)(
    ("wasmtime_store_epoch_deadline_callback", ffi.dll)
)
_Callback = ctypes.CFUNCTYPE(_pointer, _pointer, _pointer, _pointer, ctypes.c_size_t)
_EXPECTED = ffi.wasmtime_func_unchecked_callback_t


def context_of(store: Store) -> int:
    """Where a store's context is."""
    return ctypes.cast(store._context(), _pointer).value or 0


def address_of(store: Store) -> int:
    """Where a store is."""
    return ctypes.cast(store.ptr(), _pointer).value or 0


class Function:
    """An export, to be called with numbers.

    Args:
        context: of its store.
        function: the export.
        kind: its type: numbers, and at most one result.
    """

    def __init__(self, context: int, function: Func, kind: FuncType) -> None:
        self._context = context
        self._function = function._func  # kept, for its address
        self._address = ctypes.addressof(function._func)
        self._parameters = len(kind.params)
        # Of an i32, the first four bytes are looked at.
        self._pack = struct.Struct("<" + "q8x" * self._parameters).pack_into
        self._result = _RESULTS[str(kind.results[0])] if kind.results else None
        self._count = max(len(kind.params), len(kind.results))
        self._values = ctypes.create_string_buffer(_VALUE * max(1, self._count))
        self._values_at = ctypes.addressof(self._values)
        self._trap = _pointer()
        self._trap_at = ctypes.addressof(self._trap)

    def __call__(self, *arguments: int) -> int:
        """Run it, by one thread at a time; 0 if it has no result.

        Raises:
            Trap: the code trapped.
            WasmtimeError: it could not run, or a call of the host's ended it.
        """
        if len(arguments) != self._parameters:
            raise TypeError(f"the export takes {self._parameters} numbers")
        self._pack(self._values, 0, *arguments)
        self._trap.value = None
        error = _call(self._context, self._address, self._values_at, self._count, self._trap_at)
        if error:
            raise WasmtimeError._from_ptr(ctypes.cast(error, ctypes.POINTER(ffi.wasmtime_error_t)))
        if self._trap.value:
            raise Trap._from_ptr(ctypes.cast(self._trap, ctypes.POINTER(ffi.wasm_trap_t)))
        if self._result is None:
            return 0
        result: int = self._result.unpack_from(self._values)[0]
        return result


class MemoryLength:
    """How many bytes a memory has."""

    def __init__(self, context: int, memory: Memory) -> None:
        self._context = context
        self._memory = memory._memory
        self._address = ctypes.addressof(memory._memory)

    def __call__(self) -> int:
        size: int = _memory_size(self._context, self._address)
        return size


def fill_table(context: int, table: Table) -> None:
    """Have all that Wasmtime would write into a table, and to what it refers to, when its functions
    are first called: functions have no roots to be let go of. ``wasmtime/table.h``.
    """
    place, value = ctypes.addressof(table._table), ffi.wasmtime_val_t()
    value_at, index = ctypes.addressof(value), 0
    while _element(context, place, index, value_at):
        index += 1


class Fuel:
    """How many instructions a store may still run. ``wasmtime/store.h``."""

    def __init__(self, context: int) -> None:
        self._context = context
        self._number = ctypes.c_uint64()
        self._at = ctypes.addressof(self._number)

    def get(self) -> int:
        """What is left."""
        _get_fuel(self._context, self._at)  # the only error: the engine does not count
        return self._number.value

    def set(self, instructions: int) -> None:
        """Leave so much; while nothing runs."""
        _set_fuel(self._context, instructions)


def limit_store(store: int, memory: int, limits: StoreLimits) -> None:
    """Bound what the modules of a store at this address may have: bytes of memory, and the rest."""
    _limit(
        store, memory,
        limits.table_elements, limits.instances, limits.tables, limits.memories,
    )  # fmt: skip


def decide_when_interrupted(store: Store, goes_on: Callable[[], bool]) -> Any:
    """Have a store ask, each time the engine's epoch is raised, whether its code goes on.

    Returns:
        what must be kept for as long as the store.
    """

    def decide(context: int, data: int, delta: int, kind: int) -> int | None:
        try:
            if goes_on():
                ctypes.c_uint64.from_address(delta).value = 1
                ctypes.c_uint8.from_address(kind).value = 0  # WASMTIME_UPDATE_DEADLINE_CONTINUE
                return None
        except BaseException:  # nothing may pass through the frames of compiled code
            pass
        error: int = _new_error(_STOP)
        return error

    kept = _Decision(decide)
    _set_decision(ctypes.cast(store.ptr(), _pointer), kept, None, None)
    store.set_epoch_deadline(1)
    return kept


def make_callback(
    serve: Callable[..., int | None],
    parameters: tuple[str, ...],
    results: tuple[str, ...],
    fail: Callable[[BaseException], None],
) -> Any:
    """What compiled code calls; whoever defines it keeps it alive.

    Args:
        serve: is given the arguments as numbers with a sign.
        parameters: ``"i32"`` or ``"i64"`` each.
        results: the same, at most one.
        fail: is told what ``serve`` raised, which ends the call of the module.
    """
    layout = struct.Struct("<" + "".join(_FORMATS[kind] for kind in parameters))
    mask = _NARROW[results[0]] if results else None
    read, place = ctypes.string_at, ctypes.c_uint64.from_address

    def enter(env: int, caller: int, values: int, count: int) -> int | None:
        try:
            answer = serve(*layout.unpack(read(values, layout.size)))
            if mask is not None:
                assert answer is not None
                place(values).value = answer & mask
        except BaseException as error:  # nothing may pass through the frames of compiled code
            fail(error)
            trap: int = _new_trap(_STOP, len(_STOP))
            return trap
        return None

    return _Callback(enter)


def define(linker: Linker, module: str, name: str, kind: FuncType, callback: Any) -> None:
    """Let modules import a callback of :func:`make_callback`.

    Raises:
        WasmtimeError: there is one of that name.
    """
    where, field = module.encode(), name.encode()
    error = ffi.wasmtime_linker_define_func_unchecked(
        linker.ptr(), where, len(where), field, len(field), kind.ptr(),
        ctypes.cast(callback, _EXPECTED), None, _NO_FINALIZER,
    )  # fmt: skip
    address = ctypes.cast(error, _pointer).value
    if address:
        raise WasmtimeError._from_ptr(ctypes.cast(address, ctypes.POINTER(ffi.wasmtime_error_t)))
