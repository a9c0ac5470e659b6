"""Each line of docs/limitations/micro.md, run. A line without a witness fails."""

from __future__ import annotations

import math
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
from ringfence.model.evaluation import BatchOutcomes, Budget, Calls, CallStatus, Script
from ringfence.runtime.registry import AUTO, find_evaluator
from tests.docs.limitations import lines_of
from tests.support.evaluators import require_evaluator

OK, CRASHED = int(CallStatus.OK), int(CallStatus.CRASHED)


@pytest.fixture(scope="module", autouse=True)
def _there() -> None:
    require_evaluator("micro")


def call(
    source: str, *arguments: Any, budget: Budget | None = None, **options: Any
) -> BatchOutcomes:
    script = Script(source=source, entry="f")
    with find_evaluator("micro").compile([script], budget=budget) as program:
        columns = [[one] for one in arguments]
        calls = [Calls(columns=columns, count=1)]
        return program.evaluate(calls, budget, **options)


def told(body: str) -> Any:
    """What an expression is in a script, or the type of what it raises."""
    outcomes = call(body if "def f" in body else f"def f(): return {body}")
    return outcomes.errors[0].type if outcomes.errors else float(outcomes.values[0])


def no_sandbox() -> None:
    for make in (ringfence.run, lambda *_, **options: ringfence.Sandbox(**options)):
        with pytest.raises(ConfigurationError, match="holds no sandbox"):
            make("1", engine="micro")


def one_wall() -> None:
    assert find_evaluator("micro").capabilities.walls == {"wasm"}
    assert "micro" not in AUTO


def fetched(folder: Path) -> None:
    program = "from ringfence.runtime.registry import find_evaluator as f; print(f('micro').availability())"
    command, environment = (
        [sys.executable, "-c", program],
        {**os.environ, "XDG_CACHE_HOME": str(folder)},
    )
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert "fetch the image: ringfence image fetch micro" in done.stdout
    assert list(folder.iterdir()) == []


def shared() -> None:
    sources = ["def f():\n math.seen = 3\n return 1", "def f(): return math.seen"]
    scripts = [Script(source=one, entry="f") for one in sources]
    with find_evaluator("micro").compile(scripts) as program:
        calls = [Calls(script=index, count=1) for index in (0, 1)]
        assert program.evaluate(calls).values.tolist() == [1.0, 3.0]


def language() -> None:
    assert told("def f(): return len(f'{7}') + (y := 1) + sum(i for i in (1, 1))") == 4.0
    for lacking in ("def f():\n match 1:\n  case 1: return 1", "def f(): return [*[1]]",
                    "def f(): return {**{}}", "try: pass\nexcept* ValueError: pass\ndef f(): return 1"):  # fmt: skip
        assert told(lacking) == "SyntaxError"


def imports() -> None:
    assert told("def f():\n import math\n return 1") == "NameError"
    names = "eval exec compile open getattr setattr hasattr delattr globals locals dir type super memoryview input help"
    assert {told(f"{name}(1)") for name in names.split()} == {"NameError"}


def mathematics() -> None:
    assert told("math.hypot(3.0, 4.0) + math.floor(math.sqrt(4.0))") == 7.0


def texts() -> None:
    for name in ("rjust", "ljust", "zfill", "title", "casefold"):
        assert told(f"'a'.{name}()") == "AttributeError"


def attributes() -> None:
    assert told("len('{0.real}'.format(1))") == "NotImplementedError"


def functions() -> None:
    for name in ("__closure__", "__defaults__", "__doc__", "__annotations__"):
        assert told(f"f.{name}") == "AttributeError"


def no_time() -> None:
    assert {
        told(name) for name in ("time", "random", "hash(object()) - hash(object()) and time")
    } == {"NameError"}
    source = "def f(): return id([]) + hash('a')"
    assert call(source).values.tolist() == call(source).values.tolist()


def order() -> None:
    source = "def f():\n d = {}\n for i in (7, 1, 12, 3, 9): d[i] = 1\n return list(d) != [7, 1, 12, 3, 9]"
    assert told(source) == 1.0


