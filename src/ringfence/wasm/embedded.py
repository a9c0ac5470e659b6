"""A guest in the host's own process: an instance of a module that Emscripten compiled."""

from __future__ import annotations

import ctypes
import struct
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from wasmtime import Func, Instance, Linker, Memory, Store, Trap, TrapCode, WasmtimeError

from ringfence.wasm import entry
from ringfence.wasm.emscripten import (
    AFTER,
    BEFORE,
    MAIN,
    OUTPUT_BEGINS,
    OUTPUT_FLOODED,
    OUTPUT_MOST,
    OUTPUT_PAGES,
    OUTPUT_WRITTEN,
)
from ringfence.wasm.engine import Engine, Module
from ringfence.wasm.fuel import UNBOUNDED
from ringfence.wasm.watch import DeadlineWatch

__all__ = ["EmbeddedCode", "EmbeddedInstance", "Frozen", "Stopped"]

_PAGE = 1 << 16
_OUTPUT_SIZE = OUTPUT_PAGES * _PAGE
_OUTPUT = _OUTPUT_SIZE - OUTPUT_BEGINS  # bytes that can be printed
_WORD = struct.Struct("<I")
_TABLE = 10_000  # entries of its largest table
_STRETCH = 4096
_BLOCK = 64 * _STRETCH
_NEVER = float("inf")


class EmbeddedCode(NamedTuple):
    """What instances are made of.

    Attributes:
        engine: of :func:`ringfence.wasm.engine.make_embedded_engine`.
        watch: ends what runs too long in it.
        modules: *before*, *main* and *after*, see :mod:`ringfence.wasm.emscripten`.
    """

    engine: Engine
    watch: DeadlineWatch
    modules: Mapping[str, Module]

    def close(self) -> None:
        """Give everything back, at the end of the process: what Wasmtime's objects would do by
        themselves then needs modules of theirs that may be gone by that time.
        """
        self.watch.close()
        for module in self.modules.values():
            module.close()
        self.engine.close()


class Stopped(Exception):
    """The code did not come to its end, and the instance can never run again.

    Attributes:
        limit: ``"fuel"``, ``"wall"``, ``"output"`` or ``"recursion"`` (the stack of compiled code)
            if one of these was reached; ``"cancel"`` if :meth:`EmbeddedInstance.stop` was called;
            else None: it trapped.
    """

    def __init__(self, message: str, limit: str | None) -> None:
        super().__init__(message)
        self.limit = limit


class Frozen(NamedTuple):
    """The whole state of an instance between two calls.

    Attributes:
        size: bytes of its memory.
        stack: its stack pointer.
        stretches: what is not zero: address and bytes, in order.
    """

    size: int
    stack: int
    stretches: tuple[tuple[int, bytes], ...]


