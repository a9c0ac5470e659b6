"""The values that cross, both ways; and what becomes of those that do not."""

from __future__ import annotations

import datetime
import decimal
import fractions
import math
import uuid
from collections import Counter, OrderedDict
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

import pytest

import ringfence
from tests.conformance.conftest import Make, Run
from tests.conformance.same import same

_UTC = datetime.UTC
_HOUR = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
_D = decimal.Decimal

_VALUES: dict[str, list[Any]] = {
    "values.none": [None],
    "values.bool": [True, False],
    "values.int": [
        0, -1, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**100, -(10**100),
        (1 << 65536 * 8 - 1) - 1,
    ],
    "values.float": [
        0.0, -0.0, 1.5, 0.1, 5e-324, 1.7976931348623157e308, math.nan, math.inf, -math.inf,
    ],
    "values.complex": [1 + 2j, complex(-0.0, math.inf), complex(math.nan, -0.0)],
    "values.str": [
        "", "a", "ä€😀", "line\nend\r\n\t\0\x7f\x1b[0m", '"\\', "\u2028\u2029", "\ud800", "\udfff\ud800",
        "x" * 256, "x" * 257, "é" * 100_000, "long " * 100 + "\udcff",
    ],
    "values.bytes": [b"", b"\0\xff", bytes(range(256)) * 300],
    "values.list": [[], [1, 2.5, "three", None, True], [[]], list(range(1_000)), [1e308, 1e308]],
    "values.tuple": [(), (1,), (1, (2, (3,))), ((), [])],
    "values.set": [set(), {1, 2, 3}, {"a", b"a", 1.5, None, (1, 2)}],
    "values.frozenset": [frozenset(), frozenset({frozenset({1}), frozenset({2})})],
    "values.dict": [
        {}, {"b": 1, "a": 2}, {1: "int", "1": "str", b"1": "bytes", (1,): "tuple", None: "none"},
        {frozenset({1}): {"inner": {1: [2]}}}, {_D("1.5"): 1}, {i: -i for i in range(500)},
    ],
    "values.date": [datetime.date(1, 1, 1), datetime.date(9999, 12, 31), datetime.date(2024, 2, 29)],
    "values.time": [
        datetime.time(), datetime.time(23, 59, 59, 999_999), datetime.time(12, tzinfo=_HOUR),
    ],
    "values.datetime": [
        datetime.datetime(2024, 2, 29, 1, 2, 3, 4), datetime.datetime(1, 1, 1),
        datetime.datetime(2024, 10, 27, 2, 30, fold=1), datetime.datetime(2024, 1, 1, tzinfo=_UTC),
        datetime.datetime(2024, 1, 1, tzinfo=_HOUR),
    ],
    "values.timedelta": [
        datetime.timedelta(), datetime.timedelta(-1, 2, 3), datetime.timedelta.max,
        datetime.timedelta.min, datetime.timedelta(microseconds=1),
    ],
    "values.decimal": [
        _D("0.1"), _D("-0"), _D("NaN"), _D("sNaN"), _D("NaN123"), _D("Infinity"), _D("-Infinity"),
        _D("1E+6144"), _D("1E-6144"), _D("1" * 4_300), _D("1.10"),
    ],
    "values.fraction": [fractions.Fraction(1, 3), fractions.Fraction(-(10**40), 3)],
    "values.uuid": [uuid.UUID(int=0), uuid.UUID("12345678-1234-5678-1234-567812345678")],
}  # fmt: skip


def _nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


_VALUES["values.nested"] = [_nested(60), {"a": ({"b": [{(1, 2)}]},)}]


def _rows() -> list[Any]:
    return [
        pytest.param(value, id=f"{name}-{number}", marks=pytest.mark.requirement(name))
        for name, values in _VALUES.items()
        for number, value in enumerate(values)
    ]


@pytest.mark.parametrize("value", _rows())
def test_value_crosses_both_ways(shared: ringfence.Sandbox, value: Any) -> None:
    result = shared.run("value", inputs={"value": value})
    assert result.status == "ok"
    assert same(result.value, value)


@dataclass(frozen=True)
class _Made:
    """An expression of the guest's, and what must arrive."""

    code: str
    value: Any


