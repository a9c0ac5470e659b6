"""Evaluators: many short calls, on what only evaluates and on any engine's guests.

Each case of the language names what it needs; what an evaluator's ``Capabilities`` says it has, it
has to pass, and the floor below names how many that are, so that none of them can shrink unseen.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

import ringfence
from ringfence._engines.micro.program import MicroProgram
from ringfence.engine import Cancel, Evaluator
from ringfence.errors import ConfigurationError, GuestError, PolicyNotEnforceable, SandboxClosed
from ringfence.model.evaluation import BatchOutcomes, Budget, Calls, CallStatus, Script
from ringfence.runtime.guest_evaluator import GuestEvaluator
from ringfence.runtime.registry import describe_engines, list_evaluators
from tests.conformance.conftest import LEVEL
from tests.support.evaluators import require_evaluator

NOT_RUN, OK, ERROR, LIMIT, CRASHED = map(int, CallStatus)


def _names() -> list[str]:
    named = set(filter(None, os.environ.get("RINGFENCE_TEST_ENGINES", "").split(",")))
    found = {*describe_engines(), *list_evaluators()}
    return sorted(found & named if named else found)


@cache
def _evaluator(name: str) -> Evaluator:
    if name in list_evaluators():
        return require_evaluator(name)
    if not describe_engines()[name].availability.walls:
        pytest.skip(f"{name} cannot run here")
    if LEVEL.walls is not None:
        pytest.skip("guests evaluate behind the default walls; weaker ones are test_batches' part")
    return GuestEvaluator(name)


@pytest.fixture(params=_names())
def evaluator(request: pytest.FixtureRequest) -> Evaluator:
    return _evaluator(request.param)


@pytest.fixture
def micro() -> Evaluator:
    return _evaluator("micro")


@pytest.fixture(params=[name for name in ("micro", "pocketpy") if name in _names()])
def small(request: pytest.FixtureRequest) -> Evaluator:
    """What only evaluates."""
    return _evaluator(request.param)


def budget_of(evaluator: Evaluator, **wanted: Any) -> Budget:
    """A budget of what the evaluator can hold."""
    given = {"recursion": 50, "memory": 1 << 20, "wall": 5.0, "fuel": 50_000_000} | wanted
    held = evaluator.capabilities.budgets
    chosen: dict[str, Any] = {
        name: value if name in held else None for name, value in given.items()
    }
    return Budget(**chosen)


def call(
    evaluator: Evaluator, source: str, columns: Sequence[Any], **options: Any
) -> BatchOutcomes:
    budget = options.pop("budget", None) or budget_of(evaluator)
    options.setdefault("state", "kept")
    count = options.pop("count", None)
    with evaluator.compile([Script(source=source, entry="f")], budget=budget) as program:
        return program.evaluate([Calls(columns=columns, count=count)], budget, **options)


# --- the language ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A function, called with numbers, that returns what CPython's does.

    Attributes:
        source: defines ``f``.
        full: whether it needs all of Python.
    """

    source: str
    full: bool = False


