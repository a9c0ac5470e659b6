"""The words of the dialect: what the host lends to block scripts, and why other names are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ringfence_guest.protocol.geometry import Kind

__all__ = [
    "CONSTRUCTORS",
    "FUNCTIONS",
    "LENT",
    "MATH",
    "MATH_INTEGERS",
    "MEMBERS",
    "PRIMITIVES",
    "REFUSED",
    "Primitive",
]


class Primitive(NamedTuple):
    """A function that draws: its parameters without ``color``, which each of them has as well.

    Attributes:
        kind: of the record.
        required: parameters that have to be given.
        plain: whether these, in this order, are the first doubles of the record.
        optional: a parameter that may follow them, before the colour.
    """

    kind: Kind
    required: tuple[str, ...]
    plain: bool = True
    optional: str = ""


PRIMITIVES: Mapping[str, Primitive] = {
    "point": Primitive(Kind.POINT, ("x", "y"), optional="z"),
    "line": Primitive(Kind.LINE, ("x1", "y1", "x2", "y2")),
    "line3": Primitive(Kind.LINE3, ("x1", "y1", "z1", "x2", "y2", "z2")),
    "circle": Primitive(Kind.CIRCLE, ("x", "y", "radius")),
    "arc": Primitive(Kind.ARC, ("x", "y", "radius", "start", "end")),
    "text": Primitive(Kind.TEXT, ("x", "y", "string"), plain=False),
    "polyline": Primitive(Kind.POLYLINE, ("points",), plain=False),
    "polygon": Primitive(Kind.POLYGON, ("points",), plain=False),
    "cuboid": Primitive(Kind.CUBOID, ("x", "y", "z", "dx", "dy", "dz")),
    "cylinder": Primitive(Kind.CYLINDER, ("x", "y", "z", "radius", "height")),
    "cone": Primitive(Kind.CONE, ("x", "y", "z", "radius", "top", "height")),
    "sphere": Primitive(Kind.SPHERE, ("x", "y", "z", "radius")),
    "extrusion": Primitive(Kind.EXTRUSION, ("points", "height"), plain=False),
}
"""What draws."""

CONSTRUCTORS = frozenset({"Point", "Color", "Transform"})
FUNCTIONS = frozenset(
    [
        "abs",
        "all",
        "any",
        "bool",
        "dict",
        "enumerate",
        "float",
        "int",
        "len",
        "list",
        "max",
        "min",
        "range",
        "reversed",
        "round",
        "set",
        "sorted",
        "str",
        "sum",
        "tuple",
        "zip",
        "ValueError",
    ]
)
LENT = FUNCTIONS | CONSTRUCTORS | PRIMITIVES.keys() | {"math"}
"""Every name that a script has without defining it."""

MATH = frozenset(
    [
        "acos",
        "acosh",
        "asin",
        "asinh",
        "atan",
        "atan2",
        "atanh",
        "cbrt",
        "ceil",
        "copysign",
        "cos",
        "cosh",
        "degrees",
        "dist",
        "e",
        "exp",
        "exp2",
        "expm1",
        "fabs",
        "floor",
        "fmod",
        "fsum",
        "hypot",
        "inf",
        "isclose",
        "isfinite",
        "isinf",
        "isnan",
        "isqrt",
        "log",
        "log10",
        "log1p",
        "log2",
        "modf",
        "pi",
        "radians",
        "remainder",
        "sin",
        "sinh",
        "sqrt",
        "tan",
        "tanh",
        "tau",
        "trunc",
    ]
)
"""What ``math`` has. Not ``factorial``, ``comb``, ``perm``, ``prod``, ``pow``, ``ldexp``, ``gcd``:
they make large numbers of small ones, or exist elsewhere in the language.
"""
MATH_INTEGERS = frozenset({"ceil", "floor", "isqrt", "trunc"})
"""Those whose value is an int."""

MEMBERS = frozenset(
    # Point, Color, Transform
    [
        "x",
        "y",
        "z",
        "r",
        "g",
        "b",
        "a",
        "distance",
        "dot",
        "cross",
        "length",
        "normalized",
        "then",
        "apply",
        "move",
        "rotate",
        "scale",
        "add",
        "append",
        "clear",
        "copy",
        "count",
        "difference",
        "discard",
        "extend",
        "get",
        "index",
        "insert",
        "intersection",
        "items",
        "keys",
        "pop",
        "remove",
        "reverse",
        "setdefault",
        "sort",
        "symmetric_difference",
        "union",
        "update",
        "values",
        "capitalize",
        "endswith",
        "find",
        "isalpha",
        "isdigit",
        "join",
        "lower",
        "lstrip",
        "replace",
        "rstrip",
        "split",
        "startswith",
        "strip",
        "title",
        "upper",
        "zfill",
    ]
)
"""Attributes that may be named, whatever they are of."""

REFUSED: Mapping[str, str] = {
    "__import__": "nothing can be imported; math and the primitives are there already",
    "eval": "write the expression itself, or take a parameter",
    "exec": "write the statements themselves, or a function above the block",
    "compile": "write the code itself",
    "open": "a block sees its parameters only; take what is in the file as a parameter",
    "input": "take a parameter",
    "print": "use text(x, y, string) to show something, or raise ValueError(message)",
    "getattr": "name the attribute: value.x",
    "setattr": "values do not change; make a new one: Point(x, y)",
    "delattr": "values do not change; make a new one: Point(x, y)",
    "hasattr": "a parameter has the type that it declares",
    "globals": "give a function what it needs as arguments",
    "locals": "give a function what it needs as arguments",
    "vars": "name the attribute: value.x",
    "dir": "docs/blocks.md lists what there is",
    "type": "a parameter has the type that it declares",
    "isinstance": "a parameter has the type that it declares",
    "object": "use Point, Color, tuples, lists and dicts",
    "super": "use functions; there are no classes",
    "map": "write a comprehension: [f(x) for x in xs]",
    "filter": "write a comprehension: [x for x in xs if f(x)]",
    "iter": "use a for loop",
    "next": "use a for loop",
    "pow": "write x ** y",
    "divmod": "write x // y and x % y",
    "format": 'write an f-string: f"{value:.2f}"',
    "repr": "use str, or an f-string",
    "id": "compare values with ==",
    "hash": "compare values with ==",
    "callable": "functions are called by their names",
    "bytes": "use lists of numbers",
    "bytearray": "use lists of numbers",
    "memoryview": "use lists of numbers",
    "frozenset": "use set or tuple",
    "complex": "use Point, or two floats",
    "slice": "write values[1:2]",
    "breakpoint": "raise ValueError(message) where something is wrong",
    "help": "docs/blocks.md lists what there is",
    "staticmethod": "use functions; there are no classes",
    "classmethod": "use functions; there are no classes",
    "property": "use functions; there are no classes",
    "Exception": "raise ValueError(message)",
    "BaseException": "raise ValueError(message)",
    "NotImplemented": "raise ValueError(message)",
    "Ellipsis": "use None",
    "exit": "use return",
    "quit": "use return",
    "random": "take a seed or a list of numbers as a parameter: equal parameters, equal geometry",
    "time": "take the time as a parameter: equal parameters, equal geometry",
}
"""Names that people try -> what to write instead."""
