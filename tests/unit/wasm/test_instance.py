"""What the host does for a module, and what a module cannot do to the host."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from wasmtime import wat2wasm

from ringfence.wasm.engine import (
    Engine,
    Module,
    WasmtimeError,
    compile_module,
    load_module,
    make_engine,
)
from ringfence.wasm.host import IMPORTS, GuestLeft
from ringfence.wasm.instance import PAGE, Instance, InstanceStopped
from ringfence.wasm.stack import with_room
from ringfence.wasm.store import StoreLimits

_TYPES = {
    "send": "(param i32 i32) (result i32)",
    "receive": "(param i32 i32) (result i32)",
    "wait": "(param i64 i32) (result i32)",
    "clock": "(param i32) (result i64)",
    "entropy": "(param i32 i32)",
    "log": "(param i32 i32)",
    "leave": "(param i32)",
}

_FRAME = """
(module
  {imports}
  (memory (export "memory") 1 200)
  (data (i32.const 64) "\\03\\00\\00\\00"
    "\\80\\00\\00\\00\\01\\00\\00\\00" "\\81\\00\\00\\00\\02\\00\\00\\00" "\\82\\00\\00\\00\\04\\00\\00\\00")
  (global (export "__stack_pointer") (mut i32) (i32.const 1024))
  (func (export "flags") (result i32) (i32.const 64))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "spin") (result i32)
    (drop (call $clock (i32.const 1)))
    (loop $again (br_if $again (i32.eqz (i32.load (i32.const 130)))))
    (i32.load (i32.const 128)))
  (func (export "spin_for_ever") (loop $again (br $again)))
  (func $deep (export "deep") (param i32) (result i32)
    (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  (func (export "trap") unreachable)
  {functions})
"""
_SEND = (
    '(func (export "say") (param i32 i32) (result i32) (call $send (local.get 0) (local.get 1)))'
)
_CLOCK = '(func (export "time") (result i64) (call $clock (i32.const 1)))'
_LEAVE = '(func (export "end") (call $leave (i32.const 5)))'
_ENTROPY = '(func (export "fill") (call $entropy (i32.const 8) (i32.const 16)))'


def _text(functions: str = "") -> str:
    imports = "".join(
        f'(import "ringfence" "{name}" (func ${name} {kind}))' for name, kind in _TYPES.items()
    )
    return _FRAME.format(imports=imports, functions=functions)


class Calls:
    """A host that notes what it is asked for."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.failure: BaseException | None = None

    def send(self, data: memoryview) -> int:
        if self.failure is not None:
            raise self.failure
        self.sent.append(bytes(data))
        return len(data)

    def receive(self, buffer: memoryview) -> int:
        return 0

    def wait(self, nanoseconds: int, channel: bool) -> int:
        return 0

    def clock(self, which: int) -> int:
        return 1 << 40

    def entropy(self, buffer: memoryview) -> None:
        buffer[:] = os.urandom(len(buffer))

    def log(self, text: bytes) -> None:
        self.sent.append(text)


@pytest.fixture(scope="module")
def wasm_engine() -> Engine:
    return make_engine()


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def instance(wasm_engine: Engine, calls: Calls, tmp_path: Path) -> Iterator[Instance]:
    module = _load(wasm_engine, _text(_SEND + _CLOCK + _LEAVE + _ENTROPY), tmp_path)
    made = Instance(wasm_engine, module, calls)
    made.limit(200 * PAGE)
    with_room(made.find_flags)
    yield made
    made.close()


def _call(instance: Instance, name: str, *arguments: int) -> int:
    return with_room(instance.call, name, *arguments)


def _load(wasm_engine: Engine, text: str, folder: Path) -> Module:
    path = folder / "module.cwasm"
    path.write_bytes(compile_module(wasm_engine, bytes(wat2wasm(text))))
    return load_module(wasm_engine, path)


def test_the_host_calls_are_those_that_are_named() -> None:
    assert set(_TYPES) == set(IMPORTS)


def test_bytes_and_numbers_cross(instance: Instance, calls: Calls) -> None:
    instance.view(16, 5)[:] = b"hello"
    assert _call(instance, "say", 16, 5) == 5
    assert calls.sent == [b"hello"]
    assert _call(instance, "time") == 1 << 40
    _call(instance, "fill")
    assert bytes(instance.view(8, 16)) != bytes(16)
    assert instance.stack_pointer == 1024


@pytest.mark.parametrize(
    ("address", "size"), [(PAGE, 1), (PAGE - 4, 5), (0, PAGE + 1), (-1, 2), (0, -1), (1 << 31, 8)]
)
def test_a_range_that_is_not_all_in_its_memory(
    instance: Instance, calls: Calls, address: int, size: int
) -> None:
    with pytest.raises(InstanceStopped) as caught:
        _call(instance, "say", address, size)
    assert isinstance(caught.value.cause, IndexError)
    assert calls.sent == []


def test_what_a_host_call_raises_ends_the_guest(instance: Instance, calls: Calls) -> None:
    calls.failure = KeyboardInterrupt()
    with pytest.raises(InstanceStopped) as caught:
        _call(instance, "say", 0, 1)
    assert caught.value.cause is calls.failure


def test_a_guest_that_leaves(instance: Instance) -> None:
    with pytest.raises(InstanceStopped) as caught:
        _call(instance, "end")
    assert isinstance(caught.value.cause, GuestLeft)
    assert caught.value.cause.code == 5


@pytest.mark.parametrize("name", ["trap", "deep", "load"])
def test_a_trap_is_no_more_than_that(instance: Instance, name: str) -> None:
    arguments = {"deep": [0], "load": [-8]}.get(name, [])
    with pytest.raises(InstanceStopped) as caught:
        _call(instance, name, *arguments)
    assert caught.value.cause is None


def test_memory_grows_to_its_limit(instance: Instance) -> None:
    assert _call(instance, "grow", 1) == 1
    assert instance.size == 2 * PAGE
    instance.limit(3 * PAGE)
    assert _call(instance, "grow", 2) == -1
    assert _call(instance, "grow", 1) == 2
    assert _call(instance, "grow", 1) == -1


def test_a_table_grows_to_its_limit(wasm_engine: Engine, calls: Calls, tmp_path: Path) -> None:
    table = """
      (table $functions 2 funcref)
      (func (export "widen") (param i32) (result i32)
        (table.grow $functions (ref.null func) (local.get 0)))"""
    instance = Instance(wasm_engine, _load(wasm_engine, _text(table), tmp_path), calls)
    instance.limit(200 * PAGE, StoreLimits(table_elements=5))
    assert _call(instance, "widen", 3) == 2
    assert _call(instance, "widen", 1) == -1
    instance.close()


def test_an_interrupt_reaches_code_that_never_calls_the_host(instance: Instance) -> None:
    spinning = threading.Event()

    class Watched(Calls):
        def clock(self, which: int) -> int:
            spinning.set()
            return 0

    def stop() -> None:
        spinning.wait()
        instance.interrupt()

    instance.calls = Watched()
    stopper = threading.Thread(target=stop)
    stopper.start()
    assert _call(instance, "spin") == 0x40201
    stopper.join()


def test_an_interrupt_that_came_too_early_is_for_the_next_call(instance: Instance) -> None:
    instance.interrupt()
    assert _call(instance, "spin") == 0x40201


def test_an_interrupt_is_forgotten_but_for_what_the_module_sets_itself(instance: Instance) -> None:
    instance.interrupt()
    instance.forget_interrupt()
    assert bytes(instance.view(128, 3)) == b"\0\0\4"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (b"\1\0\0\0", "the module names 1 flags"),
        (b"\xff\xff\xff\xff", "the module names 4294967295 flags"),
        (b"\2\0\0\0" + b"\x80\0\0\0\1\1\0\0" * 2, "a flag is in one byte"),
        (b"\2\0\0\0" + b"\0\0\1\0\1\0\0\0" * 2, "are not in the guest's memory"),
    ],
)
def test_a_table_that_names_no_flags(instance: Instance, table: bytes, said: str) -> None:
    instance.view(64, len(table))[:] = table
    with pytest.raises((ValueError, IndexError), match=said):
        with_room(instance.find_flags)


