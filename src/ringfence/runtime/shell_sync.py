"""Drives a turn on the calling thread: polls the channel and a wake descriptor.

A sync host function is called right here. Async ones run on the host loop, threaded ones on a
thread each; both complete through the wake descriptor, as does a cancel from another thread.

While an inline host function runs nobody polls. Who asks for a file then moves the frames until the
answer is there, be it that function or another thread; what else comes is kept for the driver.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

from ringfence.errors import SandboxBusy
from ringfence.runtime.questions import Questions, SyncAsked
from ringfence.runtime.session import Bound, HostFunctionTimeout, Session, driving, is_of_channel
from ringfence.runtime.turnstile import BUSY
from ringfence.runtime.wake import Wake
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
from ringfence_guest.readiness import POLLIN, POLLOUT

if TYPE_CHECKING:
    from concurrent.futures import Future

    from ringfence_guest.protocol.report import TurnEvent

__all__ = ["SyncShell"]

_IN = POLLIN
_OUT = POLLIN | POLLOUT
_READS_PER_PASS = 16
_EXIT_PATIENCE = 2.0
_LONG = 86_400  # seconds; poll(2) takes milliseconds in an int


class SyncShell:
    """Drives the turns of one session, one at a time.

    Args:
        session: the guest and its state.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._wake = Wake()
        self._channel = session.guest.channel
        self._channel_fd = self._channel.fileno()
        self._poll = EagerPoll()
        self._poll.register(self._channel_fd, _IN)
        self._poll.register(self._wake.fileno(), POLLIN)
        self._mask = _IN
        self._finished: deque[tuple[Turn, Bound, Any, BaseException | None]] = deque()
        self._running: dict[int, Future[Any]] = {}
        self._threads: dict[int, str] = {}
        self._inside = frozenset({session.number})
        self._cancel_lock = threading.RLock()  # a signal handler may cancel, too
        self._turn: Turn | None = None
        self._cancelled = False
        self._questions = Questions()
        self._events: deque[Any] = deque()  # that came and were not served
        self._inline: Turn | None = None  # whose inline host function is running
        self._pumping = threading.Lock()
        self._pump_thread: int | None = None

    @property
    def inside(self) -> bool:
        """Whether an inline host function is running."""
        return self._inline is not None

    def cancel(self) -> bool:
        """End the running turn; from any thread. False when none is running."""
        with self._cancel_lock:
            if self._turn is None:
                return False
            self._cancelled = True
            self._wake.set()
            return True

    def drive(self, turn: Turn) -> Generator[Output | Display | Progress, None, None]:
        """Move a turn to its end; yields what people may want to see meanwhile."""
        with self._cancel_lock:
            self._cancelled, self._turn = False, turn
        send_failed = completed = False
        try:
            while turn.outcome is None:
                mask = _IN
                waiting = turn.outgoing()
                if waiting and not send_failed:
                    try:
                        if turn.sent(self._channel.send(waiting)):
                            mask = _OUT
                    except BlockingIOError:
                        mask = _OUT
                    except OSError as error:
                        if not is_of_channel(error):
                            raise
                        send_failed = True  # it is gone; what it said before is still to be read
                if mask != self._mask:
                    self._poll.modify(self._channel_fd, mask)
                    self._mask = mask
                now = time.monotonic()
                left = turn.deadline(now) - now
                if left <= 0:
                    turn.expire(now, self._session.read_cpu())
                    self._obey(turn)
                    continue
                for fd, event in self._poll.poll(int(left * 1000) + 1 if left < _LONG else _LONG):
                    if fd != self._channel_fd:
                        self._woken(turn)
                    elif event & ~POLLOUT:
                        for _ in range(_READS_PER_PASS):
                            more = self._receive(turn)
                            if self._events:
                                yield from self._serve(turn)
                            if not more:
                                break
                            self._obey(turn)
                self._obey(turn)
            completed = True
        finally:
            with self._cancel_lock:
                self._turn = None
                if self._questions:
                    self._questions.drop()
            self._events.clear()
            if not completed:
                self._session.abandon(turn)
            if self._running or self._threads or self._finished:
                self._abandon_calls(turn)

    def _receive(self, turn: Turn) -> bool:
        """Read once; what came and is no answer about a file waits in ``_events``. Whether there
        may be more to read in this turn.
        """
        buffer = turn.buffer()
        try:
            size = self._channel.receive(buffer)
        except BlockingIOError:
            return False
        except OSError as error:
            if not is_of_channel(error):
                raise
            size = 0
        now = time.monotonic()
        if size == 0:
            self._guest_ended(turn, now)
            return False
        came = turn.received(size, now)
        if came:
            self._events += self._without_answers(turn, came)
        return size == len(buffer) and turn.outcome is None

    def _serve(self, turn: Turn) -> Iterator[Output | Display | Progress]:
        """Do what the guest asked for, and show what it shows."""
        events = self._events
        while events:
            event = events.popleft()
            if isinstance(event, Call):
                self._call(turn, event)
            elif isinstance(event, StreamWanted | StreamData):
                self._session.serve_stream(turn, event)
            else:
                yield event
                turn.rested(time.monotonic())  # who reads may take as long as it likes

    def _guest_ended(self, turn: Turn, now: float) -> None:
        end = self._session.guest.exit(_EXIT_PATIENCE)
        if end is None:
            turn.ended("Disconnected", "the guest closed its channel", now)
        else:
            turn.ended(end.kind, end.message, now, end.limit)

    def _obey(self, turn: Turn) -> None:
        stop = turn.take_stop()
        if stop is not None:
            self._session.stop_guest(stop)

    # --- questions about files -------------------------------------------------------------

    def expect(self, turn: Turn, asked: SyncAsked) -> None:
        """The request of a turn that is about to be driven is this question."""
        self._questions.begin(turn, asked)

    def ask(self, asked: SyncAsked) -> bool:
        """Ask in the running turn, from any thread, and wait until it has answered or ended. False
        when none is running.

        Raises:
            SandboxBusy: called while this same thread moves frames.
        """
        if self._pump_thread == threading.get_ident():
            raise SandboxBusy(BUSY)
        with self._cancel_lock:
            turn = self._turn
            if turn is None or turn.outcome is not None:
                return False
            self._questions.put(asked)
        if self._inline is not turn:
            self._wake.set()
        while True:
            self._pump(turn, asked)
            if asked.settled:
                return True
            asked.wait()

    def _nudge(self) -> None:
        with self._cancel_lock:
            self._questions.nudge()

    def _pump(self, turn: Turn, asked: SyncAsked) -> None:
        """Move frames while an inline function keeps the driver from it, until this is answered."""
        if self._inline is not turn:
            return
        with self._pumping:
            self._pump_thread = threading.get_ident()
            try:
                while self._inline is turn and not asked.settled:
                    if turn.outcome is not None:
                        with self._cancel_lock:
                            self._questions.drop()
                        break
                    self._questions.advance(turn)
                    self._move(turn)
            finally:
                self._pump_thread = None
                if self._finished or self._cancelled:
                    self._wake.set()  # the driver has not seen it yet

    def _move(self, turn: Turn) -> None:
        """One pass of the driver's loop, but for what the events mean."""
        mask = _IN
        waiting = turn.outgoing()
        if waiting:
            try:
                if turn.sent(self._channel.send(waiting)):
                    mask = _OUT
            except BlockingIOError:
                mask = _OUT
            except OSError as error:
                if not is_of_channel(error):
                    raise
                self._receive(turn)  # it is gone; what it said before is still to be read
                return
        if mask != self._mask:
            self._poll.modify(self._channel_fd, mask)
            self._mask = mask
        now = time.monotonic()
        left = turn.deadline(now) - now
        if left <= 0:
            turn.expire(now, self._session.read_cpu())
        else:
            for fd, event in self._poll.poll(int(left * 1000) + 1 if left < _LONG else _LONG):
                if fd != self._channel_fd:
                    self._wake.clear()
                    if self._cancelled:
                        turn.cancel(time.monotonic())
                elif event & ~POLLOUT:
                    self._receive(turn)
        self._obey(turn)

    def _without_answers(self, turn: Turn, events: list[TurnEvent]) -> list[Any]:
        """Hand out answers about files at once: a host function that is called for an event before
        one may be what waits for it.
        """
        if not self._questions:
            return events
        others = []
        for event in events:
            if isinstance(event, FileAnswer):
                self._questions.answered(turn, event)
            else:
                others.append(event)
        return others

    # --- host functions --------------------------------------------------------------------

    def _call(self, turn: Turn, call: Call) -> None:
        bound = self._session.bind(turn, call)
        if bound is None:
            return
        function = bound.declared
        token = driving.set(driving.get() | self._inside)
        try:
            if function is not None and function.is_async:
                self._start_async(turn, bound, function.timeout)
            elif function is not None and function.threaded:
                self._start_thread(turn, bound, function.timeout)
            else:
                self._call_inline(turn, bound)
        finally:
            driving.reset(token)

    def _call_inline(self, turn: Turn, bound: Bound) -> None:
        self._inline = turn
        try:
            if self._questions:
                self._nudge()
            value = bound.function(*bound.args, **bound.kwargs)
        except Exception as error:
            self._leave_inline()
            self._session.refuse(turn, bound.call, error)
        except BaseException:
            self._leave_inline()
            raise
        else:
            self._leave_inline()
            self._session.answer(turn, bound, value)

    def _leave_inline(self) -> None:
        """The driver takes over again, from a thread that moves frames, if one does."""
        self._inline = None
        if not self._pumping.acquire(blocking=False):
            self._wake.set()
            self._pumping.acquire()
        self._pumping.release()
        if self._questions:
            self._wake.set()

    def _start_async(self, turn: Turn, bound: Bound, timeout: float | None) -> None:
        import asyncio  # costs as much as the rest of the façade; few sandboxes need it

        from ringfence.runtime.host_loop import host_loop
        from ringfence.runtime.within import within

        async def work() -> Any:
            try:
                return await within(timeout, bound.function(*bound.args, **bound.kwargs))
            except (SystemExit, KeyboardInterrupt) as error:
                # asyncio would end the loop, and with it the calls of every other sandbox.
                raise RuntimeError(f"{bound.call.name} raised {type(error).__name__}") from error

        loop = host_loop()  # first: a Ctrl-C in there would leave a coroutine that nobody awaits
        future = asyncio.run_coroutine_threadsafe(work(), loop)
        self._running[bound.call.id] = future
        future.add_done_callback(lambda done: self._complete(turn, bound, done))

    def _complete(self, turn: Turn, bound: Bound, done: Future[Any]) -> None:
        if done.cancelled():  # by the end of the turn, which then does not look, or by itself
            self._finish(turn, bound, None, RuntimeError(f"{bound.call.name} was cancelled"))
            return
        error = done.exception()
        self._finish(turn, bound, None if error else done.result(), error)

    def _start_thread(self, turn: Turn, bound: Bound, timeout: float | None) -> None:
        name = bound.call.name
        self._threads[bound.call.id] = name
        context = contextvars.copy_context()
        timer: threading.Timer | None = None

        def work() -> None:
            try:
                value = context.run(bound.function, *bound.args, **bound.kwargs)
            except BaseException as error:
                self._finish(turn, bound, None, error)
            else:
                self._finish(turn, bound, value, None)
            if timer is not None:
                timer.cancel()

        if timeout is not None:
            late = (turn, bound, None, HostFunctionTimeout())
            timer = threading.Timer(timeout, self._finish, late)
            timer.daemon = True
            timer.start()
        threading.Thread(target=work, name=f"ringfence-{name}", daemon=True).start()

    def _finish(self, turn: Turn, bound: Bound, value: Any, error: BaseException | None) -> None:
        """A host function ended, or its time is over; on any thread."""
        self._finished.append((turn, bound, value, error))
        self._wake.set()

    def _woken(self, turn: Turn) -> None:
        self._wake.clear()
        self._take_finished(turn)
        if self._questions:
            self._questions.advance(turn)
        if self._cancelled:
            turn.cancel(time.monotonic())

    def _take_finished(self, turn: Turn) -> None:
        while self._finished:
            owner, bound, value, error = self._finished.popleft()
            if owner is not turn:  # a guest may use the number of an abandoned call again
                continue
            number = bound.call.id
            self._running.pop(number, None)
            if not isinstance(error, HostFunctionTimeout):
                self._threads.pop(number, None)
            if number not in turn.open_calls:
                continue
            if error is not None:
                self._session.refuse(turn, bound.call, error)
            else:
                self._session.answer(turn, bound, value)

    def _abandon_calls(self, turn: Turn) -> None:
        self._take_finished(turn)
        for future in list(self._running.values()):
            future.cancel()
        self._running.clear()
        self._session.abandoned = list(self._threads.values())
        self._threads.clear()

    def close(self) -> None:
        """Give back what the shell holds; the session is closed by its owner."""
        self._wake.close()