CASES = {
    "arithmetic": Case("def f(x): return (x * 3 - 1) / 7 + x ** 2 // 3"),
    "bits": Case("def f(x): return int(x) ^ 5 | int(x) << 3 & ~1"),
    "big-integers": Case("def f(x): return pow(int(x) + 12345678901234567890, 3) % 1000003"),
    "floats": Case("def f(x): return math.sin(x) + math.hypot(x, 2.0) + math.floor(x * 1.5)"),
    "strings": Case(
        "def f(x): return len('a,bc'.upper().split(',')[1] + str(int(x)).replace('1', 'one')[1:])"
    ),
    "formats": Case("def f(x): return len(f'{x:8.3f}|{int(x):>5}' + '%05.1f' % x)"),
    "lists": Case("def f(x): return sum(sorted([3, 1, int(x)], reverse=True)[:2])"),
    "comprehensions": Case("def f(x): return sum([a * b for a in range(5) for b in (1, x) if a])"),
    "dicts": Case("def f(x):\n d = {'a': x, 'b': 2}\n return sum(d.values()) + len(d)"),
    "sets": Case("def f(x): return len({1, 2, int(x)} | {7})"),
    "closures": Case(
        "def f(x):\n n = 0\n def g():\n  nonlocal n\n  n += x\n  return n\n g()\n return g()"
    ),
    "lambdas": Case("def f(x): return (lambda a, b=2, *c, **d: a * b + len(d))(x, k=1)"),
    "classes": Case(
        "class A:\n def __init__(self, v):\n  self.v = v\n def twice(self):\n  return self.v * 2\n"
        "class B(A):\n def twice(self):\n  return A.twice(self) + 1\ndef f(x): return B(x).twice()"
    ),
    "operators": Case(
        "class V:\n def __init__(self, v):\n  self.v = v\n def __add__(self, o):\n"
        "  return V(self.v + o.v)\ndef f(x): return (V(x) + V(2)).v"
    ),
    "properties": Case(
        "class A:\n @property\n def p(self):\n  return 3\ndef f(x): return A().p + x"
    ),
    "generators": Case(
        "def g(n):\n for i in range(n):\n  yield i\ndef f(x): return sum(g(int(x)))"
    ),
    "yield-from": Case(
        "def g():\n yield 1\n r = yield from (i for i in (2, 3))\ndef f(x): return sum(g()) + x"
    ),
    "exceptions": Case(
        "def f(x):\n try:\n  raise ValueError(x)\n except ValueError as e:\n  y = e.args[0]\n"
        " finally:\n  y += 1\n return y"
    ),
    "with": Case(
        "class C:\n def __enter__(self):\n  return 4\n def __exit__(self, *a):\n  return True\n"
        "def f(x):\n with C() as c:\n  x += c\n  raise ValueError\n return x"
    ),
    "unpacking": Case(
        "def f(x):\n a, *b = [x, 2, 3]\n (c, d), e = b, a\n return a + len(b) * c + e"
    ),
    "walrus": Case("def f(x): return (y := x + 1) * y"),
    "chained": Case("def f(x): return 0 <= x < 10 and not x is None"),
    "while-else": Case("def f(x):\n while x < 3:\n  x += 1\n else:\n  x *= 2\n return x"),
    "slices": Case("def f(x):\n a = list(range(10))\n a[2:5] = [1]\n return sum(a[::2]) + x"),
    "bytes": Case("def f(x): return sum(bytearray(b'ab') + bytes([int(x)]))"),
    "any-all-zip-map": Case(
        "def f(x): return sum(map(lambda p: p[0] * p[1], zip([1, 2], [x, 3]))) + all([1]) + any([])"
    ),
    "min-max-key": Case("def f(x): return max([1, -5, x], key=abs) + min(3, x)"),
    "divmod-round": Case("def f(x): return divmod(int(x) - 7, 3)[1] + round(x)"),
    "starred-displays": Case("def f(x): return sum([*[x, 2], *{**{1: 2}}])", full=True),
    "match": Case(
        "def f(x):\n match int(x):\n  case 1 | 2:\n   return 5\n  case _:\n   return 6", full=True
    ),
    "imports": Case("import statistics\ndef f(x): return statistics.mean([x, 4])", full=True),
    "dataclasses": Case(
        "import dataclasses\n@dataclasses.dataclass\nclass A:\n v: float\ndef f(x): return A(x).v",
        full=True,
    ),
}

FLOOR = {"micro": 28, "native": 32, "pocketpy": 15, "remote": 32, "wasi": 32}
"""How many cases each engine passes, at least."""

LACKING = {
    "pocketpy": {
        "any-all-zip-map", "big-integers", "bytes", "closures", "comprehensions", "exceptions", "floats",
        "formats", "lambdas", "slices", "walrus", "with", "yield-from",
    },
}  # fmt: skip
"""What an engine's language has not, in words: docs/limitations."""

_ROWS = [0.0, 1.0, 2.0, 7.0]


def _expected(case: Case) -> list[float]:
    import math

    space: dict[str, Any] = {"math": math}
    exec(case.source, space)
    return [float(space["f"](x)) for x in _ROWS]


