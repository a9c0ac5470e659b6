"""The clocks of a turn: a pure machine, so the clock is a number and every moment is exact."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ringfence_guest.protocol import codec
from ringfence_guest.protocol.framing import FrameReader
from ringfence_guest.protocol.stopping import CANCEL_GRACE, INTERRUPT_GRACE, NUDGE_PERIOD
from ringfence_guest.protocol.turn import Budget, ErrorInfo, Turn
from tests.support import frames as say

START = 0.0
ANSWER = codec.encode(None, limit=100)
ENDLESS = {"wall": math.inf, "host_wall": math.inf, "cpu": math.inf}


class Clock:
    """A turn, and the time."""

    def __init__(self, *, cpu_before: float = 0.0, streams: Any = None, **budget: Any) -> None:
        self.now = START
        self.turn = Turn(
            1,
            [],
            FrameReader(0),
            Budget(**(ENDLESS | budget)),
            now=START,
            cpu=cpu_before,
            functions=frozenset({"f"}),
            streams=streams,
        )

    def at(self, moment: float) -> Clock:
        self.now = START + moment
        return self

    def says(self, *messages: bytes) -> None:
        data = b"".join(messages)
        buffer = self.turn.buffer()
        buffer[: len(data)] = data
        self.turn.received(len(data), self.now)

    def answers(self, call: int) -> None:
        self.turn.answer(call, True, ANSWER, self.now)

    def expires(self, cpu: float | None = None) -> str | None:
        self.turn.expire(self.now, cpu)
        return self.turn.take_stop()

    @property
    def deadline(self) -> float:
        return self.turn.deadline(self.now) - START

    @property
    def ending(self) -> tuple[str, bool, str | None]:
        outcome = self.turn.outcome
        assert outcome is not None
        return outcome.status, outcome.alive, outcome.limit

    @property
    def times(self) -> tuple[float, float]:
        outcome = self.turn.outcome
        assert outcome is not None
        return outcome.wall, outcome.host_wall


# --- wall ----------------------------------------------------------------------------------


def test_wall_runs_out() -> None:
    clock = Clock(wall=2.0)
    assert clock.deadline == 2.0
    assert clock.at(1.5).expires() is None
    assert clock.deadline == 2.0
    assert clock.at(2.0).expires() == "interrupt"
    assert clock.deadline == 2.0 + NUDGE_PERIOD
    assert clock.turn.outcome is None


def test_a_guest_that_heeds_the_interrupt_lives() -> None:
    clock = Clock(wall=2.0)
    assert clock.at(2.25).expires() == "interrupt"
    clock.at(2.3125).says(say.done(["KeyboardInterrupt", "", ""], status="interrupted"))
    assert clock.ending == ("limit", True, "wall")
    assert clock.times == (2.3125, 0.0)
    assert clock.turn.outcome is not None
    assert clock.turn.outcome.error == ErrorInfo(
        "LimitExceeded", "the guest reached its limit wall=2 s"
    )


@pytest.mark.parametrize("message", [say.done(5), say.done(["E", "", ""], status="error")])
def test_what_a_guest_says_after_its_limit_is_no_value(message: bytes) -> None:
    clock = Clock(wall=2.0)
    clock.at(2.0).expires()
    clock.says(message)
    assert clock.ending == ("limit", True, "wall")
    assert clock.turn.outcome is not None
    assert clock.turn.outcome.value is None


def test_a_guest_that_does_not_heed_the_interrupt_is_killed() -> None:
    clock = Clock(wall=2.0)
    assert clock.at(2.0).expires() == "interrupt"
    assert clock.at(2.0 + NUDGE_PERIOD / 2).expires() is None
    half = 2.0 + INTERRUPT_GRACE / 2
    assert clock.at(half).expires() == "nudge"
    assert clock.deadline == half + NUDGE_PERIOD
    assert clock.at(half).expires() is None
    late = 2.0 + INTERRUPT_GRACE - NUDGE_PERIOD / 2
    assert clock.at(late).expires() == "nudge"
    assert clock.deadline == 2.0 + INTERRUPT_GRACE
    assert clock.at(clock.deadline).expires() == "kill"
    assert clock.ending == ("limit", False, "wall")
    assert clock.at(9.0).expires() is None
    assert clock.deadline == 9.0


def test_a_host_that_comes_too_late_still_gives_the_grace() -> None:
    clock = Clock(wall=2.0)
    assert clock.at(50.0).expires() == "interrupt"
    assert clock.at(50.0 + INTERRUPT_GRACE * 0.99).expires() == "nudge"
    assert clock.at(50.0 + INTERRUPT_GRACE).expires() == "kill"


def test_an_interrupt_that_nobody_took_is_not_replaced_by_a_nudge() -> None:
    clock = Clock(wall=2.0)
    clock.at(2.0).turn.expire(clock.now)
    clock.at(2.0 + NUDGE_PERIOD).turn.expire(clock.now)
    assert clock.turn.take_stop() == "interrupt"
    assert clock.turn.take_stop() is None


def test_text_is_taken_during_the_grace_and_all_else_is_dropped() -> None:
    clock = Clock(wall=2.0)
    clock.says(say.output("before"))
    clock.at(2.0).expires()
    clock.says(say.output("after"), say.call(0, "f", waits=True), say.progress(1), say.display({}))
    assert clock.turn.open_calls == set()
    clock.at(3.0).expires()
    assert clock.turn.outcome is not None
    assert clock.turn.outcome.stdout == "beforeafter"
    assert clock.turn.outcome.displays == []


def test_a_clock_that_stands_still_or_goes_back() -> None:
    clock = Clock(wall=2.0)
    assert clock.at(1.0).expires() is None
    assert clock.at(0.5).expires() is None
    assert clock.deadline == 2.0
    assert clock.at(1.0).expires() is None
    assert clock.at(2.0).expires() == "interrupt"


# --- time that is nobody's -----------------------------------------------------------------


def test_time_of_a_shell_that_was_kept_from_its_work_is_not_charged() -> None:
    clock = Clock(wall=2.0, host_wall=1.0)
    clock.at(0.5).says(say.output("x"), say.call(0, "f"))
    clock.at(60.0).turn.rested(clock.now)
    assert clock.deadline == 61.0
    clock.at(60.25).answers(0)
    assert clock.deadline == 61.5
    clock.at(60.5).says(say.done())
    assert clock.ending == ("ok", True, None)
    assert clock.times == (1.0, 0.25)


def test_a_clock_that_did_not_move_skips_nothing() -> None:
    clock = Clock(wall=2.0)
    clock.at(0.5).says(say.output("x"))
    clock.turn.rested(clock.now)
    clock.turn.rested(clock.now - 0.25)
    assert clock.deadline == 2.0


def test_a_guest_that_nobody_heard_is_not_killed_for_it() -> None:
    clock = Clock(wall=2.0)
    assert clock.at(2.0).expires() == "interrupt"
    clock.says(say.output("last words"))
    clock.at(60.0).turn.rested(clock.now)
    assert clock.expires() == "nudge"
    clock.says(say.done(["KeyboardInterrupt", "", ""], status="interrupted"))
    assert clock.ending == ("limit", True, "wall")
    assert clock.times == (2.0, 0.0)


# --- host_wall, and the rest of wall -------------------------------------------------------


def test_wall_rests_while_the_guest_waits_for_a_call() -> None:
    clock = Clock(wall=2.0, host_wall=10.0)
    clock.at(1.0).says(say.call(0, "f", waits=True))
    assert clock.deadline == 11.0
    assert clock.at(9.0).expires() is None
    assert clock.deadline == 11.0
    clock.answers(0)
    assert clock.deadline == 10.0
    assert clock.at(9.5).expires() is None
    assert clock.at(10.0).expires() == "interrupt"
    clock.says(say.done())
    assert clock.ending == ("limit", True, "wall")
    assert clock.times == (2.0, 8.0)


def test_wall_runs_while_a_call_is_open_and_the_guest_does_not_wait() -> None:
    clock = Clock(wall=2.0, host_wall=1.5)
    clock.at(1.0).says(say.call(0, "f"))
    assert clock.deadline == 2.0
    clock = Clock(wall=2.0, host_wall=0.5)
    clock.at(1.0).says(say.call(0, "f"))
    assert clock.deadline == 1.5
    assert clock.at(1.5).expires() == "interrupt"
    clock.says(say.done())
    assert clock.ending == ("limit", True, "host_wall")
    assert clock.times == (1.5, 0.5)


def test_a_function_that_ran_too_long_is_seen_when_it_answers() -> None:
    """Inline, on the thread that drives: nobody could look at the clock meanwhile."""
    clock = Clock(host_wall=2.0)
    clock.says(say.call(0, "f"))
    clock.at(2.0).answers(0)
    assert clock.turn.take_stop() == "interrupt"
    clock.at(2.01).says(say.done(["KeyboardInterrupt", "", ""], status="interrupted"))
    assert clock.ending == ("limit", True, "host_wall")
    assert clock.times == (2.01, 2.0)


def test_host_wall_is_the_sum_of_all_calls() -> None:
    clock = Clock(wall=100.0, host_wall=3.0)
    for number, (start, end) in enumerate([(1.0, 2.0), (3.0, 4.5)]):
        clock.at(start).says(say.call(number, "f", waits=True))
        clock.at(end).answers(number)
    assert clock.deadline == 4.5 + 100.0 - 2.0
    clock.at(5.0).says(say.call(2, "f", waits=True))
    assert clock.deadline == 5.5
    assert clock.at(5.5).expires() == "interrupt"


def test_calls_that_are_open_together_count_once() -> None:
    clock = Clock(host_wall=3.0)
    clock.at(1.0).says(say.call(0, "f"), say.call(1, "f"), say.waiting(0))
    clock.at(2.0).answers(1)
    clock.at(3.0).answers(0)
    clock.at(4.0).says(say.done())
    assert clock.times == (2.0 + 1.0, 2.0)


def test_waiting_is_over_with_any_answer() -> None:
    clock = Clock(wall=5.0)
    clock.says(say.call(0, "f"), say.call(1, "f"))
    clock.at(1.0).says(say.waiting(0))
    assert clock.at(3.0).deadline == math.inf
    clock.answers(0)
    assert clock.deadline == 7.0
    clock.at(3.5).says(say.waiting(1))
    assert clock.deadline == math.inf


def test_waiting_that_an_answer_has_overtaken_is_void() -> None:
    clock = Clock(wall=5.0)
    clock.says(say.call(0, "f"), say.call(1, "f"))
    clock.answers(0)
    clock.at(1.0).says(say.waiting(0))
    assert clock.deadline == 5.0
    clock.answers(1)
    clock.at(2.0).says(say.waiting(1))
    assert clock.deadline == 5.0
    clock.at(4.0).says(say.done())
    assert clock.ending == ("ok", True, None)
    assert clock.times == (4.0, 0.0 + 1.0)


def test_waiting_for_a_stream() -> None:
    clock = Clock(wall=2.0, streams={0: "read", 1: "write"})
    clock.at(1.0).says(say.credit(0, 5, waits=True))
    assert clock.deadline == math.inf
    clock.at(8.0)
    clock.turn.send_data(0, b"x", False, clock.now)
    assert clock.deadline == 9.0
    clock.says(say.data(1, b"x" * 10, waits=True))
    assert clock.deadline == math.inf
    clock.at(9.0)
    clock.turn.consumed(1, 10, clock.now)
    assert clock.deadline == 10.0
    clock.says(say.done())
    assert clock.times == (1.0, 8.0)


def test_a_stream_that_was_read_to_its_end_owes_nothing() -> None:
    clock = Clock(streams={0: "read"})
    clock.says(say.credit(0, 5))
    clock.turn.send_data(0, b"", True, clock.now)
    clock.says(say.waiting(1))
    assert clock.turn.outcome is not None
    assert clock.turn.outcome.error == ErrorInfo(
        "Protocol", "the guest broke the protocol: waiting for nothing"
    )


# --- cpu -----------------------------------------------------------------------------------


def test_cpu_is_charged_from_the_start_of_the_turn() -> None:
    clock = Clock(cpu=4.0, threads=0, cpu_before=100.0)
    assert clock.deadline == 4.0
    assert clock.at(4.0).expires(cpu=101.0) is None
    assert clock.deadline == 4.0 + 3.0
    assert clock.at(7.0).expires(cpu=103.9998) is None
    assert clock.deadline == 7.001
    assert clock.at(7.001).expires(cpu=104.0) == "interrupt"
    clock.says(say.done())
    assert clock.ending == ("limit", True, "cpu")
    assert clock.turn.outcome is not None
    assert clock.turn.outcome.error == ErrorInfo(
        "LimitExceeded", "the guest reached its limit cpu=4 s"
    )


def test_threads_can_spend_cpu_faster_than_time_passes() -> None:
    clock = Clock(cpu=8.0, threads=3)
    assert clock.deadline == 2.0
    assert clock.at(2.0).expires(cpu=4.0) is None
    assert clock.deadline == 3.0


def test_cpu_never_rests() -> None:
    clock = Clock(cpu=2.0, threads=0)
    clock.says(say.call(0, "f", waits=True))
    assert clock.deadline == 2.0
    assert clock.at(2.0).expires(cpu=2.0) == "interrupt"


def test_an_engine_without_a_cpu_clock() -> None:
    clock = Clock(cpu=2.0, threads=0)
    assert clock.at(2.0).expires(cpu=None) is None
    assert clock.deadline == 4.0


def test_cpu_is_named_before_wall() -> None:
    clock = Clock(wall=2.0, cpu=2.0)
    assert clock.at(2.0).expires(cpu=2.0) == "interrupt"
    clock.says(say.done())
    assert clock.ending == ("limit", True, "cpu")


# --- cancelling ----------------------------------------------------------------------------


def test_cancel_gives_a_short_grace() -> None:
    clock = Clock(wall=2.0)
    clock.at(1.0).turn.cancel(clock.now)
    assert clock.turn.take_stop() == "interrupt"
    assert clock.deadline == 1.0 + NUDGE_PERIOD
    clock.at(1.015).turn.cancel(clock.now)
    assert clock.expires() == "nudge"
    assert clock.at(1.0 + CANCEL_GRACE - 0.001).expires() == "nudge"
    assert clock.deadline == 1.0 + CANCEL_GRACE
    assert clock.at(1.04).expires() == "kill"
    assert clock.ending == ("cancelled", False, None)
    assert clock.turn.outcome is not None
    assert clock.turn.outcome.error == ErrorInfo("Cancelled", "the caller cancelled")


def test_a_cancelled_guest_that_ends_its_turn_lives() -> None:
    clock = Clock(wall=2.0)
    clock.at(1.0).turn.cancel(clock.now)
    clock.says(say.done(1))
    assert clock.ending == ("cancelled", True, None)
    assert clock.turn.take_stop() is None


def test_a_cancelled_guest_that_dies() -> None:
    clock = Clock()
    clock.turn.cancel(clock.now)
    clock.turn.ended("SIGINT", "gone", clock.now)
    assert clock.ending == ("cancelled", False, None)


def test_cancelling_a_turn_that_is_being_stopped_shortens_its_grace() -> None:
    clock = Clock(wall=2.0)
    assert clock.at(2.0).expires() == "interrupt"
    clock.at(2.02).turn.cancel(clock.now)
    assert clock.turn.take_stop() is None
    assert clock.at(2.02 + CANCEL_GRACE - 0.001).expires() == "nudge"
    assert clock.deadline == 2.02 + CANCEL_GRACE
    assert clock.at(clock.deadline).expires() == "kill"
    assert clock.ending == ("limit", False, "wall")


def test_cancelling_late_does_not_lengthen_the_grace() -> None:
    clock = Clock(wall=2.0)
    clock.at(2.0).expires()
    clock.at(2.0 + INTERRUPT_GRACE - 0.001).turn.cancel(clock.now)
    assert clock.expires() == "nudge"
    assert clock.deadline == 2.0 + INTERRUPT_GRACE


def test_cancelling_what_has_ended() -> None:
    clock = Clock()
    clock.says(say.done(1))
    clock.turn.cancel(clock.now)
    assert clock.ending == ("ok", True, None)


def test_a_limit_after_a_cancel_changes_nothing() -> None:
    clock = Clock(wall=2.0, output=512)
    clock.turn.cancel(clock.now)
    clock.at(2.5).says(say.output("x" * 600), say.done())
    assert clock.ending == ("cancelled", True, None)


def test_nothing_bounds_an_endless_turn() -> None:
    clock = Clock()
    assert clock.deadline == math.inf
    assert clock.at(1e9).expires(cpu=1e9) is None
    clock.says(say.call(0, "f", waits=True))
    assert clock.deadline == math.inf


def test_an_answer_during_the_grace_still_reaches_the_guest() -> None:
    """It may be what the guest's clean-up waits for."""
    clock = Clock(wall=2.0)
    clock.says(say.call(0, "f", waits=False))
    clock.at(2.0).expires()
    clock.answers(0)
    (frame,) = say.frames_of(b"".join(clock.turn.outgoing()))
    assert frame.header == {"type": "reply", "id": 0, "ok": True}


def test_a_guest_that_is_far_away_has_more_time_for_what_is_on_its_way() -> None:
    clock = Clock(wall=2.0)
    clock.turn.distance = 0.25
    assert clock.at(2.0).expires() == "interrupt"
    assert clock.at(2.25 + INTERRUPT_GRACE - 0.001).expires() == "nudge"
    assert clock.deadline == 2.25 + INTERRUPT_GRACE
    clock.turn.cancel(clock.now)
    assert clock.at(2.25 + INTERRUPT_GRACE).expires() == "kill"
    other = Clock(wall=2.0)
    other.turn.distance = 0.25
    other.at(1.0).turn.cancel(other.now)
    assert other.turn.take_stop() == "interrupt"
    assert other.at(1.25 + CANCEL_GRACE - 0.001).expires() == "nudge"
    assert other.at(1.25 + CANCEL_GRACE).expires() == "kill"
