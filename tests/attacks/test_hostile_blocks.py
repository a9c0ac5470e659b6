"""Hostile block scripts, each with the check of the dialect and without it.

The dialect is good manners: with the check, most of these are told what to write instead. Without it
they meet what the guest counts, and then the walls: an attack ends its own instance, and the next
one, of the same program, is evaluated as if nothing had been.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from ringfence.blocks import BlockRejected
from tests.support.blocks import Programs

REFUSED = "refused"
OK = "ok"


class Attack(NamedTuple):
    """A script, and what becomes of it.

    Attributes:
        body: of the block's function; "---" ends what stands above it.
        checked: with the check: ``refused``, or as ``unchecked``.
        unchecked: without: ``ok``, a limit, ``crashed``, or the type of the error.
    """

    body: str
    checked: str
    unchecked: str


WALK = "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == '_wrap_close'][0].__init__.__globals__"
DOUBLED = "a = [1]\nfor i in range(60): a = [a, a]\n"
DEEP = "a = []\nfor i in range(40000): a = [a]\n"
LONG = "s = 'a' * 40000\n"

ATTACKS = {
    # --- leaving through names
    "import": Attack("import os", REFUSED, "PermissionError"),
    "import from": Attack("from os import system", REFUSED, "PermissionError"),
    "import star": Attack("---from os import *", REFUSED, "PermissionError"),
    "import by hand": Attack("__import__('os')", REFUSED, "PermissionError"),
    "import within": Attack("from . import x", REFUSED, "PermissionError"),
    "eval": Attack("eval('1')", REFUSED, "NameError"),
    "exec": Attack("exec('1')", REFUSED, "NameError"),
    "compile": Attack("compile('1', '', 'exec')", REFUSED, "NameError"),
    "open": Attack("open('/etc/passwd')", REFUSED, "NameError"),
    "getattr": Attack("getattr(1, 'real')", REFUSED, "NameError"),
    "setattr": Attack("setattr(1, 'real', 1)", REFUSED, "NameError"),
    "delattr": Attack("delattr(1, 'real')", REFUSED, "NameError"),
    "hasattr": Attack("hasattr(1, 'real')", REFUSED, "NameError"),
    "globals": Attack("globals()", REFUSED, "NameError"),
    "locals": Attack("locals()", REFUSED, "NameError"),
    "vars": Attack("vars()", REFUSED, "NameError"),
    "dir": Attack("dir()", REFUSED, "NameError"),
    "input": Attack("input()", REFUSED, "NameError"),
    "print": Attack("print(1)", REFUSED, "NameError"),
    "type": Attack("type(1)", REFUSED, "NameError"),
    "breakpoint": Attack("breakpoint()", REFUSED, "NameError"),
    "exit": Attack("exit()", REFUSED, "NameError"),
    "memoryview": Attack("memoryview(b'')", REFUSED, "NameError"),
    "a class": Attack("class C: pass", REFUSED, "NameError"),
    "SystemExit": Attack("raise SystemExit(0)", REFUSED, "NameError"),
    "wide letters": Attack("\uff45\uff56\uff41\uff4c('1')", REFUSED, "NameError"),
    # --- leaving through attributes
    "subclasses": Attack("().__class__.__base__.__subclasses__()", REFUSED, OK),
    "a file": Attack(f"{WALK}['sys'].modules['builtins'].open('/etc/shadow')", REFUSED, "FileNotFoundError"),
    "a folder": Attack(f"{WALK}['sys'].modules['posix'].listdir('/var/lib')", REFUSED, "FileNotFoundError"),
    "a leaving": Attack(f"{WALK}['_exit'](0)", REFUSED, "crashed"),
    "SystemExit by type": Attack(f"raise {WALK}['sys'].modules['builtins'].SystemExit(0)", REFUSED, "SystemExit"),
    "globals of a function": Attack("block.__globals__", REFUSED, OK),
    "code of a function": Attack("block.__code__", REFUSED, OK),
    "frames of a generator": Attack("(i for i in (1,)).gi_frame.f_back", REFUSED, OK),
    "a method's self": Attack("[].append.__self__", REFUSED, OK),
    "math's module": Attack("math.sin.__self__", REFUSED, OK),
    "format": Attack("'{0.__class__}'.format(1)", REFUSED, OK),
    "format_map": Attack("'{x.__class__}'.format_map({'x': 1})", REFUSED, OK),
    "format of a type": Attack("str.format('{0.__class__}', 1)", REFUSED, OK),
    "a lent name": Attack("math.sin = 1", REFUSED, OK),
    "a value": Attack("Point(0, 0).x = 1", REFUSED, "AttributeError"),
    "mro": Attack("Point.mro()", REFUSED, OK),
    # --- state that stays
    "global": Attack("---N = 0\n---global N\nN = 1", REFUSED, OK),
    "a mutable constant": Attack("---N = []\n---N.append(1)", REFUSED, OK),
    "a mutable default": Attack("---def f(x=[]): x.append(1)\n---f()", REFUSED, OK),
    "a decorator": Attack("---@len\n---def f(): pass\n---pass", REFUSED, "TypeError"),
    # --- swallowing what ends it
    "try": Attack("try:\n    while True: pass\nexcept: pass", REFUSED, OK),
    "try for ever": Attack("while True:\n    try:\n        while True: pass\n    except: pass", REFUSED, "StopIteration"),
    "finally": Attack("try:\n    while True: pass\nfinally:\n    point(1, 1)", REFUSED, "steps"),
    "yield": Attack("yield 1", REFUSED, OK),
    # --- time
    "a loop": Attack("while True: pass", "steps", "steps"),
    "a loop over all": Attack("for i in range(10 ** 15): pass", "steps", "steps"),
    "a comprehension": Attack("[i for i in range(10 ** 15)]", "steps", "steps"),
    "a generator": Attack("any(i < 0 for i in range(10 ** 15))", "steps", "steps"),
    "loops within loops": Attack("[1 for i in range(10000) for j in range(10000)]", "steps", "steps"),
    "a sum": Attack("sum(range(10 ** 15))", "wall", "wall"),
    "a search": Attack("x = 0.5 in range(10 ** 15)", "wall", "wall"),
    "a maximum": Attack("max(range(10 ** 15))", "wall", "wall"),
    "comparing what is doubled": Attack(DOUBLED + "b = [1]\nfor i in range(60): b = [b, b]\nx = a == b", "wall", "wall"),
    # --- recursion
    "recursion": Attack("---def f(n): return f(n + 1)\n---f(0)", "recursion", "recursion"),
    "two functions": Attack("---def f(n): return g(n)\n---def g(n): return f(n)\n---f(0)", "recursion", "recursion"),
    "the block itself": Attack("block()", "recursion", "recursion"),
    "a sort's key": Attack("---def f(n): return sorted([1], key=lambda v: f(v))\n---f(0)", "recursion", "recursion"),
    "a generator's": Attack("---def f(n): return sum(f(i) for i in [n])\n---f(0)", "recursion", "recursion"),
    "lambdas": Attack("(lambda f: f(f))(lambda f: f(f))", REFUSED, "recursion"),
    "text of what is deep": Attack(DEEP + "str(a)", "recursion", "recursion"),
    "comparing what is deep": Attack(DEEP + "b = []\nfor i in range(40000): b = [b]\nx = a == b", "recursion", "recursion"),
    # --- memory
    "a repetition": Attack("[0] * 10 ** 9", "OverflowError", "OverflowError"),
    "a repetition in place": Attack("x = 'a'\nx *= 10 ** 10", "OverflowError", "OverflowError"),
    "a repetition by a colour": Attack("[0] * Color(255, 255, 255)", "OverflowError", "OverflowError"),
    "a power": Attack("10 ** 10 ** 9", "OverflowError", "OverflowError"),
    "a power of powers": Attack("x = 3\nfor i in range(99): x = x ** 3", "OverflowError", "OverflowError"),
    "squaring": Attack("x = 3\nfor i in range(99): x *= x", "OverflowError", "OverflowError"),
    "a shift": Attack("1 << 10 ** 12", "OverflowError", "OverflowError"),
    "a width": Attack("f'{1:1000000000}'", REFUSED, "memory"),
    "a computed width": Attack("w = 10 ** 9\nf'{1:{w}}'", REFUSED, "memory"),
    "text % values": Attack("'%1000000000d' % 1", REFUSED, "TypeError"),
    "text % values, later": Attack("s = '%1000000000d'\ns % 1", "TypeError", "TypeError"),
    "zfill": Attack("'a'.zfill(10 ** 9)", "memory", "memory"),
    "replace": Attack(LONG + "s.replace('a', s)", "memory", "memory"),
    "join": Attack(LONG + "s.join([s] * 10000)", "memory", "memory"),
    "doubling": Attack("s = 'a'\nfor i in range(40): s = s + s", "memory", "memory"),
    "a list of all": Attack("list(range(10 ** 9))", "memory", "memory"),
    # --- geometry
    "primitives": Attack("for i in range(10 ** 9): point(i, 0)", "primitives", "primitives"),
    "primitives by comprehension": Attack("[point(i, 0) for i in range(10 ** 9)]", "primitives", "primitives"),
    "vertices": Attack("polyline([(i, 0) for i in range(20000)])", "primitives", "primitives"),
    "no number": Attack("point(math.inf - math.inf, 0)", "ValueError", "ValueError"),
    "a huge number": Attack("point(10 ** 400, 0)", "OverflowError", "OverflowError"),
    "a long text": Attack("text(0, 0, 'a' * 10000)", "ValueError", "ValueError"),
    "a text that is none": Attack("text(0, 0, [0])", "TypeError", "TypeError"),
    "a point of its own": Attack("polyline([[0, 0], [1, 1]])", "TypeError", "TypeError"),
    "counting by hand": Attack("_ticks = 1\nwhile True: pass", REFUSED, "steps"),
    "drawing by hand": Attack("_draw((1,))", REFUSED, "IndexError"),
}  # fmt: skip

OTHERWISE: dict[str, set[str]] = {
    "a class": {OK, REFUSED},
    "SystemExit": {"SystemExit"},
    "subclasses": {"AttributeError"},
    "a file": {"AttributeError"},
    "a folder": {"AttributeError"},
    "a leaving": {"AttributeError"},
    "SystemExit by type": {"AttributeError"},
    "globals of a function": {OK, "AttributeError"},
    "code of a function": {OK, "AttributeError"},
    "frames of a generator": {"AttributeError", REFUSED},
    "a method's self": {OK, "AttributeError"},
    "math's module": {"AttributeError"},
    "format": {"NotImplementedError", "ValueError"},
    "format_map": {"AttributeError"},
    "format of a type": {"AttributeError"},
    "a value": {"AttributeError", "TypeError"},
    "mro": {"AttributeError"},
    "a decorator": {REFUSED},
    "try for ever": {"steps"},
    "finally": {"steps", REFUSED},
    "yield": {OK, REFUSED},
    "a generator": {"steps", REFUSED},
    "a search": {"wall", "TypeError"},
    "a maximum": {"wall", "crashed"},  # a list of all of it comes first: time or memory ends it
    "text of what is deep": {"recursion", "crashed"},
    "comparing what is deep": {"recursion", "crashed"},
    "a width": {"memory", "crashed"},
    "a computed width": {OK},
    "zfill": {"OverflowError"},
    "replace": {"memory", "crashed"},
    "join": {"memory", "crashed"},
    "doubling": {"memory", "crashed"},
    "a list of all": {"memory", "crashed"},
    "drawing by hand": {"ValueError"},
}
"""What becomes of some where the language is a small one, which has less to lead on, and an
interpreter may break down instead: the wall is the engine's.
"""

WHOLE = {"import star", "a decorator", "yield"}
"""Those that are wrong with all instances of the script: it cannot be loaded, or draws nothing."""


def source_of(attack: Attack) -> str:
    above: list[str] = []
    below: list[str] = []
    for line in attack.body.split("\n"):
        if line.startswith("---"):
            rest = line.removeprefix("---")
            starts = rest.startswith(("def ", "from ", "@", "N = "))
            (above if starts else below).append(rest)
        else:
            below.append(line)
    lines = [*above, "def block(attack: bool = True):", "    point(0, 0)", "    if attack:"]
    return "\n".join([*lines, *(f"        {line}" for line in below), "        point(1, 1)"])


@pytest.mark.parametrize("checked", [True, False], ids=["checked", "unchecked"])
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack(programs: Programs, name: str, checked: bool) -> None:
    attack = ATTACKS[name]
    source = source_of(attack)
    if checked and attack.checked == REFUSED:
        with pytest.raises(BlockRejected):
            programs.compile(source)
        return
    program = programs.compile(source) if checked else programs.unchecked(source)
    rows = [{"attack": False}, {}, {"attack": False}]
    # What ends for another reason has time enough to, also where the machine is busy.
    wall = 0.25 if attack.unchecked == "wall" else 10
    try:
        results = programs.run(program, rows, wall=wall, steps=100_000)
    except BlockRejected:  # the engine's language has no words for it
        assert REFUSED in OTHERWISE[name]
        assert not programs.python
        return
    got = results[1]
    verdict = {"ok": OK, "crashed": "crashed"}.get(got.status, got.reason.partition(":")[0])
    expected = {attack.checked if checked else attack.unchecked}
    if not programs.python:
        expected = OTHERWISE.get(name, expected)
    assert verdict in expected, got.reason
    if name in WHOLE:
        return
    assert [results[0].ok, results[2].ok] == [True, True]
    assert results[2].geometry["data"].tolist() == [[0.0] * 6]


def test_there_are_enough_of_them() -> None:
    assert len(ATTACKS) >= 60