@pytest.mark.requirement("evaluator.language")
@pytest.mark.parametrize("name", CASES)
def test_a_script_computes_what_python_computes(evaluator: Evaluator, name: str) -> None:
    case = CASES[name]
    if case.full and not evaluator.capabilities.full_python:
        pytest.skip(f"{evaluator.name} has not all of Python")
    source = case.source
    if evaluator.capabilities.full_python:
        source = "import math\n" + source
    outcomes = call(evaluator, source, [_ROWS])
    if name in LACKING.get(evaluator.name, ()):
        assert outcomes.errors or outcomes.values.tolist() != _expected(case)
        return
    assert dict(outcomes.errors) == {}
    assert outcomes.values.tolist() == _expected(case)


@pytest.mark.requirement("evaluator.language")
def test_the_floor_of_cases(evaluator: Evaluator) -> None:
    full = evaluator.capabilities.full_python
    lacking = len(LACKING.get(evaluator.name, ()))
    assert sum(full or not case.full for case in CASES.values()) - lacking == FLOOR[evaluator.name]


# --- outcomes -------------------------------------------------------------------------------


@pytest.mark.requirement("evaluator.outcomes")
def test_numbers_cross_as_they_are(evaluator: Evaluator) -> None:
    assert call(evaluator, "def f(x, y): return x * y", [np.arange(3.0), [2.0] * 3]).values.tolist() == [
        0.0, 2.0, 4.0
    ]  # fmt: skip
    whole = call(evaluator, "def f(x): return x - 1", [[2**62, -(2**63) + 1]], dtype="int64")
    assert whole.values.tolist() == [2**62 - 1, -(2**63)]
    wide = call(evaluator, "def f(*xs): return [len(xs), 2]", [], count=3, width=2)
    assert wide.values.tolist() == [[0.0, 2.0]] * 3
    texts = call(
        evaluator,
        "def f(a, b, c): return len(a) + b[1] + int(c is None)",
        [["é"], [[1, 2]], [None]],
    )
    assert texts.values.tolist() == [4.0]
    nothing = call(evaluator, "def f(x): return x", [[]])
    assert (nothing.ok, nothing.values.tolist()) == (True, [])
    many = call(evaluator, "def f(x): return x + 1", [np.arange(20_000.0)])
    assert (many.values == np.arange(20_000.0) + 1).all()
    odd = call(evaluator, "def f(x): return x", [[float("nan"), float("-inf"), -0.0, 5e-324]])
    assert np.array_equal(odd.values, [float("nan"), float("-inf"), -0.0, 5e-324], equal_nan=True)


@pytest.mark.requirement("evaluator.outcomes")
def test_a_call_that_raises_ends_alone(evaluator: Evaluator) -> None:
    source = (
        "def f(x):\n if x == 1:\n  raise ValueError('one')\n if x == 2:\n  return 'a'\n return x"
    )
    outcomes = call(evaluator, source, [[0.0, 1.0, 2.0, 3.0]])
    assert outcomes.status.tolist() == [OK, ERROR, ERROR, OK]
    assert outcomes.values.tolist() == [0.0, 0.0, 0.0, 3.0]
    assert (outcomes.errors[1].type, outcomes.errors[1].message) == ("ValueError", "one")
    assert "line 3" in outcomes.errors[1].traceback
    assert outcomes.errors[2].type == "TypeError"
    assert outcomes.guests == 1


@pytest.mark.requirement("evaluator.outcomes")
def test_a_script_that_does_not_load(evaluator: Evaluator) -> None:
    budget = budget_of(evaluator)
    with evaluator.compile(
        [Script(source="def f(x):\n  return (", entry="f")], budget=budget
    ) as program:
        assert program.failed[0].type == "SyntaxError"
        outcomes = program.evaluate([Calls(columns=[[1.0, 2.0]])], budget, state="kept")
        assert outcomes.status.tolist() == [ERROR, ERROR]
        assert outcomes.errors[1].type == "SyntaxError"


# --- budgets --------------------------------------------------------------------------------

SPENDING = {
    "fuel": "def f(x):\n while x == 1:\n  pass\n return x",
    "wall": "def f(x):\n while x == 1:\n  pass\n return x",
    "recursion": "def f(x): return f(x) if x == 1 else x",
    "memory": "def f(x): return len([0] * 10**7) if x == 1 else x",
    "output": "def f(x):\n while x == 1:\n  print('x' * 100)\n return x",
}


