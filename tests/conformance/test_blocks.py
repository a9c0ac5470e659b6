"""Block scripts: geometry from parameters, each instance under budgets of its own."""

from __future__ import annotations

import math
import re
import textwrap
import threading
from typing import Any

import numpy as np
import pytest

import ringfence
from ringfence import PolicyNotEnforceable, SandboxClosed, ValidationFailed, blocks
from ringfence.blocks import Kind, Verdict
from tests.support.blocks import Programs

STAIRCASE = """
def staircase(steps: int = 12, rise: float = 0.17, run: float = 0.28):
    for i in range(steps):
        x = i * run
        y = i * rise
        line(x, y, x, y + rise)
        line(x, y + rise, x + run, y + rise)
"""


def drawn(result: blocks.BlockResult) -> list[tuple[Any, ...]]:
    """(kind, colour, the doubles that the kind has) of each record."""
    assert result.ok, result
    return [
        (Kind(kind).name, int(color), *data[: len(blocks.FIELDS[Kind(kind)])].tolist())
        for data, kind, color in result.geometry
    ]


def failed(result: blocks.BlockResult) -> tuple[str, str, int]:
    assert len(result.geometry) == 0
    return result.status, result.reason, result.line


@pytest.mark.requirement("blocks.geometry")
def test_a_script_draws(programs: Programs) -> None:
    program = programs.compile({"staircase": STAIRCASE})
    results = programs.run(program, [{"steps": 2}, {}, {"steps": 0}])
    assert (len(results), results.ok, results.primitives) == (3, True, 4 + 24)
    assert drawn(results[0]) == [
        ("LINE", 0xFF, 0.0, 0.0, 0.0, 0.17),
        ("LINE", 0xFF, 0.0, 0.17, 0.28, 0.17),
        ("LINE", 0xFF, 0.28, 0.17, 0.28, 0.34),
        ("LINE", 0xFF, 0.28, 0.34, 0.56, 0.34),
    ]
    assert [len(one.geometry) for one in results] == [4, 24, 0]
    assert results[0].geometry.dtype == blocks.record_dtype()
    assert results[1].block == "staircase"
    assert results.engine == programs.engine
    assert results.enforced["steps"] == "ticks: Python level only"
    assert {"recursion", "primitives", "wall"} <= results.enforced.keys()
    assert "memory" not in results.enforced


@pytest.mark.requirement("blocks.primitives")
def test_each_primitive(programs: Programs) -> None:
    result = programs.one(
        textwrap.dedent("""
        def every():
            point(1, 2)
            point(1, 2, 3)
            point(1, 2, 3.5, color=0x01020304)
            line(0, 0, 5, 5, 0xFF0000FF)
            line(0, 0, 5, y2=5, color=Color(255, 0, 0))
            line3(0, 0, 0, 1, 1, 1)
            circle(1, 2, 3)
            arc(1, 2, 3, 0, 90, color=0x00FF00FF)
            text(1, 2, "one")
            text(1, 2, "two", height=0.5, angle=45.0)
            polyline([(0, 0), Point(1, 1), (2, 2, 2)], color=1)
            polygon([Point(0, 0), Point(1, 0), Point(0, 1)])
            cuboid(0, 0, 0, 1, 2, 3)
            cylinder(0, 0, 0, 1, 2)
            cone(0, 0, 0, 1, 0, 2)
            sphere(0, 0, 0, 4)
            extrusion([(0, 0), (1, 0), (0, 1)], 2.5)
        """)
    )
    vertex = "VERTEX"
    assert drawn(result) == [
        ("POINT", 0xFF, 1.0, 2.0, 0.0),
        ("POINT", 0xFF, 1.0, 2.0, 3.0),
        ("POINT", 0x01020304, 1.0, 2.0, 3.5),
        ("LINE", 0xFF0000FF, 0.0, 0.0, 5.0, 5.0),
        ("LINE", 0xFF0000FF, 0.0, 0.0, 5.0, 5.0),
        ("LINE3", 0xFF, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0),
        ("CIRCLE", 0xFF, 1.0, 2.0, 3.0),
        ("ARC", 0x00FF00FF, 1.0, 2.0, 3.0, 0.0, 90.0),
        ("TEXT", 0xFF, 1.0, 2.0, 1.0, 0.0, 0.0),
        ("TEXT", 0xFF, 1.0, 2.0, 0.5, 45.0, 1.0),
        ("POLYLINE", 1, 3.0),
        (vertex, 1, 0.0, 0.0, 0.0), (vertex, 1, 1.0, 1.0, 0.0), (vertex, 1, 2.0, 2.0, 2.0),
        ("POLYGON", 0xFF, 3.0),
        (vertex, 0xFF, 0.0, 0.0, 0.0), (vertex, 0xFF, 1.0, 0.0, 0.0), (vertex, 0xFF, 0.0, 1.0, 0.0),
        ("CUBOID", 0xFF, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0),
        ("CYLINDER", 0xFF, 0.0, 0.0, 0.0, 1.0, 2.0),
        ("CONE", 0xFF, 0.0, 0.0, 0.0, 1.0, 0.0, 2.0),
        ("SPHERE", 0xFF, 0.0, 0.0, 0.0, 4.0),
        ("EXTRUSION", 0xFF, 3.0, 2.5),
        (vertex, 0xFF, 0.0, 0.0, 0.0), (vertex, 0xFF, 1.0, 0.0, 0.0), (vertex, 0xFF, 0.0, 1.0, 0.0),
    ]  # fmt: skip
    assert [result.texts[int(one["data"][4])] for one in result.geometry if one["kind"] == 6] == [
        "one", "two",
    ]  # fmt: skip


