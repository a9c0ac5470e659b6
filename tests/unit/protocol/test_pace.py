"""A call of a batch that takes too long."""

from __future__ import annotations

from ringfence_guest.protocol.framing import FrameReader
from ringfence_guest.protocol.pace import Pace
from ringfence_guest.protocol.turn import Budget, Turn


def test_a_counter_that_stands_still() -> None:
    at = [1]
    pace = Pace(lambda: at[0], 0.5, now=10.0)
    assert (pace.next_look(), pace.stalled(10.4)) == (10.5, False)
    at[0] = 2
    assert (pace.stalled(10.5), pace.next_look()) == (False, 11.0)
    assert pace.stalled(11.0) is True


def test_the_turn_kills_at_once() -> None:
    at = [0]
    turn = Turn(1, [b"request"], FrameReader(0), Budget(wall=30.0), now=0.0)
    turn.pace = Pace(lambda: at[0], 0.5, now=0.0)
    assert turn.deadline(0.0) == 0.5
    at[0] = 1
    turn.expire(0.5, 0.0)
    assert (turn.take_stop(), turn.outcome, turn.deadline(0.5)) == (None, None, 1.0)
    turn.expire(1.0, 0.0)
    assert (turn.take_stop(), turn.outcome, turn.deadline(1.0)) == ("interrupt", None, 1.0)
    turn.expire(1.0, 0.0)
    assert turn.take_stop() == "kill"
    assert turn.outcome is not None
    assert (turn.outcome.status, turn.outcome.limit, turn.outcome.alive) == ("limit", "each", False)
