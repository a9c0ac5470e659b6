"""The façade for event loops: ``AsyncSandbox``. Composition only."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any, Self, TypeVar, Unpack

from ringfence.errors import SandboxClosed
from ringfence.model import Display, Limits, Output, Progress, Result
from ringfence.runtime.asking import ask_async
from ringfence.runtime.files import AsyncGuestFiles, listed
from ringfence.runtime.freezing import Frozen, is_snapshot
from ringfence.runtime.handle import SandboxHandle, SandboxOptions
from ringfence.runtime.keeping import QUICK, Seal, Thawing, left_behind
from ringfence.runtime.recipe import Recipe, make_check
from ringfence.runtime.request import Request, save_request, variables_request
from ringfence.runtime.seal import SavedState
from ringfence.runtime.session import Session
from ringfence.runtime.shell_async import AsyncShell
from ringfence.runtime.turnstile_async import AsyncTurnstile
from ringfence_guest.protocol.namespaces import Restored, Variable
from ringfence_guest.protocol.report import Listing
from ringfence_guest.protocol.turn import FileAnswer, FileQuestion, Turn

__all__ = ["AsyncSandbox"]

T = TypeVar("T")

_PATIENCE = 1.0
_Stream = AsyncGenerator[Output | Display | Progress | Result, None]


class AsyncSandbox(SandboxHandle):
    """:class:`~ringfence.Sandbox`, awaited. Turns of several tasks queue."""

    def _begin_with(self, recipe: Recipe) -> None:
        super()._begin_with(recipe)
        self._shell: AsyncShell | None = None
        self._starting = asyncio.Lock()
        self._turnstile = AsyncTurnstile()
        self._streams: weakref.WeakSet[_Stream] = weakref.WeakSet()

    async def start(self) -> Self:
        """Start the guest, unless it was. The first of its kind takes the time of an image."""
        if self._session is None:
            async with self._starting:
                if self._startable():
                    await self._start()
        if self._closed:
            raise SandboxClosed("this sandbox was closed")
        return self

    async def _start(self) -> None:
        session, self._give_back = self._recipe.start_now() or await self._start_elsewhere()
        self._shell = AsyncShell(session)
        self._session = session

    async def _start_elsewhere(
        self, frozen: Frozen | None = None
    ) -> tuple[Session, Callable[[], None]]:
        """Start on another thread: an image takes long."""
        loop = asyncio.get_running_loop()
        starting = loop.run_in_executor(None, self._recipe.start, frozen)
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(_discard)
            raise

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
        return await self._drive(self._run_request(code, stdin, inputs, filename, limits), check)

    async def call(self, name: str, /, *args: Any, **kwargs: Any) -> Result:
        """As :meth:`Sandbox.call`."""
        return await self._drive(self._call_request(name, args, kwargs, None), None)

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
        return await self._drive(self._call_request(name, args, kwargs, limits), check)

    async def variables(self, *, limits: Limits | None = None) -> dict[str, Variable]:
        """As :meth:`Sandbox.variables`."""
        request = variables_request(self._turn_limits(limits))
        result = (await self._drive(request, None)).raise_for_status()
        described: dict[str, Variable] = result.value
        return described

    async def save(
        self,
        *,
        key: bytes | None = None,
        context: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> SavedState:
        """As :meth:`Sandbox.save`."""
        request, seal = save_request(self._turn_limits(limits)), Seal.of(key, context)
        result = await self._drive(request, None)
        return await _aside(seal.closing(result, self._started()), result.usage.value)

    async def _save_with_files(
        self, key: bytes, context: Mapping[str, str], limits: Limits
    ) -> tuple[SavedState, Listing]:
        """:meth:`save`, and the listing of the files, in one turn: a guest is asked once.

        Raises:
            GuestFileError: the files cannot be listed.
        """
        request = save_request(self._turn_limits(limits), files=True)
        seal = Seal.of(key, context)
        result = await self._drive(request, None)
        closing = seal.closing(result, self._started())
        listing = listed(result.value.files)
        return await _aside(closing, result.usage.value), listing

    async def snapshot(
        self, *, key: bytes | None = None, context: Mapping[str, str] | None = None
    ) -> bytes:
        """As :meth:`Sandbox.snapshot`."""
        seal = Seal.of(key, context)
        frozen = await self._freeze()
        return await asyncio.to_thread(seal.close, frozen)

    async def fork(self) -> Self:
        """As :meth:`Sandbox.fork`."""
        frozen = await self._freeze()
        twin = type(self).__new__(type(self))
        twin._begin_with(self._recipe)
        await twin._go_on_from(frozen)
        return twin

    async def rollback(self) -> None:
        """As :meth:`Sandbox.rollback`."""
        frozen = self._last_checkpoint()
        self._started().refuse_inside()
        async with self._turnstile:
            before, give_back = self._started(), self._give_back
            await self._go_on_from(frozen)
            self._started().displays = before.displays
            before.close()
            give_back()

    async def _go_on_from(self, frozen: Frozen) -> None:
        """Take a new guest, which goes on from there."""
        session, self._give_back = await self._start_elsewhere(frozen)
        self._shell = AsyncShell(session)
        self._session = session

    async def _freeze(self) -> Frozen:
        await self._usable()
        async with self._turnstile:
            return await asyncio.to_thread(self._started().freeze)

    @classmethod
    async def restore(
        cls,
        state: bytes,
        *,
        key: bytes | None = None,
        context: Mapping[str, str] | None = None,
        **options: Unpack[SandboxOptions],
    ) -> Self:
        """As :meth:`Sandbox.restore`. Cancelled, it leaves nothing running."""
        if is_snapshot(state):
            seal = Seal.of(key, context)
            thawing = await asyncio.to_thread(Thawing.of, state, seal, options)
            box = cls(**thawing.options)
            thawing.refuse_others(box._recipe)
            await box._go_on_from(thawing.frozen)
            return box
        box = cls(**options)
        opening = Seal.of(key, context).opening(state, box.limits)
        unsealed, request = await _aside(opening, len(state))
        try:
            result = (await box._drive(request, None)).raise_for_status()
        except BaseException:
            await box.close()
            raise
        restored: Restored = result.value
        box._restored, box._lost = restored.names, left_behind(unsealed, restored)
        return box

    def stream(
        self,
        code: str,
        *,
        stdin: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        returns: Any = None,
        filename: str | None = None,
        limits: Limits | None = None,
    ) -> AsyncGenerator[Output | Display | Progress | Result, None]:
        """As :meth:`Sandbox.stream`. A loop that was left early ends the guest when the iterator is
        closed (``contextlib.aclosing``) or collected.
        """
        check = make_check(returns)
        stream = self._stream(self._run_request(code, stdin, inputs, filename, limits), check)
        self._streams.add(stream)
        return stream

    async def _stream(
        self, request: Request, check: Callable[[Any], Any] | None
    ) -> AsyncGenerator[Output | Display | Progress | Result, None]:
        await self._usable()
        async with self._turnstile as turnstile:
            session, shell = self._current()
            await self._keep()
            turn = session.begin(request)
            async with contextlib.aclosing(shell.drive(turn)) as events:
                async for event in events:
                    yield event
                    turnstile.claim()
            result = session.finish(turn, check)
        yield result

    async def _drive(self, request: Request, check: Callable[[Any], Any] | None) -> Result:
        await self._usable()
        async with self._turnstile:
            session, shell = self._current()
            await self._keep()
            turn = session.begin(request)
            async for _ in shell.drive(turn):
                pass
            return session.finish(turn, check)

    @property
    def files(self) -> AsyncGuestFiles:
        """The files of the guest's scratch folder, each step awaited."""
        return AsyncGuestFiles(self._ask, self.limits)

    async def _ask(self, question: FileQuestion) -> FileAnswer:
        await self.start()
        session = self._started()
        assert self._shell is not None
        return await ask_async(question, session, self._shell, self._turnstile, self._begin)

    async def _usable(self) -> None:
        await self.start()
        self._started().check_usable()  # a busy sandbox is an error, not a dead lock

    def _current(self) -> tuple[Session, AsyncShell]:
        """As :meth:`Sandbox._current`."""
        session = self._started()
        assert self._shell is not None
        return session, self._shell

    async def _keep(self) -> None:
        """Remember where the turn begins, if that was asked for."""
        if self._recipe.checkpoints:
            self._checkpoint = await asyncio.to_thread(self._started().freeze)

    def _begin(self, request: Request) -> Turn:
        """Begin the turn, now that it is this one's; the sandbox may have closed meanwhile."""
        return self._started().begin(request)

    def cancel(self) -> bool:
        """End the running turn within 50 ms; from any thread or task."""
        return self._shell is not None and self._shell.cancel()

    async def close(self) -> None:
        """End the guest; a running turn is cancelled first, an open stream is left.

        May be called again.

        Raises:
            SandboxBusy: called from a host function of this sandbox.
        """
        if self._closed:
            return
        session = self._session
        if session is not None and session.belongs_here:
            session.refuse_inside()
            if self._turnstile.is_mine:
                await self._leave_streams()
                self._turnstile.refuse_holder()
            self._closed = True
            self.cancel()
            while not await self._idle(_PATIENCE):
                await self._leave_streams()  # one that nobody reads would hold it for ever
                self.cancel()  # a turn that was just about to begin
        self._closed = True
        async with self._starting:
            if self._session is not None:
                self._session.close()
                if self._session.belongs_here:
                    self._give_back()

    async def _idle(self, timeout: float) -> bool:
        try:
            async with asyncio.timeout(timeout), self._turnstile:
                return True
        except TimeoutError:
            return False

    async def _leave_streams(self) -> None:
        for stream in list(self._streams):
            with contextlib.suppress(RuntimeError):  # it runs right now, and will see the cancel
                await stream.aclose()


async def _aside(work: Callable[[], T], size: int) -> T:
    """Do work on bytes on another thread, if they are so many that the loop would notice."""
    return work() if size <= QUICK else await asyncio.to_thread(work)


def _discard(starting: asyncio.Future[tuple[Session, Callable[[], None]]]) -> None:
    """A start that nobody waits for any more has ended."""
    if not starting.cancelled() and starting.exception() is None:
        session, give_back = starting.result()
        session.close()
        if session.belongs_here:
            give_back()
