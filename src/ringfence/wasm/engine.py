"""How modules are compiled: configurations, and what must be the same to use their output."""

from __future__ import annotations

import contextlib
import sys
from importlib.metadata import version
from pathlib import Path

from wasmtime import Config, Engine, FuncType, Module, WasmtimeError, wat2wasm
from wasmtime import _ffi as ffi

from ringfence.wasm.emscripten import Imported
from ringfence.wasm.traps import remember_handlers

__all__ = [
    "ADDRESSES",
    "EMBEDDED_STACK",
    "STACK",
    "Engine",
    "Module",
    "WasmtimeError",
    "compile_module",
    "compile_text",
    "compiler_key",
    "functions_imported",
    "load_module",
    "make_embedded_engine",
    "make_engine",
]

STACK = 8 << 20
"""Bytes of stack that compiled code may use. A thread that runs it needs more than that."""

ADDRESSES = 1 << 32
"""Bytes that a guest can address, and that are set aside in this process for each, unused."""

_BESIDE = 1 << 20
_CONFIGURATION = 3  # raised with every change of make_engine or make_embedded_engine

EMBEDDED_STACK = 512 << 10
"""Bytes of stack that compiled code may use in the host's own process."""

_EMBEDDED_ADDRESSES = 64 << 20  # a larger memory is moved when it grows there


def make_engine(*, fuel: bool = False) -> Engine:
    """An engine in a configuration that guests run in.

    Args:
        fuel: whether compiled code counts its instructions, which takes a tenth of its speed or
            more. What the module does is the same, and so is its memory.

    Memory accesses are checked by the processor: what lies outside of the memory is no page, and
    Wasmtime handles the signal. :mod:`.traps` makes sure that it is Wasmtime who does.
    """
    config = Config()
    config.consume_fuel = fuel
    config.signals_based_traps = True
    config.cranelift_nan_canonicalization = True
    config.wasm_threads = False
    config.wasm_memory64 = False
    # A memory stays where it is, so its address is looked up once.
    ffi.wasmtime_config_memory_reservation_set(config.ptr(), ADDRESSES)
    ffi.wasmtime_config_memory_may_move_set(config.ptr(), False)
    # Wasmtime asks that its fibers, which nothing here uses, have more stack than a guest.
    ffi.wasmtime_config_async_stack_size_set(config.ptr(), STACK + _BESIDE)
    config.max_wasm_stack = STACK
    engine = Engine(config)
    remember_handlers()
    return engine


def make_embedded_engine() -> Engine:
    """An engine for guests that run in the host's own process.

    Every access is checked by the compiled code itself, and no signal is needed for any trap:
    whoever handles signals in this process (``faulthandler.enable()``) cannot have a guest end it.
    Instructions are counted, and what runs can be stopped from another thread. Few addresses are
    set aside, since the process may be bounded (RLIMIT_AS).
    """
    config = Config()
    config.consume_fuel = True
    config.epoch_interruption = True
    config.signals_based_traps = False
    config.wasm_exceptions = True
    config.wasm_multi_memory = True
    config.wasm_relaxed_simd_deterministic = True
    config.cranelift_nan_canonicalization = True
    config.wasm_threads = False
    config.wasm_memory64 = False
    ffi.wasmtime_config_memory_reservation_set(config.ptr(), _EMBEDDED_ADDRESSES)
    ffi.wasmtime_config_memory_guard_size_set(config.ptr(), 0)
    config.max_wasm_stack = EMBEDDED_STACK
    return Engine(config)


def functions_imported(engine: Engine, module: bytes) -> list[Imported]:
    """What a module imports.

    Raises:
        ValueError: something that is no function.
        wasmtime.WasmtimeError: it is no valid module.
    """
    found = []
    for one in Module(engine, module).imports:
        kind = one.type
        if not isinstance(kind, FuncType):
            raise ValueError(f"the module imports {one.module}.{one.name}, which is no function")  # noqa: TRY004
        parameters, results = map(str, kind.params), map(str, kind.results)
        found.append(Imported(one.module, one.name or "", tuple(parameters), tuple(results)))
    return found


def compile_text(engine: Engine, text: str) -> bytes:
    """Native code for a module in the text format.

    Raises:
        wasmtime.WasmtimeError: it is no valid module.
    """
    return compile_module(engine, bytes(wat2wasm(text)))


def compiler_key() -> str:
    """Names everything about the compiler that its output depends on, in every configuration."""
    return f"wasmtime-{version('wasmtime')}-configuration{_CONFIGURATION}"


def compile_module(engine: Engine, module: bytes) -> bytes:
    """Native code for a module, as :func:`load_module` reads it. Takes seconds.

    Raises:
        wasmtime.WasmtimeError: it is no valid module.
    """
    return bytes(Module(engine, module).serialize())


def load_module(engine: Engine, path: Path) -> Module:
    """Map compiled code. What is in the file runs in this process: it must be one's own.

    Raises:
        wasmtime.WasmtimeError: it was compiled by another version or for another machine.
    """
    if sys.platform == "win32":
        with contextlib.suppress(WasmtimeError):  # not every system maps files to run them
            return Module.deserialize_file(engine, str(path))
        return Module.deserialize(engine, path.read_bytes())
    return Module.deserialize_file(engine, str(path))