def arguments() -> None:
    assert call("def f(a): return len(a['b'])", {"b": [1, "x", None, True]}).values.tolist() == [
        4.0
    ]
    for wrong in ((b"bytes",), ((1, 2),), (object(),), ("text", float("nan")), ({1: 2},)):
        with pytest.raises(ConfigurationError):
            call("def f(*a): return 1", *wrong)


def results() -> None:
    assert told("'text'") == "TypeError"
    assert call("def f(): return [1] * 1024", width=1024).status.tolist() == [OK]
    with pytest.raises(ConfigurationError, match="width=1025 must be a whole number, 1 to 1024"):
        call("def f(): return [1] * 1025", width=1025)


def recursion() -> None:
    def deepest(variables: str, most: int) -> float:
        source = f"d = 0\ndef g():\n global d\n d += 1\n {variables}\n g()\ndef f():\n try: g()\n except RuntimeError: return d"
        return float(call(source, budget=Budget(recursion=most)).values[0])

    many = "a = b = c = e = h = i = j = k = 1"
    assert deepest(many, 50) < deepest("pass", 50) < 50
    assert deepest("pass", 1000) < 160


def memory() -> None:
    for wrong in (1, 2 << 30):
        with pytest.raises(PolicyNotEnforceable, match="64 KiB to 1 GiB"):
            call("def f(): return 1", budget=Budget(memory=wrong))
    program = find_evaluator("micro").compile([Script(source="def f(): return 1", entry="f")])
    with program, pytest.raises(PolicyNotEnforceable, match="compile it with this budget"):
        program.evaluate([Calls(count=1)], Budget(records=64))


def printing() -> None:
    with pytest.raises(PolicyNotEnforceable, match="1,000,000 bytes at most"):
        call("def f(): return 1", budget=Budget(output="2MiB"))
    source = "def f():\n print('x' * 99_999)\n return 1"
    with find_evaluator("micro").compile(
        [Script(source=source, entry="f")], budget=Budget(output=1_000_000)
    ) as program:
        outcomes = program.evaluate([Calls(count=11)])
        assert outcomes.status.tolist() == [OK] * 10 + [int(CallStatus.LIMIT)]
        assert len(outcomes.output) == 1_000_000


def collecting() -> None:
    source = "def f(x): return len([x] * 1000)"
    script = Script(source=source, entry="f")
    with find_evaluator("micro").compile([script], budget=Budget(memory=128 << 10)) as program:
        rows = [Calls(columns=[[1.0] * 200])]
        budget = Budget(memory=128 << 10)
        used = program.evaluate(rows, budget, measure=True).fuel
        fresh = program.evaluate(rows, budget, measure=True, state="fresh").fuel
        assert used is not None and fresh is not None
        assert max(used) > 2 * min(used)
        assert len(set(fresh.tolist())) == 1


def no_line() -> None:
    stopped = call("x = 1\ndef f():\n while True:\n  x", budget=Budget(fuel=100_000))
    trace = stopped.errors[0].traceback
    assert (stopped.limits[0], "line 3" in trace or "line 4" in trace) == ("fuel", True)
    for hidden in (
        "while True:\n  try:\n   while True: pass\n  except BaseException: pass",
        "sum(range(10**9))",
    ):
        stopped = call(f"def f():\n {hidden}", budget=Budget(fuel=100_000))
        assert (stopped.limits[0], stopped.errors[0].traceback) == ("fuel", "")
    raised = call("def f():\n return [0] * 10**8")
    assert (raised.limits[0], "line 2" in raised.errors[0].traceback) == ("memory", True)


def forged() -> None:
    source = "def f(): raise MemoryError('memory allocation failed, allocating 1 bytes')"
    assert call(source).limits[0] == "memory"


def long_text() -> None:
    assert call("def f(): raise ValueError('x' * 40000)").status.tolist() != [OK]
    assert call("def f(): raise ValueError('x' * 400000)").status.tolist() == [CRASHED]
    assert told("def f(): raise ValueError('x' * 10000)") == "ValueError"


