"""What a service answers about runs and sessions, as values of this side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ringfence.errors import ServiceError
from ringfence.model import Result
from ringfence.model.from_json import MalformedJSON, result_from_json
from ringfence.runtime.session import check_value
from ringfence_guest.protocol.namespaces import Lost, Variable

__all__ = [
    "Reply",
    "SessionInfo",
    "checked",
    "misread",
    "reply_of",
    "session_of",
    "variables_of",
]

_LABEL = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo:
    """A session of a service.

    Attributes:
        id: its id.
        created: when, as the service says (RFC 3339).
        used: when it last did something.
        turns: how many it has taken.
        live: whether its guest runs; else the next turn brings it back.
        saved_turn: the last turn that was saved; None where none was.
        state_bytes: of what is kept.
        durability: when it is saved: ``per-turn``, ``idle`` or ``never``.
        engine: its engine.
        packages: what is importable there.
        limits: by name, in seconds and bytes.
        lost: what could not come back.
    """

    id: str
    created: str
    used: str
    turns: int
    live: bool
    saved_turn: int | None
    state_bytes: int
    durability: str
    engine: str
    packages: tuple[str, ...]
    limits: Mapping[str, float | int | None]
    lost: tuple[Lost, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of a run: its result, and what became of its session.

    Attributes:
        result: the result.
        run_id: the service's name of the run.
        session_id: of the session; None where it ran in a sandbox of its own.
        turn: the number of the session's last turn that counts.
        state: ``kept``, ``rolled-back`` or ``gone``; empty without a session.
        restored: whether the session came back from what was saved, for this turn.
        lost: what could not come back.
    """

    result: Result
    run_id: str
    session_id: str | None = None
    turn: int = 0
    state: str = ""
    restored: bool = False
    lost: tuple[Lost, ...] = ()


def misread(error: Exception) -> ServiceError:
    """The error for an answer that is not what it should be."""
    return ServiceError("", f"the service answered something else than it should: {error}")


def reply_of(data: Any, *, limit: int) -> Reply:
    """A reply.

    Raises:
        ServiceError: it is none.
    """
    try:
        result = result_from_json(data, limit=limit)
        run_id = _text(data, "run_id")
        told = data.get("session")
        if told is None:
            return Reply(result=result, run_id=run_id)
        if type(told) is not dict:
            raise MalformedJSON("session", "no object")
        return Reply(
            result=result,
            run_id=run_id,
            session_id=_text(told, "id"),
            turn=_count(told, "turn"),
            state=_text(told, "state"),
            restored=_bool(told, "restored"),
            lost=_lost(told),
        )
    except MalformedJSON as error:
        raise misread(error) from None


def session_of(data: Any) -> SessionInfo:
    """A session.

    Raises:
        ServiceError: it is none.
    """
    try:
        if type(data) is not dict:
            raise MalformedJSON("session", "no object")
        saved = data.get("saved_turn")
        limits = data.get("limits")
        packages = data.get("packages")
        if type(limits) is not dict or not all(_is_number(one) for one in limits.values()):
            raise MalformedJSON("limits", "no numbers by name")
        if type(packages) is not list or not all(type(one) is str for one in packages):
            raise MalformedJSON("packages", "no list of names")
        return SessionInfo(
            id=_text(data, "id"),
            created=_text(data, "created"),
            used=_text(data, "used"),
            turns=_count(data, "turns"),
            live=_bool(data, "live"),
            saved_turn=None if saved is None else _count(data, "saved_turn"),
            state_bytes=_count(data, "state_bytes"),
            durability=_text(data, "durability"),
            engine=_text(data, "engine"),
            packages=tuple(packages),
            limits=limits,
            lost=_lost(data),
        )
    except MalformedJSON as error:
        raise misread(error) from None


def variables_of(data: Mapping[str, Any]) -> dict[str, Variable]:
    """Variables by name.

    Raises:
        ServiceError: they are none.
    """
    try:
        return {
            name: Variable(
                _text(one, "name"),
                _text(one, "type_name"),
                None if one.get("size") is None else _count(one, "size"),
                _text(one, "summary", 10_000),
            )
            for name, one in ((name, _object(one, name)) for name, one in data.items())
        }
    except MalformedJSON as error:
        raise misread(error) from None


def checked(result: Result, check: Callable[[Any], Any] | None) -> Result:
    """A result whose value is as the caller declared it, or says what is wrong with it."""
    if check is None or not result.ok:
        return result
    value, error = check_value(result.value, check)
    return replace(result, value=value, error=error, status="ok" if error is None else "error")


def _object(data: Any, where: str) -> dict[str, Any]:
    if type(data) is not dict:
        raise MalformedJSON(where, "no object")
    return data


def _text(data: dict[str, Any], name: str, most: int = _LABEL) -> str:
    text = data.get(name)
    if type(text) is not str or len(text) > most:
        raise MalformedJSON(name, "no text of a few characters")
    return text


def _count(data: dict[str, Any], name: str) -> int:
    number = data.get(name)
    if type(number) is not int or not 0 <= number < 1 << 63:
        raise MalformedJSON(name, "no count")
    return number


def _bool(data: dict[str, Any], name: str) -> bool:
    value = data.get(name)
    if type(value) is not bool:
        raise MalformedJSON(name, "neither true nor false")
    return value


def _is_number(data: Any) -> bool:
    return data is None or type(data) in (int, float)


def _lost(data: dict[str, Any]) -> tuple[Lost, ...]:
    told = data.get("lost")
    if type(told) is not list:
        raise MalformedJSON("lost", "no list")
    return tuple(
        Lost(_text(one, "name"), _text(one, "type_name"), _text(one, "reason", 10_000))
        for one in (_object(item, "lost") for item in told)
    )
