"""Blocks on engines that only evaluate, beside the same scripts on CPython in the jail."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import ringfence
from ringfence import PolicyNotEnforceable, blocks
from ringfence.blocks import BlockRejected, Verdict
from ringfence.runtime.registry import find_evaluator, list_evaluators
from tests.conformance.test_blocks import STAIRCASE
from tests.support.blocks import Programs
from tests.support.evaluators import require_evaluator

EXACT: dict[str, tuple[str, Any]] = {
    "staircase": (STAIRCASE, [{"steps": n, "rise": 0.1 + n / 7, "run": n / 3} for n in range(40)]),
    "window grid": (
        """
def window(columns: int = 3, rows: int = 2, width: float = 1.2, height: float = 1.4):
    sizes = [width / columns] * columns
    x = 0.0
    for i, w in enumerate(sizes):
        for j in range(rows):
            y = j * height / rows
            polygon([(x, y), (x + w, y), Point(x + w, y + height / rows), (x, y + height / rows)])
        x += w
""",
        [{"columns": n, "width": 0.7 * n + 0.1} for n in range(1, 20)],
    ),
    "truss": (
        """
def diagonal(length, height, bays):
    return math.hypot(length / bays, height)

def truss(length: float = 12.0, height: float = 1.5, bays: int = 6):
    step = length / bays
    nodes = [Point(i * step, height if i % 2 else 0) for i in range(bays + 1)]
    for a, b in zip(nodes, nodes[1:]):
        line3(a.x, a.y, a.z, b.x, b.y, b.z, color=0x336699FF)
        point(a.distance(b), diagonal(length, height, bays), (b - a).length())
    turned = Transform().move(1, 2).scale(0.3)
    for node in nodes[::2]:
        p = turned.apply(node)
        circle(p.x, p.y, 0.05)
""",
        [{"length": 9.7 + n / 11, "height": 0.9 + n / 13, "bays": n} for n in range(1, 25)],
    ),
    "order": (
        """
def order(n: int = 9):
    table = {"zeta": 1, "alpha": 2, "mu": 3}
    for k in range(n):
        number = k * 7 % 11
        table[f"k{number}"] = k
    table.pop("mu")
    for key, value in table.items():
        text(0, value, key)
    rows = [(k * 7 % 5, k) for k in range(n)]
    for i, row in enumerate(sorted(rows, key=lambda row: row[0])):
        point(i, row[0], row[1])
    for i, row in enumerate(sorted(rows, key=lambda row: row[0], reverse=True)):
        point(i, row[0], row[1])
    rows.sort(key=lambda row: -row[0])
    for a, b in rows:
        point(0, a, b)
    squares = {k: k * k for k in reversed(range(n))}
    for k in squares:
        point(k, squares[k])
""",
        [{"n": n} for n in range(1, 20)],
    ),
    "texts": (
        """
