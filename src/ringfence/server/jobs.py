"""Requests that were checked: all that can be said about one before it waits for anything."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ringfence.model.from_json import MalformedJSON, value_from_json
from ringfence.server.problems import Fault, Problem
from ringfence.server.schemas import CallRequest, ExecuteRequest, SessionTurn, read_files
from ringfence.server.sessions.spending import Spending

if TYPE_CHECKING:
    from ringfence.server.access.caller import Caller
    from ringfence.server.fleet import Fleet, Recipe
    from ringfence.server.sessions.record import SessionRecord
    from ringfence.server.settings import Settings

__all__ = ["Job", "Used", "check_request", "compare", "refuse_others"]

_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class Job(NamedTuple):
    """A request that was checked.

    Attributes:
        caller: who asks.
        request: what.
        session: where; None for a sandbox of its own.
        key: its idempotency key.
        fingerprint: of all of it, where there is a key.
        recipe: of a sandbox of its own, or of a session if it is new.
        making: whether the session is made if there is none.
    """

    caller: Caller
    request: ExecuteRequest | SessionTurn | CallRequest
    session: str | None
    key: str | None
    fingerprint: str
    recipe: Recipe
    making: bool
    files: Mapping[str, bytes]
    inputs: Mapping[str, Any] | None
    args: tuple[list[Any], dict[str, Any]] | None


class Used:
    """How far a run came: what it has used, the CPU seconds that its tenant had left of the day,
    whether it has a receipt, and whether its code began.
    """

    __slots__ = ("begun", "driven", "left", "spent", "tenant")

    def __init__(self, tenant: str, left: float) -> None:
        self.tenant, self.left = tenant, left
        self.spent = Spending()
        self.begun = self.driven = False


def check_request(
    settings: Settings,
    fleet: Fleet,
    caller: Caller,
    request: ExecuteRequest | SessionTurn | CallRequest,
    key: str | None,
    session: str | None,
    making: bool | None,
) -> Job:
    """A request, as a job.

    Args:
        settings: what the operator decided.
        fleet: makes recipes.
        caller: who asks.
        request: what.
        key: its idempotency key.
        session: the session to run in, if the request does not say it.
        making: whether that is made if there is none; None where the request says it.

    Raises:
        Problem: ``malformed`` or ``not-allowed``.
    """
    fingerprint = ""
    if key is not None:
        if not _KEY.fullmatch(key):
            fault = Fault("header:Idempotency-Key", "1 to 200 printable ASCII characters", "")
            raise Problem("malformed", "Idempotency-Key: it is none", errors=[fault])
        fingerprint = _fingerprint(request, session)
    value = int(settings.limits.value)
    recipe, files, inputs, args = fleet.default, {}, None, None
    if isinstance(request, ExecuteRequest):
        if request.session_id is not None:
            session = request.session_id
            making = True if making is None else making
        recipe = fleet.recipe(request.engine, request.packages, request.limits)
        if session is None and request.durability is not None:
            raise Problem("malformed", "durability: it is of sessions; session_id is missing")
    if isinstance(request, CallRequest):
        args = (
            _value(request.args, value, "args"),
            _value(request.kwargs, value, "kwargs"),
        )
    else:
        files = read_files(request.files, recipe.limits)
        if request.inputs is not None:
            inputs = _value(request.inputs, value, "inputs")
    if session is None:
        fleet.turn_limits(recipe, request.timeout_seconds, None)  # refused now, if at all
    return Job(
        caller,
        request,
        session,
        key,
        fingerprint,
        recipe,
        bool(making),
        files,
        inputs,
        args,
    )


def _fingerprint(request: ExecuteRequest | SessionTurn | CallRequest, session: str | None) -> str:
    asked = f"{type(request).__name__}\0{session or ''}\0{request.model_dump_json()}"
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()


def compare(there: str, asked: str) -> None:
    """Let a key pass that is used for the same request.

    Raises:
        Problem: ``key-reused``.
    """
    if there != asked:
        raise Problem(
            "key-reused",
            "this Idempotency-Key was used for another request; a new request needs a new one",
        )


def refuse_others(request: ExecuteRequest, job: Job, record: SessionRecord, engine: str) -> None:
    """A session has its engine and packages, and is saved as it was made.

    Raises:
        Problem: ``not-allowed``: the request asks for others.
    """
    recipe = record.recipe
    for field, asked, has in (
        ("engine", None if request.engine == "auto" else request.engine, engine),
        ("packages", request.packages and sorted(set(request.packages)), recipe["packages"]),
        ("durability", request.durability, record.durability),
    ):
        if asked and asked != has:
            raise Problem(
                "not-allowed",
                f"{field}: the session has {has!r}, which does not change; make another session",
                errors=[Fault(field, str(has), str(asked)[:120])],
            )


def _value(data: Any, limit: int, where: str) -> Any:
    try:
        return value_from_json(data, limit=limit, where=where)
    except MalformedJSON as error:
        fault = Fault(error.where or where, "a value that crosses", error.reason[:200])
        raise Problem("malformed", str(error)[:300], errors=[fault]) from None
