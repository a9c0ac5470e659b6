"""One instance of a module: its memory, its exports, and the calls it makes to the host."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

from wasmtime import (
    Engine,
    Func,
    FuncType,
    Global,
    Linker,
    Memory,
    Module,
    Store,
    Trap,
    TrapCode,
    ValType,
    WasmtimeError,
    _bindings,
)
from wasmtime import _ffi as ffi

from ringfence.wasm.engine import ADDRESSES
from ringfence.wasm.fuel import UNBOUNDED
from ringfence.wasm.host import IMPORTS, MODULE, GuestLeft, HostCalls
from ringfence.wasm.stack import has_room
from ringfence.wasm.store import StoreLimits

__all__ = ["PAGE", "Instance", "InstanceStopped"]

PAGE = 1 << 16
"""Bytes of a page of linear memory."""

_USUAL = StoreLimits()
_FAR = 1 << 40
_KINDS = {"i32": ValType.i32, "i64": ValType.i64}
_NO_FINALIZER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(0)
_CALLBACK = ffi.wasmtime_func_unchecked_callback_t
_Addresses = ctypes.c_ubyte * ADDRESSES
_STOP = b"stopped by the host"


class InstanceStopped(Exception):
    """The module's code was ended: a trap, the end of the guest, or a failure of the host's.

    It was left in the middle of something, so it can never run again.

    Attributes:
        cause: what a host call raised, or None if the code itself trapped.
        out_of_fuel: whether it trapped because its fuel was used up.
    """

    def __init__(
        self, message: str, cause: BaseException | None, *, out_of_fuel: bool = False
    ) -> None:
        super().__init__(message)
        self.cause = cause
        self.out_of_fuel = out_of_fuel


class Instance:
    """An instance, and the only one that looks into its memory.

    Args:
        engine: where the module was loaded.
        module: the module.
        calls: serves its imports; may be exchanged between two runs.
        fuel: whether the engine counts instructions.

    Attributes:
        address: where its memory is in this process.

    Raises:
        WasmtimeError: the module imports what the host does not lend.
    """

    def __init__(
        self, engine: Engine, module: Module, calls: HostCalls, *, fuel: bool = False
    ) -> None:
        self.calls = calls
        self._cause: BaseException | None = None
        self._interrupted = False
        self._running = False
        self._engine = engine
        self._store = Store(engine)
        if fuel:
            self._store.set_fuel(UNBOUNDED)
        self._callbacks: list[Any] = []  # that C code holds
        linker = Linker(engine)
        for name, (parameters, results) in IMPORTS.items():
            self._define(linker, name, parameters, results)
        self._tick = _bindings._wasmtime_store_epoch_deadline_callback.argtypes[1](self._on_epoch)
        ffi.wasmtime_store_epoch_deadline_callback(
            self._store.ptr(), self._tick, None, _NO_FINALIZER
        )
        self._store.set_epoch_deadline(1)
        exports = linker.instantiate(self._store, module).exports(self._store)
        memory, pointer = exports["memory"], exports["__stack_pointer"]
        assert isinstance(memory, Memory)
        assert isinstance(pointer, Global)
        self._memory = memory
        self._stack_pointer = pointer
        self.address: int = ctypes.addressof(memory.data_ptr(self._store).contents)
        self._bytes = memoryview(_Addresses.from_address(self.address)).cast("B")
        self._functions = {
            name: export for name, export in exports.items() if isinstance(export, Func)
        }

    # --- imports ---------------------------------------------------------------------------

    def _define(
        self, linker: Linker, name: str, parameters: tuple[str, ...], results: tuple[str, ...]
    ) -> None:
        """Without the conversions of the binding's own functions, which cost more than a call."""
        serve: Callable[..., int | None] = getattr(self, f"_{name}")
        given = [(index, kind) for index, kind in enumerate(parameters)]
        result = results[0] if results else None

        def enter(env: Any, caller: Any, values: Any, count: int) -> int:
            try:
                answer = serve(*[getattr(values[index], kind) for index, kind in given])
                if result is not None:
                    setattr(values[0], result, answer)
            except BaseException as error:  # nothing may pass through the frames of compiled code
                if self._cause is None:
                    self._cause = error
                trap = ffi.wasmtime_trap_new(_STOP, len(_STOP))
                return ctypes.cast(trap, ctypes.c_void_p).value or 0
            return 0

        callback = _CALLBACK(enter)
        self._callbacks.append(callback)
        kind = FuncType([_KINDS[p]() for p in parameters], [_KINDS[r]() for r in results])
        module, field = MODULE.encode(), name.encode()
        error = ffi.wasmtime_linker_define_func_unchecked(
            linker.ptr(), module, len(module), field, len(field), kind.ptr(), callback, None,
            _NO_FINALIZER,
        )  # fmt: skip
        if _is_there(error):
            raise WasmtimeError._from_ptr(error)

    def _send(self, address: int, size: int) -> int:
        return self.calls.send(self.view(address, size))

    def _receive(self, address: int, size: int) -> int:
        return self.calls.receive(self.view(address, size))

    def _wait(self, nanoseconds: int, channel: int) -> int:
        return self.calls.wait(nanoseconds, bool(channel))

    def _clock(self, which: int) -> int:
        return self.calls.clock(which)

    def _entropy(self, address: int, size: int) -> None:
        self.calls.entropy(self.view(address, size))

    def _log(self, address: int, size: int) -> None:
        self.calls.log(bytes(self.view(address, size)))

    def _leave(self, code: int) -> None:
        raise GuestLeft(code)

    # --- interrupts ------------------------------------------------------------------------

    def interrupt(self) -> None:
        """Have the module's ``interrupt`` called in what runs, or in what runs next; from any
        thread. A wait of the host's is not ended by it.
        """
        self._interrupted = True
        self._engine.increment_epoch()

    def forget_interrupt(self) -> None:
        """Call nothing after all, if nothing was called yet; while nothing runs."""
        self._interrupted = False

    def _on_epoch(self, context: Any, data: Any, delta: Any, kind: Any) -> int:
        try:
            delta[0], kind[0] = 1, 0
            if self._interrupted:
                self._interrupted = False
                store = ctypes.cast(context, ctypes.POINTER(ffi.wasmtime_context_t))
                # Its own checks find no callback while this one runs, and would trap.
                ffi.wasmtime_context_set_epoch_deadline(store, _FAR)
                trap = ctypes.POINTER(ffi.wasm_trap_t)()
                raw = ffi.wasmtime_val_raw_t()
                error = ffi.wasmtime_func_call_unchecked(
                    store, ctypes.byref(self._functions["interrupt"]._func), ctypes.byref(raw), 0,
                    ctypes.byref(trap),
                )  # fmt: skip
                if _is_there(error):
                    raise WasmtimeError._from_ptr(error)
                if _is_there(trap):
                    raise Trap._from_ptr(trap)
        except BaseException as problem:
            self._cause = problem
            return _error()
        return 0

    # --- exports ---------------------------------------------------------------------------

    def call(self, name: str, *arguments: int) -> int:
        """Run an export; on a thread of :func:`ringfence.wasm.stack.with_room`.

        Raises:
            InstanceStopped: it did not come to its end.
        """
        if not has_room():
            raise RuntimeError("this thread has no room for a guest's stack: use with_room()")
        self._cause = None
        self._store.set_epoch_deadline(1)
        if self._interrupted:  # before the deadline was set: the epoch was not the one it waits for
            self._store.set_epoch_deadline(0)
        self._running = True
        try:
            result = self._functions[name](self._store, *arguments)
        except (Trap, WasmtimeError) as error:
            cause, self._cause = self._cause, None
            dry = any(_is_dry(one) for one in (error, cause))
            raise InstanceStopped(_reason(error), cause, out_of_fuel=dry) from cause
        finally:
            self._running = False
        return int(result) if result is not None else 0

    # --- fuel ------------------------------------------------------------------------------

    @property
    def fuel(self) -> int:
        """How many instructions it may still run, where they are counted; may be set between two
        runs. Code is looked at where a loop or a function begins: the last of it may run over what
        was left, and then nothing is left.
        """
        return self._store.get_fuel()

    @fuel.setter
    def fuel(self, instructions: int) -> None:
        self._store.set_fuel(instructions)

    # --- memory ----------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """Bytes of its memory."""
        return int(self._memory.data_len(self._store))

    def limit(self, memory: int, store: StoreLimits = _USUAL) -> None:
        """Let its memory grow to this many bytes in all, and bound what else it may have."""
        self._store.set_limits(
            memory_size=memory,
            table_elements=store.table_elements,
            instances=store.instances,
            tables=store.tables,
            memories=store.memories,
        )

    def grow(self, size: int) -> bool:
        """Let its memory have at least ``size`` bytes; False if it may not have so many."""
        missing = -(-(size - self.size) // PAGE)
        if missing <= 0:
            return True
        try:
            self._memory.grow(self._store, missing)
        except WasmtimeError:
            return False
        return True

    def view(self, address: int, size: int) -> memoryview:
        """Its memory in a range; what is there changes when it runs.

        Raises:
            IndexError: it is not all within its memory.
        """
        address &= 0xFFFF_FFFF
        size &= 0xFFFF_FFFF
        if address + size > self._memory.data_len(self._store):
            raise IndexError(f"{size} bytes at {address:#x} are not in the guest's memory")
        return self._bytes[address : address + size]

    @property
    def stack_pointer(self) -> int:
        """The one mutable global: with it, memory is the whole state between two runs."""
        return int(self._stack_pointer.value(self._store))

    def close(self) -> None:
        """Give back what it holds, its memory first.

        Raises:
            RuntimeError: a call is running, which would go on in memory that is another's.
        """
        if self._running:
            raise RuntimeError("the instance is running")
        self._bytes = memoryview(b"")
        self._store.close()


def _is_there(pointer: Any) -> bool:
    return ctypes.cast(pointer, ctypes.c_void_p).value is not None


def _is_dry(error: BaseException | None) -> bool:
    return isinstance(error, Trap) and error.trap_code == TrapCode.OUT_OF_FUEL


def _reason(error: Trap | WasmtimeError) -> str:
    """What Wasmtime says last; before that it lists functions, which have no names here."""
    lines = str(error).strip().splitlines()
    return lines[-1].strip().removeprefix("wasm trap: ") if lines else "for no known reason"


def _error() -> int:
    """An error that the compiled code ends with; its address."""
    return ctypes.cast(ffi.wasmtime_error_new(_STOP), ctypes.c_void_p).value or 0
