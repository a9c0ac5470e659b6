"""A frozen module begins where the instance stood."""

from __future__ import annotations

from typing import Any

import pytest
from wasmtime import Engine, Instance, Module, Store, wat2wasm

from ringfence.images.wasi.freeze import freeze, tables_of

COUNTER = """
(module
  (memory (export "memory") 2)
  (data (i32.const 100) "\\07\\00\\00\\00")
  (data (i32.const 70000) "far")
  (func (export "count") (result i32)
    (i32.store (i32.const 100) (i32.add (i32.load (i32.const 100)) (i32.const 1)))
    (i32.load (i32.const 100)))
  (func (export "grow") (result i32) (memory.grow (i32.const 1))))
"""


def _start(module: bytes) -> tuple[Any, Any]:
    engine = Engine()
    store = Store(engine)
    exports = Instance(store, Module(engine, module), []).exports(store)
    return store, exports


def test_memory_goes_on_where_it_was() -> None:
    module = bytes(wat2wasm(COUNTER))
    store, exports = _start(module)
    assert [exports["count"](store) for _ in range(300)][-1] == 307
    exports["grow"](store)
    exports["memory"].write(store, b"end", 3 * 65_536 - 3)
    memory = bytes(exports["memory"].read(store))
    again, other = _start(freeze(module, memory))
    assert bytes(other["memory"].read(again)) == memory
    assert other["count"](again) == 308
    store, first = _start(module)  # the module itself is as it was
    assert first["count"](store) == 8


@pytest.mark.parametrize(
    ("tables", "sizes"),
    [
        ("", []),
        ("(table 5 funcref)", [5]),
        ("(table 300 300 funcref) (table 0 7 funcref) (table 2 funcref)", [300, 0, 2]),
    ],
)
def test_tables_are_found(tables: str, sizes: list[int]) -> None:
    assert tables_of(bytes(wat2wasm(f"(module {tables} (memory 1))"))) == sizes


def test_a_table_of_something_else() -> None:
    with pytest.raises(ValueError, match="of something else than functions"):
        tables_of(bytes(wat2wasm("(module (table 5 externref))")))


def test_empty_pages_take_no_room() -> None:
    module = bytes(wat2wasm(COUNTER))
    memory = bytearray(64 << 20)
    memory[-1] = 1
    frozen = freeze(module, memoryview(memory))
    assert len(frozen) < 10_000
    store, exports = _start(frozen)
    assert bytes(exports["memory"].read(store)) == memory


@pytest.mark.parametrize(
    ("module", "memory"),
    [
        (b"", b""),
        (b"\0asm\2\0\0\0", b""),
        (bytes(wat2wasm(COUNTER)), b"x"),
        (bytes(wat2wasm("(module)")), b""),
        (bytes(wat2wasm("(module (memory 1))")), bytes(65_536)),
        (bytes(wat2wasm('(module (memory 1) (memory 1) (data (i32.const 0) "x"))')), bytes(65_536)),
    ],
    ids=["nothing", "a component", "half a page", "no memory", "no data", "two memories"],
)
def test_what_cannot_be_frozen(module: bytes, memory: bytes) -> None:
    with pytest.raises(ValueError):
        freeze(module, memory)
