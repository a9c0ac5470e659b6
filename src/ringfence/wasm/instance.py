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
    Table,
    Trap,
    TrapCode,
    ValType,
    WasmtimeError,
)

from ringfence.wasm import entry
from ringfence.wasm.engine import ADDRESSES
from ringfence.wasm.flags import Flags
from ringfence.wasm.fuel import UNBOUNDED
from ringfence.wasm.host import IMPORTS, MODULE, GuestLeft, HostCalls
from ringfence.wasm.stack import has_room
from ringfence.wasm.store import StoreLimits
from ringfence.wasm.traps import check_handlers

__all__ = ["PAGE", "Instance", "InstanceStopped"]

PAGE = 1 << 16
"""Bytes of a page of linear memory."""

_USUAL = StoreLimits()
_KINDS = {"i32": ValType.i32, "i64": ValType.i64}
_Addresses = ctypes.c_ubyte * ADDRESSES


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
        self._flags: Flags | None = None
        self._store = Store(engine)
        self._place = entry.address_of(self._store)
        self._context = entry.context_of(self._store)
        if fuel:
            self._store.set_fuel(UNBOUNDED)
        self._callbacks: list[Any] = []  # that C code holds
        linker = Linker(engine)
        for name, (parameters, results) in IMPORTS.items():
            self._define(linker, name, parameters, results)
        exports = linker.instantiate(self._store, module).exports(self._store)
        memory, pointer = exports["memory"], exports["__stack_pointer"]
        assert isinstance(memory, Memory)
        assert isinstance(pointer, Global)
        self._memory = memory
        self._stack_pointer = pointer
        self.address: int = ctypes.addressof(memory.data_ptr(self._store).contents)
        self._bytes = memoryview(_Addresses.from_address(self.address)).cast("B")
        self._length = entry.MemoryLength(self._context, memory)
        self._tables = [export for export in exports.values() if isinstance(export, Table)]
        self._functions = {
            name: entry.Function(self._context, export, export.type(self._store))
            for name, export in exports.items()
            if isinstance(export, Func)
        }

    # --- imports ---------------------------------------------------------------------------

    def _define(
        self, linker: Linker, name: str, parameters: tuple[str, ...], results: tuple[str, ...]
    ) -> None:
        serve: Callable[..., int | None] = getattr(self, f"_{name}")

        def fail(error: BaseException) -> None:
            if self._cause is None:
                self._cause = error

        callback = entry.make_callback(serve, parameters, results, fail)
        self._callbacks.append(callback)
        kind = FuncType([_KINDS[p]() for p in parameters], [_KINDS[r]() for r in results])
        entry.define(linker, MODULE, name, kind, callback)

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

    def find_flags(self) -> None:
        """Learn from the module how it is interrupted, before it runs code that is not trusted; on
        a thread of :func:`ringfence.wasm.stack.with_room`.

        Raises:
            InstanceStopped: it has no such export, or that did not come to its end.
            ValueError: what it says is no table of flags.
        """
        self._flags = Flags(self.view, self.call("flags"))

    def interrupt(self) -> None:
        """Ask what runs to stop, or what runs next; from any thread. A wait of the host's is not
        ended by it, and what was asked at the moment of a change of the module's own may be lost.
        """
        assert self._flags is not None, "find_flags() comes first"
        self._interrupted = True
        self._flags.set()

    def forget_interrupt(self) -> None:
        """Ask nothing after all, if it was not noticed yet; while nothing runs."""
        if self._interrupted and self._flags is not None:
            self._interrupted = False
            self._flags.clear()

    # --- exports ---------------------------------------------------------------------------

    def call(self, name: str, *arguments: int) -> int:
        """Run an export; on a thread of :func:`ringfence.wasm.stack.with_room`.

        Raises:
            InstanceStopped: it did not come to its end.
            RuntimeError: a trap of the guest's could end this process.
        """
        if not has_room():
            raise RuntimeError("this thread has no room for a guest's stack: use with_room()")
        check_handlers()
        self._cause = None
        self._running = True
        try:
            return self._functions[name](*arguments)
        except (Trap, WasmtimeError) as error:
            cause, self._cause = self._cause, None
            raise InstanceStopped(_reason(error), cause, out_of_fuel=_is_dry(error)) from cause
        finally:
            self._running = False

    def settle(self) -> None:
        """Have written what Wasmtime writes for an instance bit by bit as it runs: in a process
        that is going to be copied, so that it is written once.
        """
        for table in self._tables:
            entry.fill_table(self._context, table)

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
        return self._length()

    def limit(self, memory: int, store: StoreLimits = _USUAL) -> None:
        """Let its memory grow to this many bytes in all, and bound what else it may have."""
        entry.limit_store(self._place, memory, store)

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
        if address + size > self._length():
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
        self._flags = None
        self._store.close()


def _is_dry(error: BaseException) -> bool:
    return isinstance(error, Trap) and error.trap_code == TrapCode.OUT_OF_FUEL


def _reason(error: Trap | WasmtimeError) -> str:
    """What Wasmtime says last; before that it lists functions, which have no names here."""
    lines = str(error).strip().splitlines()
    return lines[-1].strip().removeprefix("wasm trap: ") if lines else "for no known reason"
