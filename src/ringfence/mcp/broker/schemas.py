"""JSON Schemas of servers, made into checks whose work is bounded.

A schema is a program that a server wrote and that the host would run. So it is bounded before
anything is made of it, nothing in it leads elsewhere, and each check counts its steps: a few lines
of ``allOf`` and ``$ref`` would otherwise take longer than the universe has. What is written here is
the validation of draft 2020-12 and of draft-07 and before; keywords that it does not know
(``format``, ``unevaluated…``, ``$dynamicRef``) check nothing, as the standard allows: the server
that declared them is to check them itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ringfence.errors import FieldProblem
from ringfence.mcp.broker.json_values import shown, written
from ringfence.mcp.broker.keywords.compiler import Compiler
from ringfence.mcp.broker.keywords.work import Check, SchemaRefused, TooMuchWork, Work

__all__ = ["Checker", "SchemaRefused", "TooMuchWork", "Weight", "admit"]

_DEEPEST = 60
_MOST_NODES = 20_000
_MOST_TEXT = 256 << 10
_LARGEST = 1 << 1_024
_MOST_PROBLEMS = 10
_STEPS = 100_000
_STEPS_PER_VALUE = 8
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


class Weight(NamedTuple):
    """How large something is: parts, and characters of text."""

    parts: int
    text: int


def admit(schema: object) -> Weight:
    """Let pass a schema that is small, and that leads to nothing outside of itself.

    Returns:
        How large it is.

    Raises:
        SchemaRefused: it is not; the message says why.
    """
    if not isinstance(schema, dict):
        raise SchemaRefused("it is no object")
    nodes, text = 0, 0
    waiting: list[tuple[object, int]] = [(schema, 0)]
    while waiting:
        node, depth = waiting.pop()
        nodes += 1
        more = len(node) if isinstance(node, list | dict) else 0
        if nodes + len(waiting) + more > _MOST_NODES or depth > _DEEPEST:
            refused = f"more than {_MOST_NODES:,} parts, or {_DEEPEST} levels"
            raise SchemaRefused(refused, nodes)
        if isinstance(node, str):
            text += len(node)
        elif isinstance(node, int | float):
            if not abs(node) < _LARGEST:
                refused = "a number that JSON does not have, or too large a one"
                raise SchemaRefused(refused, nodes)
        elif isinstance(node, list):
            waiting.extend((one, depth + 1) for one in node)
        elif isinstance(node, dict):
            for key, one in node.items():
                text += len(key)
                if key in _REFERENCES and isinstance(one, str) and not one.startswith("#"):
                    refused = f"it refers to {one[:80]!a}; nothing is fetched"
                    raise SchemaRefused(refused, nodes)
                waiting.append((one, depth + 1))
        if text > _MOST_TEXT:
            raise SchemaRefused(f"more than {_MOST_TEXT >> 10} KiB of text", nodes)
    return Weight(nodes, text)


class Checker:
    """A schema, made into checks once. Safe in several threads.

    Args:
        schema: it was admitted.
        where: what the value is called in problems: ``arguments`` or ``result``.

    Raises:
        SchemaRefused: it is no schema: the message says what in it is wrong.
    """

    def __init__(self, schema: Mapping[str, Any], where: str) -> None:
        self._where = where
        try:
            self._check: Check = Compiler(schema).root()
        except RecursionError:
            raise SchemaRefused("it is too deep") from None

    def problems(self, value: Any, values: int) -> tuple[FieldProblem, ...]:
        """What does not match: at most ten problems, empty if all matches.

        Args:
            value: plain JSON, see :func:`ringfence.mcp.broker.json_values.plain`.
            values: how many are in it; the work that is done for it grows with that.

        Raises:
            TooMuchWork: the schema makes more of it than is done for any.
        """
        work = Work(_STEPS + _STEPS_PER_VALUE * values, _MOST_PROBLEMS)
        try:
            self._check(value, None, work)
        except RecursionError:
            raise TooMuchWork from None
        return tuple(
            FieldProblem(written(self._where, path), expected, got or shown(wrong))
            for path, expected, wrong, got in work.problems
        )
