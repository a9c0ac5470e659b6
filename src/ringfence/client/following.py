"""The events of one run, whatever becomes of the connections that they come over. No waiting here.

The request has an idempotency key, so that sending it again finds the run that it began; once an
event has come, the run is asked for by its id, from the event after that on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ringfence.client.events import Event, EventReader
from ringfence.client.flow import may_pass
from ringfence.client.messages import Answer, Request, Unreached, retry_after
from ringfence.client.problems import raised, raised_of
from ringfence.client.replies import Reply, checked, misread, reply_of
from ringfence.client.retrying import Patience
from ringfence.errors import ServiceError, ServiceUnavailable
from ringfence.model import Display, Output, Progress, Result
from ringfence.model.from_json import MalformedJSON, display_from_json, parsed, value_from_json

__all__ = ["Following"]

_RUN = "/v1/runs/{}/events"
_CANCEL = "/v1/runs/{}/cancel"
_LEAVING = 5.0
_SILENCE = 45.0
"""Seconds without a byte, with pings every 15, after which a connection is taken for lost."""


class Following:
    """One run whose events are wanted.

    Args:
        request: what begins it.
        patience: for connections that fail one after the other.
        limit: bytes of an event.
        check: for the value.
        ended: told the reply.
    """

    def __init__(
        self,
        request: Request,
        patience: Patience,
        limit: int,
        check: Callable[[Any], Any] | None,
        ended: Callable[[Reply], object],
    ) -> None:
        headers = {**request.headers, "accept": "text/event-stream"}
        self._begin = replace(request, headers=headers, seconds=_SILENCE)
        self._waits = patience.begin()
        self._limit = limit
        self._check = check
        self._ended = ended
        self._reader = EventReader(limit)
        self._run_id = self._last = ""
        self._over = False

    def request(self) -> Request:
        """What to ask next."""
        self._reader = EventReader(self._limit)
        if not self._run_id:
            return self._begin
        return Request(
            "GET",
            _RUN.format(self._run_id),
            headers={"accept": "text/event-stream", "last-event-id": self._last},
            repeatable=True,
            seconds=_SILENCE,
        )

    def over(self) -> bool:
        """Whether all has been told."""
        return self._over

    def leave(self) -> Request | None:
        """What to ask where nobody reads on: that the run ends. None if it has, or never began."""
        if self._over or not self._run_id:
            return None
        return Request("POST", _CANCEL.format(self._run_id), repeatable=True, seconds=_LEAVING)

    @property
    def run_id(self) -> str:
        """The service's name of the run; empty until it has told it."""
        return self._run_id

    def refused(self, answer: Answer) -> float:
        """It was answered otherwise than with events; how long to wait before it is asked again.

        Raises:
            ServiceError: the problem that it is.
        """
        if self._run_id and answer.status == 404:
            # The service knows no such run any more; by its key it has the reply, or says why not.
            self._run_id = ""
            return self._wait(raised(answer, self._begin.path), None)
        error = raised(answer, self._begin.path)
        if not may_pass(answer, self._begin):
            raise error
        return self._wait(error, retry_after(answer))

    def broken(self, failure: Unreached) -> float:
        """The connection was lost; how long to wait before the next.

        Raises:
            ServiceUnavailable: there was none for too long.
        """
        reason = f"the service did not answer: {failure.reason}"
        return self._wait(ServiceUnavailable("", reason), None)

    def _wait(self, error: Exception, asked: float | None) -> float:
        wait = self._waits.next(asked)
        if wait is None:
            raise error
        return wait

    def feed(self, data: bytes) -> list[Output | Display | Progress | Result]:
        """What has happened, as these bytes tell; the result is the last.

        Raises:
            ServiceError: the service answers something else, or the run ended in a problem.
        """
        items: list[Output | Display | Progress | Result] = []
        for event in self._reader.feed(data):
            item = self._item(event)
            self._last = event.id
            self._waits.renew()
            if item is not None:
                items.append(item)
            if self._over:
                break
        return items

    def _item(self, event: Event) -> Output | Display | Progress | Result | None:
        try:
            told = parsed(event.data, limit=self._limit)
            if type(told) is not dict:
                raise MalformedJSON(event.kind, "no object")
            if event.kind == "run":
                self._run_id = self._id_of(told)
            elif event.kind in ("stdout", "stderr"):
                return Output(event.kind, self._text(told))  # type: ignore[arg-type]
            elif event.kind == "display":
                return display_from_json(told, limit=self._limit)
            elif event.kind == "progress":
                return _progress(told)
            elif event.kind == "problem":
                self._over = True
                raise raised_of(told, self._begin.path)
            elif event.kind == "result":
                self._over = True
                reply = reply_of(told, limit=self._limit)
                self._ended(reply)
                return checked(reply.result, self._check)
        except MalformedJSON as error:
            raise misread(error) from None
        return None

    def _id_of(self, told: dict[str, Any]) -> str:
        name = told.get("run_id")
        if type(name) is not str or not name.isascii() or not name.replace("_", "").isalnum():
            raise ServiceError("", "the service told no run's id")
        return name[:100]

    def _text(self, told: dict[str, Any]) -> str:
        text = value_from_json(told.get("text"), limit=self._limit, where="text")
        if type(text) is not str:
            raise MalformedJSON("text", "no text")
        return text


def _progress(told: dict[str, Any]) -> Progress:
    fraction, message = told.get("fraction"), told.get("message")
    if type(message) is not str or (fraction is not None and type(fraction) not in (int, float)):
        raise MalformedJSON("progress", "no fraction and message")
    return Progress(None if fraction is None else float(fraction), message)
