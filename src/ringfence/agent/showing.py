"""What came of a run, as text: for a model, and as an answer."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ringfence.agent.task import Reply

__all__ = ["clip", "for_model", "output_of"]

_LONGEST = 1 << 20


def clip(text: str, longest: int) -> str:
    """``text``, or its beginning and its end with a note between them."""
    if len(text) <= longest:
        return text
    head = longest * 2 // 3
    tail = longest - head
    left_out = len(text) - longest
    return f"{text[:head]}\n[… {left_out:,} characters left out …]\n{text[len(text) - tail :]}"


def for_model(reply: Reply, shown: int) -> str:
    """What the model is shown of a run: a JSON object, in which a guest's text is a string.

    A guest that prints instructions or brackets thus ends no string, and is no other field. What a
    model makes of what it reads is not bounded by that; what it can *do* is bounded elsewhere.

    Args:
        reply: what came of it.
        shown: characters of each text.
    """
    told: dict[str, Any] = {"status": reply["status"]}
    if reply["limit"]:
        told["limit"] = reply["limit"]
    for stream in ("stdout", "stderr"):
        if reply[stream]:
            told[stream] = clip(reply[stream], shown)
    if reply["value"] is not None:
        told["value"] = clip(_spelled(reply["value"], shown + 1), shown)
    error = reply["error"]
    if error is not None:
        text = error["traceback"] or f"{error['type']}: {error['message']}"
        told["error"] = clip(text, shown)
    if reply["displays"]:
        kinds = [", ".join(sorted(display)) for display in reply["displays"]]
        told["displays"] = clip("; ".join(kinds), shown)
    session = reply.get("session")
    if session is not None and session["state"] != "kept":
        told["session"] = session["state"]
    # Half a surrogate pair is a guest's text, and no UTF-8; written out it is JSON all the same.
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def output_of(reply: Reply, longest: int = _LONGEST) -> str:
    """What a run printed, then its value as Python would show it; what went wrong, if it did.

    Args:
        reply: what came of it.
        longest: characters of the value.
    """
    parts = [reply["stdout"]]
    if reply["value"] is not None:
        parts.append(clip(_spelled(reply["value"], longest + 1), longest))
    error = reply["error"]
    if error is not None:
        parts.append(_failure(reply))
    text = ""
    for part in filter(None, parts):
        text += part if not text or text.endswith("\n") else f"\n{part}"
    return text


def _failure(reply: Reply) -> str:
    error = reply["error"]
    if reply["status"] == "limit":
        return f"limit: {reply['limit']}"
    return f"{error['type']}: {error['message']}" if error["message"] else str(error["type"])


# --- values ----------------------------------------------------------------------------------


class _Full(Exception):
    pass


class _Speller:
    def __init__(self, longest: int) -> None:
        self.parts: list[str] = []
        self._left = longest

    def add(self, text: str) -> None:
        self.parts.append(text[: self._left])
        self._left -= len(text)
        if self._left < 0:
            raise _Full

    def value(self, value: Any) -> None:
        if isinstance(value, str):
            self.add(repr(value[: self._left + 1]))
        elif isinstance(value, list):
            self._items("[", value, "]")
        elif isinstance(value, dict):
            self._object(value)
        else:  # None, a truth value, or a number
            self.add(repr(value))

    def _items(self, opening: str, items: Iterable[Any], closing: str) -> None:
        self.add(opening)
        for number, item in enumerate(items):
            self.add(", " if number else "")
            self.value(item)
        self.add(closing)

    def _pairs(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        self.add("{")
        for number, (key, item) in enumerate(pairs):
            self.add(", " if number else "")
            self.value(key)
            self.add(": ")
            self.value(item)
        self.add("}")

    def _object(self, value: dict[str, Any]) -> None:
        kind = value.get("$type")
        if kind is None:
            self._pairs(value.items())
        elif kind == "dict":
            self._pairs(value["items"])
        elif kind == "tuple":
            self._items("(", value["items"], ",)" if len(value["items"]) == 1 else ")")
        elif kind in ("set", "frozenset"):
            self._items(f"{kind}([", value["items"], "])")
        elif kind == "int":
            self.add(value["hex"])
        elif kind == "opaque":
            self.add(value["text"] or f"<{value['type_name']}>")
        elif kind == "record":
            self.add(value["type_name"])
            self._pairs(value["fields"].items())
        elif kind == "ndarray":
            self.add(f"<array, dtype {value['dtype']}, shape {tuple(value['shape'])}>")
        elif kind == "bytes":
            self.add(f"<bytes in base64: {value['base64'][: self._left + 1]}>")
        elif "value" in value:  # float, decimal, uuid, dates and times
            self.add(str(value["value"]))
        else:  # complex, fraction, timedelta
            rest = {name: part for name, part in value.items() if name != "$type"}
            self.add(kind)
            self._pairs(rest.items())


def _spelled(value: Any, longest: int) -> str:
    """A value in the form of ``ringfence.model.as_json``, as text: like ``repr``, but bounded."""
    speller = _Speller(longest)
    try:
        speller.value(value)
    except _Full:
        pass
    return "".join(speller.parts)
