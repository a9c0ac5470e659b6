"""Computes with plain values as Python would, under bounds.

Nothing of what is analysed is run: these are a few operations of our own, on text, bytes and small
numbers. Whatever is too large, or is none of them, is :class:`CannotFold`.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import codecs
import lzma
import operator
import zlib
from collections.abc import Callable, Mapping
from typing import Any, cast

__all__ = ["LARGEST", "CannotFold", "call_function", "call_method", "index", "operate"]

LARGEST = 1 << 16
"""Characters, bytes or items of what is folded."""

_MOST_INT = 1 << 64


class CannotFold(Exception):
    """It is not computed here."""


def _bounded(value: Any) -> Any:
    if isinstance(value, str | bytes | bytearray | tuple | list):
        if len(value) > LARGEST:
            raise CannotFold
        return bytes(value) if isinstance(value, bytearray) else value
    if isinstance(value, bool | float | complex) or value is None:
        return value
    if isinstance(value, int) and abs(value) <= _MOST_INT:
        return value
    raise CannotFold


_OPERATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "BitXor": operator.xor,
    "BitAnd": operator.and_,
    "BitOr": operator.or_,
    "RShift": operator.rshift,
    "FloorDiv": operator.floordiv,
    "Div": operator.truediv,
    "Mod": operator.mod,
    "Mult": operator.mul,
    "LShift": operator.lshift,
}


def operate(name: str, left: Any, right: Any) -> Any:
    """``left`` and ``right`` under a binary operator.

    Raises:
        CannotFold: it is too large, or cannot be.
    """
    operation = _OPERATIONS.get(name)
    if operation is None:
        raise CannotFold
    plain = isinstance(left, int | float | str | bytes | tuple)
    if not plain or not isinstance(right, int | float | str | bytes | tuple):
        raise CannotFold
    if name == "Mult":
        sizes = [len(one) for one in (left, right) if isinstance(one, str | bytes | tuple)]
        times = [one for one in (left, right) if isinstance(one, int)]
        if sizes and (not times or sizes[0] * max(times[0], 0) > LARGEST):
            raise CannotFold
    if name == "LShift" and not (isinstance(right, int) and 0 <= right <= 64):
        raise CannotFold
    if name == "Mod" and isinstance(left, str | bytes):
        return _formatted(left, right)
    try:
        return _bounded(operation(left, right))
    except (TypeError, ValueError, ArithmeticError):
        raise CannotFold from None


def _formatted(template: str | bytes, right: Any) -> Any:
    if any(mark in template for mark in (("*",) if isinstance(template, str) else (b"*",))):  # type: ignore[operator]
        raise CannotFold
    digits = sum(1 for one in template if (one if isinstance(one, str) else chr(one)).isdigit())
    if digits > 4 or len(template) > LARGEST:  # a width is a size
        raise CannotFold
    try:
        return _bounded(template % right)
    except (TypeError, ValueError, KeyError, OverflowError, MemoryError):
        raise CannotFold from None


def index(value: Any, key: Any) -> Any:
    """``value[key]``; ``key`` may be a slice."""
    if not isinstance(value, str | bytes | tuple) or not isinstance(key, int | slice):
        raise CannotFold
    try:
        return _bounded(value[key])
    except (TypeError, ValueError, IndexError):
        raise CannotFold from None


_TEXT_METHODS = frozenset(
    {
        "capitalize", "casefold", "encode", "endswith", "find", "index", "isalpha", "isdigit",
        "isidentifier", "join", "lower", "lstrip", "partition", "removeprefix", "removesuffix",
        "replace", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip",
        "swapcase", "title", "translate", "upper", "count",
    }
)  # fmt: skip
_BYTES_METHODS = (_TEXT_METHODS - {"encode", "casefold", "isidentifier"}) | {"decode", "hex"}
_CODECS = frozenset(
    {
        "rot13", "rot_13", "hex", "hex_codec", "base64", "base64_codec", "base_64", "utf8", "utf-8",
        "utf_8", "ascii", "latin1", "latin-1", "latin_1", "iso-8859-1", "utf-16", "utf_16",
        "utf-16le", "utf-16-le", "utf_16_le", "utf-16be", "utf-16-be", "utf-32", "utf-7", "utf_7",
        "cp437", "cp1252", "cp037", "cp500", "unicode_escape", "unicode-escape", "zlib", "zip",
        "zlib_codec", "bz2", "bz2_codec", "idna", "punycode", "raw_unicode_escape", "uu", "quopri",
    }
)  # fmt: skip
_EXPANDING = {"zlib": "zlib", "zip": "zlib", "zlib_codec": "zlib", "bz2": "bz2", "bz2_codec": "bz2"}


def call_method(value: Any, name: str, arguments: tuple[Any, ...]) -> Any:
    """``value.name(*arguments)`` for text and bytes."""
    methods = _TEXT_METHODS if isinstance(value, str) else _BYTES_METHODS
    if not isinstance(value, str | bytes):
        if isinstance(value, int) and name == "to_bytes" and not isinstance(value, bool):
            return _int_to_bytes(value, arguments)
        raise CannotFold
    if name == "format" and isinstance(value, str):
        return _format(value, arguments)
    if name not in methods:
        raise CannotFold
    if name == "replace" and len(arguments) > 1:
        old, new = arguments[:2]
        if not isinstance(old, str | bytes) or not isinstance(new, str | bytes):
            raise CannotFold
        if (len(value) + 1) * (len(new) + 1) > LARGEST * 8:
            raise CannotFold
    if name == "join" and (
        len(arguments) != 1
        or not isinstance(arguments[0], str | bytes | tuple)
        or (len(value) + 1) * len(arguments[0]) + sum(_size(one) for one in arguments[0]) > LARGEST
    ):
        raise CannotFold
    if name in ("decode", "encode"):
        return _recode(value, name, arguments)
    try:
        found = getattr(value, name)(*arguments)
    except (TypeError, ValueError, LookupError, OverflowError):
        raise CannotFold from None
    return _bounded(tuple(found) if isinstance(found, list) else found)


def _size(one: Any) -> int:
    return len(one) if isinstance(one, str | bytes) else 1


def _int_to_bytes(value: int, arguments: tuple[Any, ...]) -> bytes:
    length, *order = arguments or (1,)
    if (
        not isinstance(length, int)
        or not 0 < length <= 64
        or order[:1] not in ([], ["big"], ["little"])
    ):
        raise CannotFold
    try:
        return value.to_bytes(length, order[0] if order else "big")
    except OverflowError:
        raise CannotFold from None


def _format(template: str, arguments: tuple[Any, ...]) -> str:
    """Only fields without attribute, index, conversion or width: those alone cannot do harm."""
    out, rest, number = [], template, 0
    while rest:
        before, brace, rest = rest.partition("{")
        if "}" in before.replace("}}", ""):
            raise CannotFold
        out.append(before.replace("}}", "}"))
        if not brace:
            break
        if rest.startswith("{"):
            out.append("{")
            rest = rest[1:]
            continue
        field, brace, rest = rest.partition("}")
        if not brace or (field and not field.isdigit()) or len(field) > 3:
            raise CannotFold
        position = int(field) if field else number
        number += 1
        if position >= len(arguments) or not isinstance(arguments[position], str | int):
            raise CannotFold
        out.append(str(arguments[position]))
    return str(_bounded("".join(out)))


def _recode(value: str | bytes, name: str, arguments: tuple[Any, ...]) -> Any:
    encoding = arguments[0] if arguments else "utf-8"
    errors = arguments[1] if len(arguments) > 1 else "strict"
    if not isinstance(encoding, str) or encoding.lower() not in _CODECS:
        raise CannotFold
    if errors not in ("strict", "ignore", "replace", "backslashreplace"):
        raise CannotFold
    if name == "decode" and encoding.lower() in _EXPANDING:
        return _expand(_EXPANDING[encoding.lower()], value)
    try:
        if name == "decode":
            return _bounded(codecs.decode(cast("Any", value), encoding, errors))
        return _bounded(codecs.encode(cast("Any", value), encoding, errors))
    except Exception:  # each codec has errors of its own
        raise CannotFold from None


def _expand(kind: str, value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise CannotFold
    try:
        if kind == "zlib":
            return bytes(_bounded(zlib.decompressobj(47).decompress(value, LARGEST)))
        expander = (
            bz2.BZ2Decompressor() if kind == "bz2" else lzma.LZMADecompressor(memlimit=1 << 26)
        )
        return bytes(_bounded(expander.decompress(value, max_length=LARGEST)))
    except (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError, MemoryError):
        raise CannotFold from None


def _raw_expand(value: Any, *settings: Any) -> bytes:
    if settings and settings[0] in (-15, -8) and isinstance(value, bytes):
        try:
            return zlib.decompressobj(-15).decompress(value, LARGEST)
        except zlib.error:
            raise CannotFold from None
    return _expand("zlib", value)


def _chr(value: Any) -> str:
    if not isinstance(value, int):
        raise CannotFold
    return chr(value)


def _ord(value: Any) -> int:
    if not isinstance(value, str | bytes):
        raise CannotFold
    return ord(value)


def _str(value: Any = "", encoding: Any = None, errors: Any = "strict") -> Any:
    if encoding is not None:
        return _recode(value, "decode", (encoding, errors))
    if isinstance(value, str | int | float) or value is None:
        return str(value)
    raise CannotFold


def _int(value: Any = 0, base: Any = 10) -> int:
    if isinstance(value, str) and isinstance(base, int) and len(value) <= 64:
        return int(value, base)
    if isinstance(value, int | float):
        return int(value)
    raise CannotFold


def _bytes(value: Any = b"", encoding: Any = None, *_: Any) -> bytes:
    if isinstance(value, str) and isinstance(encoding, str):
        return bytes(_recode(value, "encode", (encoding,)))
    if isinstance(value, tuple):
        return bytes(value)
    if isinstance(value, bytes):
        return value
    raise CannotFold


def _reversed(value: Any) -> Any:
    if isinstance(value, str | bytes | tuple):
        return tuple(value[::-1]) if not isinstance(value, str) else tuple(reversed(value))
    raise CannotFold


def _tuple(value: Any = ()) -> tuple[Any, ...]:
    if isinstance(value, str | bytes | tuple):
        return tuple(value)
    raise CannotFold


def _sorted(value: Any) -> tuple[Any, ...]:
    return tuple(sorted(_tuple(value)))


def _range(*bounds: Any) -> tuple[int, ...]:
    if not bounds or not all(isinstance(one, int) for one in bounds):
        raise CannotFold
    found = range(*bounds)
    if len(found) > 512:
        raise CannotFold
    return tuple(found)


def _zip(*several: Any) -> tuple[Any, ...]:
    return tuple(zip(*map(_tuple, several), strict=False))


def _enumerate(value: Any, start: Any = 0) -> tuple[Any, ...]:
    if not isinstance(start, int):
        raise CannotFold
    return tuple(enumerate(_tuple(value), start))


def _maketrans(*arguments: Any) -> Any:
    raise CannotFold


def _decoded(value: Any, encoding: Any = "utf-8", errors: Any = "strict") -> Any:
    return _recode(value, "decode", (encoding, errors))


def _encoded(value: Any, encoding: Any = "utf-8", errors: Any = "strict") -> Any:
    return _recode(value, "encode", (encoding, errors))


def _ascii(function: Callable[[Any], bytes]) -> Callable[..., bytes]:
    def decode(value: Any, *rest: Any) -> bytes:
        if not isinstance(value, str | bytes):
            raise CannotFold
        return function(value)

    return decode


def _fromhex(value: Any) -> bytes:
    if not isinstance(value, str):
        raise CannotFold
    return bytes.fromhex(value)


def _len(value: Any) -> int:
    if isinstance(value, str | bytes | tuple):
        return len(value)
    raise CannotFold


def _lookup_letter(name: Any) -> str:
    import unicodedata

    if not isinstance(name, str):
        raise CannotFold
    return unicodedata.lookup(name)


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "builtins.chr": _chr,
    "builtins.ord": _ord,
    "builtins.str": _str,
    "builtins.int": _int,
    "builtins.bytes": _bytes,
    "builtins.bytearray": _bytes,
    "builtins.memoryview": _bytes,
    "builtins.reversed": _reversed,
    "builtins.list": _tuple,
    "builtins.tuple": _tuple,
    "builtins.iter": _tuple,
    "builtins.sorted": _sorted,
    "builtins.range": _range,
    "builtins.zip": _zip,
    "builtins.enumerate": _enumerate,
    "builtins.len": _len,
    "builtins.bytes.fromhex": _fromhex,
    "builtins.bytearray.fromhex": _fromhex,
    "builtins.hex": lambda value: hex(_int(value)),
    "builtins.repr": lambda value: repr(value) if isinstance(value, str | int) else _str(value),
    "unicodedata.lookup": _lookup_letter,
    "codecs.decode": _decoded,
    "codecs.encode": _encoded,
    "base64.b64decode": _ascii(base64.b64decode),
    "base64.standard_b64decode": _ascii(base64.b64decode),
    "base64.decodebytes": _ascii(base64.b64decode),
    "base64.urlsafe_b64decode": _ascii(base64.urlsafe_b64decode),
    "base64.b32decode": _ascii(base64.b32decode),
    "base64.b16decode": _ascii(base64.b16decode),
    "base64.b85decode": _ascii(base64.b85decode),
    "base64.a85decode": _ascii(base64.a85decode),
    "binascii.unhexlify": _ascii(binascii.unhexlify),
    "binascii.a2b_hex": _ascii(binascii.unhexlify),
    "binascii.a2b_base64": _ascii(binascii.a2b_base64),
    "zlib.decompress": _raw_expand,
    "gzip.decompress": _raw_expand,
    "bz2.decompress": lambda value: _expand("bz2", value),
    "lzma.decompress": lambda value, *_: _expand("lzma", value),
}


def call_function(path: str, arguments: tuple[Any, ...]) -> Any:
    """A function of the standard library that only computes, by its full name."""
    function = _FUNCTIONS.get(path)
    if function is None:
        raise CannotFold
    try:
        return _bounded(function(*arguments))
    except (TypeError, ValueError, LookupError, OverflowError, ArithmeticError):
        raise CannotFold from None


def knows(path: str) -> bool:
    """Whether :func:`call_function` can compute it."""
    return path in _FUNCTIONS