WITHOUT_LINE = {"pocketpy": {"memory", "wall"}}
"""Where a guest is ended from outside, nobody knows the line that it was in."""


@pytest.mark.requirement("evaluator.budget")
@pytest.mark.parametrize("bound", SPENDING)
def test_a_call_that_reaches_a_bound_ends_alone(evaluator: Evaluator, bound: str) -> None:
    if bound not in evaluator.capabilities.budgets:
        pytest.skip(f"{evaluator.name} does not hold {bound}")
    if bound == "output" and evaluator.capabilities.full_python:
        pytest.skip("there it is the batch that ends: tests/conformance/test_batches.py")
    budget = budget_of(evaluator, **({"wall": 0.2, "fuel": None} if bound == "wall" else {}))
    outcomes = call(evaluator, SPENDING[bound], [[0.0, 1.0, 2.0, 1.0, 3.0]], budget=budget)
    if bound == "output":  # what was printed stays printed: the second prints nothing more
        assert len(outcomes.output) <= int(budget.output)
    whole = bound in evaluator.capabilities.of_guest
    ended = CRASHED if whole else LIMIT
    assert outcomes.status.tolist() == [OK, ended, OK, ended, OK]
    assert dict(outcomes.limits) == ({} if whole else {1: bound, 3: bound})
    assert outcomes.values.tolist() == [0.0, 0.0, 2.0, 0.0, 3.0]
    if bound in WITHOUT_LINE.get(evaluator.name, ()):
        assert outcomes.errors[1].traceback == ""
    elif bound != "output" and not evaluator.capabilities.full_python:  # where it was
        line = "line 1" if bound in ("recursion", "memory") else "line "
        assert f'File "<script>", {line}' in outcomes.errors[1].traceback


@pytest.mark.requirement("evaluator.refused")
def test_what_cannot_be_held_is_refused(evaluator: Evaluator) -> None:
    held = evaluator.capabilities.budgets
    script = Script(source="def f(x): return x", entry="f")
    for name, value in {"fuel": 1000, "recursion": 50, "memory": 1 << 20, "wall": 1.0}.items():
        one = Budget(**{"recursion": None, "memory": None, "wall": None, name: value})  # type: ignore[arg-type]
        if name in held:
            evaluator.compile([script], budget=one).close()
        else:
            with pytest.raises(PolicyNotEnforceable, match=name):
                evaluator.compile([script], budget=one)


@pytest.mark.requirement("evaluator.refused")
def test_an_engine_that_only_evaluates_holds_no_sandbox() -> None:
    with pytest.raises(
        ConfigurationError, match="makes short calls of scripts, and holds no sandbox"
    ):
        ringfence.run("1", engine="micro")
    assert "micro" not in ringfence.engines()


@pytest.mark.requirement("evaluator.cancel")
def test_a_batch_is_cancelled(evaluator: Evaluator) -> None:
    budget = budget_of(evaluator, fuel=None, wall=20.0)
    source = "def f(x):\n while x == 1:\n  pass\n return x"
    with evaluator.compile([Script(source=source, entry="f")], budget=budget) as program:
        cancel = Cancel()
        timer = threading.Timer(0.2, cancel.set)
        timer.start()
        calls = [Calls(columns=[[5.0, 1.0, 2.0]])]
        outcomes = program.evaluate(calls, budget, state="kept", cancel=cancel)
        timer.join()
        assert outcomes.cancelled
        assert outcomes.status.tolist() in ([OK, NOT_RUN, NOT_RUN], [NOT_RUN] * 3)
        assert cancel.is_set


@pytest.mark.requirement("evaluator.cancel")
def test_a_batch_that_is_cancelled_before_it_begins(micro: Evaluator) -> None:
    cancel = Cancel()
    cancel.set()
    with micro.compile([Script(source="def f(x): return x", entry="f")]) as program:
        calls = [Calls(columns=[[1.0, 2.0]])]
        outcomes = program.evaluate(calls, cancel=cancel)
        assert (outcomes.status.tolist(), outcomes.cancelled) == ([NOT_RUN] * 2, True)
        assert program.evaluate(calls).ok