def texts(x: float = 1.5, n: int = 3, name: str = "bolt", on: bool = True):
    text(0, 0, f"{x:.3f}|{x:8.2f}|{x:+.1f}|{x:,.2f}|{-x:09.2f}|{x:.0f}|{x:.1%}")
    text(0, 0, f"{n}|{n:4d}|{n:<4}|{n:^5}|{n:04d}|{n:x}|{n:b}|{n:#x}|{n:,}|{-n:+d}")
    text(0, 0, f"{name}|{name:>8}|{name:*^9}|{name.upper():.2}|{name.zfill(8)}|{name.title()}")
    text(0, 0, f"{on}|{str(n)}|{n / 4}|{[1, 2]}|{(1, 2.5)}")
    text(0, 0, "tab\\tquote'\\"back\\\\\u200bnew\\nline\\x1b")
    text(0, 0, "-".join([str(k) for k in range(n % 20)]) + "é" * 2, height=round(x * 2.675, 2) + 1)
    point(round(x, 1), round(x * 1000, 2), round(2.5) + round(3.5))
""",
        [
            {"x": 0.125 * n + 1 / 3, "n": n * 37, "name": "a-b" * (n % 4), "on": n % 2 == 0}
            for n in range(1, 25)
        ],
    ),
    "numbers": (
        """
def numbers(a: int = 7, x: float = 0.3, xs: tuple[float, ...] = (1.5, 2.5, -0.1)):
    found = [a // 3, a % 3, -a // 3, -a % 3, x // 0.1, x % 0.1, -x % 0.1, a / 7, x * x * x]
    found += [min(xs), max(xs, default=0.0), sum(xs), sum(xs, 1.0), abs(-x), a & 5, a | 8, a ^ 3]
    found += [int(x * 10), math.floor(x), math.ceil(x), math.sqrt(abs(x)), math.fmod(a, 3)]
    found += [math.dist((0, x), (a, 1)), math.isqrt(a), math.degrees(x), math.radians(x)]
    found += [math.remainder(a, 4), math.fsum([x, x, x, 1e16, -1e16]), a << 3, a >> 1]
    found += [1.0 if all(v > -1 for v in xs) else 0.0, 1.0 if any(v > 2 for v in xs) else 0.0]
    found += [len(xs), xs[-1], list(reversed(xs))[0], xs[::-1][1]]
    for i, value in enumerate(found):
        point(i, value)
""",
        [
            {"a": n * 5 + 1, "x": n / 9 + 0.01, "xs": tuple(n / (k + 3) for k in range(n % 5 + 2))}
            for n in range(1, 25)
        ],
    ),
    "lines": (
        """
def part(n):
    if n > 3: return n * 2
    else: n = n + 1; n = n * 2
    return (
        n
        + 1
    )

def lines(n: int = 2):
    for i in range(n):
        if i == 1:
            continue
        elif i == 2: line(
            i, 0,
            part(i), 1,
        )
        else:
            point(i, part(i))
    else:
        point(-1, 0)
    while n > 5:
        n -= 1
        if n == 7: break
    point(n, 0)
""",
        [{"n": n} for n in range(12)],
    ),
}
"""Scripts whose geometry is the same bit for bit: no functions but those that are rounded alike."""

CLOSE: dict[str, tuple[str, Any]] = {
    "gear": (
        """
def gear(teeth: int = 12, module: float = 1.0, hole: float = 2.0):
    outer = module * (teeth + 2) / 2
    inner = module * (teeth - 2.5) / 2
    points = []
    for k in range(teeth):
        for part, radius in ((0.0, inner), (0.25, outer), (0.5, outer), (0.75, inner)):
            angle = 2 * math.pi * (k + part) / teeth
            points.append(Point(radius * math.cos(angle), radius * math.sin(angle)))
    extrusion(points, module * 2, color=Color(200, 200, 210))
    circle(0, 0, hole)
    turned = Transform().rotate(30).move(5, 0)
    for p in points[:3]:
        q = turned.apply(p)
        arc(q.x, q.y, 0.1, 0, math.degrees(math.atan2(q.y, q.x)) + 360)
""",
        [{"teeth": n, "module": 0.5 + n / 17} for n in range(5, 40)],
    ),
    "curves": (
        """
def curves(x: float = 1.0):
    found = [math.sin(x), math.cos(x), math.tan(x), math.atan(x), math.exp(-x), math.log(x)]
    found += [math.sinh(x), math.tanh(x), math.cbrt(x), math.log2(x), math.log10(x), math.log1p(x)]
    found += [x ** 0.5, x ** 1.5, 2 ** x, math.exp2(x), math.expm1(x), math.asinh(x)]
    for i, value in enumerate(found):
        point(i, value)
""",
        [{"x": 0.1 + n / 7} for n in range(40)],
    ),
}
"""Scripts that compute with an engine's own functions, which differ in the last digits."""

CASES = {**EXACT, **CLOSE}
FLOOR = {"micro": set(EXACT), "pocketpy": set(EXACT) - {"numbers", "texts"}}
"""What has to be the same bit for bit on each engine, so that it cannot shrink unseen."""


def _small() -> list[str]:
    named = set(filter(None, os.environ.get("RINGFENCE_TEST_ENGINES", "").split(",")))
    return sorted({*list_evaluators()} & named if named else list_evaluators())


@pytest.fixture(params=_small())
def small(request: pytest.FixtureRequest) -> Iterator[Programs]:
    """Programs of an engine that only evaluates."""
    if os.environ.get("RINGFENCE_TEST_WALLS"):
        pytest.skip(f"{request.param} has the walls that it has")
    made = Programs(require_evaluator(request.param).name)
    yield made
    made.close()


@pytest.fixture(scope="module")
def expected() -> dict[str, blocks.Evaluation]:
    """What comes of all cases on CPython."""
    if "native" not in ringfence.engines() or not ringfence.engines()["native"].availability.walls:
        pytest.skip("native cannot run here")
    found = {}
    for name, (source, rows) in CASES.items():
        with blocks.compile(source) as program:
            found[name] = program.evaluate(rows, engine="native")
            assert found[name].ok, [str(one) for _, one in found[name].failed()][:3]
    return found


def drawn(result: blocks.BlockResult) -> tuple[Any, ...]:
    """All of it, but for the places of texts."""
    geometry = result.geometry.copy()
    places = geometry["kind"] == blocks.Kind.TEXT
    strings = [result.texts[int(place)] for place in geometry["data"][places, 4]]
    geometry["data"][places, 4] = 0
    return geometry, strings


@pytest.mark.requirement("blocks.same")
@pytest.mark.parametrize("name", CASES)
def test_the_geometry_is_the_same(
    small: Programs, expected: dict[str, blocks.Evaluation], name: str
) -> None:
    source, rows = CASES[name]
    exact = name in FLOOR[small.engine]
    if not small.lazy:
        source = source.replace("all(v > -1 for v in xs)", "all([v > -1 for v in xs])")
        source = source.replace("any(v > 2 for v in xs)", "any([v > 2 for v in xs])")
    results = small.run(small.compile({name: source}), rows)
    for got, wanted in zip(results, expected[name], strict=True):
        assert got.ok, got
        (geometry, strings), (other, texts) = drawn(got), drawn(wanted)
        assert geometry["kind"].tolist() == other["kind"].tolist()
        assert geometry["color"].tolist() == other["color"].tolist()
        assert strings == texts
        if exact:
            assert geometry.tobytes() == other.tobytes()
        else:
            assert np.allclose(geometry["data"], other["data"], rtol=1e-13, atol=1e-13)


@pytest.mark.requirement("blocks.same")
def test_no_engine_has_fewer_cases() -> None:
    assert FLOOR.keys() == set(list_evaluators())
    assert {name: len(cases) for name, cases in FLOOR.items()} == {"micro": 7, "pocketpy": 5}
    assert len(CASES) == 9


@pytest.mark.requirement("blocks.same")
def test_failures_are_in_the_same_line(
    small: Programs, expected: dict[str, blocks.Evaluation]
) -> None:
    assert expected  # or native cannot run here
    source = """
def part(x):
    return (
        1
        / x
    )

def block(n: int = 0):
    values = [
        1,
        2,
    ]
    if n == 1:
        point(part(0), 0)
    elif n == 2: raise ValueError("two")
    elif n == 3:
        line(
            0,
            0,
            values[7],
            1,
        )
    else:
        circle(0, 0, -1)
"""
    rows = [{"n": n} for n in range(4)]
    got = small.run(small.compile(source), rows)
    with blocks.compile(source) as program:
        on_python = program.evaluate(rows, engine="native")
    assert [(one.status, one.line) for one in got] == [(one.status, one.line) for one in on_python]


@pytest.mark.requirement("blocks.many")
def test_thousands_go_together_and_those_that_fail_alone(small: Programs) -> None:
    program = small.compile(
        "def block(n: int):\n    for i in range(n % 5):\n        point(n, i)\n"
        "    if n % 1000 == 7:\n        raise ValueError(str(n))\n"
        "    if n % 1000 == 9:\n        while True: pass\n"
    )
    results = small.run(program, {"n": np.arange(5_000)}, steps=100)
    expected = np.full(5_000, Verdict.OK)
    expected[7::1000], expected[9::1000] = Verdict.ERROR, Verdict.STEPS
    assert results.verdicts.tolist() == expected.tolist()
    assert [(place, one.reason, one.line) for place, one in results.failed()][:4] == [
        (7, "ValueError: 7", 5), (9, "steps", 7), (1007, "ValueError: 1007", 5), (1009, "steps", 7),
    ]  # fmt: skip
    for place in (0, 3, 1_234, 4_999):
        data = results[place].geometry["data"][:, :2].tolist()
        assert data == [[place, i] for i in range(place % 5)]


@pytest.mark.requirement("blocks.memory")
def test_memory_is_of_the_instance_or_refused(small: Programs) -> None:
    program = small.compile("def block(n: int):\n    a = list(range(n))\n    point(len(a), 0)\n")
    if "memory" not in small.held:
        with pytest.raises(PolicyNotEnforceable, match="memory=1048576 for each instance cannot"):
            small.run(program, [{"n": 1}], memory="1MiB")
        return
    results = small.run(program, [{"n": 9}, {"n": 400_000}, {"n": 8}], memory="1MiB")
    assert [(one.status, one.reason) for one in results] == [
        ("ok", ""), ("limit", "memory"), ("ok", ""),
    ]  # fmt: skip
    assert results.enforced["memory"].startswith("the interpreter's heap")
    assert small.run(program, [{"n": 400_000}], memory="16MiB").ok
    with pytest.raises(PolicyNotEnforceable, match="64 KiB to 1 GiB can"):
        small.run(program, [{"n": 1}], memory="4KiB")


@pytest.mark.requirement("blocks.fuel")
def test_fuel_is_exact(small: Programs) -> None:
    """One instruction less than an instance takes, and it ends; the same every time."""
    program = small.compile("def block(n: int):\n    for i in range(n):\n        point(i, 0)\n")
    if "fuel" not in small.held:
        with pytest.raises(PolicyNotEnforceable, match="it counts no instructions"):
            small.run(program, [{"n": 1}], fuel=10**9)
        return
    rows = [{"n": 50}]

    def enough(fuel: int) -> bool:
        results = small.run(program, rows, fuel=fuel)
        assert results.ok or results[0].reason == "fuel"
        return results.ok

    low, high = 1, 1 << 26
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    assert [enough(high), enough(low), enough(high), enough(low)] == [True, False, True, False]


@pytest.mark.requirement("blocks.refused")
def test_what_a_language_does_not_have_is_refused_before_anything_starts(small: Programs) -> None:
    program = small.compile(
        "def block(n: int):\n    point(n, 0)\n    point(1 if any(x > 1 for x in [n]) else 0, 0)\n"
    )
    if small.lazy:
        assert small.run(program, [{"n": 2}])[0].geometry["data"][1, 0] == 1
        return
    nested = small.compile("def block():\n    for i, (a, b) in enumerate([(1, 2)]): point(a, b)\n")
    with pytest.raises(BlockRejected, match=r"^block, line 2, column 1: \w+ cannot read this: "):
        small.run(nested)
    message = r"^block, line 3, column 19: a generator expression is not there on \w+; write a for"
    with pytest.raises(BlockRejected, match=message):
        small.run(program, [{"n": 2}])


@pytest.mark.requirement("blocks.refused")
def test_ints_have_no_end_or_an_error(small: Programs) -> None:
    source = "def block(n: int):\n    m = n + 1\n    m *= n\n    point(m - n, 0)\n"
    results = small.run(small.compile(source), [{"n": 3}, {"n": 2**62}])
    assert results[0].geometry["data"][0, 0] == 9
    if find_evaluator(small.engine).capabilities.integers is None:
        assert results[1].geometry["data"][0, 0] == float((2**62 + 1) * 2**62 - 2**62)
    else:
        told = "OverflowError: this engine's ints have 64 bits; write a float"
        assert (results[1].status, results[1].reason, results[1].line) == ("error", told, 3)


@pytest.mark.requirement("blocks.refused")
def test_auto_is_none_of_them(small: Programs) -> None:
    with blocks.compile(STAIRCASE) as program:
        assert program.evaluate([{}]).engine not in list_evaluators()
        chosen = program.evaluate([{}], engine=[small.engine, "native"])
        assert (chosen.engine, chosen.ok) == (small.engine, True)
        with pytest.raises(ringfence.ConfigurationError, match="there is"):
            program.evaluate([{}], engine="no such engine")


@pytest.mark.requirement("blocks.refused")
def test_a_policy_that_asks_for_other_walls(small: Programs) -> None:
    walls = find_evaluator(small.engine).capabilities.walls
    with blocks.compile(STAIRCASE) as program:
        accepted = ringfence.Policy(walls=[walls])
        assert program.evaluate([{}], engine=small.engine, policy=accepted).walls == walls
        for policy in (ringfence.Policy(walls=[{"seccomp"}]), ringfence.Policy(read=["/usr"])):
            with pytest.raises(PolicyNotEnforceable):
                program.evaluate([{}], engine=small.engine, policy=policy)


@pytest.mark.requirement("blocks.parameters")
def test_arguments_that_do_not_cross_are_one_instance_s(small: Programs) -> None:
    source = "def block(s: str, g: Geometry):\n    text(0, 0, s[:5])\n    point(len(g), 0)\n"
    program = small.compile(source)
    geometry = np.zeros(3, blocks.record_dtype())
    geometry["kind"] = 1
    large = np.zeros(60_000, blocks.record_dtype())
    rows = [{"s": s, "g": geometry} for s in ("a", "\ud800", "b")]
    rows.append({"s": "c", "g": large})
    results = small.run(program, rows)
    assert [one.status for one in results] == ["ok", "error", "ok", "error"]
    assert results[2].geometry["data"][1, 0] == 3
    assert [text for one in results if one.ok for text in (drawn(one)[1][0],)] == ["a", "b"]
    assert "half a character" in results[1].reason
    assert "go into a guest" in results[3].reason
