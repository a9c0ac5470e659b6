"""The turn as a machine: what each message means, and each rule that a guest can break."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ringfence_guest.protocol import codec
from ringfence_guest.protocol.framing import FrameReader
from ringfence_guest.protocol.lent_streams import STREAM_WINDOW
from ringfence_guest.protocol.payloads import MAX_ERROR
from ringfence_guest.protocol.transcript import FRAME_COST, MAX_DISPLAYS
from ringfence_guest.protocol.turn import (
    UNREAD,
    Budget,
    Call,
    Display,
    ErrorInfo,
    Output,
    Progress,
    StreamData,
    StreamWanted,
    Turn,
)
from ringfence_guest.protocol.values import StreamHandle
from tests.support import frames as say
from tests.support.frames import frames_of


class Machine:
    """A turn, and what goes in and out of it."""

    def __init__(
        self, budget: Budget | None = None, *, fresh: bool = False, **options: Any
    ) -> None:
        self.now = 100.0
        options.setdefault("functions", frozenset({"f", "g"}))
        self.turn = Turn(
            1,
            [b"request"],
            FrameReader(0),
            budget or Budget(),
            now=self.now,
            fresh=fresh,
            **options,
        )

    def says(self, *messages: bytes, at_once: bool = True) -> list[Any]:
        events: list[Any] = []
        for message in [b"".join(messages)] if at_once else messages:
            view = memoryview(message)
            while len(view):
                buffer = self.turn.buffer()
                size = min(len(buffer), len(view))
                buffer[:size] = view[:size]
                view = view[size:]
                events += self.turn.received(size, self.now)
        return events

    def hears(self) -> list[Any]:
        """(header, body and blob) of the frames that the turn wants to write."""
        stream = b""
        while self.turn.writable:
            views = self.turn.outgoing()
            stream += b"".join(views)
            self.turn.sent(sum(map(len, views)))
        return [
            (f.header, f.body, bytes(f.blob)) for f in frames_of(stream.removeprefix(b"request"))
        ]

    @property
    def ending(self) -> tuple[str, bool, str | None]:
        outcome = self.turn.outcome
        assert outcome is not None
        return outcome.status, outcome.alive, outcome.limit

    def broken(self) -> str:
        """Why the guest was found to break the protocol."""
        outcome = self.turn.outcome
        assert outcome is not None, "the turn goes on"
        assert (outcome.status, outcome.alive, outcome.value) == ("crashed", False, None)
        assert outcome.error is not None
        assert outcome.error.type == "Protocol"
        assert self.turn.take_stop() == "kill"
        prefix = "the guest broke the protocol: "
        assert outcome.error.message.startswith(prefix)
        return outcome.error.message.removeprefix(prefix)


def packed(value: Any) -> codec.Packed:
    return codec.encode(value, limit=1 << 30)


# --- the ordinary course -------------------------------------------------------------------


def test_a_turn_from_its_request_to_its_value() -> None:
    machine = Machine(fresh=True)
    assert machine.turn.writable
    assert [bytes(b) for b in machine.turn.outgoing()] == [b"request"]
    machine.turn.sent(3)
    assert [bytes(b) for b in machine.turn.outgoing()] == [b"uest"]
    machine.turn.sent(4)
    assert machine.turn.outgoing() == []
    assert machine.says(say.ready()) == []
    assert machine.says(
        say.output("hé"),
        say.output("oops", "stderr"),
        say.progress(0.5, "half"),
        say.progress(None),
        say.display({"text/plain": "p", "image/png": b"\x89"}),
    ) == [
        Output("stdout", "hé"),
        Output("stderr", "oops"),
        Progress(0.5, "half"),
        Progress(None, ""),
        Display({"text/plain": "p", "image/png": b"\x89"}),
    ]
    assert machine.says(say.done([1, b"x" * 10])) == []
    outcome = machine.turn.outcome
    assert outcome is not None
    assert machine.ending == ("ok", True, None)
    assert outcome.value == [1, b"x" * 10]
    assert (outcome.stdout, outcome.stderr) == ("hé", "oops")
    assert outcome.displays == [Display({"text/plain": "p", "image/png": b"\x89"})]
    assert outcome.output == 4 * FRAME_COST
    assert outcome.display == FRAME_COST
    assert outcome.value_size == len(b'[1,{"bytes":10}]') + 10
    assert outcome.calls == 0
    assert machine.turn.take_stop() is None
    assert machine.turn.deadline(machine.now) == machine.now


def test_a_value_whose_bytes_are_in_lent_memory() -> None:
    memory = bytearray(b"abcdef")
    machine = Machine(memory=memoryview(memory))
    assert machine.says(say.stored(b'[{"bytes":2},{"bytes":3}]', 5)) == []
    memory[:] = b"ABCDEF"  # the guest goes on writing
    assert machine.ending == ("ok", True, None)
    assert machine.turn.outcome is not None
    assert machine.turn.outcome.value == [b"ab", b"cde"]
    assert machine.turn.outcome.value_size == 25 + 5
    assert machine.turn.take_stop() is None


def test_an_array_in_lent_memory_is_the_hosts_own() -> None:
    memory = bytearray(b"".join(packed(np.arange(10_000.0)).blob))
    machine = Machine(memory=memoryview(memory))
    machine.says(say.stored(b'{"array":["<f8",[10000],80000]}', 80_000))
    assert machine.turn.outcome is not None
    value = machine.turn.outcome.value
    memory[:] = bytes(80_000)
    assert value.sum() == sum(range(10_000))
    value[0] = 1.0
    assert not any(memory)


def test_an_answer_in_lent_memory_that_comes_too_late() -> None:
    machine = Machine(Budget(wall=1.0), memory=memoryview(bytes(8)))
    machine.now += 2.0
    machine.turn.expire(machine.now)
    assert machine.turn.take_stop() == "interrupt"
    machine.says(say.stored(b'{"bytes":8}', 8))
    assert machine.ending == ("limit", True, "wall")


IN_MEMORY: list[tuple[str, list[bytes]]] = [
    ("a value in memory that was not lent", [say.stored(b'{"bytes":9}', 9)]),
    ("the end of another turn", [say.stored(turn=2)]),
    ("not a value", [say.stored(b"")]),
    ("a reference beyond the blob", [say.stored(b'{"bytes":8}', 4)]),
    ("bytes that the value does not refer to", [say.stored(b'{"bytes":4}', 8)]),
    ("an array whose shape and bytes disagree", [say.stored(b'{"array":["<f8",[2],8]}', 8)]),
    ("an array in memory that was not lent", [say.stored(b'{"shared":["<f8",[1],0,0]}', 0)]),
    ("a frame after the end of the turn", [say.stored(), say.done()]),
]


@pytest.mark.parametrize(("reason", "messages"), IN_MEMORY, ids=[r for r, _ in IN_MEMORY])
def test_broken_with_lent_memory(reason: str, messages: list[bytes]) -> None:
    machine = Machine(memory=memoryview(bytes(8)))
    machine.says(*messages)
    assert machine.broken() == reason


def test_a_value_in_lent_memory_has_the_limit_of_any() -> None:
    machine = Machine(Budget(value=100), memory=memoryview(bytes(200)))
    machine.says(say.stored(b'{"bytes":200}', 200))
    assert machine.broken() == "a value larger than the limit of 100 bytes"


def test_text_that_is_cut_in_the_middle_of_a_character() -> None:
    machine = Machine()
    data = "a€b".encode()
    assert machine.says(say.output(data[:2])) == [Output("stdout", "a")]
    assert machine.says(say.output(data[2:3])) == []
    assert machine.says(say.output(data[3:] + b"\xff\xe2")) == [Output("stdout", "€b\ufffd")]
    machine.says(say.done())
    assert machine.turn.outcome is not None
    assert machine.turn.outcome.stdout == "a€b\ufffd\ufffd"


def test_an_error_has_three_parts() -> None:
    machine = Machine()
    machine.says(say.done(["ValueError", "bad", "Traceback…"], status="error"))
    assert machine.ending == ("error", True, None)
    assert machine.turn.outcome is not None
    assert machine.turn.outcome.error == ErrorInfo("ValueError", "bad", "Traceback…")


def test_an_interrupt_that_nobody_ordered_is_an_error() -> None:
    machine = Machine()
    machine.says(say.done(["KeyboardInterrupt", "", ""], status="interrupted"))
    assert machine.ending == ("error", True, None)


@pytest.mark.parametrize("limit", ["memory", "value"])
def test_limits_that_only_the_guest_can_see(limit: str) -> None:
    machine = Machine()
    machine.says(say.done(["MemoryError", "", ""], status="limit", limit=limit))
    assert machine.ending == ("limit", True, limit)


def test_calls_are_answered_in_any_order() -> None:
    machine = Machine()
    machine.turn.sent(7)
    assert machine.says(say.call(0, "f", (1, b"x" * 300), {"k": [2]}), say.call(5, "g")) == [
        Call(0, "f", [1, b"x" * 300], {"k": [2]}),
        Call(5, "g", [], {}),
    ]
    assert machine.turn.open_calls == {0, 5}
    machine.turn.answer(5, True, packed(b"y" * 3), machine.now)
    machine.turn.answer(0, False, packed(["HostFunctionError", "f"]), machine.now)
    assert machine.turn.open_calls == set()
    assert machine.hears() == [
        ({"type": "reply", "id": 5, "ok": True}, b'{"bytes":3}', b"yyy"),
        ({"type": "reply", "id": 0, "ok": False}, b'["HostFunctionError","f"]', b""),
    ]
    machine.turn.answer(5, True, packed(1), machine.now)
    machine.turn.answer(99, True, packed(1), machine.now)
    assert machine.hears() == []
    machine.says(say.done())
    assert machine.turn.outcome is not None
    assert machine.turn.outcome.calls == 2


def test_an_answer_after_the_end_is_dropped() -> None:
    machine = Machine()
    machine.turn.sent(7)
    machine.says(say.call(0, "f"), say.done())
    machine.turn.answer(0, True, packed(1), machine.now)
    assert machine.hears() == []
    assert machine.ending == ("ok", True, None)


def test_streams_go_both_ways_with_credits() -> None:
    machine = Machine(streams={0: "read", 1: "write"})
    machine.turn.sent(7)
    assert machine.says(say.credit(0, 10, waits=True)) == [StreamWanted(0, 10)]
    with pytest.raises(ValueError, match="^11 bytes sent where 10 were wanted$"):
        machine.turn.send_data(0, b"x" * 11, False, machine.now)
    machine.turn.send_data(0, b"abc", False, machine.now)
    assert machine.says(say.credit(0, STREAM_WINDOW)) == [StreamWanted(0, STREAM_WINDOW)]
    machine.turn.send_data(0, b"", True, machine.now)
    assert machine.hears() == [
        ({"type": "data", "stream": 0, "eof": False}, b"", b"abc"),
        ({"type": "data", "stream": 0, "eof": True}, b"", b""),
    ]
    half = b"h" * (STREAM_WINDOW // 2)
    assert machine.says(say.data(1, half), say.data(1, half, waits=True)) == [
        StreamData(1, half, False),
        StreamData(1, half, False),
    ]
    machine.turn.consumed(1, len(half), machine.now)
    machine.turn.consumed(1, 0, machine.now)
    assert machine.says(say.data(1, half, eof=True)) == [StreamData(1, half, True)]
    machine.turn.consumed(1, len(half), machine.now)
    assert machine.hears() == [
        ({"type": "credit", "stream": 1, "size": len(half)}, b"", b""),
    ]
    machine.says(say.done())
    machine.turn.consumed(1, 1, machine.now)
    assert machine.ending == ("ok", True, None)


# --- budgets of size -----------------------------------------------------------------------


def test_output_is_charged_by_frame() -> None:
    machine = Machine(Budget(output=4 * FRAME_COST))
    assert len(machine.says(*[say.output("x")] * 3, say.progress(1))) == 4
    assert (
        machine.says(say.output("y"), say.output("z"), say.progress(0), say.output("w", "stderr"))
        == []
    )
    assert machine.turn.take_stop() == "interrupt"
    assert machine.turn.take_stop() is None
    machine.says(say.done(["KeyboardInterrupt", "", ""], status="interrupted"))
    assert machine.ending == ("limit", True, "output")
    outcome = machine.turn.outcome
    assert outcome is not None
    assert (outcome.stdout, outcome.stderr) == ("xxx", "")
    assert outcome.error == ErrorInfo("LimitExceeded", "the guest reached its limit output=2,048")


def test_output_is_charged_by_size() -> None:
    machine = Machine(Budget(output=10_000))
    assert len(machine.says(say.output(b"x" * 10_000))) == 1
    assert machine.turn.take_stop() is None
    assert machine.says(say.output(b"")) == []
    assert machine.turn.take_stop() == "interrupt"


def test_progress_alone_reaches_the_limit_of_output() -> None:
    machine = Machine(Budget(output=FRAME_COST))
    assert machine.says(say.progress(0.1), say.progress(0.2)) == [Progress(0.1, "")]
    assert machine.turn.take_stop() == "interrupt"


def test_text_after_the_limit_of_output_costs_nothing() -> None:
    machine = Machine(Budget(output=2 * FRAME_COST))
    machine.says(say.output("a"), say.output("b"), say.output("c"), at_once=False)
    assert machine.turn.take_stop() == "interrupt"
    moment = machine.turn.deadline(machine.now)
    machine.now += 0.001
    assert machine.says(say.output("d"), say.progress(1), say.output("e", "stderr")) == []
    assert machine.turn.deadline(machine.now) == moment
    machine.says(say.done())
    assert machine.ending == ("limit", True, "output")
    assert machine.turn.outcome is not None
    assert (machine.turn.outcome.stdout, machine.turn.outcome.stderr) == ("ab", "")
    assert machine.turn.outcome.output == 3 * FRAME_COST


def test_displays_are_charged_by_size_and_by_frame() -> None:
    machine = Machine(Budget(display=3 * FRAME_COST))
    assert len(machine.says(say.display({"a": "x"}), say.display({"a": "x" * 900}))) == 2
    assert machine.says(say.display({"a": "y"})) == []
    assert machine.turn.take_stop() == "interrupt"
    assert machine.says(say.display({"a": "y"}), say.display("not even a bundle")) == []
    machine.says(say.done())
    assert machine.ending == ("limit", True, "display")
    assert machine.turn.outcome is not None
    assert len(machine.turn.outcome.displays) == 2


def test_only_so_many_displays() -> None:
    machine = Machine(Budget(display=1 << 30))
    assert len(machine.says(*[say.display({"a": "x"})] * MAX_DISPLAYS)) == MAX_DISPLAYS
    assert machine.says(say.display({"a": "x"})) == []
    machine.says(say.done())
    assert machine.ending == ("limit", True, "display")


def test_a_display_may_be_full_of_commas() -> None:
    machine = Machine(Budget(display=1 << 20))
    assert machine.says(say.display({"text/plain": "," * 256})) == [
        Display({"text/plain": "," * 256})
    ]


def test_calls_are_counted() -> None:
    machine = Machine(Budget(calls=2))
    assert len(machine.says(say.call(0, "f"), say.call(1, "f"))) == 2
    assert machine.says(say.call(2, "f", waits=True), say.waiting(0)) == []
    assert machine.turn.take_stop() == "interrupt"
    assert machine.says(say.call(3, "f")) == []
    machine.says(say.done(["KeyboardInterrupt", "", ""], status="interrupted"))
    assert machine.ending == ("limit", True, "calls")
    assert machine.turn.outcome is not None
    assert machine.turn.outcome.calls == 2


def test_a_guest_that_does_not_read_fills_no_memory() -> None:
    machine = Machine(Budget(value=1 << 20, calls=10_000))
    answer = codec.Packed(b'{"bytes":1048000}', [b"x" * 1_048_000], 1_048_000)
    for number in range(200):
        machine.says(say.call(number, "f"))
        machine.turn.answer(number, True, answer, machine.now)
        if machine.turn.outcome is not None:
            break
    assert machine.broken() == "it does not read"
    assert number == (UNREAD + (4 << 20)) // 1_048_000


def test_a_guest_that_ends_without_reading_its_request() -> None:
    machine = Machine(Budget(value=1 << 20))
    machine.turn._outbox.put([bytes(1 << 20)] * ((UNREAD >> 20) + 5))  # what it was lent
    machine.says(say.done())
    assert machine.broken() == "it does not read"


def test_what_a_guest_did_not_wait_for_is_left_for_the_next_request() -> None:
    machine = Machine()
    machine.turn.sent(7)
    machine.says(say.call(0, "f"))
    machine.turn.answer(0, True, packed(b"x" * 20_000), machine.now)
    machine.turn.sent(5)
    machine.says(say.done())
    assert machine.ending == ("ok", True, None)
    left = b"".join(machine.turn.unsent())
    assert left == b"".join(machine.turn.outgoing())
    assert left.endswith(b"x" * 20_000)
    assert len(left) == machine.turn._outbox.size


# --- rules that no honest guest breaks -----------------------------------------------------


BROKEN: list[tuple[str, list[bytes]]] = [
    ("the end of another turn", [say.done(turn=2)]),
    ("a frame after the end of the turn", [say.done(), say.output("x")]),
    ("a frame after the end of the turn", [say.done(), say.done()]),
    ("bytes after the end of the turn", [say.done(), b"\0"]),
    ("bytes after the end of the turn", [say.done(), b"\2\0\0\0"]),
    ("a header of 0 bytes", [say.done(), b"\0" * 12]),
    ("a value in memory that was not lent", [say.stored()]),
    ("ready at the wrong time", [say.ready()]),
    ("a message of an unknown type", [say.frame({"type": "run"})]),
    ("not a value", [say.frame({"type": "done", "turn": 1, "status": "ok", "limit": None})]),
    ("not a value", [say.frame({"type": "display"})]),
    ("a call of a function that was not lent", [say.call(0, "h")]),
    ("a call of a function that was not lent", [say.call(0, "__import__")]),
    ("a call with a number that was used before", [say.call(3, "f"), say.call(3, "f")]),
    ("a call with a number that was used before", [say.call(3, "f"), say.call(2, "f")]),
    ("a call without arguments", [say.call(0, "f", {"a": 1})]),
    ("a call without arguments", [say.call(0, "f", [], [])]),
    ("a call without arguments", [say.call(0, "f", [], {1: 2})]),
    ("a call without arguments", [say._with_value({"type": "call", "id": 0, "name": "f", "waits": False}, [[]])]),
    ("a call without arguments", [say._with_value({"type": "call", "id": 0, "name": "f", "waits": False}, ([], None))]),
    ("a stream where none may be", [say.call(0, "f", [StreamHandle(0, "read")])]),
    ("a stream where none may be", [say.done(StreamHandle(0, "read"))]),
    ("a display that is not a bundle", [say.display("text")]),
    ("a display that is not a bundle", [say.display({})]),
    ("a display that is not a bundle", [say.display({1: "x"})]),
    ("a display that is not a bundle", [say.display({"a": 1})]),
    ("a display that is not a bundle", [say.display({"a" * 101: "x"})]),
    ("a display that is not a bundle", [say.display({str(i): "x" for i in range(33)})]),
    ("an error without type, message and traceback", [say.done(["a", "b"], status="error")]),
    ("an error without type, message and traceback", [say.done(["a", "b", 1], status="error")]),
    ("an error without type, message and traceback", [say.done("abc", status="error")]),
    ("an error that is too long", [say.done(["a", "b", "c" * MAX_ERROR], status="error")]),
    ("a value larger than the limit of 1048576 bytes", [say.done(["a", "," * 200, "b"] * 130, status="error")]),
    ("a value larger than the limit of 67108864 bytes", [say.done([[0] * 40_000] * 40)]),
    ("waiting for nothing", [say.waiting(0)]),
    ("waiting at the wrong time", [say.call(0, "f"), say.waiting(0), say.waiting(0)]),
    ("waiting at the wrong time", [say.call(0, "f"), say.waiting(1)]),
    ("a stream that is not open", [say.credit(2, 1)]),
    ("a stream that is not open", [say.credit(1, 1)]),
    ("a stream that is not open", [say.data(0, b"x")]),
    ("a stream that is not open", [say.data(1, b"", eof=True), say.data(1, b"x")]),
    ("a credit that is not due", [say.credit(0, 0)]),
    ("a credit that is not due", [say.credit(0, STREAM_WINDOW + 1)]),
    ("a credit that is not due", [say.credit(0, 1), say.credit(0, 1)]),
    ("stream data beyond its credit", [say.data(1, b"")]),
    ("stream data beyond its credit", [say.data(1, b"x" * STREAM_WINDOW), say.data(1, b"x")]),
    ("waiting for nothing", [say.data(1, b"", eof=True, waits=True)]),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "messages"), BROKEN, ids=[r for r, _ in BROKEN])
def test_broken(reason: str, messages: list[bytes]) -> None:
    machine = Machine(streams={0: "read", 1: "write"})
    machine.says(*messages)
    assert machine.broken() == reason
    assert machine.hears() == []


# After the end of the turn what comes later belongs to the next one.
BEFORE_THE_END = [(reason, messages) for reason, messages in BROKEN if messages[0] != say.done()]


@pytest.mark.parametrize(("reason", "messages"), BEFORE_THE_END, ids=[r for r, _ in BEFORE_THE_END])
def test_how_the_stream_is_cut_makes_no_difference(reason: str, messages: list[bytes]) -> None:
    stream = say.output("before") + b"".join(messages)
    for cut in range(1, len(stream), max(1, len(stream) // 40)):
        machine = Machine(streams={0: "read", 1: "write"})
        machine.says(stream[:cut], stream[cut:], at_once=False)
        assert machine.broken() == reason
        assert machine.turn.outcome is not None
        assert machine.turn.outcome.stdout == "before"


def test_a_fresh_guest_says_ready_first() -> None:
    for first in [say.done(), say.output("x"), say.ready() + say.ready()]:
        machine = Machine(fresh=True)
        machine.says(first)
        assert machine.broken() == "ready at the wrong time"


def test_what_was_said_before_the_break_is_kept_and_calls_are_not_made() -> None:
    machine = Machine(streams={0: "read", 1: "write"})
    events = machine.says(
        say.output("x"), say.call(0, "f"), say.credit(0, 1), say.data(1, b"x"), b"\0" * 12
    )
    assert events == [Output("stdout", "x")]
    assert machine.broken() == "a header of 0 bytes"
    assert machine.turn.outcome is not None
    assert machine.turn.outcome.stdout == "x"


def test_an_end_that_is_disowned() -> None:
    machine = Machine()
    machine.says(say.done(5))
    assert machine.ending == ("ok", True, None)
    machine.turn.disown("it goes on")
    assert machine.broken() == "it goes on"


def test_nothing_follows_a_crash() -> None:
    machine = Machine()
    machine.says(b"\0" * 12)
    assert machine.broken() == "a header of 0 bytes"
    outcome = machine.turn.outcome
    machine.says(b"\0" * 12)
    machine.turn.cancel(machine.now)
    machine.turn.expire(machine.now + 1_000)
    machine.turn.ended("Exit", "gone", machine.now)
    assert machine.turn.outcome is outcome
    assert machine.turn.take_stop() is None


def test_a_frame_that_no_budget_could_hold_is_refused_by_its_length() -> None:
    machine = Machine(Budget(value=1_000, display=1_000))
    machine.says(say.output(b"x" * (2 * STREAM_WINDOW + 65_536))[:1_000])
    assert machine.turn.outcome is None
    machine = Machine(Budget(value=1_000, display=1_000))
    machine.says(say.output(b"x" * (2 * STREAM_WINDOW + 65_537))[:1_000])
    assert machine.broken() == "a frame of 2162689 bytes; at most 2162688"


# --- the guest is gone ---------------------------------------------------------------------


def test_a_guest_that_ends_before_its_turn() -> None:
    machine = Machine()
    machine.says(say.output("last words"))
    machine.turn.ended("SIGSEGV", "it crashed", machine.now)
    assert machine.ending == ("crashed", False, None)
    assert machine.turn.outcome is not None
    assert machine.turn.outcome.error == ErrorInfo("SIGSEGV", "it crashed")
    assert machine.turn.outcome.stdout == "last words"
    assert machine.turn.take_stop() is None


def test_a_guest_that_its_own_limit_ended() -> None:
    machine = Machine(Budget(cpu=2.5))
    machine.turn.ended("SIGKILL", "killed", machine.now, "cpu")
    assert machine.ending == ("limit", False, "cpu")
    assert machine.turn.outcome is not None
    assert machine.turn.outcome.error == ErrorInfo(
        "LimitExceeded", "the guest reached its limit cpu=2.5 s"
    )


def test_a_guest_that_a_limit_of_its_sandbox_ended() -> None:
    machine = Machine()
    machine.turn.ended("SIGKILL", "killed", machine.now, "memory")
    assert machine.ending == ("limit", False, "memory")
    assert machine.turn.outcome is not None
    assert machine.turn.outcome.error == ErrorInfo(
        "LimitExceeded", "the guest reached its limit memory"
    )


def test_a_guest_that_ends_while_it_is_stopped() -> None:
    machine = Machine(Budget(output=FRAME_COST))
    machine.says(say.output("a"), say.output("b"))
    machine.turn.ended("SIGINT", "interrupted", machine.now)
    assert machine.ending == ("limit", False, "output")


def test_a_guest_that_ends_after_its_turn() -> None:
    machine = Machine()
    machine.says(say.done(1))
    machine.turn.ended("Exit", "gone", machine.now)
    assert machine.ending == ("ok", True, None)
