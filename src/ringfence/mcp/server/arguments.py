"""The arguments of a tool of ours, read in one place: what is wrong is told so that it can be
mended, all of it at once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = [
    "Fault",
    "RunArguments",
    "SearchArguments",
    "Wrong",
    "read_nothing",
    "read_run",
    "read_search",
    "read_session",
]

SESSION_RULE = "1 to 64 letters, digits, '.', '_' and '-', not beginning with '.'"

_SESSION = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
_MOST_NAMES = 64
_LONGEST_NAME = 300
_LONGEST_QUERY = 1_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        field: where.
        expected: what should be there.
        got: what is, in a few characters.
    """

    field: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.field}: expected {self.expected}, got {self.got}"


class Wrong(Exception):
    """Arguments that are not what the tool's schema says.

    Attributes:
        faults: all of them.
    """

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class RunArguments:
    """Of ``run_python``.

    Attributes:
        code: the program.
        session_id: the session to run in; None for a guest of its own.
        timeout: seconds; None for the server's default.
        stdin: what the program reads.
        engine: None for the server's, or the session's.
        packages: None for none, or the session's.
        allowed_tools: patterns; None narrows nothing.
    """

    code: str
    session_id: str | None = None
    timeout: float | None = None
    stdin: str | None = None
    engine: str | None = None
    packages: tuple[str, ...] | None = None
    allowed_tools: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SearchArguments:
    """Of ``search_tools``.

    Attributes:
        query: words.
        limit: the most to give.
    """

    query: str
    limit: int


class _Reader:
    """Takes arguments one by one, and remembers what is wrong with them."""

    def __init__(self, given: Mapping[str, Any] | None) -> None:
        self._left = dict(given or {})
        self.faults: list[Fault] = []

    def take(self, name: str, expected: str, fits: Callable[[Any], bool], default: Any) -> Any:
        """An argument; its default if it is missing, null or wrong."""
        value = self._left.pop(name, None)
        if value is None:
            if default is _NEEDED:
                self.faults.append(Fault(name, expected, "nothing"))
            return default
        if not fits(value):
            self.faults.append(Fault(name, expected, _shown(value)))
            return default
        return value

    def done(self) -> None:
        """Nothing may be left.

        Raises:
            Wrong: something is, or was wrong.
        """
        self.faults += [
            Fault(name[:60], "no such argument", _shown(value))
            for name, value in list(self._left.items())[:10]
        ]
        if self.faults:
            raise Wrong(self.faults)


_NEEDED: Any = object()


def read_run(
    given: Mapping[str, Any] | None,
    *,
    engines: tuple[str, ...],
    packages: tuple[str, ...],
    most_timeout: float,
) -> RunArguments:
    """The arguments of ``run_python``.

    Args:
        given: as they came.
        engines: that may be named.
        packages: that may be asked for.
        most_timeout: seconds.

    Raises:
        Wrong: they are not what they should be.
    """
    reader = _Reader(given)
    code = reader.take("code", "Python source", _is_text, _NEEDED)
    session = reader.take("session_id", SESSION_RULE, _is_session, None)
    timeout = reader.take(
        "timeout_seconds",
        f"a number of seconds, more than 0 and at most {most_timeout:g}",
        lambda value: _is_number(value) and 0 < value <= most_timeout,
        None,
    )
    stdin = reader.take("stdin", "text", _is_text, None)
    engine = reader.take("engine", f"one of {', '.join(engines)}", lambda v: v in engines, None)
    allowed = f"a list of any of {', '.join(packages)}" if packages else "an empty list"
    wanted = reader.take(
        "packages",
        f"{allowed} (the operator decides)",
        lambda value: _is_names(value) and set(value) <= set(packages),
        None,
    )
    tools = reader.take("allowed_tools", "a list of names or patterns of tools", _is_names, None)
    reader.done()
    return RunArguments(
        code,
        session,
        None if timeout is None else float(timeout),
        stdin,
        engine,
        None if wanted is None else tuple(sorted(set(wanted))),
        None if tools is None else tuple(tools),
    )


def read_session(given: Mapping[str, Any] | None) -> str:
    """The argument of ``close_session``.

    Raises:
        Wrong: it is not what it should be.
    """
    reader = _Reader(given)
    session: str = reader.take("session_id", SESSION_RULE, _is_session, _NEEDED)
    reader.done()
    return session


def read_nothing(given: Mapping[str, Any] | None) -> None:
    """No argument.

    Raises:
        Wrong: there is one.
    """
    _Reader(given).done()


def read_search(given: Mapping[str, Any] | None) -> SearchArguments:
    """The arguments of ``search_tools``.

    Raises:
        Wrong: they are not what they should be.
    """
    reader = _Reader(given)
    query = reader.take(
        "query",
        f"words, at most {_LONGEST_QUERY:,} characters",
        lambda value: _is_text(value) and len(value) <= _LONGEST_QUERY,
        _NEEDED,
    )
    limit = reader.take(
        "limit",
        "a whole number from 1 to 50",
        lambda value: type(value) is int and 1 <= value <= 50,
        10,
    )
    reader.done()
    return SearchArguments(query, limit)


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_session(value: Any) -> bool:
    return type(value) is str and _SESSION.fullmatch(value) is not None


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _is_names(value: Any) -> bool:
    return (
        type(value) is list
        and len(value) <= _MOST_NAMES
        and all(type(one) is str and 0 < len(one) <= _LONGEST_NAME for one in value)
    )


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    if isinstance(value, str):
        return ascii(value) if len(value) <= 60 else f"a text of {len(value):,} characters"
    return repr(value)[:60]
