"""One connection of a client: from what it asks for to the end of the guest that it got."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from ringfence.engine import Guest, Image, ImageSpec
from ringfence.errors import (
    ConfigurationError,
    EngineFailure,
    EngineNotAvailable,
    PackageNotAvailable,
    PolicyNotEnforceable,
    RingfenceError,
)
from ringfence.model import FULL_WALLS, Limits, Policy
from ringfence.model.from_json import MalformedJSON
from ringfence.model.guest_link import read_order, write_order
from ringfence.server.guests.ceilings import Ceilings
from ringfence.server.guests.offer import Offer
from ringfence.server.guests.relay import BrokenLink, Relay
from ringfence.server.problems import Problem
from ringfence.server.settings import Settings

__all__ = ["Lending", "Stay"]

_PATIENCE = 60.0
"""Seconds until there is a guest; a client may keep a connection at hand for so long."""

_MOST_ASKED = 8
"""What a client may ask before it has one: a refused wish may be followed by another."""

_TOLD = (
    PackageNotAvailable,
    ConfigurationError,
    PolicyNotEnforceable,
    EngineNotAvailable,
    EngineFailure,
)
_OF_A_GUEST = frozenset({"fuel", "steps", "memory", "threads", "disk", "files"})
_POLICY_BROKEN, _TOO_SLOW, _GOING = 1008, 1013, 1001


class Stay(Protocol):
    """What a client is counted by."""

    def opening(self) -> AbstractAsyncContextManager[None]:
        """Around the making of what its guest starts from. Raises Problem."""

    async def begin(self, memory: int) -> float:
        """Its guest is about to be started, which may have so many bytes of memory; how many CPU
        seconds its tenant has left. Raises Problem.
        """

    def failed(self, engine: str, reason: str) -> None:
        """No guest could be started; ``reason`` is the name of what was raised."""

    def denied(self, problem: Problem) -> None:
        """It was refused what it asked for; for the audit."""

    async def barred(self) -> str | None:
        """Why it may not have its guest any more; None while it may."""


class Lending:
    """Answers one client.

    Args:
        socket: accepted already.
        offer: the engine.
        settings: what the operator decided.
        stay: what the client is counted by.

    Attributes:
        started: its guest, while there is one.
        began: whether there was one.
        wish: what the guest was to be.
        cpu: CPU seconds that it used.
        seconds: for which it was there.
        ended: how: a word for the audit log.
    """

    def __init__(
        self,
        socket: WebSocket,
        offer: Offer,
        settings: Settings,
        stay: Stay,
    ) -> None:
        self._socket, self._offer, self._settings = socket, offer, settings
        self._stay = stay
        self._owned = False
        self._asked = 0
        self._ceilings = Ceilings.of(settings)
        self._image: Image | None = None
        self.started: Guest | None = None
        self.began = False
        self.cpu = 0.0
        self.seconds = 0.0
        self.ended = "unused"
        self.wish: dict[str, Any] | None = None

    async def run(self) -> None:
        """Until either has ended; the guest has then, whatever happened."""
        try:
            hello = await asyncio.to_thread(self._offer.hello)
            await self._socket.send_text(write_order("hello", **hello))
            await self._relay(await self._start())
        except (MalformedJSON, BrokenLink) as error:
            self.ended = "broken"
            await self._leave(_POLICY_BROKEN, f"the client broke the protocol: {error}")
        except TimeoutError:
            self.ended = "slow"
            await self._leave(_TOO_SLOW, "the client was too slow")
        except EngineNotAvailable as error:
            self.ended = "unavailable"
            await self._leave(_TOO_SLOW, str(error))
        except WebSocketDisconnect:
            self.ended = "left"
        except (OSError, RuntimeError):  # the socket ended while something was said
            self.ended = "lost"
        finally:
            guest, self.started = self.started, None
            if guest is not None:
                await asyncio.shield(asyncio.to_thread(guest.close))
            if self._owned and self._image is not None:
                await asyncio.shield(asyncio.to_thread(self._image.close))

    async def _start(self) -> Guest:
        """Answer what the client asks, until there is a guest; all of that in one patience."""
        until = asyncio.get_running_loop().time() + _PATIENCE
        while self.started is None:
            async with asyncio.timeout_at(until):
                message = await self._socket.receive()
            self._asked += 1
            if self._asked > _MOST_ASKED:
                raise BrokenLink("more questions than a client needs")
            await self._answer(*_order_of(message))
        return self.started

    async def _answer(self, kind: str, content: Mapping[str, Any]) -> None:
        try:
            if kind == "open" and self._image is None:
                image = await self._open(content)
                told = write_order("image", walls=sorted(image.walls), enforced=self._held(image))
            elif kind == "explain" and self._image is not None:
                limits = self._limits(content["limits"])
                profile = await asyncio.to_thread(self._image.explain, limits)
                told = write_order("explained", profile=dict(profile))
            elif kind == "start" and self._image is not None:
                limits = self._limits(content["limits"])
                self._ceilings = self._ceilings.within(await self._stay.begin(int(limits.memory)))
                self.started = await asyncio.to_thread(self._image.start, limits)
                self.began = True
                told = write_order("started", counts=self.started.meter is not None)
            else:
                raise BrokenLink(f"{kind} where it is none")
        except Problem as problem:
            self._stay.denied(problem)
            told = write_order("refused", error="EngineFailure", detail=problem.detail)
        except RingfenceError as error:
            if isinstance(error, EngineFailure | EngineNotAvailable):
                self._stay.failed(self._offer.hello()["engine"], type(error).__name__)
            known = next((one for one in _TOLD if isinstance(error, one)), EngineFailure)
            told = write_order("refused", error=known.__name__, detail=self._detail(error))
        await self._socket.send_text(told)

    def _detail(self, error: RingfenceError) -> str:
        """What an engine says, without its name: the client calls it otherwise."""
        return str(error).removeprefix(f"{self._offer.hello()['engine']}: ")[:4_000]

    def _held(self, image: Image) -> dict[str, str]:
        """What holds which limit, and how far a turn may go here whatever its client says."""
        most = f"the service ends a turn at {float(self._settings.limits.cpu):g} s"  # type: ignore[arg-type]
        return {**image.enforced, "cpu": f"{image.enforced['cpu']}; {most}"}

    async def _open(self, wish: Mapping[str, Any]) -> Image:
        """What the guest will start from. Making it may be work: it is counted, and few at once."""
        spec = self._spec(wish)
        async with self._stay.opening():
            made = await asyncio.shield(asyncio.to_thread(self._offer.image, spec))
        self._image, self._owned = made
        self.wish = {
            "packages": list(spec.packages),
            "deterministic": spec.policy.deterministic,
            "limits": {name: getattr(spec.limits, name) for name in sorted(_OF_A_GUEST)},
        }
        return self._image

    def _spec(self, wish: Mapping[str, Any]) -> ImageSpec:
        lent = {*self._settings.packages, *self._settings.default_packages}
        for name in wish["packages"]:
            if name not in lent:
                raise PackageNotAvailable(
                    f"packages={name[:100]!r} is none of those that this service lends: "
                    f"{', '.join(sorted(lent)) or 'none'}; an operator installs it and names it in "
                    "RINGFENCE_PACKAGES"
                )
        accepted = [walls for walls in map(frozenset, wish["walls"]) if walls in FULL_WALLS]
        if not accepted:
            raise PolicyNotEnforceable("none of the accepted sets of walls stands here")
        policy = Policy(
            walls=accepted,
            deterministic=wish["deterministic"],
            isolation=self._settings.isolation,
        )
        limits = self._limits(wish["limits"])
        return ImageSpec(
            packages=tuple(sorted(set(wish["packages"]))), policy=policy, limits=limits
        )

    def _limits(self, asked: Mapping[str, Any]) -> Limits:
        """What a client asked for, if the operator allows it.

        Raises:
            PolicyNotEnforceable: it is more, or a name that is no limit of a guest.
            ConfigurationError: it is no limit.
        """
        most = self._settings.limits
        if asked.keys() != _OF_A_GUEST:
            raise MalformedJSON("limits", f"other names than {', '.join(sorted(_OF_A_GUEST))}")
        for name, value in asked.items():
            allowed = getattr(most, name)
            if value is not None and allowed is not None and value > allowed:
                raise PolicyNotEnforceable(
                    f"{name}={value:g} is more than the operator of this service allows: "
                    f"{allowed:g}"
                )
        return Limits(**asked, cpu=self._settings.guest_cpu_seconds)

    async def _relay(self, guest: Guest) -> None:
        relay = Relay(self._socket, guest, self._ceilings, self._stay.barred)
        began = time.monotonic()
        try:
            await relay.run()
            self.ended = "ended"
            await self._leave(1000, "")
        finally:
            self.cpu, self.seconds = relay.cpu, time.monotonic() - began

    async def _leave(self, code: int, reason: str) -> None:
        try:
            async with asyncio.timeout(2.0):
                await self._socket.close(code, reason[:100])
        except (RuntimeError, OSError, TimeoutError):
            pass  # it has gone


def _order_of(message: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The order that a message of the server's is.

    Raises:
        WebSocketDisconnect: the client has gone.
        BrokenLink, MalformedJSON: it is none.
    """
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    text = message.get("text")
    if text is None:
        raise BrokenLink("bytes where there is no guest")
    return read_order(text)
