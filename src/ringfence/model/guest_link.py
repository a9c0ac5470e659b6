"""What passes over the WebSocket of a remote guest, besides its bytes: ``ringfence.guest.v1``.

Binary messages are the guest's bytes, as its channel has them; neither end looks into them here.
Text messages are JSON objects with a ``type``: small, and read in this one place, by both ends,
neither of which trusts the other.

The service speaks first: ``hello``, what its engine is. The client asks for an image (``open``),
which the service answers with ``image``, and for a guest of it (``start``), which it answers with
``started``; either may be ``refused``. From then on bytes flow. Each end may send :data:`WINDOW`
bytes and then as many more as the other has granted (``credit``) for what it has passed on; so
orders never wait behind bytes that nobody takes. The client orders ``stop``, ``pause``, ``resume``,
``fuel`` and asks for ``usage``; what an order is about are the bytes behind it. The service tells
``usage`` before bytes and when it is asked, ``spent`` before the end of a turn whose instructions
are counted, ``closed`` when the guest has closed its channel and all bytes were sent, and then
``exit``, how it ended; then it closes the WebSocket.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from ringfence.model.as_json import packed
from ringfence.model.from_json import MalformedJSON, parsed

__all__ = [
    "GRANT",
    "MOST_BYTES",
    "MOST_TEXT",
    "PATH",
    "SUBPROTOCOL",
    "WINDOW",
    "read_order",
    "write_order",
]

SUBPROTOCOL = "ringfence.guest.v1"

PATH = "/v1/guests"

WINDOW = 1 << 20
"""Bytes that may be on their way in one direction before the first credit."""

GRANT = WINDOW // 8
"""Bytes that are granted again at a time: a credit for each message would be as many messages."""

MOST_BYTES = 256 << 10
"""The longest binary message."""

MOST_TEXT = 256 << 10
"""The longest text message: what confines a guest, explained, is the longest there is."""

_MOST_ITEMS = 1_000
_LABEL = 4_000
_INT64 = (1 << 63) - 1

_Check = Callable[[Any], bool]


def _is_text(data: Any) -> bool:
    return type(data) is str and len(data) <= _LABEL


def _is_bool(data: Any) -> bool:
    return type(data) is bool


def _is_count(data: Any) -> bool:
    return type(data) is int and 0 <= data <= _INT64


def _is_seconds(data: Any) -> bool:
    return type(data) in (int, float) and math.isfinite(data) and data >= 0


def _is_object(data: Any) -> bool:
    return type(data) is dict and len(data) <= _MOST_ITEMS


def _optional(check: _Check) -> _Check:
    return lambda data: data is None or check(data)


def _list_of(check: _Check) -> _Check:
    return lambda data: type(data) is list and len(data) <= _MOST_ITEMS and all(map(check, data))


def _one_of(*words: str) -> _Check:
    return lambda data: type(data) is str and data in words


def _labels(data: Any) -> bool:
    return _is_object(data) and all(map(_is_text, data.values()))


def _limits(data: Any) -> bool:
    return _is_object(data) and all(map(_optional(_is_seconds), data.values()))


_texts = _list_of(_is_text)
_wall_sets = _list_of(_texts)

_MESSAGES: Mapping[str, Mapping[str, _Check]] = {
    # the client's
    "open": {
        "packages": _texts,
        "walls": _wall_sets,
        "deterministic": _is_bool,
        "limits": _limits,
    },
    "start": {"limits": _limits},
    "explain": {"limits": _limits},
    "stop": {"how": _one_of("interrupt", "kill")},
    "pause": {},
    "resume": {},
    "fuel": {"budget": _optional(_is_count)},
    "measure": {},
    # the service's
    "hello": {
        "engine": _is_text,
        "walls": _wall_sets,
        "limits": _texts,
        "packages": _is_bool,
        "threads": _is_bool,
        "deterministic": _is_bool,
        "missing_modules": _texts,
        "standing": _wall_sets,
        "missing": _labels,
        "remedy": _is_text,
    },
    "image": {"walls": _texts, "enforced": _labels},
    "started": {"counts": _is_bool},
    "explained": {"profile": _is_object},
    "refused": {"error": _is_text, "detail": _is_text},
    "usage": {"cpu": _optional(_is_seconds), "memory": _optional(_is_count)},
    "spent": {"fuel": _optional(_is_count)},
    "closed": {},
    "exit": {
        "kind": _is_text,
        "message": _is_text,
        "limit": _optional(_is_text),
        "cpu": _optional(_is_seconds),
        "memory": _optional(_is_count),
    },
    # of both
    "credit": {"bytes": _is_count},
}


def write_order(kind: str, /, **content: Any) -> str:
    """A message of this type."""
    return packed({"type": kind, **content}).decode("ascii")


def read_order(text: str | bytes) -> tuple[str, dict[str, Any]]:
    """The type of a message, and what it says.

    Raises:
        MalformedJSON: it is none.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    data = parsed(raw, limit=MOST_TEXT)
    kind = data.get("type") if type(data) is dict else None
    fields = _MESSAGES.get(kind) if type(kind) is str else None
    if fields is None:
        raise MalformedJSON("type", f"none of {SUBPROTOCOL}")
    content = {name: item for name, item in data.items() if name != "type"}
    if content.keys() != fields.keys():
        raise MalformedJSON(str(kind), f"other fields than {', '.join(fields) or 'none'}")
    for name, check in fields.items():
        if not check(content[name]):
            raise MalformedJSON(f"{kind}.{name}", "not what it should be")
    return str(kind), content
