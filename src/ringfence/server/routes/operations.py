"""Whether the service is alive and ready, and what it has counted."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.responses import Response

from ringfence.server.access.addresses import is_from_here
from ringfence.server.access.caller import caller_of
from ringfence.server.description import documented
from ringfence.server.house import House, house_of
from ringfence.server.operations.metrics import CONTENT_TYPE
from ringfence.server.problems import Fault, Problem

__all__ = ["router"]

router = APIRouter(tags=["operations"])

TheHouse = Annotated[House, Depends(house_of)]


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """It can take runs."""

    status: Literal["ready"] = "ready"
    checks: dict[str, str]
    """What was looked at, and what was seen."""


@router.get("/health")
async def health() -> Alive:
    """Whether the process answers; it says nothing of the database or the engines."""
    return Alive()


@router.get("/ready", responses=documented("unavailable"))
async def ready(house: TheHouse) -> Ready:
    """Whether it can take runs: the database answers and is this server's, and an engine runs."""
    checks = await house.readiness.checks()
    wrong = [one for one in checks if not one.ready]
    if wrong:
        raise Problem(
            "unavailable",
            "not ready: " + "; ".join(f"{one.name}: {one.told}" for one in wrong),
            retry_after=5,
            errors=[Fault(one.name, "ok", one.told) for one in wrong],
        )
    return Ready(checks={one.name: one.told for one in checks})


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **documented("unauthorized", "unknown"),
    },
)
async def metrics(house: TheHouse, request: Request) -> Response:
    """What was counted, in Prometheus' form; for who asks from elsewhere with a key that has the
    scope `metrics`.
    """
    if not is_from_here(request):
        (await caller_of(request)).need("metrics")
    if not house.settings.metrics:
        raise Problem("unknown", "there are no metrics here (RINGFENCE_METRICS)")
    return Response(house.metrics.text(), headers={"content-type": CONTENT_TYPE})