_MADE: dict[str, list[_Made]] = {
    "values.int": [_Made("10**4000 % 10**50 + 2**64", 2**64), _Made("-(2**63)", -(2**63))],
    "values.float": [_Made("float('nan')", math.nan), _Made("-0.0", -0.0), _Made("1e400", math.inf)],
    "values.bytes": [
        _Made("bytearray(b'ab')", b"ab"), _Made("memoryview(b'abcd')[1:3]", b"bc"),
        _Made("memoryview(b'abcdef')[::2]", b"ace"),
    ],
    "values.str": [_Made("chr(0x10ffff)", "\U0010ffff")],
    "values.set": [_Made("{1, 1.0, True}", {1})],
    "values.datetime": [
        _Made(
            "import datetime\ndatetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)",
            datetime.datetime(2024, 1, 1, tzinfo=_UTC),
        )
    ],
    "values.subclasses": [
        _Made("from collections import Counter\nCounter('aab')", {"a": 2, "b": 1}),
        _Made("from collections import OrderedDict\nOrderedDict(b=1, a=2)", {"b": 1, "a": 2}),
        _Made("from collections import defaultdict\ndefaultdict(list, a=[1])", {"a": [1]}),
        _Made("from collections import namedtuple\nnamedtuple('P', 'x y')(1, 2)", (1, 2)),
        _Made("class S(str): pass\nS('text')", "text"),
        _Made("class I(int): pass\nI(5)", 5),
        _Made("class F(float): pass\nF(0.5)", 0.5),
        _Made("class L(list): pass\nL([1])", [1]),
        _Made("class B(bytes): pass\nB(b'x')", b"x"),
        _Made("from enum import Enum\nclass C(Enum):\n    RED = 'r'\n[C.RED]", ["r"]),
        _Made("from enum import IntEnum\nclass C(IntEnum):\n    ONE = 1\nC.ONE", 1),
        _Made("import http\nhttp.HTTPStatus.OK", 200),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(made, id=f"{name}-{number}", marks=pytest.mark.requirement(name))
        for name, cases in _MADE.items()
        for number, made in enumerate(cases)
    ],
)
def test_guest_value_arrives(shared: ringfence.Sandbox, made: _Made) -> None:
    result = shared.run(made.code)
    assert result.status == "ok", result.error
    assert same(result.value, made.value)


class _Colour(IntEnum):
    RED = 1


class _Point(NamedTuple):
    x: int


@pytest.mark.requirement("values.subclasses")
@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        (Counter("aab"), "{'a': 2, 'b': 1}"),
        (OrderedDict(b=1), "{'b': 1}"),
        (_Colour.RED, "1"),
        (_Point(1), "(1,)"),
        (bytearray(b"x"), "b'x'"),
    ],
)
def test_host_subclass_arrives_as_the_plain_type(
    shared: ringfence.Sandbox, value: Any, arrives: str
) -> None:
    assert shared.run("repr(value)", inputs={"value": value}).value == arrives


@pytest.mark.requirement("values.types-kept")
def test_types_are_the_same_in_the_guest(shared: ringfence.Sandbox) -> None:
    values = [value for values in _VALUES.values() for value in values]
    seen = shared.run("[type(v).__name__ for v in values]", inputs={"values": values}).value
    assert seen == [type(value).__name__ for value in values]


@pytest.mark.requirement("values.refused")
@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("x = []\nx.append(x)\nx", "the value is nested deeper than 64, or contains itself"),
        ("x = {}\nx['x'] = x\nx", "the value is nested deeper than 64, or contains itself"),
        (
            "x = 0\nfor _ in range(65): x = [x]\nx",
            "the value is nested deeper than 64, or contains itself",
        ),
        ("1 << 65536 * 8", "an integer of 65537 bytes; at most 65536 may cross"),
        (
            "from decimal import Decimal\nDecimal('1E+6145')",
            "a Decimal with the exponent 6145; at most 6144",
        ),
        (
            "from decimal import Decimal\nDecimal('1' * 4301)",
            "a Decimal of 4301 digits; at most 4300",
        ),
    ],
)
def test_value_that_cannot_be_encoded_is_the_guests_error(
    shared: ringfence.Sandbox, code: str, message: str
) -> None:
    result = shared.run(code)
    assert (result.status, result.value, result.alive) == ("error", None, True)
    assert result.error is not None
    assert (result.error.type, result.error.message) == ("EncodeError", message)
    assert shared.run("'still here'").value == "still here"


@pytest.mark.requirement("values.host-bounded")
@pytest.mark.parametrize(
    "code",
    [
        "from decimal import Decimal\nDecimal('1e4000000')",
        "from fractions import Fraction\nFraction('1e200000')",
        "1 << 40_000_000",
    ],
)
def test_number_that_costs_seconds_stays_in_the_guest(shared: ringfence.Sandbox, code: str) -> None:
    result = shared.run(code)
    assert result.status == "error"
    assert result.error is not None
    assert result.error.type == "EncodeError"


# --- what does not cross --------------------------------------------------------------------


@pytest.mark.requirement("values.opaque")
@pytest.mark.parametrize(
    ("code", "name", "text"),
    [
        ("range(3)", "range", "range(0, 3)"),
        ("...", "ellipsis", "Ellipsis"),
        ("int", "type", "<class 'int'>"),
        ("from collections import deque\ndeque([1])", "deque", "deque([1])"),
        ("class A:\n    def __repr__(self): return '<an A>'\nA()", "A", "<an A>"),
        ("class A:\n    class B:\n        def __repr__(self): return 'b'\nA.B()", "A.B", "b"),
        ("object.__new__(type('X', (), {'__repr__': lambda s: 'x'}))", "X", "x"),
    ],
)
def test_other_objects_arrive_as_opaque(
    shared: ringfence.Sandbox, code: str, name: str, text: str
) -> None:
    value = shared.run(code).value
    assert type(value) is ringfence.Opaque
    assert (value.type_name, value.text) == (name, text)
    assert repr(value) == f"Opaque({name}: {text})"


