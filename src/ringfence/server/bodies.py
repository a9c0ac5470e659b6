"""Bodies of requests, as they arrive: so many bytes, not too slowly, and of JSON all before anybody
sees it. What comes in is counted while it does, chunked or not.
"""

from __future__ import annotations

import asyncio
import time

from starlette.types import Message, Receive

from ringfence.server.json_bodies import check_json
from ringfence.server.problems import Fault, Problem

__all__ = ["Heard", "Held", "too_large"]

_SMALL = 64 << 10  # bytes of a body that counts as none
_SHARE = 4  # of the bytes of all bodies, for one tenant
_LEAST_RATE = 16 << 10  # bytes a second of a body, after its first seconds


class Held:
    """How much of all large bodies is in memory: of all tenants, and of each.

    Args:
        most: bytes of all; a quarter of them is for one tenant.
        of_one: bytes of one body, which a tenant may always have.
    """

    def __init__(self, most: int, of_one: int) -> None:
        self._most = most
        self._of_tenant = max(of_one, most // _SHARE)
        self._size = 0
        self._tenants: dict[str, int] = {}

    def take(self, tenant: str, size: int) -> None:
        """Hold so much more.

        Raises:
            Problem: ``overloaded``.
        """
        of_tenant = self._tenants.get(tenant, 0) + size
        if self._size + size > self._most or of_tenant > self._of_tenant:
            raise Problem("overloaded", "too many large requests at once", retry_after=1)
        self._size += size
        self._tenants[tenant] = of_tenant

    def give_back(self, tenant: str, size: int) -> None:
        """Hold it no more."""
        self._size -= size
        left = self._tenants.get(tenant, 0) - size
        if left > 0:
            self._tenants[tenant] = left
        else:
            self._tenants.pop(tenant, None)


class Heard:
    """Receives a body: so many bytes, and not too slowly; of JSON all, before anybody sees it.

    Attributes:
        tenant: whose it is.
        refused: why it was not taken, if it was not.
    """

    def __init__(self, receive: Receive, most: int, seconds: float, held: Held) -> None:
        self._receive = receive
        self._most = most
        self._seconds = seconds
        self._held = held
        self.tenant = ""
        self._got = 0
        self._taken = 0
        self._done = False
        self._began: float | None = None
        self._whole: Message | None = None
        self.refused: Problem | None = None

    async def __call__(self) -> Message:
        """The next part; what comes after the last is whether the other side hangs up.

        Raises:
            Problem: ``too-large``, ``too-slow`` or ``overloaded``.
        """
        if self._whole is not None:
            whole, self._whole = self._whole, None
            return whole
        if self._done:
            return await self._receive()
        try:
            return await self._next()
        except Problem as problem:
            self._done = True
            self.refused = problem
            raise

    async def _next(self) -> Message:
        now = time.monotonic()
        began = self._began = now if self._began is None else self._began
        # A drop now and then is no body, either: on average it has to come faster than that.
        whole = began + self._seconds + self._got / _LEAST_RATE
        try:
            async with asyncio.timeout(max(0.0, min(self._seconds, whole - now))):
                message = await self._receive()
        except TimeoutError:
            raise Problem(
                "too-slow", "the body did not arrive in time", headers={"Connection": "close"}
            ) from None
        if message["type"] != "http.request":
            self._done = True
            return message
        size = len(message.get("body", b""))
        self._got += size
        self._done = not message.get("more_body", False)
        if self._got > self._most:
            raise too_large(self._most, f"{self._got} bytes and more")
        if self._got > _SMALL:  # a small one is never refused for others' large ones
            self._held.take(self.tenant, self._got - self._taken)
            self._taken = self._got
        return message

    async def read_whole(self) -> bool:
        """Read all of it, and look it over; whether it came.

        Raises:
            Problem: it is not taken.
        """
        parts: list[bytes] = []
        while not self._done:
            message = await self()
            if message["type"] != "http.request":
                return False
            parts.append(message.get("body", b""))
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        if len(body) <= _SMALL:
            check_json(body)
        else:
            await asyncio.to_thread(check_json, body)
        self._whole = {"type": "http.request", "body": body, "more_body": False}
        return True

    def forget(self) -> None:
        """Its request is over."""
        if self._taken:
            self._held.give_back(self.tenant, self._taken)
            self._taken = 0


def too_large(most: int, got: str) -> Problem:
    """A body has more bytes than one may have."""
    expected = f"at most {most} bytes"
    return Problem(
        "too-large", f"a body has {expected} here", errors=[Fault("body", expected, got)]
    )