_TABLE = """
(table (export "__indirect_function_table") 4 funcref)
(elem (i32.const 1) $first $second)
(func $first (result i32) (i32.const 10))
(func $second (result i32) (i32.const 20))
(func (export "by_table") (param i32) (result i32)
  (call_indirect (result i32) (local.get 0)))
"""


@pytest.mark.parametrize("settled", [True, False])
def test_functions_are_called_by_a_table_that_was_settled_or_not(
    wasm_engine: Engine, calls: Calls, tmp_path: Path, settled: bool
) -> None:
    instance = Instance(wasm_engine, _load(wasm_engine, _text(_TABLE), tmp_path), calls)
    if settled:
        instance.settle()
    assert [with_room(instance.call, "by_table", at) for at in (1, 2)] == [10, 20]
    for nothing in (0, 3, 4):
        with pytest.raises(InstanceStopped):
            with_room(instance.call, "by_table", nothing)
    instance.close()


@pytest.fixture
def counted(calls: Calls, tmp_path: Path) -> Iterator[Instance]:
    counting = make_engine(fuel=True)
    made = Instance(counting, _load(counting, _text(_SEND + _CLOCK), tmp_path), calls, fuel=True)
    yield made
    made.close()


def test_fuel_is_counted_and_the_same_each_time(counted: Instance) -> None:
    used = []
    for _ in range(3):
        counted.fuel = 1_000
        _call(counted, "time")
        used.append(1_000 - counted.fuel)
    assert used[0] > 0
    assert used == [used[0]] * 3