@pytest.mark.requirement("evaluator.cancel")
def test_a_cancel_that_comes_while_guests_are_replaced(micro: Evaluator) -> None:
    source = "def f(x):\n while x: pass\n return x"
    budget = Budget(fuel=20_000)
    with micro.compile([Script(source=source, entry="f")], budget=budget) as program:
        for milliseconds in (1, 7, 20, 33, 60):
            cancel = Cancel()
            timer = threading.Timer(milliseconds / 1000, cancel.set)
            timer.start()
            outcomes = program.evaluate([Calls(columns=[[1.0] * 2000])], cancel=cancel)
            timer.join()
            assert outcomes.cancelled
            made = int((outcomes.status == LIMIT).sum())
            assert outcomes.status.tolist() == [LIMIT] * made + [NOT_RUN] * (2000 - made)
        assert program.evaluate([Calls(columns=[[0.0]])]).ok


# --- what only some can ---------------------------------------------------------------------

_MEASURE = """
import json, sys
from ringfence.model.evaluation import Budget, Calls, Script
from ringfence.runtime.registry import find_evaluator
source = sys.argv[1]
program = find_evaluator("micro").compile([Script(source=source, entry="f")])
rows = [[float(i % 7) for i in range(60)]]
told = [program.evaluate([Calls(columns=rows)], state=s, measure=True).fuel.tolist()
        for s in ("loaded", "fresh", "loaded")]
print(json.dumps(told))
"""
_WORK = "def f(x):\n a = {}\n for i in range(int(x) * 20):\n  a[str(i)] = [i, x]\n return len(a)"


@pytest.mark.requirement("evaluator.fuel")
def test_the_same_call_uses_the_same_fuel_in_every_process(micro: Evaluator) -> None:
    def told() -> Any:
        command = [sys.executable, "-c", _MEASURE, _WORK]
        return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    first = told()
    assert first == told()
    loaded, fresh, again = first
    assert loaded == again  # whatever has run before
    for x in range(7):  # and wherever in a batch, if each call is fresh
        assert len(set(fresh[x::7])) == 1
    assert fresh[6] > fresh[1] > fresh[0] > 0


@pytest.mark.requirement("evaluator.fuel")
def test_fuel_is_exact_to_the_instruction(micro: Evaluator) -> None:
    used = call(micro, _WORK, [[3.0]], state="fresh", measure=True).fuel
    assert used is not None
    need = int(used[0])
    enough = call(micro, _WORK, [[3.0]], budget=Budget(fuel=need), state="fresh")
    assert enough.status.tolist() == [OK]
    less = call(micro, _WORK, [[3.0]], budget=Budget(fuel=need - 200), state="fresh")
    assert (less.status.tolist(), dict(less.limits)) == ([LIMIT], {0: "fuel"})


@pytest.mark.requirement("evaluator.fuel")
def test_calls_made_together_come_to_what_they_come_to_alone(micro: Evaluator) -> None:
    source = (
        "n = 0\ndef f(x):\n global n\n n += 1\n for i in range(int(x)):\n  pass\n"
        " if x == 77:\n  print('seen', n)\n return n"
    )
    rows = [float(i % 50) for i in range(3000)]
    rows[1500], rows[2222], rows[2224], rows[2900] = 9e6, 77.0, 9e6, 9e6
    budget = Budget(fuel=3_000_000)  # a collection of the heap takes a tenth of it
    together = call(micro, source, [rows], budget=budget, state="loaded")
    alone = call(micro, source, [rows], budget=budget, state="loaded", measure=True)
    assert dict(together.limits) == {1500: "fuel", 2224: "fuel", 2900: "fuel"} == dict(alone.limits)
    assert (together.status == alone.status).all()
    assert (together.values == alone.values).all()
    assert together.output == alone.output == b"seen 722\n"
    assert together.guests == alone.guests == 4


@pytest.mark.requirement("evaluator.budget")
def test_memory_is_exact_to_the_byte(micro: Evaluator) -> None:
    source = "def f(x): return len(bytearray(int(x)))"
    budget = Budget(memory=256 << 10)
    low, high = 1 << 16, 1 << 20
    with micro.compile([Script(source=source, entry="f")], budget=budget) as program:

        def fits(size: int) -> bool:
            calls = [Calls(columns=[[float(size)]])]
            return program.evaluate(calls, budget, state="fresh").ok

        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if fits(middle) else (low, middle)
        assert [fits(low), fits(low + 1), fits(low)] == [True, False, True]
    assert 128 << 10 < low < 384 << 10
    larger = call(micro, source, [[float(low + 1)]], budget=Budget(memory=260 << 10), state="fresh")
    assert larger.ok


