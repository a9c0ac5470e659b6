"""What a page asks for: one JSON object in a message, with nothing in it believed."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from vishwakarma_app.errors import VishwakarmaError
from vishwakarma_app.web.frames import LARGEST_ID

__all__ = ["Asked", "AskedWrongly"]

_MOST_IDS = 200_000


class AskedWrongly(VishwakarmaError):
    """A message that no page of ours sends."""


class Asked:
    """A message: its number, what to do, and arguments that are checked when they are read.

    Args:
        text: what came.

    Raises:
        AskedWrongly: it is none.
    """

    def __init__(self, text: str) -> None:
        try:
            message = json.loads(text, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise AskedWrongly("a message was no JSON") from None
        if not isinstance(message, dict):
            raise AskedWrongly("a message was no object")
        self._given: dict[str, Any] = message
        self.number = self.id("number", least=0)
        self.what = self.text("do", most=40)

    def text(self, name: str, *, most: int = 255, default: str | None = None) -> str:
        """A text."""
        value = self._given.get(name, default)
        if not isinstance(value, str) or len(value) > most:
            raise AskedWrongly(f"{name}: text of at most {most} characters was expected")
        return value

    def texts(self, name: str) -> list[str]:
        """Some texts; none where there is no field of this name."""
        value = self._given.get(name, [])
        if (
            not isinstance(value, list)
            or len(value) > 64
            or not all(isinstance(one, str) and len(one) <= 255 for one in value)
        ):
            raise AskedWrongly(f"{name}: at most 64 texts were expected")
        return value

    def id(self, name: str, *, least: int = 1) -> int:
        """The number of an element."""
        return _id(name, self._given.get(name), least)

    def ids(self, name: str) -> list[int]:
        """The numbers of elements."""
        value = self._given.get(name)
        if not isinstance(value, list) or len(value) > _MOST_IDS:
            raise AskedWrongly(f"{name}: at most {_MOST_IDS} ids were expected")
        return [_id(name, one, 1) for one in value]

    def float(self, name: str) -> float:
        """A finite number."""
        value = self._given.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise AskedWrongly(f"{name}: a number was expected")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise AskedWrongly(f"{name}: a finite number was expected")
        return number

    def values(self, name: str) -> dict[str, Any]:
        """Names, and for each a value: a text, a number, true, false, null, or a list of these."""
        value = self._given.get(name, {})
        if not isinstance(value, dict) or len(value) > 200:
            raise AskedWrongly(f"{name}: names and values were expected")
        for key, one in value.items():
            singles = one if isinstance(one, list) else [one]
            if len(key) > 255 or not all(
                isinstance(it, str | int | float | None) for it in singles
            ):
                raise AskedWrongly(f"{name}: names and single values were expected")
        return value


def _id(name: str, value: Any, least: int) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or not least <= value <= LARGEST_ID:
        raise AskedWrongly(f"{name}: the number of an element was expected")
    return value


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)