LANGUAGE = """
TABLE = (("a", 1.5), ("b", -2.5))
GRAY = 0x808080FF

def total(values, start=0.0):
    for value in values:
        start += value
    return start

def choose(name):
    return [width for key, width in TABLE if key == name][0]

def fold(n):
    return 1 if n < 2 else n * fold(n - 1)

def block(n: int = 4, on: bool = True, name: str = "b", xs: tuple[float, ...] = (3, 1.0, 2)):
    found = [
        n * n, fold(5), total(x for x in xs), total(values=xs, start=1), choose(name), len(xs),
        min(xs), max(1, 2), sum(xs), round(2.567, 2), abs(-3), int("7"), float("1e3"), 7 // 2,
        7 % 4, 2 ** 10, 2.0 ** 0.5, 1 << 4, 6 & 3, 6 | 1, 6 ^ 3, ~1, -n, n if on else 0,
        math.hypot(3, 4), math.floor(2.7), 0 if not on else 1, all(xs), any([0, 0]),
    ]
    i = 0
    while True:
        i += 1
        if i == 3:
            continue
        if i > 4:
            break
        found.append(i)
    else:
        found.append(-1)
    numbers = {key: value for key, value in TABLE}
    numbers["c"] = 9
    numbers["c"] *= 2.0
    for key in sorted(numbers, key=lambda k: -numbers[k]):
        found.append(numbers[key])
    n *= 3
    n **= 2
    found += [n, n % 5]
    a, (b, *c) = 1, (2, 3, 4)
    found.extend([a, b, c[0], c[1]])
    rows = [[0.0] * 2 for _ in range(2)]
    rows[1][0] = 5.0
    found += rows[0] + rows[1]
    found += [x for row in rows for x in reversed(row) if x]
    found += [value for _, value in zip([1, 2], enumerate("ab"))][1][:1]
    label = f"{name:>3}|{n:04d}|{math.pi:.2f}|" + "x".join(["a", "b"]).upper() + str(len("é" * 3))
    text(0, 0, label)
    p = Point(1, 2, 3) + Point(1, 1) * 2 - 2 * Point(0, 0, 1)
    turned = Transform().rotate(90).move(1, 0).scale(2).apply(Point(1, 0))
    found += [p.x, p.y, p.z, p.length(), Point(0, 0).distance(Point(3, 4)), p.dot(Point(1, 0))]
    found += [round(turned.x, 9), round(turned.y, 9), Color(1, 2, 3, 4).b, Color(1, 2, 3).a]
    found += [Point(1, 0).cross(Point(0, 1)).z, (Point(0, 5)).normalized().y]
    assert on, "it is on"
    for value in found:
        point(value, 0, color=GRAY)
"""