@pytest.mark.requirement("evaluator.budget")
@pytest.mark.parametrize("most", [3, 10, 50, 100])
def test_frames_are_never_more_than_was_asked_for(micro: Evaluator, most: int) -> None:
    source = "d = 0\ndef g():\n global d\n d += 1\n g()\ndef f(x):\n try:\n  g()\n except RuntimeError:\n  return d"
    deep = call(micro, source, [[1.0]], budget=Budget(recursion=most), state="fresh")
    assert most - 2 <= deep.values[0] + 1 <= most


@pytest.mark.requirement("evaluator.state")
def test_what_a_call_finds_of_those_before_it(small: Evaluator) -> None:
    source = "n = 0\ndef f(x):\n global n\n n += 1\n return n"
    with small.compile([Script(source=source, entry="f")]) as program:
        rows = [Calls(columns=[[0.0] * 3])]
        assert program.evaluate(rows).values.tolist() == [1, 2, 3]
        assert program.evaluate(rows, state="kept").values.tolist() == [4, 5, 6]
        assert program.evaluate(rows, state="fresh").values.tolist() == [1, 1, 1]
        assert program.evaluate(rows, state="loaded").values.tolist() == [1, 2, 3]
        other = [Calls(columns=[[0] * 2])]  # whole numbers: called in another way
        assert program.evaluate(other, state="kept").values.tolist() == [4, 5]


@pytest.mark.requirement("evaluator.outcomes")
def test_a_single_call_is_what_a_batch_of_one_is(micro: Evaluator) -> None:
    source = (
        "n = 0\ndef f(x, y):\n global n\n n += 1\n while x == 1: pass\n if x == 2:\n  raise ValueError('two')\n"
        " if x == 3: f(x, y)\n if x == 4: return [0] * 10**8\n return n + y"
    )
    budget = Budget(fuel=20_000_000)
    with micro.compile([Script(source=source, entry="f")], budget=budget) as program:
        assert isinstance(program, MicroProgram)
        told = [program.call(float(x), 10) for x in (0, 0, 2, 3, 4, 1, 0, 0)]
        assert [one.status for one in told] == [OK, OK, ERROR, LIMIT, LIMIT, LIMIT, OK, OK]
        assert [one.limit for one in told] == [
            None,
            None,
            None,
            "recursion",
            "memory",
            "fuel",
            None,
            None,
        ]
        assert [one.value for one in told[:3]] == [11.0, 12.0, 0.0]
        assert [one.value for one in told[-2:]] == [11.0, 12.0]  # in a fresh guest
        assert told[2].error is not None
        assert told[2].error.message == "two"
        again = program.evaluate([Calls(columns=[[0.0], [10]])], budget, state="kept")
        assert again.values.tolist() == [13.0]
        assert program.call(0, 10).value == 14.0
        assert program.call(2**64, 10).value == 15.0
        # Without a budget it is the one that it was compiled with.
        assert program.evaluate([Calls(columns=[[1.0], [10]])]).limits == {0: "fuel"}
        with pytest.raises(ConfigurationError):
            program.call(object(), 1)  # type: ignore[arg-type]
    with pytest.raises(SandboxClosed):
        program.call(1.0, 2.0)


_PRELUDE = """
__all__ = ["put"]
pack_into, buffer = struct.pack_into, records

def put(i, x, y):
    pack_into("<2d", buffer, i * 16, x, y)
"""


