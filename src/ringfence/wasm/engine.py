"""How modules are compiled: two configurations, and what must be the same to use their output."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from wasmtime import Config, Engine, Module, WasmtimeError
from wasmtime import _ffi as ffi

from ringfence.wasm.traps import remember_handlers

__all__ = [
    "ADDRESSES",
    "STACK",
    "Engine",
    "Module",
    "WasmtimeError",
    "compile_module",
    "compiler_key",
    "load_module",
    "make_engine",
]

STACK = 8 << 20
"""Bytes of stack that compiled code may use. A thread that runs it needs more than that."""

ADDRESSES = 1 << 32
"""Bytes that a guest can address, and that are set aside in this process for each, unused."""

_BESIDE = 1 << 20
_CONFIGURATION = 3  # raised with every change of make_engine


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


def compiler_key() -> str:
    """Names everything about the compiler that its output depends on, in both configurations."""
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
    return Module.deserialize_file(engine, str(path))