class EmbeddedInstance:
    """An instance with a store of its own. One thread uses it at a time; any may stop it.

    Args:
        code: what it is an instance of.
        memory: bytes that its memory may grow to.

    Raises:
        WasmtimeError: this process has no memory for it.
    """

    def __init__(self, code: EmbeddedCode, memory: int) -> None:
        self._code = code
        self._stopped = False
        self._running = False
        self.deadline = _NEVER
        self._interrupt: tuple[Callable[[], object], float, float] | None = None
        self._store = store = Store(code.engine)
        self._context = entry.context_of(store)
        self._fuel = entry.Fuel(self._context)
        self._fuel.set(UNBOUNDED)
        self.limit(memory)
        self._decision = entry.decide_when_interrupted(store, self._goes_on)
        linker = Linker(code.engine)
        before = linker.instantiate(store, code.modules[BEFORE])
        linker.define_instance(store, BEFORE, before)
        exports = before.exports(store)
        given = [exports[f"{one.module}.{one.name}"] for one in code.modules[MAIN].imports]
        main = Instance(store, code.modules[MAIN], given)
        linker.define_instance(store, MAIN, main)
        found = main.exports(store)
        after = linker.instantiate(store, code.modules[AFTER]).exports(store)
        self._exports = {name: export for name, export in found.items() if isinstance(export, Func)}
        self._functions: dict[str, entry.Function] = {}
        self._memory = _as_memory(found["memory"])
        self._length = entry.MemoryLength(self._context, self._memory)
        output = _as_memory(after["output"])  # it stays where it is
        place = ctypes.addressof(output.data_ptr(store).contents)
        self._output = memoryview((ctypes.c_ubyte * _OUTPUT_SIZE).from_address(place)).cast("B")
        self._look()

    def _look(self) -> None:
        """Learn where the memory is; after it has grown, it may be elsewhere."""
        self._size = self._length()
        self._address = ctypes.addressof(self._memory.data_ptr(self._store).contents)
        self._bytes = memoryview((ctypes.c_ubyte * self._size).from_address(self._address)).cast(
            "B"
        )

    # --- running ---------------------------------------------------------------------------

    def call(self, name: str, *arguments: int) -> int:
        """Run an export of the main module; 0 if it has no result.

        Raises:
            Stopped: it did not come to its end.
        """
        function = self._functions.get(name)
        if function is None:
            export = self._exports[name]
            function = entry.Function(self._context, export, export.type(self._store))
            self._functions[name] = function
        return self._run(function, *arguments)

    def _run(self, function: entry.Function, *arguments: int) -> int:
        self._running = True
        try:
            return function(*arguments)
        except (Trap, WasmtimeError) as error:
            raise self._explain(error) from None
        finally:
            self._running = False
            if self._length() != self._size:
                self._look()

    def _explain(self, error: Trap | WasmtimeError) -> Stopped:
        code = error.trap_code if isinstance(error, Trap) else None
        if code == TrapCode.OUT_OF_FUEL:
            return Stopped("its fuel is used up", "fuel")
        if code == TrapCode.STACK_OVERFLOW:
            return Stopped("it called too deeply within the interpreter", "recursion")
        if self._output[OUTPUT_FLOODED]:
            return Stopped("it printed more than it may", "output")
        if not isinstance(error, Trap):
            if self._stopped:
                return Stopped("it was cancelled", "cancel")
            if time.monotonic() >= self.deadline:
                return Stopped("its time is up", "wall")
        lines = str(error).strip().splitlines()
        reason = lines[-1].strip().removeprefix("wasm trap: ") if lines else "for no known reason"
        return Stopped(reason, None)

    @property
    def fuel(self) -> int:
        """How many instructions it may still run; may be set between two calls."""
        return self._fuel.get()

    @fuel.setter
    def fuel(self, instructions: int) -> None:
        self._fuel.set(instructions)

    def watched(self, watched: bool) -> None:
        """Whether what runs is ended at :attr:`deadline`, a time of :func:`time.monotonic`, which
        may be moved while it is.
        """
        (self._code.watch.add if watched else self._code.watch.remove)(self)

    def interrupt_after(
        self, seconds: float, interrupt: Callable[[], object], grace: float
    ) -> None:
        """Have something done in the middle of what runs next, which is ended after ``grace`` more
        seconds; while it is watched.

        Args:
            seconds: of this thread's CPU until then.
            interrupt: what; it may look into the memory.
            grace: more seconds.
        """
        self._interrupt = (interrupt, time.thread_time() + seconds, grace)
        self.deadline = time.monotonic() + seconds
        self._code.watch.wake()

    def stop(self) -> None:
        """End what runs, or what runs next; from any thread."""
        self._stopped = True
        self._code.engine.increment_epoch()

    def _goes_on(self) -> bool:
        """Asked in the middle of a call, whenever something in this engine is to be stopped."""
        now = time.monotonic()
        if now >= self.deadline and self._interrupt is not None:
            interrupt, due, grace = self._interrupt
            left = due - time.thread_time()
            if left > 0:
                self.deadline = now + left
            else:
                self._interrupt = None
                self.deadline = now + grace
                interrupt()
        return not self._stopped and now < self.deadline

    # --- memory ----------------------------------------------------------------------------

    def limit(self, memory: int) -> None:
        """Let its memory grow to so many bytes, and to no more."""
        self._store.set_limits(
            memory_size=max(memory, _OUTPUT_SIZE), table_elements=_TABLE, instances=3, tables=2,
            memories=2,
        )  # fmt: skip

    @property
    def size(self) -> int:
        """Bytes of its memory."""
        return self._size

    def view(self, address: int, size: int) -> memoryview:
        """Its memory in a range; what is there changes when it runs, and it is gone afterwards.

        Raises:
            IndexError: it is not all within its memory.
        """
        if address < 0 or size < 0 or address + size > self._size:
            raise IndexError(f"{size} bytes at {address:#x} are not in the guest's memory")
        return self._bytes[address : address + size]

    def output(self) -> bytes:
        """What it has printed since it was last asked."""
        (size,) = _WORD.unpack_from(self._output, OUTPUT_WRITTEN)
        if not size:
            return b""
        _WORD.pack_into(self._output, OUTPUT_WRITTEN, 0)
        return bytes(self._output[OUTPUT_BEGINS : OUTPUT_BEGINS + min(size, _OUTPUT)])

    def limit_output(self, most: int) -> None:
        """Let it print so many bytes before it is asked for them; 1 MiB at most."""
        _WORD.pack_into(self._output, OUTPUT_MOST, min(most, _OUTPUT))

    def freeze(self) -> Frozen:
        """Its state, between two calls."""
        return Frozen(
            self._size,
            self.call("emscripten_stack_get_current"),
            tuple(_stretches(self._bytes)),
        )

    def thaw(self, frozen: Frozen) -> None:
        """Make an instance that has never run what another one was.

        Raises:
            Stopped: its memory may not be as large.
        """
        missing = -(-(frozen.size - self._size) // _PAGE)
        if missing > 0:
            try:
                self._memory.grow(self._store, missing)
            except WasmtimeError:
                raise Stopped(f"it may not have {frozen.size:,} bytes of memory", None) from None
            self._look()
        for address, data in frozen.stretches:
            self._bytes[address : address + len(data)] = data
        self.call("emscripten_stack_init")
        self.call("_emscripten_stack_restore", frozen.stack)

    def rewind(self, memory: bytes | memoryview) -> None:
        """Put back what was at the beginning of its memory, between two calls."""
        self._bytes[: len(memory)] = memory

    def close(self) -> None:
        """Give back what it holds.

        Raises:
            RuntimeError: it is running.
        """
        if self._running:
            raise RuntimeError("the instance is running")
        self._bytes = self._output = memoryview(b"")
        self._size = 0
        self._store.close()


def _stretches(memory: memoryview) -> list[tuple[int, bytes]]:
    """What is not zero, in whole pages of the processor's."""
    no_block, no_page = bytes(_BLOCK), bytes(_STRETCH)
    found: list[tuple[int, bytes]] = []
    begun: int | None = None
    for block in range(0, len(memory), _BLOCK):
        data = bytes(memory[block : block + _BLOCK])
        step = _BLOCK if data == no_block else _STRETCH
        for at in range(0, len(data), step):
            used = step == _STRETCH and data[at : at + step] != no_page
            if used and begun is None:
                begun = block + at
            elif not used and begun is not None:
                found.append((begun, bytes(memory[begun : block + at])))
                begun = None
    if begun is not None:
        found.append((begun, bytes(memory[begun:])))
    return found


def _as_memory(export: object) -> Memory:
    assert isinstance(export, Memory)
    return export
