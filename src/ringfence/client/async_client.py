"""``ringfence.AsyncClient``: a service, awaited; :mod:`.client` over the same flows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, Self, Unpack

from ringfence.client.asking import LimitsLike, options_of
from ringfence.client.conversation import Conversation, SessionTalk, TaskAnswer
from ringfence.client.options import RunOptions, SessionOptions
from ringfence.client.replies import SessionInfo
from ringfence.client.retrying import Patience
from ringfence.client.session_handle import SessionHandle
from ringfence.client.shells import AsyncShell, Item, address_of, key_of
from ringfence.model import Result
from ringfence.runtime.recipe import make_check
from ringfence_guest.protocol.namespaces import Variable

__all__ = ["AsyncClient", "AsyncPlugin", "AsyncSession", "AsyncSessionFiles"]


class AsyncClient:
    """:class:`Client`, awaited. Use it in an ``async with`` block."""

    def __init__(
        self,
        url: str | None = None,
        *,
        key: str | None = None,
        patience: Patience | None = None,
        most: int | str = "256MiB",
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.url = address_of(url)
        self._talk = Conversation(patience or Patience(), most)
        self._shell = AsyncShell(self.url, key_of(key), sleep)

    def __repr__(self) -> str:
        return f"AsyncClient({self.url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """As :meth:`Client.close`."""
        await self._shell.close()

    # --- runs --------------------------------------------------------------------------------

    async def run(
        self,
        code: str,
        *,
        stdin: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        returns: Any = None,
        timeout: float | None = None,
        **options: Unpack[RunOptions],
    ) -> Result:
        """As :meth:`Client.run`."""
        check = make_check(returns)
        request = self._talk.code(
            code, stdin=stdin, inputs=inputs, timeout=timeout, options=options_of(**options)
        )
        return (await self._shell.drive(self._talk.run(request, check))).result

    def stream(
        self,
        code: str,
        *,
        stdin: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        returns: Any = None,
        timeout: float | None = None,
        **options: Unpack[RunOptions],
    ) -> AsyncIterator[Item]:
        """As :meth:`Client.stream`."""
        request = self._talk.code(
            code, stdin=stdin, inputs=inputs, timeout=timeout, options=options_of(**options)
        )
        return self._shell.follow(self._talk.follow(request, returns))

    # --- sessions ----------------------------------------------------------------------------

    def session(
        self, session_id: str | None = None, /, **options: Unpack[SessionOptions]
    ) -> AsyncSession:
        """As :meth:`Client.session`."""
        return AsyncSession(self._shell, SessionTalk(self._talk, session_id, options_of(**options)))

    async def sessions(self) -> AsyncIterator[SessionInfo]:
        """As :meth:`Client.sessions`."""
        after: str | None = ""
        while after is not None:
            found, after = await self._shell.drive(self._talk.page(after))
            for one in found:
                yield one

    async def restore(
        self,
        state: bytes,
        session_id: str | None = None,
        *,
        engine: str | None = None,
        durability: Literal["per-turn", "idle", "never"] | None = None,
    ) -> AsyncSession:
        """As :meth:`Client.restore`."""
        info = await self._shell.drive(self._talk.restore(state, session_id, engine, durability))
        return AsyncSession(self._shell, SessionTalk.of(self._talk, info))

    # --- plugins and agents ------------------------------------------------------------------

    async def plugins(self) -> list[dict[str, Any]]:
        """As :meth:`Client.plugins`."""
        return await self._shell.drive(self._talk.plugins())

    def plugin(self, name: str) -> AsyncPlugin:
        """As :meth:`Client.plugin`."""
        return AsyncPlugin(self._shell, self._talk, name)

    async def submit(
        self,
        query: str,
        *,
        mode: Literal["simple", "standard"] = "standard",
        session_id: str | None = None,
        stdin: str | None = None,
        timeout: float | None = None,
    ) -> TaskAnswer:
        """As :meth:`Client.submit`."""
        return await self._shell.drive(
            self._talk.submit(query, mode=mode, session_id=session_id, stdin=stdin, timeout=timeout)
        )


class AsyncPlugin:
    """:class:`Plugin`, awaited."""

    def __init__(self, shell: AsyncShell, talk: Conversation, name: str) -> None:
        self._shell, self._talk, self._name = shell, talk, name

    def __getattr__(self, hook: str) -> Callable[..., Awaitable[Any]]:
        if hook.startswith("_"):
            raise AttributeError(hook)

        async def call(**arguments: Any) -> Any:
            return await self._shell.drive(self._talk.hook(self._name, hook, arguments))

        return call


class AsyncSession(SessionHandle):
    """:class:`Session`, awaited: what is asked in several tasks queues."""

    def __init__(self, shell: AsyncShell, talk: SessionTalk) -> None:
        super().__init__(talk)
        self._shell = shell

    async def start(self) -> Self:
        """As :meth:`Session.start`."""
        await self._shell.drive(self._talk.begin())
        return self

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """As :meth:`Session.close`."""
        await self._shell.drive(self._talk.end())

    async def delete(self) -> None:
        """As :meth:`Session.delete`."""
        await self._shell.drive(self._talk.delete())

    async def refresh(self) -> SessionInfo:
        """As :meth:`Session.refresh`."""
        return await self._shell.drive(self._talk.refresh())

    # --- turns -------------------------------------------------------------------------------

    async def run(
        self,
        code: str,
        *,
        stdin: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        returns: Any = None,
        limits: LimitsLike = None,
        timeout: float | None = None,
        wait: bool = True,
    ) -> Result:
        """As :meth:`Session.run`."""
        request = self._talk.code(
            code, stdin=stdin, inputs=inputs, timeout=timeout, limits=limits, wait=wait
        )
        return await self._shell.drive(self._talk.run(request, returns))

    async def call(self, name: str, /, *args: Any, **kwargs: Any) -> Result:
        """As :meth:`Session.call`."""
        return await self.call_with(name, args, kwargs)

    async def call_with(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        returns: Any = None,
        limits: LimitsLike = None,
        timeout: float | None = None,
        wait: bool = True,
    ) -> Result:
        """As :meth:`Session.call_with`."""
        request = self._talk.called(name, args, kwargs, timeout=timeout, limits=limits, wait=wait)
        return await self._shell.drive(self._talk.run(request, returns))

    def stream(
        self,
        code: str,
        *,
        stdin: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        returns: Any = None,
        limits: LimitsLike = None,
        timeout: float | None = None,
        wait: bool = True,
    ) -> AsyncIterator[Item]:
        """As :meth:`Session.stream`."""
        request = self._talk.code(
            code, stdin=stdin, inputs=inputs, timeout=timeout, limits=limits, wait=wait
        )
        following = self._talk.follow(request, returns)

        async def events() -> AsyncIterator[Item]:
            await self.start()
            async with contextlib.aclosing(self._shell.follow(following)) as items:
                async for item in items:
                    yield item

        return events()

    async def cancel(self) -> bool:
        """As :meth:`Session.cancel`."""
        return await self._shell.drive(self._talk.cancel())

    # --- what it has -------------------------------------------------------------------------

    async def variables(self) -> dict[str, Variable]:
        """As :meth:`Session.variables`."""
        return await self._shell.drive(self._talk.variables())

    @property
    def files(self) -> AsyncSessionFiles:
        """As :meth:`Session.files`."""
        return AsyncSessionFiles(self._shell, self._talk)

    async def save(self) -> bytes:
        """As :meth:`Session.save`."""
        return await self._shell.drive(self._talk.state())

    async def keep(self) -> SessionInfo:
        """As :meth:`Session.keep`."""
        return await self._shell.drive(self._talk.keep(aside=False))

    async def put_aside(self) -> SessionInfo:
        """As :meth:`Session.put_aside`."""
        return await self._shell.drive(self._talk.keep(aside=True))

    async def fork(self, session_id: str | None = None) -> AsyncSession:
        """As :meth:`Session.fork`."""
        return AsyncSession(self._shell, await self._shell.drive(self._talk.fork(session_id)))

    async def snapshot(self) -> str:
        """As :meth:`Session.snapshot`."""
        return await self._shell.drive(self._talk.snapshot())

    async def rollback(self, snapshot_id: str | None = None) -> SessionInfo:
        """As :meth:`Session.rollback`."""
        return await self._shell.drive(self._talk.rollback(snapshot_id))


class AsyncSessionFiles:
    """:class:`SessionFiles`, awaited; it raises the same."""

    def __init__(self, shell: AsyncShell, talk: SessionTalk) -> None:
        self._shell, self._talk = shell, talk

    def __repr__(self) -> str:
        return "<files of a session>"

    async def read(self, name: str) -> bytes:
        """The content of a file."""
        return await self._shell.drive(self._talk.read(name))

    async def write(self, name: str, content: bytes | bytearray | memoryview) -> None:
        """Write a file, and make the folders on the way."""
        await self._shell.drive(self._talk.write(name, content))

    async def remove(self, name: str) -> None:
        """Remove a file."""
        await self._shell.drive(self._talk.remove(name))

    async def sizes(self) -> dict[str, int]:
        """Name -> bytes."""
        return await self._shell.drive(self._talk.sizes())
