"""Walking syntax trees, a few times quicker than :mod:`ast` does."""

from __future__ import annotations

import ast

__all__ = ["children", "walk"]

_LEAVES = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)


def children(*nodes: ast.AST) -> list[ast.AST]:
    """The nodes directly below, in their order; not those that only name an operation or a
    context.
    """
    found: list[ast.AST] = []
    for node in nodes:
        for name in node._fields:
            value = getattr(node, name, None)
            if value.__class__ is list:
                found += [child for child in value if isinstance(child, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, _LEAVES):
                found.append(value)
    return found


def walk(*roots: ast.AST) -> list[ast.AST]:
    """All nodes with and below ``roots``, level by level."""
    nodes, level = list(roots), list(roots)
    while level:
        level = children(*level)
        nodes += level
    return nodes
