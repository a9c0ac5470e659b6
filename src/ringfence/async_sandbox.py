"""The façade for event loops: ``AsyncSandbox``. Composition only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Self

from ringfence.errors import SandboxClosed
from ringfence.model import Display, Limits, Output, Progress, Result
from ringfence.runtime.handle import SandboxHandle
from ringfence.runtime.recipe import make_check
from ringfence.runtime.shell_async import AsyncShell
from ringfence_guest.protocol.turn import Turn

__all__ = ["AsyncSandbox"]


class AsyncSandbox(SandboxHandle):
    """:class:`~ringfence.Sandbox`, awaited. Turns of several tasks queue."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._shell: AsyncShell | None = None
        self._queue = asyncio.Lock()

    async def start(self) -> AsyncSandbox:
        """Start the guest, unless it was. The first of its kind takes the time of an image."""
        if self._closed:
            raise SandboxClosed("this sandbox was closed")
        if self._session is None:
            loop = asyncio.get_running_loop()
            session, give_back = await loop.run_in_executor(None, self._recipe.start)
            self._session, self._give_back = session, give_back
            self._shell = AsyncShell(session)
        return self

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def run(
        self,
        code: str,
        *,
        stdin: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        returns: Any = None,
        filename: str | None = None,
        limits: Limits | None = None,
    ) -> Result:
        """As :meth:`Sandbox.run`. Cancelling the awaiting task ends the turn."""
        check = make_check(returns)
        await self.start()
        return await self._drive(
            lambda: self._begin_run(code, stdin, inputs, filename, limits), check
        )

    async def call(self, name: str, /, *args: Any, **kwargs: Any) -> Result:
        """As :meth:`Sandbox.call`."""
        await self.start()
        return await self._drive(lambda: self._begin_call(name, args, kwargs, None), None)

    async def call_with(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        returns: Any = None,
        limits: Limits | None = None,
    ) -> Result:
        """As :meth:`Sandbox.call_with`."""
        check = make_check(returns)
        await self.start()
        return await self._drive(
            lambda: self._begin_call(name, tuple(args), dict(kwargs or {}), limits), check
        )

    async def stream(
        self,
        code: str,
        *,
        stdin: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        returns: Any = None,
        filename: str | None = None,
        limits: Limits | None = None,
    ) -> AsyncIterator[Output | Display | Progress | Result]:
        """As :meth:`Sandbox.stream`."""
        check = make_check(returns)
        await self.start()
        self._started().check_usable()
        async with self._queue:
            turn = self._begin_run(code, stdin, inputs, filename, limits)
            session, shell = self._started(), self._shell
            assert shell is not None
            async for event in shell.drive(turn):
                yield event
            result = session.finish(turn, check)
        yield result

    async def _drive(self, begin: Callable[[], Turn], check: Callable[[Any], Any] | None) -> Result:
        self._started().check_usable()
        async with self._queue:
            turn = begin()
            shell = self._shell
            assert shell is not None
            assert self._session is not None
            async for _ in shell.drive(turn):
                pass
            return self._session.finish(turn, check)

    def cancel(self) -> bool:
        """End the running turn within 50 ms; from any thread or task."""
        return self._shell is not None and self._shell.cancel()

    async def close(self) -> None:
        """End the guest; a running turn is cancelled first. May be called again."""
        if self._closed:
            return
        self._closed = True
        self.cancel()
        async with self._queue:
            if self._session is not None:
                self._session.close()
            self._give_back()
