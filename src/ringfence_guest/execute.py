"""Running source text as a cell: its last expression is its value, ``await`` works at top level."""

from __future__ import annotations

import ast
import linecache
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

__all__ = ["describe_exception", "run_cell"]

_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_COROUTINE = 0x80  # inspect.CO_COROUTINE
_MAX_MESSAGE = 8_192
_MAX_TRACEBACK = 32_768
_OURS = __file__.rpartition("/")[0] + "/"

RunCoroutine = Callable[[Coroutine[Any, Any, Any]], Any]


def run_cell(
    source: str, filename: str, namespace: dict[str, Any], run_coroutine: RunCoroutine
) -> Any:
    """Run ``source`` in ``namespace``; returns the value of its last expression, or None.

    Args:
        source: Python source text.
        filename: what tracebacks call it; its lines are kept so that they can be shown.
        namespace: the globals.
        run_coroutine: runs a coroutine to its end (used when there is a top-level ``await``).
    """
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    if "\n" not in source:
        try:
            expression = compile(source, filename, "eval", _FLAGS, dont_inherit=True)
        except SyntaxError:
            pass  # not an expression; what it is, or what is wrong with it, is found below
        else:
            value = eval(expression, namespace)
            return run_coroutine(value) if expression.co_flags & _COROUTINE else value
    tree = ast.parse(source, filename, "exec")
    last = tree.body[-1] if tree.body else None
    final = None
    if isinstance(last, ast.Expr):
        del tree.body[-1]
        final = compile(ast.Expression(last.value), filename, "eval", _FLAGS, dont_inherit=True)
    if tree.body:
        body = compile(tree, filename, "exec", _FLAGS, dont_inherit=True)
        outcome = eval(body, namespace)
        if body.co_flags & _COROUTINE:
            run_coroutine(outcome)
    if final is None:
        return None
    value = eval(final, namespace)
    return run_coroutine(value) if final.co_flags & _COROUTINE else value


def describe_exception(error: BaseException) -> list[str]:
    """``[type, message, traceback]``, bounded; shows the guest's own lines and never raises."""
    name = type(error).__name__[:256]
    try:
        message = str(error)
    except BaseException as inner:  # a guest's __str__ may do anything
        message = f"<{name} whose str raised {type(inner).__name__[:256]}>"
    try:
        described = traceback.TracebackException.from_exception(error, compact=True)
        _forget_our_frames(described, 0)
        text = "".join(described.format())
    except BaseException as inner:
        text = f"{name}: (the traceback cannot be shown: {type(inner).__name__[:256]})\n"
    return [name, _shorten(message, _MAX_MESSAGE), _shorten(text, _MAX_TRACEBACK)]


def _forget_our_frames(described: traceback.TracebackException | None, depth: int) -> None:
    if described is None or depth > 20:
        return
    described.stack[:] = [f for f in described.stack if not f.filename.startswith(_OURS)]
    _forget_our_frames(described.__cause__, depth + 1)
    _forget_our_frames(described.__context__, depth + 1)
    for inner in getattr(described, "exceptions", None) or ():
        _forget_our_frames(inner, depth + 1)


def _shorten(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]}\n… {len(text) - longest} characters left out …\n{text[-half:]}"
