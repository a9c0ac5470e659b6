"""Names of servers, tools and arguments as Python identifiers: the one place that makes them.

What leaves here is ASCII, an identifier, no keyword, does not begin with an underscore, and is of
bounded length, whatever came in.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

__all__ = ["distinct", "identifier", "is_plain"]

_MAX = 80
_OTHERS = re.compile(r"[^A-Za-z0-9_]+")


def is_plain(name: str) -> bool:
    """Whether a name can stand in source text as it is."""
    return (
        len(name) <= _MAX
        and name.isascii()
        and name.isidentifier()
        and not keyword.iskeyword(name)
        and not name.startswith("_")
    )


def identifier(text: str, instead: str) -> str:
    """A plain name made of any text, which is itself if it is one.

    Other characters become ``_``, and keywords get one at the end.

    Args:
        text: anything.
        instead: what to call it if nothing is left; also put before a digit.
    """
    if is_plain(text):
        return text
    name = _OTHERS.sub("_", text[: 4 * _MAX]).strip("_")[: _MAX - 20]
    if not name:
        name = instead
    elif name[0].isdigit():
        name = f"{instead}_{name}"
    if keyword.iskeyword(name):
        name += "_"
    if not is_plain(name):
        raise ValueError(f"{name!r} was made as an identifier, and is none")
    return name


def distinct(
    names: Iterable[str], taken: Iterable[str] = (), *, any_case: bool = False
) -> list[str]:
    """The names in their order, and those that an earlier one has with a number.

    Args:
        names: plain ones.
        taken: names that none may have.
        any_case: whether names that differ by case only are the same, as for some file systems.
    """
    used = {_key(name, any_case) for name in taken}
    numbers: dict[str, int] = {}
    found = []
    for name in names:
        one, base = name, _key(name, any_case)
        while _key(one, any_case) in used:
            numbers[base] = numbers.get(base, 1) + 1
            one = f"{name}_{numbers[base]}"
        used.add(_key(one, any_case))
        found.append(one)
    return found


def _key(name: str, any_case: bool) -> str:
    return name.casefold() if any_case else name
