"""What a module compiled with Emscripten imports, served by WebAssembly instead of by the host.

Emscripten leaves to its host what WebAssembly had no instruction for: ``setjmp`` and ``longjmp``
(``invoke_*``, ``_emscripten_throw_longjmp``), system calls, and whatever JavaScript would do. Two
modules stand in for that host, so that nothing of this process is called from a guest's code:

*before* is made first and gives the main module its imports. A ``longjmp`` is an exception of
WebAssembly; what needs the main module's memory or functions goes through a table that is filled
when they are there; a system call is refused; any other import is a trap.

*after* is made last. It catches these exceptions, keeps what is printed in a memory of its own, of
a fixed size, and lets the memory grow as far as the store does.

https://emscripten.org/docs/porting/setjmp-longjmp.html, in the form without exceptions; and
https://github.com/WebAssembly/exception-handling, which replaces it here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

__all__ = [
    "AFTER",
    "BEFORE",
    "MAIN",
    "OUTPUT_BEGINS",
    "OUTPUT_FLOODED",
    "OUTPUT_MOST",
    "OUTPUT_PAGES",
    "OUTPUT_WRITTEN",
    "Imported",
    "support_modules",
]

BEFORE, MAIN, AFTER = "before", "main", "after"
"""What the three modules are called among each other."""

OUTPUT_PAGES = 16
"""Pages of 64 KiB of the memory for what a guest prints, which it cannot reach: 1 MiB."""

OUTPUT_WRITTEN, OUTPUT_MOST, OUTPUT_FLOODED, OUTPUT_BEGINS = 0, 4, 8, 16
"""What lies where in it: how many bytes there are, how many there may be, whether it was too much
(of four bytes, little-endian, unsigned), and the first of them.
"""

_ENOSYS = 52  # Emscripten's number for "function not implemented", which is WASI's
_NUMBERS = frozenset({"i32", "i64", "f32", "f64"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONSTANT = frozenset({"mp_js_ticks_ms", "mp_js_time_ms", "mp_js_random_u32"})
_IGNORED = frozenset({"proxy_js_free_obj"})


class Imported(NamedTuple):
    """A function that the main module imports.

    Attributes:
        module: the name of what it is imported from.
        name: its own.
        parameters: their types.
        results: of these there is one at most.
    """

    module: str
    name: str
    parameters: tuple[str, ...]
    results: tuple[str, ...]


def support_modules(imports: Sequence[Imported]) -> tuple[str, str]:
    """The text of *before* and of *after* for a main module.

    *before* exports each function as ``module.name``.

    Args:
        imports: what the main module imports, nothing but functions.

    Raises:
        ValueError: a name or a type that no module of Emscripten has.
    """
    names = [name for one in imports for name in (one.module, one.name)]
    kinds = {kind for one in imports for kind in (*one.parameters, *one.results)}
    if not all(map(_NAME.fullmatch, names)) or not kinds <= _NUMBERS:
        raise ValueError("the module imports what Emscripten does not")
    later = [one for one in imports if _needs_main(one.name)]
    return _before(imports, later), _after(later)


def _needs_main(name: str) -> bool:
    return name.startswith("invoke_") or name in ("fd_write", "emscripten_resize_heap")


def _signature(parameters: Sequence[str], results: Sequence[str]) -> str:
    given = f"(param {' '.join(parameters)})" if parameters else ""
    return f"{given} (result {' '.join(results)})" if results else given


def _before(imports: Sequence[Imported], later: Sequence[Imported]) -> str:
    lines = ['(tag $longjmp (export "longjmp"))']
    lines.append(f'(table $later (export "later") {len(later)} {len(later)} funcref)')
    for one in imports:
        kind = _signature(one.parameters, one.results)
        body = "unreachable"
        if one in later:
            index = later.index(one)
            lines.append(f"(type $t{index} (func {kind}))")
            given = " ".join(f"local.get {i}" for i in range(len(one.parameters)))
            body = f"{given} i32.const {index} call_indirect $later (type $t{index})"
        elif one.name == "_emscripten_throw_longjmp":
            body = "throw $longjmp"
        elif one.name.startswith("__syscall_") and one.results == ("i32",):
            body = f"i32.const {-_ENOSYS}"
        elif one.module == "wasi_snapshot_preview1" and one.results == ("i32",):
            body = f"i32.const {_ENOSYS}"
        elif one.name in _CONSTANT and len(one.results) == 1:
            body = f"{one.results[0]}.const 0"  # neither time nor chance: runs are the same
        elif one.name in _IGNORED and not one.results:
            body = ""
        lines.append(f'(func (export "{one.module}.{one.name}") {kind} {body})')
    return "(module\n" + "\n".join(lines) + ")"


def _after(later: Sequence[Imported]) -> str:
    functions = "\n".join(_later(index, one) for index, one in enumerate(later))
    places = " ".join(f"$f{index}" for index in range(len(later)))
    return f"""(module
(import "{BEFORE}" "longjmp" (tag $longjmp))
(import "{BEFORE}" "later" (table $later {len(later)} funcref))
(import "{MAIN}" "__indirect_function_table" (table $functions 0 funcref))
(import "{MAIN}" "memory" (memory $memory 0))
(import "{MAIN}" "emscripten_stack_get_current" (func $get_stack (result i32)))
(import "{MAIN}" "_emscripten_stack_restore" (func $set_stack (param i32)))
(import "{MAIN}" "setThrew" (func $set_threw (param i32 i32)))
(memory $output (export "output") {OUTPUT_PAGES} {OUTPUT_PAGES})
(data (memory $output) (i32.const {OUTPUT_MOST}) "\\ff\\ff\\0f\\00")
(elem (table $later) (i32.const 0) func {places})
{functions})"""


def _later(index: int, one: Imported) -> str:
    if one.name == "fd_write":
        return _write(index)
    if one.name == "emscripten_resize_heap":
        return _resize(index)
    return _invoke(index, one)


def _invoke(index: int, one: Imported) -> str:
    """Call a function by its number; a longjmp out of it comes back here. As Emscripten's own."""
    kind = _signature(one.parameters, one.results)
    inner = _signature(one.parameters[1:], one.results)
    given = " ".join(f"local.get {i}" for i in range(1, len(one.parameters)))
    nothing = f"{one.results[0]}.const 0" if one.results else ""
    return f"""(type $i{index} (func {inner}))
(func $f{index} {kind} (local $stack i32)
  (local.set $stack (call $get_stack))
  (block $caught
    (try_table (catch $longjmp $caught)
      {given} local.get 0 call_indirect $functions (type $i{index}) return)
    unreachable)
  (call $set_stack (local.get $stack))
  (call $set_threw (i32.const 1) (i32.const 0)) {nothing})"""


