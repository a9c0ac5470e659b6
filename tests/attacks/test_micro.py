"""Attacks on the engine that stands in the host's own process, each with its exact verdict.

Each is a script of its own, called between two calls of a good one, so that every attack also
shows that the others' results stand and that the next guest is as good as new.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from ringfence.engine import Program
from ringfence.model.evaluation import BatchOutcomes, Budget, Calls, CallStatus, Script
from ringfence.runtime.registry import find_evaluator
from tests.support.evaluators import require_evaluator

NOT_RUN, OK, ERROR, LIMIT, CRASHED = map(int, CallStatus)
BUDGET = Budget(fuel=50_000_000, memory=1 << 20, wall=20.0, output=4096)


@pytest.fixture(scope="module", autouse=True)
def _there() -> None:
    require_evaluator("micro")


@dataclass(frozen=True)
class Attack:
    """A script that attacks in ``f(x)``, or while it is loaded, and what comes of it.

    Attributes:
        source: its text.
        verdict: ``ok``, a bound's name, ``crashed``, or the type of an exception.
    """

    source: str
    verdict: str


def attack(body: str, verdict: str) -> Attack:
    lines = "\n".join(f" {line}" for line in body.splitlines())
    return Attack(f"def f(x):\n{lines}\n return 1", verdict)


def loading(source: str, verdict: str) -> Attack:
    return Attack(f"{source}\ndef f(x): return 1", verdict)


TAKEN = (
    "eval('1')", "exec('1')", "open('/etc/passwd')", "compile('1', '', 'eval')", "getattr(1, 'a')",
    "setattr(f, 'a', 1)", "hasattr(1, 'a')", "delattr(f, 'a')", "globals()", "locals()", "dir()",
    "input()", "help()", "type(1)", "super()", "memoryview(b'')", "__import__('os')",
    "execfile('a')",
)  # fmt: skip

IMPORTS = (
    "os", "sys", "builtins", "js", "jsffi", "micropython", "uctypes", "gc", "io", "vfs", "select",
    "asyncio", "json", "struct", "math", "_thread", "machine", "ctypes",
)  # fmt: skip

ATTACKS = {
    # time
    "loop": attack("while True: pass", "fuel"),
    "loop-catching-all": attack(
        "while True:\n try:\n  while True: pass\n except BaseException: pass", "fuel"
    ),
    "loop-in-finally": attack("try:\n 1/0\nfinally:\n while True: pass", "fuel"),
    "loop-in-a-generator": attack("def g():\n while True: yield 1\nsum(g())", "fuel"),
    "loop-in-C-sum": attack("sum(range(10**9))", "fuel"),
    "loop-in-C-in": attack("0.5 in range(10**9)", "fuel"),
    "loop-in-C-sort": attack(
        "class K:\n def __lt__(self, o): return True\nsorted([K() for i in range(3000)])",
        "fuel",
    ),
    "big-power": attack("3 ** (10**7)", "fuel"),
    "big-power-negative-shift": attack("1 << 10**9", "memory"),
    "big-digits": attack("len(str(7 ** 30000))", "fuel"),
    "backtracking-split": attack("('a' * 100000).split('b'); 'a' * 10 in 'a' * 100000", "ok"),
    "loop-while-loaded": loading("while True: pass", "fuel"),
    "loop-in-a-decorator": loading("def d(f):\n while True: pass\n@d\ndef g(): pass", "fuel"),
    "loop-in-a-class-body": loading("class A:\n while True: pass", "fuel"),
    # memory
    "list": attack("[0] * 10**9", "memory"),
    "text": attack("'a' * 10**9", "memory"),
    "bytearray": attack("bytearray(10**9)", "memory"),
    "negative-size": attack("bytearray(-1)", "memory"),
    "wrapping-size": attack("[0] * (2**30 + 1)", "fuel"),
    "wrapping-size-of-tuple": attack("(0, 1, 2, 3) * (2**28)", "crashed"),
    "append": attack("a = []\nwhile True: a.append(a)", "fuel"),
    "append-catching-all": attack(
        "a = []\nwhile True:\n try:\n  a = [a, a]\n except MemoryError: pass", "fuel"
    ),
    "doubling-text": attack("a = 'ab'\nwhile True: a += a", "memory"),
    "format-width": attack("f'{1:1000000000}'", "fuel"),
    "format-precision": attack("'%.999999999f' % 1.5", "ok"),
    "format-star": attack("'%*d' % (10**9, 1)", "fuel"),
    "replace-bomb": attack("'a' * 1 and ('a' * 50000).replace('a', 'b' * 50000)", "memory"),
    "join-bomb": attack("('x' * 60000).join(['y'] * 60000)", "memory"),
    "center-bomb": attack("'a'.center(10**9)", "memory"),
    "exception-with-a-long-text": attack("raise ValueError('x' * 200000)", "crashed"),
    "exception-that-prints-forever": attack(
        "class E(Exception):\n def __str__(self):\n  while True: pass\nraise E()", "E"
    ),
    "exception-that-raises": attack(
        "class E(Exception):\n def __str__(self): raise E()\nraise E()", "E"
    ),
    # depth
    "recursion": attack("def g(): g()\ng()", "recursion"),
    "recursion-catching-all": attack(
        "def g():\n try: g()\n except BaseException: g()\ng()", "fuel"
    ),
    "recursion-through-sort": attack("def g(a): return sorted([1, 2], key=g)\ng(1)", "recursion"),
    "recursion-through-map": attack("def g(a): return list(map(g, [a]))\ng(1)", "recursion"),
    "recursion-through-a-property": attack(
        "class A:\n @property\n def p(self): return self.p\nA().p", "recursion"
    ),
    "recursion-through-getattr": attack(
        "class A:\n def __getattr__(self, n): return self.x\nA().y", "recursion"
    ),
    "recursion-through-repr": attack(
        "class A:\n def __repr__(self): return repr(self)\nrepr(A())", "recursion"
    ),
    "recursion-of-generators": attack(
        "def g():\n yield from g()\nlist(g())", "recursion"
    ),
    "deep-list-text": attack("a = []\nfor i in range(20000): a = [a]\nstr(a)", "recursion"),
    "deep-list-equal": attack(
        "a = []; b = []\nfor i in range(8000): a = [a]; b = [b]\na == b", "recursion"
    ),
    "deep-tuple-hash": attack(
        "a = ()\nfor i in range(20000): a = (a,)\nhash(a)", "recursion"
    ),
    "list-in-itself": attack("a = []; a.append(a)\nstr(a)", "recursion"),
    "shared-doubling-equal": attack(
        "a = b = []\nfor i in range(40): a = [a, a]; b = [b, b]\na == b", "fuel"
    ),
    "shared-doubling-text": attack("a = []\nfor i in range(40): a = [a, a]\nstr(a)", "fuel"),
    "deep-class-chain": attack(
        "class A: pass\nfor i in range(5000):\n class A(A): pass\nA().x",
        "fuel",
    ),
    # the parser
    "parser-minus": loading("y = " + "-" * 20000 + "1", "fuel"),
    "parser-brackets": loading("y = " + "[" * 3000 + "]" * 3000, "fuel"),
    "parser-plus": loading("y = 1" + "+1" * 50000, "fuel"),
    "parser-indent": loading(
        "\n".join(" " * i + "if 1:" for i in range(500)) + "\n" + " " * 500 + "pass",
        "ok",
    ),
    "parser-digits": loading("y = " + "9" * 100000, "fuel"),
    "parser-name": loading("a" * 100000 + " = 1", "fuel"),
    "parser-f-string": loading("y = f'" + "{f'" * 100, "SyntaxError"),
    # what the interpreter offers beside Python
    **{f"import-{name}": attack(f"import {name}", "NameError") for name in IMPORTS},
    **{f"import-{name}-while-loaded": loading(f"from {name} import *", "NameError") for name in ("os", "js")},
    **{f"taken-{call.partition('(')[0]}": attack(call, "NameError") for call in TAKEN},
    "native": loading("@micropython.native\ndef g(): return 1", "SyntaxError"),
    "viper": loading(
        "@micropython.viper\ndef g():\n return ptr8(0)[0]\ng()", "SyntaxError"
    ),
    "asm": loading("@micropython.asm_thumb\ndef g(): nop()", "SyntaxError"),
    "mro": attack("().__class__.__mro__", "AttributeError"),
    "subclasses": attack("().__class__.__bases__[0].__subclasses__()", "AttributeError"),
    "frames": attack("def g(): yield\ng().gi_frame", "AttributeError"),
    "traceback": attack("try: 1/0\nexcept Exception as e: e.__traceback__", "AttributeError"),
    "closure": attack("f.__closure__", "AttributeError"),
    "format-attribute": attack("'{0.__class__}'.format(1)", "NotImplementedError"),
    "globals-of-what-is-lent": attack(
        "if set(math.hypot.__globals__) - {'sqrt'} or set(eval.__globals__):\n raise ValueError", "ok"
    ),
    "builtins-by-type": attack("().__class__.__class__('T', (), {}); f.__code__", "ok"),
    "code-objects": attack("f.__class__(f.__code__, {})()", "TypeError"),
    "del-at-the-end": attack(
        "class A:\n def __del__(self):\n  while True: pass\nA()", "ok"
    ),
    "exit": attack("raise SystemExit(3)", "SystemExit"),
    "keyboard-interrupt": attack("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "generator-exit": attack("raise GeneratorExit", "GeneratorExit"),
    # output and answers
    "flood": attack("while True: print('x' * 100)", "output"),
    "flood-catching-all": attack(
        "while True:\n try: print('x' * 100)\n except BaseException: pass", "output"
    ),
    "one-huge-line": attack("print('x' * 100000)", "output"),
    "answer-none": Attack("def f(x): return None", "TypeError"),
    "answer-itself": Attack("def f(x): return f", "TypeError"),
    "answer-huge": Attack("def f(x): return 10 ** 400", "ok"),
    "answer-lies": Attack(
        "class L(int):\n def __float__(self):\n  while True: pass\ndef f(x): return L(3)",
        "fuel",
    ),
    "no-function": Attack("g = 1", "NameError"),
    "function-that-is-none": Attack("f = 3", "TypeError"),
    "forged-recursion": attack("raise RuntimeError('pystack exhausted')", "recursion"),
}  # fmt: skip

GOOD = Script(source="n = 0\ndef f(x):\n global n\n n += 1\n return x * 2 + 1", entry="f")


def _verdict(outcomes: BatchOutcomes, index: int) -> str:
    status = int(outcomes.status[index])
    if status == LIMIT:
        return outcomes.limits[index]
    return {OK: "ok", CRASHED: "crashed"}.get(status) or outcomes.errors[index].type


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(name: str) -> None:
    one = ATTACKS[name]
    scripts = [GOOD, Script(source=one.source, entry="f", name="attack")]
    with find_evaluator("micro").compile(scripts, budget=BUDGET) as program:
        good = Calls(columns=[[1.0, 2.0]])
        bad = Calls(script=1, columns=[[0.0]])
        outcomes = program.evaluate([good, bad, good, bad, good], BUDGET)
        assert outcomes.values[[0, 1, 3, 4, 6, 7]].tolist() == [3.0, 5.0] * 3
        assert outcomes.status[[0, 1, 3, 4, 6, 7]].tolist() == [OK] * 6
        assert [_verdict(outcomes, 2), _verdict(outcomes, 5)] == [one.verdict] * 2
        again = program.evaluate([good, bad], BUDGET, state="fresh")
        assert _verdict(again, 2) == one.verdict


def test_there_are_as_many_as_the_prototype_contained() -> None:
    assert len(ATTACKS) >= 65


# --- the host's memory, from inside ------------------------------------------------------------


@pytest.fixture
def armed() -> Iterator[Program]:
    """Scripts that a careless prelude has lent the means to read and write any address of theirs."""
    prelude = (
        "__all__ = ['peek', 'poke', 'stretch']\nimport uctypes\n"
        "def peek(at, n): return bytes(uctypes.bytearray_at(at, n))\n"
        "def poke(at, data): uctypes.bytearray_at(at, len(data))[:] = data\n"
        "def stretch(): return records\n"
    )
    sources = [
        "def f(x): return x * 2 + 1",
        "def f(at): return sum(peek(int(at), 16))",
        "def f(at):\n poke(int(at), b'\\xff' * 64)\n return 1",
        "def f(x):\n for at in range(1024, 1 << 20, 64):\n  poke(at, b'\\xa5' * 64)\n return 1",
        "def f(x):\n stretch()[0:8] = b'12345678'\n return 10 ** 9",
    ]
    scripts = [Script(source=one, entry="f", name=f"s{i}") for i, one in enumerate(sources)]
    budget = Budget(fuel=50_000_000, records=4096)
    with find_evaluator("micro").compile(scripts, prelude=prelude, budget=budget) as program:
        yield program


def test_whoever_has_any_address_has_its_own_memory_only(armed: Program) -> None:
    budget = Budget(fuel=50_000_000, records=4096)
    ends = [float(2**32 - 8), float(2**31), float(20 << 20), -1.0, float(2**32 - 65536)]
    good = Calls(columns=[[1.0]])
    outcomes = armed.evaluate([good, Calls(script=1, columns=[ends]), good], budget)
    assert outcomes.status.tolist() == [OK, *[CRASHED] * 5, OK]
    assert outcomes.values[[0, -1]].tolist() == [3.0, 3.0]
    # Writing over the interpreter's own state ends that guest, or nothing at all.
    everywhere = [float(at) for at in range(1024, 300_000, 4096)]
    outcomes = armed.evaluate([Calls(script=2, columns=[everywhere]), good], budget, state="fresh")
    assert outcomes.status[-1] == OK
    assert outcomes.values[-1] == 3.0
    outcomes = armed.evaluate([Calls(script=3, columns=[[0.0]]), good], budget)
    assert outcomes.status[-1] == OK
    assert outcomes.values[-1] == 3.0


def test_a_guest_that_has_broken_its_interpreter_breaks_nothing_of_the_host_s(
    armed: Program,
) -> None:
    budget = Budget(fuel=50_000_000, records=4096)
    good, everywhere = Calls(columns=[[1.0]]), [float(at) for at in range(1024, 300_000, 256)]
    for state in ("kept", "loaded"):
        # Calls of other kinds each time: the guest that was written over is asked for new ones.
        armed.evaluate([Calls(script=2, columns=[everywhere[::7]])], budget, state=state)
        armed.evaluate([Calls(columns=[[1]])], budget, state=state)
        armed.evaluate([Calls(script=2, columns=[[9_000.0, 200_000.0]])], budget, state=state)
        armed.evaluate([Calls(columns=[["text"]])], budget, state=state)
        armed.evaluate([Calls(script=3, columns=[[0.0]])], budget, state=state)
    assert armed.evaluate([good], budget).values.tolist() == [3.0]


def test_what_is_made_again_may_not_do_something_else_forever() -> None:
    """Calls that were made together are made again after one of them was stopped; what they left in
    the buffer for records is not there then.
    """
    prelude = "__all__ = ['buffer']\nbuffer = records"
    source = (
        "n = 0\ndef f(x):\n global n\n n += 1\n if n == 300: buffer[0] = 1\n"
        " while x == 1: pass\n while n == 301 and not buffer[0] and n < 900: pass\n"
        " print('x' * 10)\n return n"
    )
    rows = [0.0] * 1200
    rows[900] = 1.0
    budget = Budget(fuel=3_000_000, output=50_000)
    script = Script(source=source, entry="f")
    with find_evaluator("micro").compile([script], prelude=prelude, budget=budget) as program:
        outcomes = program.evaluate([Calls(columns=[rows])], budget)
        assert dict(outcomes.limits) == {900: "fuel"}
        assert outcomes.status.tolist() == [OK] * 900 + [LIMIT] + [OK] * 299
        assert len(outcomes.output) == 1199 * 11


def test_a_count_that_is_more_than_the_buffer(armed: Program) -> None:
    budget = Budget(fuel=50_000_000, records=4096)
    outcomes = armed.evaluate([Calls(script=4, columns=[[1.0]])], budget, record=8)
    assert (outcomes.status.tolist(), dict(outcomes.limits)) == ([LIMIT], {0: "records"})
    assert len(outcomes.records) == 0


def test_what_is_left_behind_between_calls() -> None:
    """The contract: scripts of one program are one publisher's, and ``fresh`` calls find nothing."""
    keeper = (
        "kept = []\ndef f(x):\n if x:\n  kept.append((i for i in range(10)))\n"
        "  math.secret = 7\n  next(kept[-1])\n return len(kept) + ('secret' in math.__dict__)"
    )
    spy = "def f(x): return 'secret' in math.__dict__"
    scripts = [Script(source=one, entry="f") for one in (keeper, spy)]
    evaluator = find_evaluator("micro")
    rows = [Calls(columns=[[1.0, 1.0]]), Calls(script=1, columns=[[0.0]])]
    with evaluator.compile(scripts) as program, evaluator.compile(scripts[1:]) as other:
        assert program.evaluate(rows).values.tolist() == [2.0, 3.0, 1.0]
        assert program.evaluate(rows, state="fresh").values.tolist() == [2.0, 2.0, 0.0]
        assert program.evaluate(rows).values.tolist() == [2.0, 3.0, 1.0]
        assert other.evaluate([Calls(columns=[[0.0]])]).values.tolist() == [0.0]


