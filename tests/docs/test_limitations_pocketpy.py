"""Each line of docs/limitations/pocketpy.md, run. A line without a witness fails."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence import blocks
from ringfence.errors import ConfigurationError, PolicyNotEnforceable
from ringfence.images.pocketpy.recipe import find_build
from ringfence.model.evaluation import BatchOutcomes, Budget, Calls, CallStatus, Script
from ringfence.runtime.registry import AUTO, find_evaluator
from tests.docs.limitations import lines_of
from tests.support.evaluators import require_evaluator

OK, LIMIT, CRASHED = int(CallStatus.OK), int(CallStatus.LIMIT), int(CallStatus.CRASHED)


@pytest.fixture(scope="module", autouse=True)
def _there() -> None:
    require_evaluator("pocketpy")


def call(
    source: str, *arguments: Any, budget: Budget | None = None, **options: Any
) -> BatchOutcomes:
    prelude = options.pop("prelude", "")
    script = Script(source=source, entry="f")
    with find_evaluator("pocketpy").compile([script], prelude=prelude, budget=budget) as program:
        columns = [[one] for one in arguments]
        return program.evaluate([Calls(columns=columns, count=1)], budget, **options)


def told(body: str) -> Any:
    """What an expression is in a script, or the type of what it raises."""
    outcomes = call(body if "def f" in body else f"def f(): return {body}")
    return outcomes.errors[0].type if outcomes.errors else float(outcomes.values[0])


def no_sandbox() -> None:
    for make in (ringfence.run, lambda *_, **options: ringfence.Sandbox(**options)):
        with pytest.raises(ConfigurationError, match="holds no sandbox"):
            make("1", engine="pocketpy")


def all_walls() -> None:
    walls = frozenset({"namespaces", "landlock", "seccomp"})
    assert find_evaluator("pocketpy").capabilities.walls == walls
    assert find_evaluator("pocketpy").availability().walls == (walls,)
    assert "pocketpy" not in AUTO
    assert {find_build(one).architecture for one in ("x86_64", "aarch64")} == {"amd64", "arm64"}


def fetched(folder: Path) -> None:
    program = "from ringfence.runtime.registry import find_evaluator as f; print(f('pocketpy').availability())"
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert "fetch the image: ringfence image fetch pocketpy" in done.stdout
    assert list(folder.iterdir()) == []


def shared() -> None:
    sources = ["def f():\n math.seen = 3\n return 1", "def f(): return math.seen"]
    scripts = [Script(source=one, entry="f") for one in sources]
    with find_evaluator("pocketpy").compile(scripts) as program:
        calls = [Calls(script=index, count=1) for index in (0, 1)]
        assert program.evaluate(calls).values.tolist() == [1.0, 3.0]


def harmless() -> None:
    for body in (
        "list.append(1, 2)",
        "a = {'a': 1}\n  print({**a, 'b': 2})",
        "[0] * 10**9",
        "a = []\n  for i in range(100000): a = [a]\n  str(a)",
    ):
        source = f"def f(x):\n if x == 1:\n  {body}\n return x"
        with find_evaluator("pocketpy").compile([Script(source=source, entry="f")]) as program:
            outcomes = program.evaluate([Calls(columns=[[0.0, 1.0, 2.0]])], Budget(wall=20))
            assert outcomes.status.tolist() == [OK, CRASHED, OK]
            assert outcomes.values.tolist() == [0.0, 0.0, 2.0]


def language() -> None:
    good = (
        "def g():\n yield 1\ndef f():\n match 1:\n  case 1: return sum(g()) + len(f'{7}') + [2][0]"
    )
    assert told(good) == 4.0
    for lacking in (
        "sum(i for i in (1, 2))", "(y := 1)", "def f():\n try: pass\n finally: pass",
        "def f():\n n = 0\n def g():\n  nonlocal n\n  n += 1", "async def g(): pass\ndef f(): return 1",
        "[a for a in (1, 2) for b in (1, 2)]", "def f():\n class A: pass", "def f(a, *, b=1): return 1",
        "def f(): raise ValueError() from None", "def f(a, /): return 1",
    ):  # fmt: skip
        assert told(lacking) == "SyntaxError", lacking


def whole_numbers() -> None:
    assert told("2**63 < 0") == 1.0
    assert told("9" * 30) == "SyntaxError"


def floats() -> None:
    import math

    rows = [x / 7 for x in range(1, 200)]
    script = Script(source="def f(x): return math.sin(x)", entry="f")
    with find_evaluator("pocketpy").compile([script]) as program:
        values = program.evaluate([Calls(columns=[rows])]).values.tolist()
    assert values != [math.sin(x) for x in rows]
    assert all(
        math.isclose(a, math.sin(x), rel_tol=1e-13) for a, x in zip(values, rows, strict=True)
    )
    assert told("1.5 + True") == "TypeError"


def formats() -> None:
    assert told("len('%5d' % 3)") == "ValueError"
    assert told("def f():\n a = [1, 2]\n a[0:1] = [3]") == "TypeError"


def builtins() -> None:
    for name in ("bytearray(1)", "frozenset([1])", "pow(2, 3)", "memoryview(b'')"):
        assert told(name) == "NameError"
    assert told("sum([[1]], [])") == told("range(3)[1]") == "TypeError"


def imports() -> None:
    for name in ("math", "os", "sys", "dataclasses"):
        assert told(f"def f():\n import {name}\n return 1") == "ImportError"
    names = (
        "eval exec compile open getattr setattr hasattr delattr globals locals dir type super input "
        "help exit"
    )
    assert {told(f"{name}(1)") for name in names.split()} == {"NameError"}


def policy() -> None:
    assert told("def f(): return type(1) is int") == "NameError"
    assert told("del type\ndef f(): return type(1) is int") == 1.0


def mathematics() -> None:
    assert told("math.hypot(3.0, 4.0) + math.floor(math.tau)") == 11.0


def complex_numbers() -> None:
    assert told("complex(1, 2).real") == "ImportError"


def printed() -> None:
    assert call("def f():\n print('a\\x00b')\n return 1").output == b"a"


def arguments() -> None:
    assert call("def f(a): return len(a['b'])", {"b": [1, "x", None, True]}).values.tolist() == [
        4.0
    ]
    for wrong in (
        (b"bytes",), ((1, 2),), (object(),), ("text", float("nan")), ({1: 2},), (1 << 63,), ("a\0b",),
    ):  # fmt: skip
        with pytest.raises(ConfigurationError):
            call("def f(*a): return 1", *wrong)


def results() -> None:
    assert told("'text'") == "TypeError"
    assert call("def f(): return [1] * 1024", width=1024).status.tolist() == [OK]
    with pytest.raises(ConfigurationError, match="width=1025 must be a whole number, 1 to 1024"):
        call("def f(): return [1] * 1025", width=1025)


def records() -> None:
    import struct

    prelude = (
        "__all__ = ['put', 'all']\n"
        "def put(i, a, b): struct.pack_into('<qd', records, 16 * i, a, b)\n"
        "def all(values): struct.pack_into('<%dd' % len(values), records, 32, values)\n"
    )
    source = "def f():\n put(0, 7, 0.5)\n put(1, 8, 1.5)\n all([2.5, 3.5])\n return 3"
    made = call(source, prelude=prelude, record=16)
    assert bytes(made.records) == struct.pack("<qdqddd", 7, 0.5, 8, 1.5, 2.5, 3.5)
    lacking = "__all__ = ['g']\ng = struct.unpack_from"
    with pytest.raises(ringfence.GuestFailure, match="AttributeError"):
        call("def f(): return 1", prelude=lacking)


def no_fuel() -> None:
    with pytest.raises(PolicyNotEnforceable, match="fuel"):
        call("def f(): return 1", budget=Budget(fuel=1000))
    with pytest.raises(PolicyNotEnforceable, match="measure"):
        call("def f(): return 1", measure=True)


def memory() -> None:
    capabilities = find_evaluator("pocketpy").capabilities
    assert capabilities.of_guest == {"memory"}
    source = "kept = []\ndef f(n):\n kept.append('x' * int(n))\n return len(kept)"

    def most(budget: Budget) -> int:
        with find_evaluator("pocketpy").compile(
            [Script(source=source, entry="f")], budget=budget
        ) as program:
            outcomes = program.evaluate([Calls(columns=[[float(1 << 20)] * 128])], budget)
            return list(map(int, outcomes.status)).index(CRASHED)

    assert 40 <= most(Budget(memory="1MiB", wall=20)) <= 60
    assert 80 <= most(Budget(memory="41MiB", wall=20)) <= 100


def wall() -> None:
    stopped = call("def f():\n while True: pass", budget=Budget(wall=0.1))
    assert (stopped.status.tolist(), stopped.errors[0].traceback) == ([LIMIT], "")
    late = call("def f(): return n\nn = 0\nwhile n < 300000: n += 1", budget=Budget(wall=0.001))
    assert late.status.tolist() in ([OK], [LIMIT])  # it was called, so it was loaded
    assert not late.errors or "loaded" not in late.errors[0].message


def recursion() -> None:
    source = "def g(n): return 1 + g(n - 1) if n else 0\nx = g(200)\ndef f(n): return g(int(n))"
    for most in (3, 50, 100):
        script = Script(source=source, entry="f")
        with find_evaluator("pocketpy").compile([script]) as program:
            rows = [Calls(columns=[[most - 2.0, most - 1.0]])]
            outcomes = program.evaluate(rows, Budget(recursion=most))
        assert (outcomes.status.tolist(), dict(outcomes.limits)) == ([OK, LIMIT], {1: "recursion"})


def forged() -> None:
    source = "def f(): raise RecursionError('maximum recursion depth exceeded')"
    assert call(source).limits[0] == "recursion"


def fresh() -> None:
    source = "n = [0]\ndef f(x):\n n[0] += 1\n return n[0]"
    with find_evaluator("pocketpy").compile([Script(source=source, entry="f")]) as program:
        outcomes = program.evaluate([Calls(columns=[[0.0] * 3])], state="fresh")
        assert outcomes.values.tolist() == [1.0, 1.0, 1.0]


def block(body: str, above: str = "") -> blocks.BlockResult:
    """What comes of an instance."""
    with blocks.compile(f"{above}def block(n: int = 2):\n    {body}\n") as program:
        return program.evaluate([{}], engine="pocketpy")[0]


def block_refused() -> None:
    assert block("point(sum(x for x in [1, 2]), 0)").geometry["data"][0, 0] == 3
    for body in (
        "point(1 if any(x for x in [1]) else 0, 0)",
        "for i, (a, b) in enumerate([(1, 2)]): point(a, b)",
    ):
        with pytest.raises(blocks.BlockRejected, match=r"^block, line 2, "):
            block(body)


def block_integers() -> None:
    result = block("point(9223372036854775807 + n, 0)")
    assert (result.reason.partition(":")[0], result.line) == ("OverflowError", 2)
    with pytest.raises(blocks.BlockRejected, match="write values"):
        block("values = [n]\n    values[0] += n * n")


def block_floats() -> None:
    found = block("point(2.0 ** 0.5, 0.1 + 0.2)").geometry["data"][0, :2].tolist()
    assert found == [pytest.approx(2**0.5, rel=1e-15), 0.1 + 0.2]
    assert block("text(0, 0, str(0.1 + 0.2))").texts == ("0.3",)


def block_errors() -> None:
    for expression in ("1 if [1] < [2] else 0", "len(range(3))", "len('a,b'.split(',', 1))",
                       "1 if 'a'.startswith(('a', 'b')) else 0", "round(15.0, -1)"):  # fmt: skip
        result = block(f"point({expression}, 0)")
        assert (result.status, result.line) == ("error", 2)


def block_memory() -> None:
    assert block("a = [1]\n    for i in range(60): a = a + a").status == "crashed"


WITNESSES: Mapping[str, Callable[..., None]] = {
    "It holds no sandbox.": no_sandbox,
    "It has all walls or none.": all_walls,
    "Its image is fetched, never silently.": fetched,
    "All scripts of a program share a guest.": shared,
    "Harmless code can crash it.": harmless,
    "It is PocketPy 2.1.8.": language,
    "`int` has 64 bits.": whole_numbers,
    "Floats are computed by PocketPy.": floats,
    "`%` and slices do less.": formats,
    "Fewer builtins.": builtins,
    "No imports.": imports,
    "What is taken is policy.": policy,
    "`math` is there without an import.": mathematics,
    "`complex` is not there.": complex_numbers,
    "A text that is printed ends at a NUL.": printed,
    "Arguments are numbers, or what JSON has.": arguments,
    "A call returns numbers, or a count of records.": results,
    "Records are packed by `struct.pack_into`.": records,
    "`fuel` is refused.": no_fuel,
    "`memory` is the guest's, not the call's.": memory,
    "`wall` is looked at twice.": wall,
    "`recursion` counts frames of Python functions.": recursion,
    "A script may say that it was too deep.": forged,
    '`state="fresh"` takes a guest for each call.': fresh,
    "What PocketPy cannot read is refused.": block_refused,
    "Whole numbers beyond 64 bits are an `OverflowError`.": block_integers,
    "A block's floats are PocketPy's.": block_floats,
    "Lists and sets are not compared by `<`, and a `range` has no length.": block_errors,
    "An instance that fills the memory is `crashed`.": block_memory,
}


def test_every_line_has_a_witness() -> None:
    assert lines_of("pocketpy") == list(WITNESSES)


@pytest.mark.parametrize("line", WITNESSES)
def test_line(line: str, tmp_path: Path) -> None:
    witness = WITNESSES[line]
    witness(tmp_path) if witness is fetched else witness()
