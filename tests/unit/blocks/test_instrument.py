"""Budgets written into the text: what changes, and that nothing else does."""

from __future__ import annotations

import ast

import pytest

from ringfence.blocks.dialect import check
from ringfence.blocks.instrument import instrument

META = 0xFF << 32 | 2
RED = 0xFF0000FF << 32 | 2


def body(statement: str) -> tuple[str, int]:
    lines = "\n".join(f"    {line}" for line in statement.split("\n"))
    source = f"def f(x, y=1): return x\ndef b(n: int, w: float, xs: tuple[float, ...]):\n{lines}"
    done = instrument(check(source, "b"))
    ast.parse(done.source)
    assert done.source.count("\n") == source.count("\n")
    text = done.source.split("\n", 2)[2]
    return "\n".join(line[4:] for line in text.split("\n")), done.width


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("for i in xs: pass", "for i in _turns((xs),_ticks): pass"),
        ("for i in 1, 2: pass", "for i in _turns((1, 2),_ticks): pass"),
        ("for i in (1, 2): pass", "for i in _turns(((1, 2)),_ticks): pass"),
        ("while n: n = 0", "while _tick()and(n): n = 0"),
        ("while(n): n = 0", "while(_tick()and(n)): n = 0"),
        ("[i for i in xs if i]", "[i for i in _turns((xs),_ticks) if i]"),
        ("sum(i for i in xs)", "sum(i for i in _turns((xs),_ticks))"),
        (
            "{i: j for i in xs for j in range(3)}",
            "{i: j for i in _turns((xs),_ticks) for j in _turns((range(3)),_ticks)}",
        ),
        ("f(n)", "_call(f,n)"),
        ("f (n, y=2)", "_call(f ,n, y=2)"),
        ("f(x=n)", "_call(f,x=n)"),
        ("f(*xs)", "_call(f,*xs)"),
        ("f(f(n))", "_call(f,_call(f,n))"),
        ("f(i for i in xs)", "_call(f,(i for i in _turns((xs),_ticks)))"),
        ("f((i for i in xs))", "_call(f,(i for i in _turns((xs),_ticks)))"),
        ("x = f(1) * f(2)", "x = _multiply(_call(f,1) , _call(f,2))"),
        ("x = (xs) * (n)", "x = _multiply((xs) , (n))"),
        ("x = (xs # 2 * 3\n  * n)", "x = (_multiply(xs # 2 * 3\n  , n))"),
        ("x = xs * n * n", "x = _multiply(_multiply(xs , n) , n)"),
        ("x = f(1) ** n", "x = _power(_call(f,1) , n)"),
        ("x = n << n", "x = _shift(n , n)"),
        ("x = f(1) % n", "x = _remainder(_call(f,1) , n)"),
        ("x = f(1)\nx *= 2, 3", "x = _call(f,1)\nx =_multiply(x,( 2, 3))"),
        ("x = n\nx **= n", "x = n\nx =_power(x,( n))"),
        ("sorted(xs, key=lambda v: v * xs)", "sorted(xs, key=lambda v: _multiply(v , xs))"),
        ("x = 'é'; f(n)", "x = 'é'; _call(f,n)"),
        ("x = f'{n * w:.2f}'", "x = f'{n * w:.2f}'"),
    ],
)
def test_what_is_written_in(statement: str, expected: str) -> None:
    assert body(statement) == (expected, 7)


@pytest.mark.parametrize(
    "statement",
    [
        "x = n * w", "x = n * n", "x = n * n + n * 3", "x = w * w * n", "x = (n / 2) * n",
        "x = math.sin(w) * n", "x = len(xs) * n", "x = abs(n) * min(n, 3)", "x = n ** 2",
        "x = w ** n", "x = n % 7", "x = w % n", "x = 1.0\nx = x + w\ny = x * n",
        "i, j = n, w\nx = i * j", "x = Point(0, 1) * n", "x = Point(0, 1).x * n",
        "x = (n if n else w) * 2", "x = int(w) * n", "x = w\nx *= n", "x = math.pi * n",
    ],
)  # fmt: skip
def test_what_is_certainly_small_is_not_guarded(statement: str) -> None:
    assert body(statement)[0] == statement


@pytest.mark.parametrize(
    "statement",
    [
        "x = [0] * n", "x = n * [0]", "x = 'a' * n", "x = xs[0] * n", "x = 2\nx = x * x",
        "x = 1\nwhile n: x = x + x\ny = x * n", "x = n ** n", "x = n ** 99", "x = Color(1, 1, 1) * xs",
        "x = xs\nx *= n", "x, y = xs\nz = x * n", "x = math.modf(w) * n", "x = (w or xs) * n",
        "x = min(xs) * n", "x = n * n * n * n * n * n * n * n * n * n ** 60",
        "for i in xs: x = i * n", "for i in range(n ** n): x = i * n",
    ],
)  # fmt: skip
def test_what_may_become_huge_is_guarded(statement: str) -> None:
    text = body(statement)[0]
    assert "_multiply(" in text or "_power(" in text


@pytest.mark.parametrize(
    ("statement", "expected", "width"),
    [
        ("line(n, 0, w, 1)", "_draw((n, 0, w, 1))", 4),
        ("line(0, 0, 1, 1)\nline(1, 1, 2, f(2))", "_draw((0, 0, 1, 1))\n_draw((1, 1, 2, _call(f,2)))", 4),
        (
            "line(n, 0, (w), (1))\npoint(1, 2)",
            f"_draw((n, 0, (w), (1),0.0,0.0,{META}))\n_draw((1, 2,0.0,0.0,0.0,0.0,{META - 1}))",
            7,
        ),
        ("line(n, 0, w, 1, 0xFF0000FF)", "_draw((n, 0, w, 1))", 4),
        ("line(n, 0, w, 1, color=0xFF0000FF)", "_draw((n, 0, w, 1))", 4),
        (
            "line(n, 0, w, 1, color=0xFF0000FF)\nline(n, 0, w, 1)",
            f"_draw((n, 0, w, 1,0.0,0.0,{RED}))\n_draw((n, 0, w, 1,0.0,0.0,{META}))",
            7,
        ),
        ("line(n, 0, w, 1, color=n)", "line(n, 0, w, 1, color=n)", 7),
        ("line(n, 0, w, 1,)", "line(n, 0, w, 1,)", 7),
        ("line(n, 0, w)", "line(n, 0, w)", 7),
        ("line(*xs)", "line(*xs)", 7),
        ("line(n, 0, w, y2=1)", "line(n, 0, w, y2=1)", 7),
        ("line(n, 0, w, 1 # a, b\n)", "line(n, 0, w, 1 # a, b\n)", 7),
        ("line(n, 0, # a (b\n w, 1)", "_draw((n, 0, # a (b\n w, 1))", 4),
        ("text(0, 0, 'a')", "text(0, 0, 'a')", 7),
    ],
)  # fmt: skip
def test_records_are_written_in_place(statement: str, expected: str, width: int) -> None:
    assert body(statement) == (expected, width)
