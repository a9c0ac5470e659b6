"""How large a script may be: measured before it is parsed, and before its tree is walked.

CPython's parser and compiler recurse in C. A source of 100,000 brackets, minus signs or ``elif``
is refused here, where a scan of its text is all that it costs.
"""

from __future__ import annotations

import ast
import re
import warnings

from ringfence.blocks.findings import Findings
from ringfence.blocks.syntax import children

__all__ = ["MOST_BYTES", "MOST_DEPTH", "MOST_NODES", "parse"]

MOST_BYTES = 64 << 10
"""Of the source, in UTF-8."""
MOST_NODES = 20_000
MOST_DEPTH = 60
"""Of brackets within each other, and of the tree."""

_MOST_INDENT = 200
_BRACKETS = re.compile(r"[][(){}]")
_CHAINS = re.compile(
    r"(?:[-+~]\s*){40}|(?:\bnot\s+){40}|(?:\blambda\b[^:\n]*:\s*){20}|(?:\bawait\s+){20}"
)
_RIGHT = (
    ("elif", re.compile(r"^[ \t]*elif\b", re.MULTILINE), 200),
    ("else", re.compile(r"\belse\b(?!\s*:)"), 200),
    ("**", re.compile(r"\*\*"), 200),
    ("lambda", re.compile(r"\blambda\b"), 100),
)


def parse(source: str, findings: Findings) -> ast.Module | None:
    """The tree of a source, or None and a finding."""
    problem = _too_much(source)
    if problem is not None:
        findings.add(0, 0, *problem)
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "is" with a literal, a stray backslash: not ours
            tree = ast.parse(source)
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        findings.add(line, max(column, 1), f"this is not Python: {error.msg}", "mend the syntax")
        return None
    except (RecursionError, MemoryError, ValueError):
        findings.add(0, 0, "this is nested too deeply to be parsed", "name parts of it")
        return None
    return tree if _fits(tree, findings) else None


def _too_much(source: str) -> tuple[str, str] | None:
    try:
        size = len(source.encode("utf-8"))
    except UnicodeEncodeError:
        return "there are lone surrogates in the source", "decode the file as UTF-8"
    if size > MOST_BYTES:
        return f"the source has {size} bytes, and may have {MOST_BYTES}", "split the block"
    if "\0" in source:
        return "there is a NUL character in the source", "leave it out"
    depth = 0
    for match in _BRACKETS.finditer(source):
        depth += 1 if match[0] in "([{" else -1
        if depth > MOST_DEPTH:
            return f"more than {MOST_DEPTH} brackets are open", "name parts of the expression"
    if _CHAINS.search(source):
        return "a chain of operators is too long", "name parts of the expression"
    for word, pattern, most in _RIGHT:
        if sum(1 for _ in pattern.finditer(source)) > most:
            return f"there are more than {most} {word}", "use a tuple or a dict to look things up"
    for line in source.split("\n"):
        if len(line) - len(line.lstrip(" \t\f")) > _MOST_INDENT:
            return f"a line is indented by more than {_MOST_INDENT}", "use functions"
    return None


def _fits(tree: ast.Module, findings: Findings) -> bool:
    """Whether the tree may be walked by functions that call themselves."""
    count = 0
    level: list[ast.AST] = [tree]
    depth = 0
    while level:
        count += len(level)
        depth += 1
        if count > MOST_NODES:
            findings.add(0, 0, f"this has more than {MOST_NODES} parts", "split the block")
            return False
        if depth > MOST_DEPTH:
            line = next((node.lineno for node in level if hasattr(node, "lineno")), 1)
            message = f"this is nested more than {MOST_DEPTH} levels deep"
            findings.add(line, 1, message, "name parts of it")
            return False
        level = children(*level)
    return True
