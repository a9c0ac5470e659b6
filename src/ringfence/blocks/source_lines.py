"""Source that is written anew, line by line, where the author has it."""

from __future__ import annotations

import ast

__all__ = ["SourceLines"]


class SourceLines:
    """Collects statements, each in its line as far as that can be."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._joins = ""  # what a statement in the same line follows: "; " or " "

    def put(
        self, line: int, depth: int, text: str, *, opens: bool = False, simple: bool = True
    ) -> None:
        """Write a statement.

        Args:
            line: where the author has it.
            depth: of its block.
            text: it; may have several lines, in brackets.
            opens: whether it is the head of a block.
            simple: whether it can follow another in one line.
        """
        while len(self._lines) < line - 1:
            self._lines.append("")
            self._joins = ""
        if len(self._lines) >= line and self._joins and simple and not opens:
            self._lines[-1] += self._joins + text
        else:
            self._lines.append(" " * depth + text)
        first, *rest = self._lines[-1].split("\n")
        self._lines[-1:] = [first, *rest]
        self._joins = " " if opens else "; "

    def put_between(self, line: int, depth: int, text: str) -> None:
        """Write the head of a block that has no line of its own in the tree: before ``line``, or in
        it.
        """
        self._joins = ""
        free = len(self._lines) < line - 1
        self.put(line - 1 if free else line, depth, text, opens=True)

    def append(self, text: str) -> None:
        """Write a line behind all others."""
        self._lines.append(text)
        self._joins = ""

    def text(self) -> str:
        """All of it."""
        return "\n".join(self._lines) + "\n"

    def spread(self, node: ast.expr, line: int) -> str:
        """An expression of several lines, in brackets: its parts are in the lines where the author
        has them, if these are parts of displays, calls or operations.
        """
        return f"({_Spread(line).write(node)})"


class _Spread:
    def __init__(self, line: int) -> None:
        self._line = line

    def write(self, node: ast.expr) -> str:
        before = ""
        if node.lineno > self._line:
            before = "\n" * (node.lineno - self._line)
            self._line = node.lineno
        return before + self._write(node)

    def _write(self, node: ast.expr) -> str:
        if (node.end_lineno or 0) <= self._line:
            return ast.unparse(node)
        if isinstance(node, ast.Call) and not any(
            isinstance(one, ast.Starred) for one in node.args
        ):
            parts = [self.write(one) for one in node.args]
            parts += [
                f"{one.arg}={self.write(one.value)}" if one.arg else f"**{self.write(one.value)}"
                for one in node.keywords
            ]
            return f"{ast.unparse(node.func)}({', '.join(parts)})"
        if isinstance(node, ast.List):
            return f"[{', '.join(map(self.write, node.elts))}]"
        if isinstance(node, ast.Tuple) and node.elts:
            return f"({', '.join(map(self.write, node.elts))},)"
        if isinstance(node, ast.BinOp):
            sign = ast.unparse(ast.BinOp(ast.Name("a"), node.op, ast.Name("b")))[2:-2]
            left = self.write(node.left)
            return f"({left}) {sign} ({self.write(node.right)})"
        return ast.unparse(node)
