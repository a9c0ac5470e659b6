"""Drives a turn on an event loop. The same as the sync shell, awaited.

A sync host function is called on the loop's thread, as the caller asked by not making it async.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import AsyncGenerator
from typing import Any

from ringfence.runtime.loop_watch import LoopWatch
from ringfence.runtime.questions import AsyncAsked, Questions
from ringfence.runtime.session import Bound, Session, driving, is_of_channel
from ringfence.runtime.within import within
from ringfence_guest.eager_poll import EagerPoll
from ringfence_guest.protocol.turn import (
    Call,
    Display,
    FileAnswer,
    Output,
    Progress,
    StreamData,
    StreamWanted,
    Turn,
)
from ringfence_guest.readiness import POLLIN

__all__ = ["AsyncShell"]

_READS_PER_PASS = 16
_EXIT_PATIENCE = 2.0

_SHARE = 0.001
"""Seconds after which one quick answer after another lets others have the loop."""

_running = 0
"""How many turns are driven on event loops of this process."""


class _Threaded:
    """A host function on a thread of its own, and whether it has returned."""

    __slots__ = ("ended", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.ended = False


class AsyncShell:
    """Drives the turns of one session, one at a time, on the running loop.

    Args:
        session: the guest and its state.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._channel = session.guest.channel
        self._fd = self._channel.fileno()
        self._poll = EagerPoll()
        self._poll.register(self._fd, POLLIN)
        self._inside = frozenset({session.number})
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._threads: dict[int, _Threaded] = {}
        self._turn: Turn | None = None
        self._signal: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._cancelled = False
        self._watch: LoopWatch | None = None
        self._shared = 0.0  # when others had the loop
        self._questions = Questions()

    def cancel(self) -> bool:
        """End the running turn; from any thread or task. False when none is running."""
        if self._turn is None:  # looked at first: the event is that of this turn, or of a later one
            return False
        loop, event = self._loop, self._signal
        assert loop is not None
        assert event is not None
        self._cancelled = True
        try:
            loop.call_soon_threadsafe(event.set)
        except RuntimeError:  # the loop was closed with the turn in it
            return False
        return True

    async def drive(self, turn: Turn) -> AsyncGenerator[Output | Display | Progress, None]:
        """Move a turn to its end; yields what people may want to see meanwhile."""
        session, channel = self._session, self._channel
        loop = self._loop = asyncio.get_running_loop()
        signal = self._signal = asyncio.Event()
        self._cancelled, self._turn = False, turn
        watch = self._watch = LoopWatch(loop, self._fd, signal.set)
        send_failed = False
        readable: bool | None = False
        cancelled: asyncio.CancelledError | None = None
        completed = False
        global _running
        _running += 1
        try:
            while turn.outcome is None:
                if turn.writable and not send_failed:
                    try:
                        turn.sent(channel.send(turn.outgoing()))
                    except BlockingIOError:
                        pass
                    except OSError as error:
                        if not is_of_channel(error):
                            raise
                        send_failed = True  # it is gone; what it said before is still to be read
                watch.write(turn.writable and not send_failed)
                if not readable:
                    try:
                        await self._wait(loop, signal, turn)
                    except asyncio.CancelledError as error:
                        cancelled = error
                        turn.cancel(time.monotonic())
                signal.clear()
                readable, events = self._receive(turn)
                for event in events:
                    if isinstance(event, Call):
                        self._call(turn, event)
                    elif isinstance(event, StreamWanted | StreamData):
                        session.serve_stream(turn, event)
                    elif isinstance(event, FileAnswer):
                        self._questions.answered(turn, event)
                    else:
                        yield event
                        turn.rested(time.monotonic())  # who reads may take as long as it likes
                if readable and turn.outcome is None:
                    await asyncio.sleep(0)  # others on this loop get their turn under a flood
                if readable is None:
                    await self._guest_ended(turn)
                if self._cancelled:
                    turn.cancel(time.monotonic())
                if self._questions:
                    self._questions.advance(turn)
                self._expire(turn)
                stop = turn.take_stop()
                if stop is not None:
                    session.stop_guest(stop)
            completed = True
            if cancelled is not None:
                session.finish(turn, None)
                raise cancelled
        finally:
            _running -= 1
            self._turn = None
            self._questions.drop()
            watch.close()
            if not completed:
                session.abandon(turn)
            self._abandon_calls()

    def expect(self, turn: Turn, asked: AsyncAsked) -> None:
        """The request of a turn that is about to be driven is this question."""
        self._questions.begin(turn, asked)

    async def ask(self, asked: AsyncAsked) -> bool:
        """Ask in the running turn, and wait until it has answered or ended. False when none is
        running.
        """
        turn, signal = self._turn, self._signal
        if turn is None or turn.outcome is not None:
            return False
        assert signal is not None
        asked.news = asyncio.get_running_loop().create_future()
        self._questions.put(asked)
        signal.set()
        await asked.news
        return True

    async def _wait(
        self, loop: asyncio.AbstractEventLoop, signal: asyncio.Event, turn: Turn
    ) -> None:
        """Until there is something to do, or the turn's deadline."""
        if signal.is_set():
            return
        began = time.monotonic()
        # Whoever looks keeps the loop from everybody else: not while others have something to do.
        if _running == 1 and not self._tasks and self._poll.look(began):
            if began - self._shared >= _SHARE:
                self._shared = began
                await asyncio.sleep(0)
            return
        assert self._watch is not None
        self._watch.read(True)
        deadline = turn.deadline(began)
        timer = None
        if deadline != float("inf"):
            timer = loop.call_later(max(0.0, deadline - began), signal.set)
        try:
            await signal.wait()
        finally:
            if timer is not None:
                timer.cancel()
        self._poll.learn(began)
        self._shared = time.monotonic()

    def _receive(self, turn: Turn) -> tuple[bool | None, list[Any]]:
        """(more may be there, events); None in place of the flag: the guest is gone."""
        events: list[Any] = []
        for _ in range(_READS_PER_PASS):
            buffer = turn.buffer()
            try:
                size = self._channel.receive(buffer)
            except BlockingIOError:
                return False, events
            except OSError as error:
                if not is_of_channel(error):
                    raise
                size = 0
            if size == 0:
                return None, events
            events += turn.received(size, time.monotonic())
            if turn.outcome is not None:
                return False, events
            if size < len(buffer):
                return False, events
        return True, events

    def _expire(self, turn: Turn) -> None:
        now = time.monotonic()
        if turn.outcome is None and turn.deadline(now) <= now:
            turn.expire(now, self._session.read_cpu())

    async def _guest_ended(self, turn: Turn) -> None:
        end = self._session.guest.exit(0)
        if end is None:
            loop = asyncio.get_running_loop()
            try:
                end = await loop.run_in_executor(None, self._session.guest.exit, _EXIT_PATIENCE)
            except RuntimeError:  # no thread any more: the interpreter ends, and this loop with it
                pass
        now = time.monotonic()
        if end is None:
            turn.ended("Disconnected", "the guest closed its channel", now)
        else:
            turn.ended(end.kind, end.message, now, end.limit)

    # --- host functions --------------------------------------------------------------------

    def _call(self, turn: Turn, call: Call) -> None:
        bound = self._session.bind(turn, call)
        if bound is None:
            return
        function = bound.declared
        token = driving.set(driving.get() | self._inside)
        try:
            if function is not None and function.is_async:
                self._answer_later(turn, bound, function.timeout, None)
            elif function is not None and function.threaded:
                thread = self._start_thread(turn, bound)
                self._answer_later(turn, bound, function.timeout, thread)
            else:
                self._call_inline(turn, bound)
        finally:
            driving.reset(token)

    def _call_inline(self, turn: Turn, bound: Bound) -> None:
        try:
            value = bound.function(*bound.args, **bound.kwargs)
        except Exception as error:
            self._session.refuse(turn, bound.call, error)
        else:
            self._session.answer(turn, bound, value)

    def _answer_later(
        self, turn: Turn, bound: Bound, timeout: float | None, thread: asyncio.Future[Any] | None
    ) -> None:
        task = asyncio.ensure_future(self._await(turn, bound, timeout, thread))
        self._tasks[bound.call.id] = task

    async def _await(
        self, turn: Turn, bound: Bound, timeout: float | None, thread: asyncio.Future[Any] | None
    ) -> None:
        try:
            work = bound.function(*bound.args, **bound.kwargs) if thread is None else thread
            value = await within(timeout, work)
        except asyncio.CancelledError:
            if self._turn is not turn:
                raise
            self._session.refuse(turn, bound.call, RuntimeError("cancelled"))
        except Exception as error:
            self._session.refuse(turn, bound.call, error)
        else:
            self._session.answer(turn, bound, value)
        finally:
            if self._turn is turn:  # a guest may use the number of an abandoned call again
                self._tasks.pop(bound.call.id, None)
            if self._signal is not None:
                self._signal.set()

    def _start_thread(self, turn: Turn, bound: Bound) -> asyncio.Future[Any]:
        """A thread of its own, not the executor's: an abandoned one must not block others."""
        import threading

        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        context = contextvars.copy_context()
        threaded = _Threaded(bound.call.name)

        def settle(value: Any, error: Exception | None) -> None:
            if self._turn is not turn:
                return
            self._threads.pop(bound.call.id, None)
            if future.done():
                return
            if isinstance(error, StopIteration):  # which no future takes
                future.set_exception(RuntimeError("StopIteration"))
            elif error is not None:
                future.set_exception(error)
            else:
                future.set_result(value)

        def work() -> None:
            value: Any = None
            failure: Exception | None = None
            try:
                value = context.run(bound.function, *bound.args, **bound.kwargs)
            except Exception as error:
                failure = error
            except BaseException as error:  # would end the loop if it were raised there
                failure = RuntimeError(f"{bound.call.name} raised {type(error).__name__}")
            threaded.ended = True
            try:
                loop.call_soon_threadsafe(settle, value, failure)
            except RuntimeError:  # the loop was closed meanwhile: nobody waits any more
                return

        threading.Thread(target=work, name=f"ringfence-{bound.call.name}", daemon=True).start()
        self._threads[bound.call.id] = threaded
        return future

    def _abandon_calls(self) -> None:
        for task in list(self._tasks.values()):
            task.cancel()
        self._tasks.clear()
        # One that ended counts as ended, though the loop has not come to settle it yet.
        left = [threaded.name for threaded in self._threads.values() if not threaded.ended]
        self._session.abandoned = left
        self._threads.clear()