def test_without_fuel_it_stops(counted: Instance) -> None:
    counted.fuel = 100_000
    with pytest.raises(InstanceStopped) as caught:
        _call(counted, "spin_for_ever")
    assert (caught.value.out_of_fuel, caught.value.cause, counted.fuel) == (True, None, 0)


def test_another_trap_has_fuel_left(counted: Instance) -> None:
    with pytest.raises(InstanceStopped) as caught:
        _call(counted, "trap")
    assert not caught.value.out_of_fuel
    assert counted.fuel > 0


def test_what_else_it_imports_is_refused(wasm_engine: Engine, calls: Calls, tmp_path: Path) -> None:
    text = _text().replace('"ringfence" "send"', '"wasi_snapshot_preview1" "fd_write"')
    with pytest.raises(WasmtimeError, match="unknown import: `wasi_snapshot_preview1::fd_write`"):
        Instance(wasm_engine, _load(wasm_engine, text, tmp_path), calls)


def test_one_that_runs_is_not_closed(instance: Instance) -> None:
    class Closing(Calls):
        def clock(self, which: int) -> int:
            with pytest.raises(RuntimeError, match="the instance is running"):
                instance.close()
            return 3

    instance.calls = Closing()
    assert _call(instance, "time") == 3


def test_a_thread_without_room_is_refused(instance: Instance) -> None:
    with pytest.raises(RuntimeError, match="has no room for a guest's stack"):
        instance.call("time")


_TRAPS = """
import faulthandler, sys
from pathlib import Path
from ringfence.wasm.engine import load_module, make_engine
from ringfence.wasm.instance import Instance, InstanceStopped
from ringfence.wasm.stack import with_room
class Calls: pass
if sys.argv[2] == "before":
    faulthandler.enable()
engine = make_engine()
instance = Instance(engine, load_module(engine, Path(sys.argv[1])), Calls())
if sys.argv[2] == "after":
    faulthandler.enable()
for name, arguments in (("load", [-8]), ("trap", []), ("load", [-8])):
    try:
        with_room(instance.call, name, *arguments)
    except InstanceStopped as error:
        print(name, "stopped")
    except RuntimeError as error:
        print(name, "refused:", str(error).split(" by ")[0])
"""


@pytest.mark.parametrize(
    ("when", "printed"),
    [
        ("never", "load stopped\ntrap stopped\nload stopped\n"),
        ("before", "load stopped\ntrap stopped\nload stopped\n"),
        (
            "after",
            "load refused: SIGSEGV is handled\ntrap refused: SIGSEGV is handled\n"
            "load refused: SIGSEGV is handled\n",
        ),
    ],
)
def test_a_trap_never_ends_a_host_that_handles_sigsegv_itself(
    when: str, printed: str, wasm_engine: Engine, tmp_path: Path
) -> None:
    """traps.md 23: traps are signals; who takes them from Wasmtime is given no guest to run."""
    _load(wasm_engine, _text(), tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", _TRAPS, str(tmp_path / "module.cwasm"), when],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, printed), done.stderr
