"""What a variable looks like in a line: bounded in length, and in what is looked at."""

from __future__ import annotations

import itertools
import operator
import sys
import types
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["name_of_type", "printable", "size_of", "summarize"]

LONGEST = 120
_MOST_ITEMS = 5
_DEEPEST = 2
_LONGEST_TEXT = 60
_MOST_BITS = 512


def name_of_type(value: Any) -> str:
    """The name of its class: the class's own, whatever a metaclass says."""
    name: str = type.__dict__["__name__"].__get__(type(value))
    return printable(name, 256)


def printable(text: str, longest: int) -> str:
    """Text without surrogates, cut to a length."""
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")[:longest]


def summarize(value: Any, passes: Callable[[BaseException], bool]) -> str:
    """A short text that shows a value.

    Args:
        value: anything; its ``repr`` may do anything.
        passes: whether an exception is not the value's own, and must be raised.
    """
    try:
        text = _show(value, 0)
    except BaseException as error:  # a guest's __repr__ may raise anything
        if passes(error):
            raise
        text = f"<{name_of_type(value)} whose repr raised {name_of_type(error)}>"
    return printable(text, LONGEST)


def _show(value: Any, depth: int) -> str:
    kind = type(value)
    show = _SHOWN.get(kind)
    if show is not None:
        return show(value, depth)
    if kind.__module__.partition(".")[0] == "numpy" and hasattr(value, "dtype"):
        shape = "x".join(map(str, value.shape))
        if shape:
            return f"array of {value.dtype}, {shape}"
    if kind.__module__.partition(".")[0] == "pandas" and hasattr(value, "shape"):
        return f"{kind.__name__}, {'x'.join(map(str, value.shape))}"
    text = repr(value)
    return str.__getitem__(text, slice(LONGEST + 1))


def _int(value: int, _: int) -> str:
    bits = value.bit_length()
    return repr(value) if bits <= _MOST_BITS else f"<int of {bits} bits>"


def _text(value: str | bytes | bytearray, _: int) -> str:
    if len(value) <= _LONGEST_TEXT:
        return repr(value)
    return f"{value[:_LONGEST_TEXT]!r}… ({len(value)})"


def _items(values: Iterable[Any], count: int, depth: int, ends: str) -> str:
    if depth >= _DEEPEST and count:
        return f"{ends[0]}…{ends[1]}"
    shown = [_show(item, depth + 1) for item in itertools.islice(values, _MOST_ITEMS)]
    if count > _MOST_ITEMS:
        shown.append(f"… ({count})")
    return f"{ends[0]}{', '.join(shown)}{ends[1]}"


def _list(value: list[Any], depth: int) -> str:
    return _items(value, len(value), depth, "[]")


def _tuple(value: tuple[Any, ...], depth: int) -> str:
    if len(value) == 1 and depth < _DEEPEST:
        return f"({_show(value[0], depth + 1)},)"
    return _items(value, len(value), depth, "()")


def _set(value: set[Any], depth: int) -> str:
    return _items(value, len(value), depth, "{}") if value else "set()"


def _frozenset(value: frozenset[Any], depth: int) -> str:
    return f"frozenset({_items(value, len(value), depth, '{}') if value else ''})"


def _dict(value: dict[Any, Any], depth: int) -> str:
    if depth >= _DEEPEST and value:
        return "{…}"
    pairs = itertools.islice(value.items(), _MOST_ITEMS)
    shown = [f"{_show(key, depth + 1)}: {_show(item, depth + 1)}" for key, item in pairs]
    if len(value) > _MOST_ITEMS:
        shown.append(f"… ({len(value)})")
    return f"{{{', '.join(shown)}}}"


def _module(value: types.ModuleType, _: int) -> str:
    return f"<module {types.ModuleType.__getattribute__(value, '__name__')!r}>"


def _function(value: types.FunctionType, _: int) -> str:
    code = value.__code__
    names = list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    return f"{code.co_name}({', '.join(names)})"


_SHOWN: dict[type, Callable[[Any, int], str]] = {
    int: _int,
    str: _text,
    bytes: _text,
    bytearray: _text,
    list: _list,
    tuple: _tuple,
    set: _set,
    frozenset: _frozenset,
    dict: _dict,
    types.ModuleType: _module,
    types.FunctionType: _function,
}


_SIZEOF: Callable[[Any], Any] = operator.attrgetter("__sizeof__")


def size_of(value: Any) -> int | None:
    """Bytes that a value takes by itself, where that needs no work; an array's data included."""
    kind = type(value)
    numpy = sys.modules.get("numpy")
    try:
        if numpy is not None and issubclass(kind, numpy.ndarray):
            return int(numpy.ndarray.nbytes.__get__(value))
        if kind.__module__ == "builtins" or _SIZEOF(kind) is _SIZEOF(object):
            return sys.getsizeof(value)
    except Exception:  # a metaclass that lies
        return None
    return None
