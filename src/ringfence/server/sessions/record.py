"""What is kept of a session: a row of the database, as plain data."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

__all__ = ["Durability", "LostName", "SessionRecord", "lost_as_json", "unsaved_turns"]

Durability = Literal["per-turn", "idle", "never"]

MOST_LOST = 200
MOST_NAME, MOST_REASON = 100, 300
"""Names of what was lost that are kept and told, and their characters."""


class LostName(NamedTuple):
    """A variable or a file that did not come along, or ``*`` for all that there was.

    Attributes:
        name: its name; guest text.
        type_name: the name of its type, or ``file``; guest text.
        reason: why.
    """

    name: str
    type_name: str
    reason: str


def lost_as_json(lost: Iterable[LostName]) -> list[dict[str, str]]:
    """For answers."""
    return [one._asdict() for one in lost]


def bounded(lost: Iterable[LostName]) -> tuple[LostName, ...]:
    """Each name once, and not too many."""
    named = tuple({one.name: _short(one) for one in lost}.values())
    if len(named) <= MOST_LOST:
        return named
    more = len(named) - MOST_LOST + 1
    return (*named[: MOST_LOST - 1], LostName("…", "", f"and {more} more"))


def _short(lost: LostName) -> LostName:
    name, kind, reason = lost
    return LostName(name[:MOST_NAME], kind[:MOST_NAME], reason[:MOST_REASON])


@dataclass(slots=True)
class SessionRecord:
    """A session as the database has it.

    Attributes:
        tenant: whose it is.
        id: its name, among those of the tenant.
        created: when it was made.
        used: when it last did something.
        turns: how many of its turns count.
        saved_turn: the turn after which it was saved; 0 is how it was made, None is never.
        durability: when it is saved.
        recipe: what its guests are started from, as :meth:`Recipe.as_json` has it.
        lost: what will not come back with it, or did not.
        state_bytes: of the saved variables.
        files: names of its saved files, and their bytes.
        revision: the number of the last change of it that was tried.
    """

    tenant: str
    id: str
    created: datetime.datetime
    used: datetime.datetime
    turns: int
    saved_turn: int | None
    durability: Durability
    recipe: Mapping[str, Any]
    lost: tuple[LostName, ...] = ()
    state_bytes: int = 0
    files: dict[str, int] = field(default_factory=dict)
    revision: int = 0

    def as_json(self, *, live: bool, most_lost: int = MOST_LOST) -> dict[str, Any]:
        """For answers, with so many names of what is lost."""
        return {
            "id": self.id,
            "created": self.created.isoformat(),
            "used": self.used.isoformat(),
            "turns": self.turns,
            "live": live,
            "saved_turn": self.saved_turn,
            "state_bytes": self.state_bytes,
            "durability": self.durability,
            "engine": self.recipe["engine"],
            "packages": list(self.recipe["packages"]),
            "limits": dict(self.recipe["limits"]),
            "lost": lost_as_json(self.lost[:most_lost]),
        }


def unsaved_turns(record: SessionRecord) -> LostName:
    """What is told of the turns since it was saved."""
    assert record.saved_turn is not None
    first, last = record.saved_turn + 1, record.turns
    turns = f"turn {last} was" if first == last else f"turns {first} to {last} were"
    return LostName("*", "", f"{turns} not saved (durability {record.durability})")