@pytest.mark.requirement("blocks.language")
def test_what_the_dialect_allows(programs: Programs) -> None:
    lazy = "total(x for x in xs)"
    result = programs.one(LANGUAGE if programs.lazy else LANGUAGE.replace(lazy, "total(list(xs))"))
    got = drawn(result)
    assert result.texts == ("  b|0144|3.14|AXB3",)
    found = [one[2] for one in got[1:]]
    assert found == pytest.approx([  # one engine has a ** of its own
        16, 120, 6, 7, -2.5, 3, 1, 2, 6, 2.57, 3, 7, 1000, 3, 3, 1024, 2**0.5, 16, 2, 7, 5, -2, -4,
        4, 5, 2, 1, 1, 0,
        1, 2, 4,
        18, 1.5, -2.5,
        144, 4, 1, 2, 3, 4, 0, 0, 5, 0, 5, 1,
        3, 4, 1, math.sqrt(26), 5, 3, 2, 2, 3, 255, 1, 1,
    ], rel=1e-15)  # fmt: skip
    assert {one[1] for one in got[1:]} == {0x808080FF}


@pytest.mark.requirement("blocks.parameters")
def test_parameters_come_in_rows_and_in_columns(programs: Programs) -> None:
    source = """
def block(n: int, w: float = 2, on: bool = True, s: str = "ab", xs: tuple[float, ...] = (1.0,)):
    point(n, w if on else -w, len(s) + sum(xs))
"""
    program = programs.compile(source)
    assert [tuple(one)[:3] for one in program.scripts["block"].parameters] == [
        ("n", "int", blocks.REQUIRED), ("w", "float", 2.0), ("on", "bool", True),
        ("s", "str", "ab"), ("xs", "tuple", (1.0,)),
    ]  # fmt: skip
    rows = [{"n": 1}, {"n": -(2**40), "w": 3}, {"n": 3, "on": False, "s": "", "xs": (1, 2.5)}]
    expected = [(1, 2, 3), (-(2**40), 3, 3), (3, -2, 3.5)]
    found = programs.run(program, rows)
    assert [tuple(one.geometry["data"][0, :3].tolist()) for one in found] == expected
    columns = {
        "n": np.array([1, -(2**40), 3]), "w": [2, 3.0, 2], "on": np.array([True, True, False]),
        "s": ["ab", "ab", ""], "xs": [(1.0,), [1.0], (1, 2.5)],
    }  # fmt: skip
    found = programs.run(program, columns)
    assert [tuple(one.geometry["data"][0, :3].tolist()) for one in found] == expected


@pytest.mark.requirement("blocks.parameters")
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ([{}], "block[0].n (line 2): expected an int of 64 bits, got nothing"),
        ([{"n": 1}, {"n": 1.5}], "block[1].n (line 2): expected an int of 64 bits, got float '1.5'"),
        ([{"n": True}], "block[0].n (line 2): expected an int of 64 bits, got bool 'True'"),
        ([{"n": 2**63}], "block[0].n (line 2): expected an int of 64 bits, got int '9223372036854775808'"),
        ([{"n": 1, "w": math.nan}], "block[0].w (line 2): expected a finite float, got float 'nan'"),
        ([{"n": 1, "w": "1"}], "block[0].w (line 2): expected a finite float, got str '1'"),
        ([{"n": 1, "m": 1}], "block[0].m: expected parameters among ['n', 'w'], got m"),
        ({"n": [1], "w": np.array([math.inf])}, "block[0].w (line 2): expected a finite float, got float 'inf'"),
    ],
)  # fmt: skip
def test_a_parameter_of_another_type(programs: Programs, parameters: Any, message: str) -> None:
    program = programs.compile("\ndef block(n: int, w: float = 1.0):\n    point(n, w)")
    with pytest.raises(ValidationFailed, match=f"^{re.escape(message)}$"):
        programs.run(program, parameters)


