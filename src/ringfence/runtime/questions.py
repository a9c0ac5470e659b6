"""Questions about a guest's files on their way: who asks, and what a shell still has to ask.

Both shells have a :class:`Questions`. At most one question is under way to a guest; the others wait
here, so that a guest that does not read is never sent more than one upload.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from ringfence_guest.protocol.turn import FileAnswer, FileQuestion, Turn

if TYPE_CHECKING:
    import asyncio

__all__ = ["Asked", "AsyncAsked", "Questions", "SyncAsked"]


class Asked:
    """A question, and its answer once there is one.

    Attributes:
        question: what is asked.
        answer: what the guest said; None until then, and when its turn ended before.
        settled: whether this turn will not answer any more.
        unwanted: whether whoever asked has gone.
    """

    def __init__(self, question: FileQuestion) -> None:
        self.question = question
        self.answer: FileAnswer | None = None
        self.settled = False
        self.unwanted = False

    def settle(self, answer: FileAnswer | None) -> None:
        """The turn has answered, or has ended without."""
        self.answer, self.settled = answer, True
        self.nudge()

    def nudge(self) -> None:
        """Wake whoever asked, to look again."""
        raise NotImplementedError


class SyncAsked(Asked):
    """Asked by a thread."""

    def __init__(self, question: FileQuestion) -> None:
        super().__init__(question)
        self._news = threading.Event()

    def nudge(self) -> None:
        self._news.set()

    def wait(self) -> None:
        """Wait for a nudge since the last one."""
        self._news.wait()
        self._news.clear()


class AsyncAsked(Asked):
    """Asked by a task; it awaits ``news``, anew for each turn that it asks."""

    def __init__(self, question: FileQuestion) -> None:
        super().__init__(question)
        self.news: asyncio.Future[None] | None = None

    def nudge(self) -> None:
        if self.news is not None and not self.news.done():
            self.news.set_result(None)


class Questions:
    """What is to be asked in the running turn, and what was."""

    __slots__ = ("_under_way", "_waiting")

    def __init__(self) -> None:
        self._waiting: deque[Asked] = deque()
        self._under_way: tuple[int, Asked] | None = None

    def __bool__(self) -> bool:
        return bool(self._waiting) or self._under_way is not None

    def put(self, asked: Asked) -> None:
        """Ask when the turn has time for it."""
        asked.settled = False
        self._waiting.append(asked)

    def begin(self, turn: Turn, asked: Asked) -> None:
        """The request of a turn that is about to be driven is this question."""
        asked.settled = False
        self._under_way = turn.expect(asked.question), asked

    def advance(self, turn: Turn) -> None:
        """Send the next question, unless one is under way."""
        while self._under_way is None and self._waiting:
            asked = self._waiting.popleft()
            if asked.unwanted:
                continue
            number = turn.ask(asked.question, time.monotonic())
            if number is None:
                asked.settle(None)
            else:
                self._under_way = number, asked

    def answered(self, turn: Turn, answer: FileAnswer) -> None:
        """The guest has answered; the next question leaves."""
        assert self._under_way is not None
        asked, self._under_way = self._under_way[1], None
        asked.settle(answer)
        self.advance(turn)

    def nudge(self) -> None:
        """Wake all who asked, to look whether they can help."""
        for asked in self._all():
            asked.nudge()

    def drop(self) -> None:
        """The turn has ended: nobody is answered any more."""
        for asked in self._all():
            asked.settle(None)
        self._waiting.clear()
        self._under_way = None

    def _all(self) -> list[Asked]:
        under_way = [self._under_way[1]] if self._under_way is not None else []
        return [*under_way, *self._waiting]
