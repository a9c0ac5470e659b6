"""The parameters of a block: read from the tree, never evaluated."""

from __future__ import annotations

import ast
import math
from typing import Any, Literal, NamedTuple

from ringfence.blocks.findings import Findings

__all__ = ["REQUIRED", "Parameter", "Type", "read_parameters"]

Type = Literal["int", "float", "bool", "str", "tuple", "geometry"]
MOST_PARAMETERS = 64


class _Required:
    """Stands for a default that is not there."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Any = _Required()


class Parameter(NamedTuple):
    """A parameter of a block.

    Attributes:
        name: its name.
        type: ``int`` (64 bits), ``float`` (finite), ``bool``, ``str``, ``tuple`` for a tuple of
            finite floats, or ``geometry`` for what another block has drawn.
        default: its default, or ``REQUIRED``.
        line: where it is declared.
    """

    name: str
    type: Type
    default: Any
    line: int


_WANTED = "int, float, bool, str, tuple[float, ...] or Geometry"


def read_parameters(function: ast.FunctionDef, findings: Findings) -> tuple[Parameter, ...]:
    """The parameters of the block's function."""
    given = function.args
    for strange in (given.vararg, given.kwarg, *given.posonlyargs):
        if strange is not None:
            message = f"{strange.arg} is not a plain parameter"
            _report(strange, findings, message, "write each parameter with its type")
    plain = [*given.args, *given.kwonlyargs]
    defaults: list[ast.expr | None] = [None] * (len(given.args) - len(given.defaults))
    defaults += [*given.defaults, *given.kw_defaults]
    if len(plain) > MOST_PARAMETERS:
        message = f"{function.name} has more than {MOST_PARAMETERS} parameters"
        _report(function, findings, message, "use tuples of floats")
    found = []
    for argument, default in zip(plain, defaults, strict=False):
        kind = _type(argument.annotation)
        if kind is None:
            message = f"parameter {argument.arg} has no type that a block can have"
            _report(argument, findings, message, f"write {argument.arg}: float, or {_WANTED}")
            continue
        value = REQUIRED
        if default is not None:
            value = _default(default, kind)
            if value is REQUIRED:
                message = f"the default of {argument.arg} is not a literal of type {kind}"
                remedy = 'write a number, True, False, "text", or a tuple of numbers'
                _report(default, findings, message, remedy)
        found.append(Parameter(argument.arg, kind, value, argument.lineno))
    return tuple(found)


def _report(node: Any, findings: Findings, message: str, remedy: str) -> None:
    findings.at(node, message, remedy)


def _type(annotation: ast.expr | None) -> Type | None:
    if isinstance(annotation, ast.Name) and annotation.id in ("int", "float", "bool", "str"):
        return annotation.id  # type: ignore[return-value]
    if isinstance(annotation, ast.Name) and annotation.id == "Geometry":
        return "geometry"
    if (
        isinstance(annotation, ast.Subscript)
        and isinstance(annotation.value, ast.Name)
        and annotation.value.id == "tuple"
        and isinstance(annotation.slice, ast.Tuple)
    ):
        parts = annotation.slice.elts
        of_floats = len(parts) == 2 and isinstance(parts[0], ast.Name) and parts[0].id == "float"
        if of_floats and isinstance(parts[1], ast.Constant) and parts[1].value is ...:
            return "tuple"
    return None


def _default(node: ast.expr, kind: Type) -> Any:
    """The value of a default, or ``REQUIRED`` if it is none of the type."""
    if kind == "geometry":
        return REQUIRED
    if kind == "tuple":
        if not isinstance(node, ast.Tuple):
            return REQUIRED
        numbers = [_number(part) for part in node.elts]
        return (
            REQUIRED
            if None in numbers
            else tuple(float(part) for part in numbers if part is not None)
        )
    if isinstance(node, ast.Constant) and kind in ("bool", "str"):
        return node.value if type(node.value).__name__ == kind else REQUIRED
    number = _number(node)
    if number is None:
        return REQUIRED
    if kind == "float":
        return float(number)
    fits = type(number) is int and -(1 << 63) <= number < 1 << 63
    return number if kind == "int" and fits else REQUIRED


def _number(node: ast.expr) -> int | float | None:
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        sign, node = -1 if isinstance(node.op, ast.USub) else 1, node.operand
    value = node.value if isinstance(node, ast.Constant) else None
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    if isinstance(value, int) and value.bit_length() > 64:
        return None
    return sign * value if math.isfinite(value) else None