def broken() -> None:
    assert call("def f(): return len((0, 1, 2, 3) * 2**28)").status.tolist() == [CRASHED]


def block(body: str, **limits: Any) -> blocks.BlockResult:
    """What comes of an instance."""
    with blocks.compile(f"def block():\n    {body}\n") as program:
        return program.evaluate([{}], engine="micro", limits=blocks.BlockLimits(**limits))[0]


def drawn(expression: str) -> list[float]:
    result = block(f"point({expression}, 0)")
    assert result.ok, result
    numbers: list[float] = result.geometry["data"][:, 0].tolist()
    return numbers


def block_functions() -> None:
    (angle,) = drawn("math.sin(0.8705)")
    assert angle == pytest.approx(math.sin(0.8705), rel=4e-16)
    assert drawn("math.hypot(0.1, 0.7)") == [math.hypot(0.1, 0.7)]
    assert drawn("round(2.675, 2) + math.fsum([0.1, 0.2, 0.3])") == [
        round(2.675, 2) + math.fsum([0.1, 0.2, 0.3])
    ]


def block_colors() -> None:
    assert drawn("Color(1, 2, 3).g if Color(1, 2, 3) == 0x010203FF else 0") == [2.0]
    assert block("point(Color(1, 2, 3) + 1, 0)").reason.startswith("TypeError")


def block_dicts() -> None:
    assert drawn("1 if {1: 2, 3: 4} == {1: 2, 3: 4} else 0") == [1.0]
    assert drawn("1 if {1: 2, 3: 4} == {3: 4, 1: 2} else 0") == [0.0]
    assert block("text(0, 0, str([{1: 2}]))").texts == ("[OrderedDict({1: 2})]",)


def block_letters() -> None:
    assert block("text(0, 0, 'éa'.upper())").texts == ("éA",)


def block_errors() -> None:
    result = block("point(1 / 0, 0)")
    assert (result.reason, result.line) == ("ZeroDivisionError: divide by zero", 2)


def block_texts() -> None:
    body = "for i in range(71): text(0, 0, 'x' * 1000)"
    assert block(body).ok
    assert block(body.replace("71", "72")).reason.startswith("ValueError: the texts of one")


WITNESSES: Mapping[str, Callable[..., None]] = {
    "It holds no sandbox.": no_sandbox,
    "It has one wall.": one_wall,
    "Its image is fetched, never silently.": fetched,
    "All scripts of a program share a guest.": shared,
    "It is MicroPython 1.27, about Python 3.4 with later parts.": language,
    "No imports.": imports,
    "`math` is there without an import.": mathematics,
    "`str` has fewer methods.": texts,
    "`format` looks up no attributes.": attributes,
    "Functions say little of themselves.": functions,
    "No time, and no chance.": no_time,
    "Sets and dicts are not in the order of insertion.": order,
    "Arguments are numbers, or what JSON has.": arguments,
    "A call returns numbers, or a count of records.": results,
    "`recursion` is what the smallest frames take.": recursion,
    "`memory` is that of the program and of the call.": memory,
    "`output` is at most 1,000,000 bytes.": printing,
    "Collecting garbage takes fuel.": collecting,
    "The line of a call that was stopped is found by making it again.": no_line,
    "A script may say that it was out of memory.": forged,
    "An exception with a very long text ends its guest.": long_text,
    "Interpreters can be broken.": broken,
    "A block's `sin` and its like differ in the last digit.": block_functions,
    "A `Color` does not compute.": block_colors,
    "Dicts are equal if they are in the same order.": block_dicts,
    "Letters are those of ASCII.": block_letters,
    "Errors have MicroPython's words.": block_errors,
    "An instance's texts have some 70,000 characters together, its inputs a MiB as JSON.": block_texts,
}


def test_every_line_has_a_witness() -> None:
    assert lines_of("micro") == list(WITNESSES)


@pytest.mark.parametrize("line", WITNESSES)
def test_line(line: str, tmp_path: Path) -> None:
    witness = WITNESSES[line]
    witness(tmp_path) if witness is fetched else witness()