def _write(index: int) -> str:
    """fd_write: every buffer goes into the output; one that is too much is the end of the call."""
    return f"""(func $f{index} (param $fd i32) (param $buffers i32) (param $count i32)
  (param $told i32) (result i32) (local $size i32) (local $all i32) (local $written i32)
  (local.set $written (i32.load $output (i32.const {OUTPUT_WRITTEN})))
  (block $done (loop $next
    (br_if $done (i32.eqz (local.get $count)))
    (local.set $size (i32.load $memory offset=4 (local.get $buffers)))
    (if (i32.gt_u (local.get $size)
        (i32.sub (i32.load $output (i32.const {OUTPUT_MOST})) (local.get $written)))
      (then (i32.store $output (i32.const {OUTPUT_FLOODED}) (i32.const 1)) unreachable))
    (memory.copy $output $memory
      (i32.add (local.get $written) (i32.const {OUTPUT_BEGINS}))
      (i32.load $memory (local.get $buffers)) (local.get $size))
    (local.set $written (i32.add (local.get $written) (local.get $size)))
    (i32.store $output (i32.const {OUTPUT_WRITTEN}) (local.get $written))
    (local.set $all (i32.add (local.get $all) (local.get $size)))
    (local.set $buffers (i32.add (local.get $buffers) (i32.const 8)))
    (local.set $count (i32.sub (local.get $count) (i32.const 1)))
    (br $next)))
  (i32.store $memory (local.get $told) (local.get $all))
  i32.const 0)"""


def _resize(index: int) -> str:
    """emscripten_resize_heap: 1 if the memory has that many bytes now. The store bounds it."""
    return f"""(func $f{index} (param $size i32) (result i32) (local $pages i32)
  (local.set $pages (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1)))
  (if (i32.le_u (local.get $pages) (memory.size $memory)) (then (return (i32.const 1))))
  (i32.ne (i32.const -1)
    (memory.grow $memory (i32.sub (local.get $pages) (memory.size $memory)))))"""
