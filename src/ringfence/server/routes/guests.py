"""``/v1/guests``: a guest over a WebSocket, for ``engine="http://…"``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, WebSocket
from starlette.websockets import WebSocketState

from ringfence.model.guest_link import PATH, SUBPROTOCOL
from ringfence.server.guests.lodge import Lodge
from ringfence.server.house import House, house_of
from ringfence.server.problems import answer_to
from ringfence.server.refusing import problem_of

__all__ = ["router"]

router = APIRouter()


@router.websocket(PATH)
async def lend(
    socket: WebSocket, house: Annotated[House, Depends(house_of)], engine: str | None = None
) -> None:
    """A guest for who asks, until either of them ends."""
    lodge: Lodge = house.lodge
    try:
        async with lodge.admit(socket, engine) as lending:
            await socket.accept(SUBPROTOCOL)
            await lending.run()
    except Exception as error:
        if socket.application_state is not WebSocketState.CONNECTING:
            raise
        problem = problem_of(error)
        if problem.name == "internal":
            raise
        state = socket.scope["state"]
        state["problem"] = problem.name
        if "tenant" in state:
            house.denials.note(state["tenant"], state.get("key_id"), problem)
        await socket.send_denial_response(answer_to(problem, state.get("request_id")))