# --- the host --------------------------------------------------------------------------------

_TRAPS = """
import faulthandler
from ringfence.model.evaluation import Calls, Script
from ringfence.runtime.registry import find_evaluator
prelude = "__all__ = ['peek']\\nimport uctypes\\ndef peek(at): return uctypes.bytearray_at(at, 9)[0]"
program = find_evaluator("micro").compile([Script(source="def f(x): return peek(int(x))", entry="f")], prelude=prelude)
faulthandler.enable()
outcomes = program.evaluate([Calls(columns=[[4e9] * 23])])
print(outcomes.status.tolist().count(4), outcomes.guests)
"""


def test_the_host_lives_through_traps_whoever_handles_its_signals() -> None:
    # trap 23: with traps by signals one access out of bounds ended the host from then on
    done = subprocess.run([sys.executable, "-c", _TRAPS], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "23 24\n"), done.stderr


def test_a_thread_with_a_small_stack_is_not_overrun() -> None:
    told: list[BatchOutcomes] = []
    source = "def f(x):\n a = []\n for i in range(20000): a = [a]\n return len(str(a))"

    def work() -> None:
        with find_evaluator("micro").compile([Script(source=source, entry="f")]) as program:
            told.append(program.evaluate([Calls(columns=[[1.0]])], BUDGET))

    before = threading.stack_size(256 << 10)
    try:
        thread = threading.Thread(target=work)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    assert told[0].status.tolist() in ([LIMIT], [CRASHED])


