"""Guests in the host's own process: what serves their imports, and how they are ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from ringfence.wasm.embedded import EmbeddedCode, EmbeddedInstance, Stopped
from ringfence.wasm.emscripten import AFTER, BEFORE, MAIN, Imported, support_modules
from ringfence.wasm.engine import Module, functions_imported, make_embedded_engine
from ringfence.wasm.watch import DeadlineWatch

wasmtime = pytest.importorskip("wasmtime")

# What Emscripten makes of setjmp: a call by number that may come back by a longjmp.
MODULE = """(module
(import "env" "invoke_ii" (func $invoke (param i32 i32) (result i32)))
(import "env" "_emscripten_throw_longjmp" (func $longjmp))
(import "env" "emscripten_resize_heap" (func $resize (param i32) (result i32)))
(import "env" "__syscall_openat" (func $open (param i32 i32 i32 i32) (result i32)))
(import "env" "mp_js_ticks_ms" (func $ticks (result i32)))
(import "env" "call1" (func $javascript (param i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
(memory (export "memory") 1)
(table (export "__indirect_function_table") 2 funcref)
(elem (i32.const 0) func $twice $jump)
(global $stack (mut i32) (i32.const 4096))
(global $threw (mut i32) (i32.const 0))
(func (export "emscripten_stack_init"))
(func (export "emscripten_stack_get_current") (result i32) global.get $stack)
(func (export "_emscripten_stack_restore") (param i32) (global.set $stack (local.get 0)))
(func (export "setThrew") (param i32 i32) (global.set $threw (local.get 0)))
(func (export "threw") (result i32) global.get $threw)
(func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
(func $jump (param i32) (result i32) (global.set $stack (local.get 0)) call $longjmp i32.const 1)
(func (export "invoke") (param i32 i32) (result i32) (call $invoke (local.get 0) (local.get 1)))
(func (export "resize") (param i32) (result i32) (call $resize (local.get 0)))
(func (export "open") (result i32) (call $open (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
(func (export "read") (result i32) (call $read (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
(func (export "ticks") (result i32) call $ticks)
(func (export "javascript") (result i32) (call $javascript (i32.const 1)))
(func (export "write") (param i32 i32 i32) (result i32)
  (call $write (i32.const 1) (local.get 0) (local.get 1) (local.get 2)))
(func (export "poke") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
(func (export "peek") (param i32) (result i32) (i32.load (local.get 0)))
(func (export "loop") (loop $l (br $l)))
(func $deep (export "deep") call $deep)
(func (export "divide") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0))))"""


@pytest.fixture(scope="module")
def code() -> EmbeddedCode:
    engine = make_embedded_engine()
    module = bytes(wasmtime.wat2wasm(MODULE))
    before, after = support_modules(functions_imported(engine, module))
    texts = {BEFORE: before, AFTER: after}
    modules = {name: Module(engine, wasmtime.wat2wasm(text)) for name, text in texts.items()}
    modules[MAIN] = Module(engine, module)
    return EmbeddedCode(engine, DeadlineWatch(engine), modules)


@pytest.fixture
def instance(code: EmbeddedCode) -> Iterator[EmbeddedInstance]:
    made = EmbeddedInstance(code, 4 << 16)
    yield made
    made.close()


def test_a_longjmp_comes_back_to_where_it_was_set(instance: EmbeddedInstance) -> None:
    assert (instance.call("invoke", 0, 21), instance.call("threw")) == (42, 0)
    assert (instance.call("invoke", 1, 77), instance.call("threw")) == (0, 1)
    assert instance.call("emscripten_stack_get_current") == 4096


def test_the_system_is_refused_and_the_clock_stands_still(instance: EmbeddedInstance) -> None:
    assert (instance.call("open"), instance.call("read"), instance.call("ticks")) == (-52, 52, 0)
    with pytest.raises(Stopped, match="unreachable") as caught:
        instance.call("javascript")
    assert caught.value.limit is None


def test_memory_grows_as_far_as_the_store_does(instance: EmbeddedInstance) -> None:
    instance.limit(1 << 21)
    assert [instance.call("resize", size) for size in (1, 3 << 16, 40 << 16)] == [1, 1, 0]
    assert instance.size == 4 << 16
    for address, size in ((-1, 1), (instance.size, 1), (0, -1), (1 << 40, 1)):
        with pytest.raises(IndexError):
            instance.view(address, size)


def test_what_is_printed_is_kept_up_to_a_bound(instance: EmbeddedInstance) -> None:
    for place, value in ((16, 100), (20, 3), (24, 104), (28, 2)):
        instance.call("poke", place, value)
    instance.view(100, 6)[:] = b"abcdef"
    assert instance.call("write", 16, 2, 200) == 0
    assert (instance.call("peek", 200), instance.output(), instance.output()) == (5, b"abcef", b"")
    instance.limit_output(4)
    with pytest.raises(Stopped) as caught:
        instance.call("write", 16, 2, 200)
    assert (caught.value.limit, instance.output()) == ("output", b"abc")


@pytest.mark.parametrize(("place", "size"), [(100, -1), (-1, 1), (65530, 100), (0, 1 << 30)])
def test_hostile_buffers(instance: EmbeddedInstance, place: int, size: int) -> None:
    instance.call("poke", 16, place)
    instance.call("poke", 20, size)
    with pytest.raises(Stopped):
        instance.call("write", 16, 1, 200)
    assert instance.output() == b""


def test_traps_need_no_signal(code: EmbeddedCode) -> None:
    for name, arguments, limit in (
        ("peek", (-4,), None),
        ("divide", (0,), None),
        ("deep", (), "recursion"),
    ):
        one = EmbeddedInstance(code, 1 << 16)
        with pytest.raises(Stopped) as caught:
            one.call(name, *arguments)
        assert caught.value.limit == limit
        one.close()


def test_it_ends_when_its_fuel_its_time_or_the_patience_of_another_thread_does(
    code: EmbeddedCode,
) -> None:
    for limit in ("fuel", "wall", "cancel"):
        one = EmbeddedInstance(code, 1 << 16)
        if limit == "fuel":
            one.fuel = 100_000
        elif limit == "wall":
            one.deadline = time.monotonic() + 0.05
            one.watched(True)
        else:
            threading.Timer(0.05, one.stop).start()
        with pytest.raises(Stopped) as caught:
            one.call("loop")
        assert caught.value.limit == limit
        one.watched(False)
        one.close()


def test_stopping_one_leaves_the_others_running(code: EmbeddedCode) -> None:
    running, other = EmbeddedInstance(code, 1 << 16), EmbeddedInstance(code, 1 << 16)
    told: list[str | None] = []

    def work() -> None:
        try:
            running.call("loop")
        except Stopped as stopped:
            told.append(stopped.limit)

    thread = threading.Thread(target=work)
    thread.start()
    other.stop()
    with pytest.raises(Stopped):
        other.call("loop")
    assert told == []
    while not running._running:
        pass
    with pytest.raises(RuntimeError, match="is running"):
        running.close()
    running.stop()
    thread.join()
    assert told == ["cancel"]


def test_what_is_frozen_is_thawed(code: EmbeddedCode) -> None:
    first, second = EmbeddedInstance(code, 1 << 20), EmbeddedInstance(code, 1 << 20)
    first.call("resize", 5 << 16)
    first.call("poke", (5 << 16) - 4, 7)
    first.call("_emscripten_stack_restore", 1234)
    second.thaw(first.freeze())
    assert second.call("peek", (5 << 16) - 4) == 7
    assert second.call("emscripten_stack_get_current") == 1234
    small = EmbeddedInstance(code, 1 << 16)
    small.limit(1 << 16)
    second.call("resize", 18 << 16)
    with pytest.raises(Stopped, match="may not have"):
        small.thaw(second.freeze()._replace(size=64 << 20))


def test_imports_that_are_none_of_emscriptens() -> None:
    for wrong in (
        Imported('a" (func', "f", (), ()),
        Imported("env", "f)", (), ()),
        Imported("env", "f", ("externref",), ()),
    ):
        with pytest.raises(ValueError, match="Emscripten does not"):
            support_modules([wrong])
