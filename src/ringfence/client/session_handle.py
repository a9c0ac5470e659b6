"""What is known of a session without asking."""

from __future__ import annotations

from collections.abc import Mapping

from ringfence.client.conversation import SessionTalk
from ringfence.client.replies import SessionInfo
from ringfence_guest.protocol.namespaces import Lost

__all__ = ["SessionHandle"]


class SessionHandle:
    """A session, as it was last told of."""

    def __init__(self, talk: SessionTalk) -> None:
        self._talk = talk

    def __repr__(self) -> str:
        return f"<session {self.id!r}>"

    @property
    def id(self) -> str:
        """Its id."""
        return self._talk.id

    @property
    def info(self) -> SessionInfo:
        """What the service last told of it.

        Raises:
            SessionUnknown: it was neither made nor found yet.
        """
        return self._talk.known

    @property
    def alive(self) -> bool:
        """Whether another turn can run: it was not deleted, and can come back."""
        return not self._talk.gone

    @property
    def engine(self) -> str:
        """The engine of its last turn, or the one that it was made for."""
        result = self._talk.result
        return self.info.engine if result is None else result.engine

    @property
    def walls(self) -> frozenset[str]:
        """The walls that stood in its last turn; none before the first."""
        result = self._talk.result
        return frozenset() if result is None else result.walls

    @property
    def limits(self) -> Mapping[str, float | int | None]:
        """What holds for it, by name, in seconds and bytes."""
        return self.info.limits

    @property
    def restored(self) -> bool:
        """Whether it came back from what was saved, for its last turn."""
        return self._talk.last is not None and self._talk.last.restored

    @property
    def rolled_back(self) -> bool:
        """Whether its last turn ended its guest, so that it is as before that turn again."""
        return self._talk.last is not None and self._talk.last.state == "rolled-back"

    @property
    def lost(self) -> tuple[Lost, ...]:
        """The variables and files that could not come back, with the reasons."""
        return self._talk.lost
