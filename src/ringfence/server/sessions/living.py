"""The sessions whose guests are alive."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringfence.server.sessions.session import Session

__all__ = ["Living"]


class Living:
    """Sessions, the least recently used first, and how many of them each tenant has."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[tuple[str, str], Session] = OrderedDict()
        self._of: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session]:
        """All that there are now; they may change meanwhile."""
        return iter(list(self._sessions.values()))

    def has(self, tenant: str, name: str) -> bool:
        """Whether it is one of them."""
        return (tenant, name) in self._sessions

    def find(self, tenant: str, name: str) -> Session | None:
        """One of them."""
        return self._sessions.get((tenant, name))

    def of(self, tenant: str) -> int:
        """How many a tenant has."""
        return self._of.get(tenant, 0)

    def add(self, session: Session) -> None:
        """One more."""
        self._sessions[session.tenant, session.id] = session
        self._of[session.tenant] = self._of.get(session.tenant, 0) + 1

    def used(self, session: Session) -> None:
        """It was used just now."""
        self._sessions.move_to_end((session.tenant, session.id))

    def remove(self, session: Session) -> None:
        """It is none of them any more, if it was one."""
        if self._sessions.pop((session.tenant, session.id), None) is None:
            return
        left = self._of[session.tenant] - 1
        if left:
            self._of[session.tenant] = left
        else:
            del self._of[session.tenant]