@pytest.mark.requirement("values.opaque-nested")
def test_opaque_values_in_containers(shared: ringfence.Sandbox) -> None:
    value = shared.run(
        "class A:\n    def __repr__(self): return 'a'\n[A(), {A(): (A(),)}, {1: ...}]"
    ).value
    opaque = ringfence.Opaque("A", "a")
    assert value == [opaque, {opaque: (opaque,)}, {1: ringfence.Opaque("ellipsis", "Ellipsis")}]


@pytest.mark.requirement("values.opaque-bounded")
def test_opaque_text_is_bounded(shared: ringfence.Sandbox) -> None:
    value = shared.run("class A:\n    def __repr__(self): return 'x' * 1_000_000\nA()").value
    assert value == ringfence.Opaque("A", "x" * 2_000)


@pytest.mark.requirement("values.opaque-repr-fails")
@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("raise ValueError('no')", "<A whose repr raised ValueError>"),
        ("return 5", "<A whose repr raised TypeError>"),
        ("return repr(self)", "<A whose repr raised RecursionError>"),
    ],
)
def test_repr_that_fails_is_described(shared: ringfence.Sandbox, body: str, text: str) -> None:
    value = shared.run(f"class A:\n    def __repr__(self): {body}\nA()").value
    assert value == ringfence.Opaque("A", text)


_POINT = "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Point:\n    x: int\n    y: object = None\n"


@pytest.mark.requirement("values.record")
def test_dataclass_arrives_as_record(shared: ringfence.Sandbox) -> None:
    value = shared.run(_POINT + "Point(1, [Point(2)])").value
    assert value.type_name == "Point"
    assert value.x == 1
    assert [inner.fields for inner in value.y] == [{"x": 2, "y": None}]
    with pytest.raises(AttributeError, match="Point has no field 'z'"):
        _ = value.z


@pytest.mark.requirement("values.record-key")
def test_dataclass_as_key(make: Make) -> None:
    result = make().run(_POINT + "{Point(1): 'one'}, {Point(2)}, frozenset({Point(3)})")
    assert result.status == "ok", result.error
    keyed, members, frozen = result.value
    assert [(key.x, value) for key, value in keyed.items()] == [(1, "one")]
    assert [member.x for member in (*members, *frozen)] == [2, 3]


@pytest.mark.requirement("values.no-host-class")
@pytest.mark.parametrize(
    "code",
    [
        "class Limits:\n    __module__ = 'ringfence.model'\n    wall = 1e9\nLimits()",
        "import types\nclass PosixPath:\n    __module__ = 'pathlib'\n    def __fspath__(self): return '/'\nPosixPath()",
        "class X:\n    def __reduce__(self): return print, ('pwned',)\nX()",
        "class X(dict):\n    __class__ = type\nX(a=1)",
        "import functools, os\nfunctools.partial(os.system, 'true')",
        _POINT.replace("Point", "Sandbox") + "Sandbox(1)",
    ],
)
def test_guest_cannot_choose_a_host_class(shared: ringfence.Sandbox, code: str) -> None:
    value = shared.run(code).value
    assert type(value) in (ringfence.Opaque, dict) or type(value).__name__ == "Record"


@pytest.mark.requirement("inputs.opaque")
def test_host_object_arrives_as_opaque(shared: ringfence.Sandbox) -> None:
    class Secret:
        def __repr__(self) -> str:
            return "a secret"

    result = shared.run("type(x).__name__, x.type_name, x.text", inputs={"x": Secret()})
    assert result.value == (
        "Opaque",
        "test_host_object_arrives_as_opaque.<locals>.Secret",
        "a secret",
    )


@pytest.mark.requirement("inputs.variables")
def test_inputs_are_variables_and_stay(make: Make) -> None:
    box = make()
    assert box.run("a + b", inputs={"a": 1, "b": 2}).value == 3
    assert box.run("a, b", inputs={"b": 5}).value == (1, 5)


@pytest.mark.requirement("inputs.variables")
def test_inputs_of_run(run: Run) -> None:
    assert run("sorted(word)", inputs={"word": "cab"}).value == ["a", "b", "c"]


@pytest.mark.requirement("inputs.copies")
def test_inputs_are_copies(shared: ringfence.Sandbox) -> None:
    given = {"list": [1, 2]}
    result = shared.run("given['list'].append(3)\ngiven['new'] = 1\ngiven", inputs={"given": given})
    assert given == {"list": [1, 2]}
    assert result.value == {"list": [1, 2, 3], "new": 1}
