"""Running source text as a cell: its last expression is its value, ``await`` works at top level."""

from __future__ import annotations

import ast
import linecache
import traceback
import types
from collections.abc import Callable, Coroutine
from typing import Any

from ringfence_guest.link import HostFunctionError
from ringfence_guest.protocol import codec

__all__ = ["describe_exception", "run_cell", "split_lines"]

_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_AST_ONLY: int = ast.PyCF_ONLY_AST
_COROUTINE = 0x80  # inspect.CO_COROUTINE
_MAX_MESSAGE = 8_192
_MAX_TRACEBACK = 32_768
_MOST_FRAMES = 2_000  # the innermost; a line is looked up for each
_OURS = __file__.rpartition("/")[0] + "/"

for _kind in (HostFunctionError, codec.EncodeError, codec.ValueTooLarge):
    _kind.__module__ = "builtins"  # tracebacks name them as they name a builtin

RunCoroutine = Callable[[Coroutine[Any, Any, Any]], Any]
Note = Callable[[str, str], None]


def run_cell(
    source: str,
    filename: str,
    namespace: dict[str, Any],
    run_coroutine: RunCoroutine,
    note: Note | None = None,
) -> Any:
    """Run ``source`` in ``namespace``; returns the value of its last expression, or None.

    Args:
        source: Python source text.
        filename: what tracebacks call it; its lines are kept so that they can be shown.
        namespace: the globals.
        run_coroutine: runs a coroutine to its end (used when there is a top-level ``await``).
        note: is told filename and source of a cell that may define something, before it runs.
    """
    linecache.cache[filename] = (len(source), None, split_lines(source), filename)
    if "\n" not in source:
        try:
            expression = compile(source, filename, "eval", _FLAGS, dont_inherit=True)
        except SyntaxError:
            pass  # not an expression; what it is, or what is wrong with it, is found below
        else:
            value = eval(expression, namespace)
            return run_coroutine(value) if expression.co_flags & _COROUTINE else value
    tree: ast.Module = compile(source, filename, "exec", _AST_ONLY, dont_inherit=True)
    last = tree.body[-1] if tree.body else None
    final = None
    if isinstance(last, ast.Expr):
        del tree.body[-1]
        final = compile(ast.Expression(last.value), filename, "eval", _FLAGS, dont_inherit=True)
    body = None
    if tree.body:
        body = compile(tree, filename, "exec", _FLAGS, dont_inherit=True)
    if note is not None:
        note(filename, source)
    if any(code is not None and code.co_flags & _COROUTINE for code in (body, final)):
        return run_coroutine(_run_awaiting(body, final, namespace))
    if body is not None:
        eval(body, namespace)
    return None if final is None else eval(final, namespace)


async def _run_awaiting(
    body: types.CodeType | None, final: types.CodeType | None, namespace: dict[str, Any]
) -> Any:
    """A cell that awaits somewhere runs as a whole within the loop: what comes before its first
    ``await`` may start tasks.
    """
    if body is not None:
        outcome = eval(body, namespace)
        if body.co_flags & _COROUTINE:
            await outcome
    if final is None:
        return None
    value = eval(final, namespace)
    return await value if final.co_flags & _COROUTINE else value


def split_lines(source: str) -> list[str]:
    """The lines as the compiler counts them, each with its end; tracebacks show them."""
    if "\r" in source:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
    return [line + "\n" for line in source.split("\n")]


def _type_name(error: BaseException) -> str:
    """The name of the class itself: a guest's metaclass may answer anything."""
    name: str = type.__dict__["__name__"].__get__(type(error))
    return name[:256]


def describe_exception(error: BaseException) -> list[str]:
    """``[type, message, traceback]``, bounded; shows the guest's own lines and never raises."""
    name = _type_name(error)
    try:
        message = str.__getitem__(
            str(error), slice(None)
        )  # of str itself, whatever a subclass says
    except BaseException as inner:  # a guest's __str__ may do anything
        message = f"<{name} whose str raised {_type_name(inner)}>"
    try:
        described = traceback.TracebackException.from_exception(
            error, compact=True, limit=-_MOST_FRAMES
        )
        _forget_our_frames(described, 0)
        text = "".join(described.format())
    except BaseException as inner:
        text = f"{name}: (the traceback cannot be shown: {_type_name(inner)})\n"
    return [name, _shorten(message, _MAX_MESSAGE), _shorten(text, _MAX_TRACEBACK)]


def _forget_our_frames(described: traceback.TracebackException | None, depth: int) -> None:
    if described is None or depth > 20:
        return
    described.stack[:] = _guest_frames(described.stack)
    _forget_our_frames(described.__cause__, depth + 1)
    _forget_our_frames(described.__context__, depth + 1)
    for inner in getattr(described, "exceptions", None) or ():
        _forget_our_frames(inner, depth + 1)


def _guest_frames(stack: traceback.StackSummary) -> list[traceback.FrameSummary]:
    """Without our own frames, and without that of the event loop that we called."""
    kept = []
    ours = False
    for frame in stack:
        if frame.filename.startswith(_OURS):
            ours = True
        elif not (ours and frame.name == "run_until_complete"):
            ours = False
            kept.append(frame)
    return kept


def _shorten(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]}\n… {len(text) - longest} characters left out …\n{text[-half:]}"
