"""Questions to a client in the middle of a run, in both eras of the protocol.

A *legacy* client (the initialize handshake) is asked by a request from the server, while its own
request waits. A *modern* one (2026-07-28) is never asked: its call is answered with what is wanted,
and it calls again with the answers. The guest waits meanwhile, and its clock stands still.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import mcp_types as types
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from pydantic import ValidationError

from ringfence.errors import RingfenceError

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

__all__ = ["Asked", "Conversation", "NotAsked", "Reply", "is_modern"]

Asked = types.ElicitRequest | types.CreateMessageRequest
Reply = types.ElicitResult | types.CreateMessageResult


class NotAsked(RingfenceError):
    """The client cannot be asked, or did not answer in time; the message says which."""


@dataclass
class _Open:
    """A question without an answer."""

    request: Asked
    answer: asyncio.Future[Reply] = field(repr=False)
    told: bool = False  # it went out with an answer to the client


class Conversation:
    """What one run asks its client. Used from one event loop.

    Args:
        seconds: how long an answer may take.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._capabilities: types.ClientCapabilities | None = None
        self._direct: Callable[[Asked], Awaitable[Reply]] | None = None
        self._open: dict[str, _Open] = {}
        self._count = 0
        self.wanted = asyncio.Event()
        """Set while questions wait for a modern client's next call."""

    def attend(self, ctx: ServerRequestContext) -> None:
        """A request of the client is under way: it can be asked through it, or with its answer."""
        self._capabilities = ctx.session.client_capabilities
        self._direct = None if is_modern(ctx) else _direct(ctx)

    async def ask(self, request: Asked) -> Reply:
        """Ask the client.

        Raises:
            NotAsked: it has not said that it answers such questions, or did not in time.
        """
        if not self._answers(request):
            what = "elicitation" if isinstance(request, types.ElicitRequest) else "sampling"
            raise NotAsked(f"the client does not support {what}")
        try:
            async with asyncio.timeout(self._seconds):
                if self._direct is not None:
                    return await self._direct(request)
                return await self._ask_with_answer(request)
        except TimeoutError:
            raise NotAsked(f"no answer in {self._seconds:g} seconds") from None
        except (MCPError, ValidationError) as error:
            raise NotAsked("the client did not answer the question as the protocol has it") from (
                error
            )

    def questions(self) -> dict[str, Asked]:
        """What waits for the client's next call; it is told with the answer to this one."""
        for one in self._open.values():
            one.told = True
        return {key: one.request for key, one in self._open.items()}

    def answer(self, answers: Mapping[str, types.InputResponse] | None) -> None:
        """The client called again. What it was told and leaves out, or answers with something else,
        is no; what was asked meanwhile waits for its next call.
        """
        for key, one in list(self._open.items()):
            if not one.told:
                continue
            del self._open[key]
            reply = (answers or {}).get(key)
            if one.answer.done():
                continue
            if isinstance(one.request, types.ElicitRequest):
                fits = isinstance(reply, types.ElicitResult)
            else:
                fits = isinstance(reply, types.CreateMessageResult)
            if fits and isinstance(reply, Reply):
                one.answer.set_result(reply)
            else:
                one.answer.set_exception(NotAsked("the client did not answer"))
        if not self._open:
            self.wanted.clear()

    def _answers(self, request: Asked) -> bool:
        found = self._capabilities
        if found is None:
            return False
        if isinstance(request, types.ElicitRequest):
            # One that names no mode has the form's, which is the older one.
            able = found.elicitation
            return able is not None and (able.form is not None or able.url is None)
        return found.sampling is not None

    async def _ask_with_answer(self, request: Asked) -> Reply:
        self._count += 1
        key = f"question-{self._count}"
        one = _Open(request, asyncio.get_running_loop().create_future())
        self._open[key] = one
        self.wanted.set()
        try:
            return await one.answer
        finally:
            with contextlib.suppress(KeyError):
                del self._open[key]
            if not self._open:
                self.wanted.clear()


def is_modern(ctx: ServerRequestContext) -> bool:
    """Whether a request is of the era in which a server asks nothing by itself."""
    from mcp_types.version import MODERN_PROTOCOL_VERSIONS

    return ctx.protocol_version in MODERN_PROTOCOL_VERSIONS


def _direct(ctx: ServerRequestContext) -> Callable[[Asked], Awaitable[Reply]]:
    async def ask(request: Asked) -> Reply:
        metadata = ServerMessageMetadata(related_request_id=ctx.request_id)
        if isinstance(request, types.ElicitRequest):
            return await ctx.session.send_request(request, types.ElicitResult, metadata=metadata)
        return await ctx.session.send_request(request, types.CreateMessageResult, metadata=metadata)

    return ask