@pytest.mark.requirement("evaluator.records")
def test_each_call_hands_back_records(small: Evaluator) -> None:
    source = "def f(n):\n for i in range(int(n)):\n  put(i, i, n)\n return n"
    budget = Budget(records=160)
    with small.compile(
        [Script(source=source, entry="f")], prelude=_PRELUDE, budget=budget
    ) as program:
        rows = [Calls(columns=[[2.0, 0.0, 3.0, 11.0]])]
        outcomes = program.evaluate(rows, budget, record=16)
        assert outcomes.counts is not None
        assert outcomes.counts.tolist() == [2, 0, 3, 0]
        assert np.frombuffer(outcomes.records).reshape(-1, 2).tolist() == [
            [0, 2], [1, 2], [0, 3], [1, 3], [2, 3]
        ]  # fmt: skip
        assert outcomes.status.tolist() == [OK, OK, OK, ERROR]  # the buffer is too small for it
        assert outcomes.errors[3].type == "ValueError"
    lies = "def f(n): return n"
    with small.compile([Script(source=lies, entry="f")], budget=budget) as program:
        told = [10.0, 11.0, -1.0, 0.5, float("nan"), float("inf"), 1e300]
        outcomes = program.evaluate([Calls(columns=[told])], budget, record=16)
        assert outcomes.status.tolist() == [OK, LIMIT, ERROR, ERROR, ERROR, ERROR, LIMIT]
        assert dict(outcomes.limits) == {1: "records", 6: "records"}
        assert len(outcomes.records) == 160


@pytest.mark.requirement("evaluator.scripts")
def test_scripts_of_one_program(micro: Evaluator) -> None:
    sources = [
        "k = 1\ndef f(x): return x + k",
        "def f(x): return x + k",
        "def f(",
        "while True: pass",
        "def f(x): return x + len(__name__)",
    ]
    scripts = [Script(source=one, entry="f", name=f"s{i}") for i, one in enumerate(sources)]
    budget = Budget(fuel=10_000_000)
    with micro.compile(scripts, budget=budget) as program:
        assert {i: info.type for i, info in program.failed.items()} == {2: "SyntaxError", 3: "fuel"}
        calls = [Calls(script=i, columns=[[float(i), 10.0]]) for i in (4, 0, 1, 2, 3, 0)]
        outcomes = program.evaluate(calls, budget)
        assert outcomes.status.tolist() == [OK] * 4 + [ERROR] * 4 + [LIMIT] * 2 + [OK] * 2
        assert outcomes.values.tolist() == [6, 12, 1, 11, 0, 0, 0, 0, 0, 0, 1, 11]
        assert (outcomes.errors[4].type, outcomes.errors[4].traceback) == (
            "NameError", outcomes.errors[5].traceback
        )  # fmt: skip
        assert '"s1", line 1' in outcomes.errors[4].traceback


@pytest.mark.requirement("evaluator.refused")
def test_wrong_arguments(micro: Evaluator) -> None:
    good = Script(source="def f(x): return x", entry="f")
    for scripts in ([], ["def f(x): return x"]):
        with pytest.raises(ConfigurationError):
            micro.compile(scripts)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="not the name of a function"):
        Script(source="", entry="a.b")
    for wrong in (
        {"fuel": 0},
        {"recursion": "x"},
        {"memory": "much"},
        {"wall": -1},
        {"records": -1},
    ):
        with pytest.raises(ConfigurationError):
            Budget(**wrong)
    for memory in (1, 2 << 30):
        with pytest.raises(PolicyNotEnforceable, match="64 KiB to 1 GiB"):
            micro.compile([good], budget=Budget(memory=memory))
    with pytest.raises(GuestError, match="the prelude failed: NameError"):
        micro.compile([good], prelude="nothing")
    program = micro.compile([good])
    for calls in ([Calls(script=1)], [Calls()], [Calls(columns=[[1], [1, 2]])], [Calls(columns=[[1]], count=2)],
                  [Calls(columns=[[object()]])], [Calls(columns=[["x"], [float("nan")]])], [3]):  # fmt: skip
        with pytest.raises(ConfigurationError):
            program.evaluate(calls)  # type: ignore[arg-type]
    for options in ({"width": 0}, {"dtype": "int8"}, {"record": 0}, {"state": "old"}):
        with pytest.raises(ConfigurationError):
            program.evaluate([Calls(columns=[[1.0]])], **options)
    with pytest.raises(PolicyNotEnforceable, match="compile it with this budget"):
        program.evaluate([Calls(columns=[[1.0]])], Budget(memory=1 << 21))
    program.close()
    program.close()
    with pytest.raises(SandboxClosed):
        program.evaluate([Calls(columns=[[1.0]])])
