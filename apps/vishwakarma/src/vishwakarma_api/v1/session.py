"""The conversation of a running extension with the application: buffered, in batches."""

from __future__ import annotations

from collections.abc import Callable

from vishwakarma_api.v1.wire.messages import (
    Command,
    Create,
    Progress,
    Question,
    Reply,
    Request,
    Update,
    Wire,
    weight_of,
)

__all__ = ["Session", "begin", "current"]

_MOST_BUFFERED = 2_000
_MOST_WEIGHT = 100_000
_FIRST_IDS = 1_000
_MOST_IDS = 100_000


class Session:
    """Collects commands and sends them in batches, in order, before anything is asked.

    Args:
        wire: turns messages into bytes and back.
        exchange: gives the application a message and returns its reply.
    """

    def __init__(self, wire: Wire, exchange: Callable[[bytes], bytes]) -> None:
        self._wire = wire
        self._exchange = exchange
        self._commands: list[Command] = []
        self._weight = 0
        self._next_id = self._end_of_ids = 0
        self._want_ids = _FIRST_IDS

    def new_id(self) -> int:
        """An id for a new element; the application gives them by the thousand."""
        if self._next_id == self._end_of_ids:
            reply = self.flush(want_ids=self._want_ids)
            self._next_id, self._end_of_ids = reply.first_id, reply.first_id + reply.id_count
            self._want_ids = min(2 * self._want_ids, _MOST_IDS)
        self._next_id += 1
        return self._next_id - 1

    def do(self, command: Command) -> None:
        """Buffer a command; send the buffer when it is full."""
        self._commands.append(command)
        self._weight += 1
        if isinstance(command, Create | Update):
            self._weight += weight_of(command.element)
        if len(self._commands) >= _MOST_BUFFERED or self._weight >= _MOST_WEIGHT:
            self.flush()

    def ask(self, question: Question) -> Reply:
        """Send what is buffered, and ask."""
        return self.flush(question)

    def progress(self, fraction: float | None, message: str) -> None:
        """Say how far it is; what is buffered goes along."""
        self.flush(progress=Progress(fraction, message))

    def flush(
        self,
        question: Question | None = None,
        *,
        want_ids: int = 0,
        progress: Progress | None = None,
    ) -> Reply:
        """Send what is buffered now, even if that is nothing and something is asked."""
        if question is None and progress is None and not self._commands and not want_ids:
            return Reply()
        request = Request(tuple(self._commands), question, want_ids, progress)
        self._commands.clear()
        self._weight = 0
        answer = self._exchange(self._wire.encode_request(request))
        return self._wire.decode_reply(answer)


_current: list[Session] = []


def begin(session: Session) -> None:
    """Make this the session that the functions of the API use."""
    _current[:] = [session]


def current() -> Session:
    """The session of the running extension.

    Raises:
        RuntimeError: nobody runs this program as an extension.
    """
    if not _current:
        raise RuntimeError("vishwakarma works within an extension; run it with the application")
    return _current[0]
