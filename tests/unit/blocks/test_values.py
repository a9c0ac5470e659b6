"""The values that are lent to scripts: immutable, and nothing reachable from them leads out."""

from __future__ import annotations

import math
import types
from typing import Any

import pytest

from ringfence.blocks.vocabulary import CONSTRUCTORS, FUNCTIONS, MATH, MEMBERS, PRIMITIVES
from ringfence_guest.blocks import BlockEvaluator
from ringfence_guest.blocks.language import lent_names
from ringfence_guest.blocks.values import Color, Point, Transform

PLAIN = (bool, int, float, str, type(None), tuple, list, dict, set, range, Point, Color, Transform)


def test_what_is_lent_is_what_the_dialect_says() -> None:
    evaluator = BlockEvaluator()
    names = {name for name in evaluator._lent if not name.startswith("_")}
    assert names == FUNCTIONS | CONSTRUCTORS | PRIMITIVES.keys() | {
        "math", "AssertionError", "True", "False", "None",
    }  # fmt: skip
    assert vars(lent_names()["math"]).keys() == MATH


def test_nothing_that_is_reachable_leads_out() -> None:
    """By the attributes that the dialect has, from the values and from what their methods return."""
    start: list[Any] = [
        Point(1, 2, 3), Color(1, 2, 3), Transform(), lent_names()["math"], "", [], {}, set(), (), 1.5,
        range(3),
    ]  # fmt: skip
    seen: set[int] = set()
    kept, waiting, methods = list(start), list(start), 0
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        kept.append(value)
        names = MATH if isinstance(value, types.SimpleNamespace) else MEMBERS
        for name in names:
            if not hasattr(value, name):
                continue
            found = getattr(value, name)
            if callable(found):  # a method, which the dialect only lets be called
                assert isinstance(
                    found, types.MethodType | types.BuiltinMethodType | types.BuiltinFunctionType
                )
                methods += 1
                for arguments in ((), (1.0,), (1.0, 2.0), (Point(0, 1),), (Transform(),)):
                    try:
                        result = found(*arguments)
                    except (TypeError, ValueError, KeyError, IndexError, ZeroDivisionError):
                        continue
                    if type(result).__name__ not in ("dict_keys", "dict_values", "dict_items"):
                        assert type(result) in PLAIN, (value, name)
                        if not isinstance(result, bool | int | float | str):
                            waiting.append(result)
            else:
                assert type(found) in PLAIN, (value, name)
        assert len(seen) < 5_000
        if len(seen) > 400:
            break
    assert methods > 100


@pytest.mark.parametrize("value", [Point(1, 2), Color(1, 2, 3), Transform()])
def test_values_do_not_change(value: Any) -> None:
    for name in ("x", "r", "new", "__class__"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(value, name, 1)
    assert not hasattr(value, "__dict__")
    with pytest.raises(TypeError):
        value[0] = 1.0
    assert hash(value) == hash(type(value)(*value) if isinstance(value, Point) else value)


def test_points() -> None:
    p = Point(1, 2, 3)
    assert (p.x, p.y, p.z) == (1.0, 2.0, 3.0)
    assert (
        p + Point(1, 1) - Point(0, 0, 3) == Point(2, 3, 0) == Point(1, 1.5) * 2 == 2 * Point(1, 1.5)
    )
    assert -p == Point(-1, -2, -3)
    assert Point(3, 4) / 5 == Point(0.6, 0.8)
    assert (Point(3, 4).length(), Point(0, 0).distance(Point(3, 4))) == (5.0, 5.0)
    for wrong in ([1], (1.0, 2.0, 3.0), 1, "a"):
        with pytest.raises(TypeError):
            p + wrong
        with pytest.raises(TypeError):
            wrong + p
    with pytest.raises((TypeError, ValueError)):
        p * [1]
    with pytest.raises((TypeError, ValueError)):
        [1] * p  # type: ignore[operator]


def test_transforms() -> None:
    turned = Transform().move(1, 0).rotate(90).scale(2)
    assert [round(part, 12) for part in turned.apply(Point(0, 0))] == [0.0, 2.0, 0.0]
    assert Transform().move(1, 2, 3).then(Transform().scale(2)).apply(Point(0, 0)) == Point(2, 4, 6)
    assert math.isclose(Transform().rotate(30).apply(Point(1, 0)).y, 0.5)
    with pytest.raises(ValueError, match="twelve"):
        Transform([1.0])


def test_colors() -> None:
    red = Color(255, 0, 0)
    assert (red, red.r, red.g, red.b, red.a) == (0xFF0000FF, 255, 0, 0, 255)
    for wrong in ((256, 0, 0), (-1, 0, 0), (1.0, 0, 0)):
        with pytest.raises(ValueError, match="0 to 255"):
            Color(*wrong)
