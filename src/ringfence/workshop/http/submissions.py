"""Submissions over HTTP, for who sends them and who reviews them."""

from __future__ import annotations

from typing import Any, cast, get_args

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ringfence.errors import WorkshopRefused
from ringfence.plugins.bundle import MOST_BYTES
from ringfence.workshop.http.as_json import submission_as_json
from ringfence.workshop.http.asking import Asked, Desk
from ringfence.workshop.records import State

__all__ = ["MOST_UPLOAD", "routes"]

MOST_UPLOAD = MOST_BYTES * 2
"""Bytes of a packed bundle."""


def routes(desk: Desk) -> list[Route]:
    """What there is."""
    one = "/v1/submissions/{submission}"
    return [
        desk.route("POST", "/v1/submissions", _submit, scope="publish", most=MOST_UPLOAD),
        desk.route("GET", "/v1/submissions", _list, signed_in=True),
        desk.route("GET", one, _get, signed_in=True),
        desk.route("GET", f"{one}/bundle", _bundle, signed_in=True),
        desk.route("POST", f"{one}/withdraw", _withdraw, scope="publish"),
        desk.route("POST", f"{one}/approve", _approve, scope="review"),
        desk.route("POST", f"{one}/refuse", _refuse, scope="review"),
        desk.route("POST", f"{one}/retry", _retry, scope="review"),
    ]


def _submit(asked: Asked) -> Any:
    submission = asked.workshop.submissions.submit(asked.signed_in, asked.body)
    return JSONResponse(submission_as_json(submission), 202)


def _list(asked: Asked) -> Any:
    state = asked.query.get("state", "")
    if state and state not in get_args(State):
        raise WorkshopRefused("malformed", f"a state is one of {', '.join(get_args(State))}")
    states = (cast("State", state),) if state else ()
    found = asked.workshop.submissions.find(asked.signed_in, states=states)
    return {"submissions": [submission_as_json(one, reports=False) for one in found]}


def _get(asked: Asked) -> Any:
    return submission_as_json(
        asked.workshop.submissions.get(asked.signed_in, asked.path["submission"])
    )


def _bundle(asked: Asked) -> Any:
    data = asked.workshop.submissions.data(asked.signed_in, asked.path["submission"])
    return Response(
        data,
        media_type="application/octet-stream",
        headers={"content-disposition": 'attachment; filename="bundle.zip"'},
    )


def _withdraw(asked: Asked) -> Any:
    asked.fields()
    return submission_as_json(
        asked.workshop.submissions.withdraw(asked.signed_in, asked.path["submission"])
    )


def _approve(asked: Asked) -> Any:
    asked.fields()
    return submission_as_json(
        asked.workshop.submissions.approve(asked.signed_in, asked.path["submission"])
    )


def _refuse(asked: Asked) -> Any:
    reason = asked.fields(reason=str).get("reason", "")
    return submission_as_json(
        asked.workshop.submissions.refuse(asked.signed_in, asked.path["submission"], reason)
    )


def _retry(asked: Asked) -> Any:
    asked.fields()
    return submission_as_json(
        asked.workshop.submissions.retry(asked.signed_in, asked.path["submission"])
    )
