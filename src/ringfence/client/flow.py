"""Talking to a service without doing it: requests and waits are yielded, answers come back.

What is asked for is written once, as a generator; a shell that blocks and one that awaits drive the
same one (:mod:`.shells`).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

from ringfence.client.messages import MOST_TOLD, Answer, Pause, Request, Unreached, retry_after
from ringfence.client.problems import raised, refused_at_the_door
from ringfence.client.retrying import Patience
from ringfence.errors import ServiceError, ServiceUnavailable
from ringfence.model.from_json import MalformedJSON, parsed

__all__ = ["Flow", "exchange", "json_of", "may_pass"]

T = TypeVar("T")

Flow = Generator[Request | Pause, Any, T]
"""Yields requests, and gets an :class:`Answer` or :class:`Unreached` for each; yields waits."""


def exchange(request: Request, patience: Patience) -> Flow[Answer]:
    """The answer to a request, which is sent again where that cannot do anything twice.

    Raises:
        ServiceError: the problem that was answered; see :mod:`.problems`.
        ServiceUnavailable: there was no answer.
    """
    waits = patience.begin()
    while True:
        got: Answer | Unreached = yield request
        if isinstance(got, Answer) and got.status < 300:
            return got
        if isinstance(got, Unreached):
            error: Exception = ServiceUnavailable("", f"the service did not answer: {got.reason}")
            again, after = request.repeatable or not got.sent, None
        else:
            error = raised(got, request.path)
            again, after = may_pass(got, request), retry_after(got)
        wait = waits.next(after) if again else None
        if wait is None:
            raise error
        yield Pause(wait)


def may_pass(answer: Answer, request: Request) -> bool:
    """Whether it may go better later: what was refused at the door has done nothing."""
    if answer.status in (429, 502, 503, 504) and request.repeatable:
        return True
    return refused_at_the_door(answer)


def json_of(answer: Answer, *, limit: int = MOST_TOLD) -> dict[str, Any]:
    """The object that an answer is.

    Raises:
        ServiceError: it is none.
    """
    try:
        data = parsed(answer.body, limit=limit)
    except MalformedJSON as error:
        raise ServiceError("", f"the service answered what is no JSON: {error}") from None
    if type(data) is not dict:
        raise ServiceError("", "the service answered no object")
    return data