@pytest.mark.requirement("blocks.many")
def test_many_scripts_go_together(programs: Programs) -> None:
    sources = {f"b{n}": f"def b(x: float = 0.0):\n    point({n}, x)" for n in range(20)}
    program = programs.compile(sources)
    instances = [(f"b{n * 7 % 20}", {"x": float(n)}) for n in range(1_000)]
    results = programs.run(program, instances)
    assert results.ok
    found = [one.geometry["data"][0, :2].tolist() for one in results]
    assert found == [[n * 7 % 20, n] for n in range(1_000)]
    assert [one.block for one in results[:3]] == ["b0", "b7", "b14"]
    assert programs.run(program, []).verdicts.tolist() == []
    with pytest.raises(
        ringfence.ConfigurationError, match="there is no script 'c' in this program"
    ):
        programs.run(program, [("c", {})])


@pytest.mark.requirement("blocks.many")
def test_a_program_stays_ready(programs: Programs) -> None:
    program = programs.compile(STAIRCASE)
    for steps in (1, 2, 3):
        assert len(programs.run(program, [{"steps": steps}])[0].geometry) == 2 * steps
    program.close()
    program.close()
    with pytest.raises(SandboxClosed, match=r"^this program was closed$"):
        programs.run(program)


@pytest.mark.requirement("blocks.errors")
def test_an_instance_that_raises_ends_alone(programs: Programs) -> None:
    program = programs.compile(
        "def part(x):\n    return 1 / x\n\ndef block(x: int):\n    point(part(x), 0)\n"
        "    if x == 3:\n        raise ValueError('three')\n    assert x != 4, 'four'\n"
    )
    results = programs.run(program, [{"x": x} for x in (1, 0, 3, 4, 2)])
    assert [one.status for one in results] == ["ok", "error", "error", "error", "ok"]
    told = results[1].reason
    assert told.startswith("ZeroDivisionError: ")  # in the words of the engine's language
    assert [failed(results[n])[1:] for n in (1, 2, 3)] == [
        (told, 2),
        ("ValueError: three", 7),
        ("AssertionError: four", 8),
    ]
    assert results[4].geometry["data"][0, 0] == 0.5
    assert [place for place, _ in results.failed()] == [1, 2, 3]
    assert str(results[1]) == f"block, line 2: {told}"