def test_many_threads_stop_only_what_is_theirs() -> None:
    source = "def f(x):\n while x: pass\n return 1"
    script, told = Script(source=source, entry="f"), {}

    def work(index: int) -> None:
        budget = Budget(wall=0.2 if index % 2 else 5.0)
        with find_evaluator("micro").compile([script]) as program:
            told[index] = program.evaluate([Calls(columns=[[0.0, float(index % 2), 0.0]])], budget)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index, outcomes in told.items():
        expected = [OK, LIMIT, OK] if index % 2 else [OK, OK, OK]
        assert outcomes.status.tolist() == expected
        assert np.isin(outcomes.values, [0.0, 1.0]).all()


def test_a_short_time_is_that_of_calls_and_not_of_what_is_loaded() -> None:
    slow = "n = 0\nwhile n < 100000: n += 1\n"
    scripts = [
        Script(source=f"{slow}def f(x):\n while x: pass\n return n", entry="f"),
        Script(source="def f(): pass\nwhile 1: pass", entry="f"),
    ]
    prelude = f"__all__ = []\n{slow}"
    micro = find_evaluator("micro")
    with micro.compile(scripts, prelude=prelude, budget=Budget(wall=0.001)) as program:
        outcomes = program.evaluate([Calls(columns=[[1.0] * 3])])
        assert dict(outcomes.limits) == {0: "wall", 1: "wall", 2: "wall"}
        outcomes = program.evaluate([Calls(columns=[[0.0]])], Budget(wall=20))
        assert outcomes.values.tolist() == [100_000.0]
        assert program.failed[1].type in ("fuel", "wall")