@pytest.mark.requirement("blocks.numbers")
@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("line(0, 0, math.inf - math.inf, 1)", "ValueError: line: x2 is nan"),
        ("circle(0, 0, 1e308 * 10)", "ValueError: circle: radius is inf"),
        ("circle(0, 0, -1.0)", "ValueError: circle: radius is -1.0, not more than 0"),
        ("cone(0, 0, 0, 1, -1, 1)", "ValueError: cone: top is -1, less than 0"),
        ("point('a', 0)", "TypeError: point: x is a number, not str"),
        ("line(0, 0, 1, None, color=1)", "TypeError: line: y2 is a number, not NoneType"),
        ("point(0, Point(0, 0))", "TypeError: point: y is a number, not Point"),
        ("polyline([(0, 0), (0, math.inf - math.inf)])", "ValueError: vertex: y is nan"),
        ("polygon([(0, 0), (1, 1)])", "ValueError: a polygon has at least 3 points"),
        ("polyline([(0, 0), 1])", "TypeError: points are Point(x, y), (x, y) or (x, y, z)"),
        ("text(0, 0, 5)", "TypeError: string is text, not int; write str(…)"),
        ("text(0, 0, 'a', height=0)", "ValueError: text: height is 0, not more than 0"),
        ("point(0, 0, color=-1)", "ValueError: color=-1 is not 0xRRGGBBAA"),
        ("point(0, 0, color=1.0)", "TypeError: color is a number, 0xRRGGBBAA, or a Color, not float"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused_in_its_line(
    programs: Programs, statement: str, reason: str
) -> None:
    source = f"def block(bad: bool = True):\n    point(0, 0)\n    if bad:\n        {statement}\n"
    results = programs.run(programs.compile(source), [{}, {"bad": False}])
    assert failed(results[0]) == ("error", reason, 4)
    assert results[1].ok


@pytest.mark.requirement("blocks.steps")
@pytest.mark.parametrize(
    ("body", "steps", "line"),
    [
        ("for i in range(300): pass", 300, 3),
        ("i = 0\n    while i < 300: i += 1", 301, 4),
        ("[i for i in range(300)]", 300, 3),
        ("sum(i for i in range(300))", 300, 3),
        ("{i: j for i in range(10) for j in range(29)}", 300, 3),
        ("for i in range(150): f(i)", 300, 3),
    ],
)
def test_steps(programs: Programs, body: str, steps: int, line: int) -> None:
    program = programs.compile(f"def f(x): return x\ndef block():\n    {body}\n")
    if "while" in body:
        steps -= 1  # the last look at the condition ticks as well
        assert programs.run(program, steps=steps + 1).ok
    assert programs.run(program, steps=steps + (0 if "while" not in body else 1)).ok
    assert failed(programs.run(program, steps=steps - 1)[0]) == ("limit", "steps", line)


@pytest.mark.requirement("blocks.steps")
def test_every_instance_has_its_own_steps(programs: Programs) -> None:
    program = programs.compile("def block(n: int):\n    for i in range(n):\n        point(i, 0)\n")
    results = programs.run(program, [{"n": 99}, {"n": 101}, {"n": 10**12}, {"n": 100}], steps=100)
    assert results.verdicts.tolist() == [Verdict.OK, Verdict.STEPS, Verdict.STEPS, Verdict.OK]
    assert [len(one.geometry) for one in results] == [99, 0, 0, 100]


@pytest.mark.requirement("blocks.recursion")
def test_recursion(programs: Programs) -> None:
    program = programs.compile(
        "def down(n):\n    return n if n < 1 else down(n - 1)\n"
        "def block(n: int):\n    point(down(n), 0)\n"
    )
    # The block's frame is the first, down(0) the second.
    results = programs.run(program, [{"n": 48}, {"n": 49}, {"n": 10**9}, {"n": 0}])
    assert results.verdicts.tolist() == [
        Verdict.OK, Verdict.RECURSION, Verdict.RECURSION, Verdict.OK,
    ]  # fmt: skip
    assert failed(results[1]) == ("limit", "recursion", 2)
    assert programs.run(program, [{"n": 1}], recursion=3).ok
    assert not programs.run(program, [{"n": 2}], recursion=3).ok


@pytest.mark.requirement("blocks.count")
@pytest.mark.parametrize(
    "statement", ["line(i, 0, i, 1)", "point(i, 0, 1)", "text(i, 0, 'a')", "point(*(i, 0))"]
)
def test_primitives(programs: Programs, statement: str) -> None:
    program = programs.compile(f"def block(n: int):\n    for i in range(n):\n        {statement}\n")
    results = programs.run(
        program, [{"n": 400}, {"n": 401}, {"n": 10**9}, {"n": 1}], primitives=400
    )
    assert results.verdicts.tolist() == [
        Verdict.OK, Verdict.PRIMITIVES, Verdict.PRIMITIVES, Verdict.OK,
    ]  # fmt: skip
    assert failed(results[1]) == ("limit", "primitives", 3)
    assert [len(one.geometry) for one in results] == [400, 0, 0, 1]


@pytest.mark.requirement("blocks.count")
def test_more_than_there_is_room_for_takes_several_rounds(programs: Programs) -> None:
    program = programs.compile(
        "def block(n: int):\n    for i in range(1000):\n        point(n, i)\n    text(n, 0, str(n))\n"
    )
    results = programs.run(program, {"n": np.arange(310)})
    assert results.ok
    for place in (0, 299, 300, 309):
        one = results[place]
        assert one.geometry["data"][:1000, 0].tolist() == [place] * 1000
        assert one.texts[int(one.geometry["data"][1000, 4])] == str(place)


@pytest.mark.requirement("blocks.wall")
def test_an_instance_that_stalls_is_ended(programs: Programs) -> None:
    source = (
        "def block(n: int):\n    point(n, 0)\n    text(n, 0, str(n))\n"
        "    if n == 2 or n == 4:\n        point(sum(range(10**12)), 0)\n"
        "    if n == 3:\n        raise ValueError('three')\n"
    )
    program = programs.compile({"slow": source})
    results = programs.run(program, [{"n": n} for n in range(6)], wall=0.2)
    assert [one.status for one in results] == ["ok", "ok", "limit", "error", "limit", "ok"]
    assert failed(results[2])[:2] == ("limit", "wall")
    assert results[2].line in {1, 5}  # not every engine can tell where it was
    assert failed(results[3]) == ("error", "ValueError: three", 7)
    assert results[5].texts[int(results[5].geometry["data"][1, 4])] == "5"
    assert programs.run(program, [{"n": 7}], wall=0.2).ok


@pytest.mark.requirement("blocks.memory")
def test_an_instance_that_fills_the_memory_ends_alone(programs: Programs) -> None:
    program = programs.compile(
        "def block(n: int):\n    a = ['x']\n    for i in range(n):\n        a = a + a\n    point(n, 0)\n"
    )
    results = programs.run(program, [{"n": 3}, {"n": 60}, {"n": 4}], wall=5)
    if "memory" in programs.breaks:
        assert [one.status for one in results] == ["ok", "crashed", "ok"]
        return
    assert [one.status for one in results] == ["ok", "limit", "ok"]
    assert failed(results[1])[1] == "memory"


@pytest.mark.requirement("blocks.fuel")
def test_fuel(programs: Programs) -> None:
    program = programs.compile(
        "def block(n: int):\n    for i in range(n):\n        point(i, 0)\n"
        "        for j in range(50): pass\n"
    )
    rows = [{"n": 10}, {"n": 9_000}, {"n": 20}]
    results = programs.run(program, rows, fuel=50_000_000)
    assert [one.status for one in results] == ["ok", "limit", "ok"]
    assert failed(results[1])[1] == "fuel"
    assert [len(one.geometry) for one in results] == [10, 0, 20]
    assert results.enforced["fuel"] in {"a turn for each instance", "Wasmtime's fuel: exact"}


@pytest.mark.requirement("blocks.refused")
def test_what_cannot_be_enforced_is_refused(programs: Programs) -> None:
    program = programs.compile(STAIRCASE)
    if "memory" not in programs.held:
        with pytest.raises(PolicyNotEnforceable, match="bounded by the guest's memory"):
            programs.run(program, memory="1MiB")
    if "fuel" not in programs.held:
        with pytest.raises(PolicyNotEnforceable, match="fuel"):
            programs.run(program, fuel=10**9)
    for wrong in ({"steps": 0}, {"recursion": 501}, {"primitives": -1}, {"wall": 0}, {"fuel": 1.5}):
        with pytest.raises(ringfence.ConfigurationError, match=next(iter(wrong))):
            programs.run(program, **wrong)


@pytest.mark.requirement("blocks.cancel")
def test_cancelled(programs: Programs) -> None:
    program = programs.compile(
        "def block(n: int):\n    point(n, 0)\n    if n == 70:\n        while True: pass\n"
    )
    programs.run(program, [{"n": 1}])
    found: list[blocks.Evaluation] = []
    many = 1 << 62
    columns = {"n": np.arange(100)}

    def evaluate() -> None:
        found.append(programs.run(program, columns, steps=many, wall=60))

    thread = threading.Thread(target=evaluate)
    thread.start()
    while not program.cancel():
        thread.join(0.01)
    thread.join()
    statuses = [one.status for one in found[0]]
    assert set(statuses) <= {"ok", "cancelled"}
    assert statuses[70:] == ["cancelled"] * 30
    assert found[0][99].reason == "cancelled"
    assert program.cancel() is False
    assert programs.run(program, [{"n": 1}]).ok


@pytest.mark.requirement("blocks.guests")
def test_several_guests_share_the_work(programs: Programs) -> None:
    program = programs.compile("def block(n: int):\n    point(1 / n, n)\n")
    results = programs.run(program, {"n": np.arange(-50, 51)}, guests=3)
    assert [one.status for one in results] == ["ok"] * 50 + ["error"] + ["ok"] * 50
    assert [one.geometry["data"][0, 1] for one in results if one.ok] == [
        n for n in range(-50, 51) if n
    ]


@pytest.mark.requirement("blocks.guests")
def test_two_publishers_have_no_guest_in_common(programs: Programs) -> None:
    """What one leaves behind, with the check switched off, another does not find."""
    if not programs.python:
        pytest.skip(f"{programs.engine} has no value in common that anything can be left on")
    leave = "def block(n: int):\n    len.__self__.left = n\n"
    find = "def block():\n    point(len.__self__.left, 0)\n"
    leaving, finding = programs.unchecked(leave), programs.unchecked(find)
    assert programs.run(leaving, [{"n": 7}]).ok
    assert programs.run(finding)[0].reason.startswith("AttributeError")


@pytest.mark.requirement("blocks.unchecked")
def test_without_the_check_the_guest_refuses_imports(programs: Programs) -> None:
    source = "def block():\n    point(0, 0)\n    import os\n    os.system('id')\n"
    with pytest.raises(blocks.BlockRejected):
        programs.compile(source)
    result = programs.run(programs.unchecked(source))[0]
    assert failed(result) == ("error", "PermissionError: a block imports nothing: os", 3)


_LIES = """
def block(n: int):
    point(*(n, 0))
    if n == 1:
        LIE
"""


@pytest.mark.requirement("blocks.hostile")
@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        ("_draw((0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0))", None),
        ("_draw((0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 99))", None),
        ("_draw((5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7))", "InvalidGeometry"),
        ("_draw((0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 14))", "InvalidGeometry"),
        ("_draw((0.0, 0.0, 1.0, 0.0, 9.0, 0.0, 6))", "InvalidGeometry"),
        ("_draw((0.0, 0.0, 1.0, 0.0, 0.5, 0.0, 6))", "InvalidGeometry"),
        ("_draw((1e300, 1e300, 1e300, 0.0, 0.0, 0.0, 7))", "InvalidGeometry"),
        ("_draw((2.0, 0, 0, 0, 0, 0, 7)); _draw((1.0, 0, 0, 0, 0, 0, 14)); point(0, 0)", "InvalidGeometry"),
    ],
)  # fmt: skip
def test_records_that_lie(programs: Programs, lie: str, reason: str | None) -> None:
    program = programs.unchecked(_LIES.replace("LIE", lie))
    results = programs.run(program, [{"n": 0}, {"n": 1}, {"n": 2}])
    assert [one.status for one in results] == ["ok", "error", "ok"]
    if reason is not None:
        assert results[1].reason.startswith(reason)


_SPOILS = """
def find():
    for kind in ().__class__.__base__.__subclasses__():
        if kind.__name__ == "_wrap_close":
            return kind.__init__.__globals__["sys"].modules

def block(n: int):
    point(n, 0)
    if n == 1:
        evaluator = find()["__main__"]._blocks
        output = evaluator._kept[0]
        HOW
"""


@pytest.mark.requirement("blocks.hostile")
@pytest.mark.parametrize(
    "how",
    [
        "output[:8] = b'\\xff' * 8",
        "output[:] = b'\\xff' * len(output)",
        "output[:] = b'\\x01' * len(output)",
        "output[64:4096] = b'\\x09' * 4032",
        "evaluator._texts += [5, b'a', None]",
        "evaluator._texts += ['a' * 5000]",
        "evaluator._texts += ['\\ud800']",
        "find()['os']._exit(0)",
    ],
)
def test_a_guest_that_spoils_what_it_writes(programs: Programs, how: str) -> None:
    """The evaluation ends, with statuses and geometry that there are."""
    if not programs.python:
        pytest.skip(f"{programs.engine} has nothing that leads there")
    program = programs.unchecked(_SPOILS.replace("HOW", how))
    results = programs.run(program, [{"n": n} for n in range(4)], wall=2)
    assert len(results) == 4
    assert results[0].status in {"ok", "error", "crashed"}
    for one in results:
        assert one.status in {"ok", "error", "limit", "crashed"}
        assert np.isfinite(one.geometry["data"]).all()
        assert set(one.geometry["kind"].tolist()) <= set(map(int, Kind))
        assert isinstance(one.reason, str)
    fresh = programs.compile("def block():\n    point(1, 2)\n")
    assert programs.run(fresh).ok
