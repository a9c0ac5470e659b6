"""Hostile frames against the turn: whatever comes ends in an outcome, within its budgets.

``RINGFENCE_FUZZ_FRAMES`` sets how many; a failure names its seed, and ``replay(seed)`` repeats it.
"""

from __future__ import annotations

import math
import os
import time
import tracemalloc
from typing import Any, Literal

import pytest

from ringfence_guest.protocol import codec
from ringfence_guest.protocol.file_names import why_not_a_name
from ringfence_guest.protocol.framing import FrameReader
from ringfence_guest.protocol.report import FileFailure, Listing
from ringfence_guest.protocol.turn import (
    Budget,
    Call,
    Display,
    FileAnswer,
    FileQuestion,
    Output,
    Progress,
    StreamData,
    StreamWanted,
    Turn,
)
from tests.fuzz.hostile import Hostile
from tests.support import frames as say
from tests.support.values import FAR, canonical, round_trip

FRAMES = int(os.environ.get("RINGFENCE_FUZZ_FRAMES", "100000"))
PER_SEED = 100

MOST_MEMORY = 8 << 20
"""Bytes that the frames of one turn may take; their budgets are below 2 MiB, a frame's prefix may
ask for as much, and the reader's stage is 64 KiB."""

MOST_CPU = 2.0
"""Seconds of CPU for one turn of a few short frames; they take less than a thousandth. A quadratic
step would take hours."""

_ANSWERS = [
    codec.encode(value, limit=FAR) for value in (None, b"x" * 50, ["HostFunctionError", "f"])
]


_OPERATIONS: tuple[Literal["list", "read", "write", "remove"], ...] = (
    "list", "read", "write", "remove",
)  # fmt: skip
_MOST_NAMES = 3


class Victim:
    """A turn in the hands of a hostile guest, and a host that does its part."""

    def __init__(self, hostile: Hostile) -> None:
        self.random = hostile.random
        self.now = 0.0
        self.budget = Budget(
            wall=5.0,
            host_wall=5.0,
            cpu=5.0,
            output=self.random.choice((600, 5_000, 1 << 20)),
            display=self.random.choice((600, 5_000, 1 << 20)),
            calls=self.random.choice((0, 2, 1_000)),
            value=self.random.choice((1_024, 20_000, 1 << 20)),
        )
        self.turn = Turn(
            1,
            [],
            FrameReader(0),
            self.budget,
            now=0.0,
            functions=frozenset({"f", "g"}),
            streams={0: "read", 1: "write"},
            fresh=self.random.random() < 0.2,
            memory=self.random.choice((None, memoryview(self.random.randbytes(4_096)))),
        )
        self.operation: str | None = None  # of the question that is open
        if self.random.random() < 0.5:
            self.ask()
        if self.random.random() < 0.5:
            self.take(say.ready() if self.turn._expects_ready else say.call(0, "f"))

    def ask(self) -> None:
        """A question about a file, unless one is open."""
        if self.operation is None:
            operation = self.random.choice(_OPERATIONS)
            question = FileQuestion(operation, "a", _ANSWERS[0], _MOST_NAMES)
            if self.turn.ask(question, self.now) is not None:
                self.operation = operation

    def take(self, data: bytes) -> None:
        turn = self.turn
        while data:
            cut = len(data) if self.random.random() < 0.8 else self.random.randrange(len(data)) + 1
            piece, data = data[:cut], data[cut:]
            while piece:
                buffer = turn.buffer()
                size = min(len(buffer), len(piece))
                assert size > 0
                buffer[:size] = piece[:size]
                piece = piece[size:]
                for event in turn.received(size, self.now):
                    self.serve(event)
                if turn.outcome is not None:
                    return

    def serve(self, event: object) -> None:
        """What a shell would do."""
        turn, random = self.turn, self.random
        match event:
            case Call():
                assert event.name in ("f", "g")
                assert all(type(key) is str for key in event.kwargs)
                self.must_be_sound([event.args, event.kwargs])
                if random.random() < 0.7:
                    turn.answer(event.id, random.random() < 0.8, random.choice(_ANSWERS), self.now)
            case StreamWanted():
                assert (event.stream, event.size > 0) == (0, True)
                turn.send_data(
                    0, b"d" * random.randrange(event.size + 1), random.random() < 0.2, self.now
                )
            case StreamData():
                assert event.stream == 1
                turn.consumed(1, len(event.data), self.now)
            case FileAnswer():
                self.check_answer(event.value)
                self.ask()
            case Display():
                assert event.data
                self.must_be_sound(event.data)
            case Progress():
                assert event.fraction is None or 0 <= event.fraction <= 1
            case _:
                assert isinstance(event, Output)

    def check_answer(self, value: object) -> None:
        operation, self.operation = self.operation, None
        assert operation is not None
        match value:
            case Listing():
                assert operation == "list"
                assert len(value.sizes) + len(value.refused) <= _MOST_NAMES
                assert not any(map(why_not_a_name, value.sizes))
                assert all(name.isprintable() for name in value.refused)
            case FileFailure():
                assert value.message.isprintable()
            case bytes():
                assert operation == "read"
            case _:
                assert value is None
                assert operation in ("write", "remove")

    def pass_time(self) -> None:
        turn, random = self.turn, self.random
        self.now += random.choice((0.0, 0.01, 1.0))
        chance = random.random()
        if chance < 0.05:
            turn.cancel(self.now)
        elif chance < 0.1:
            turn.ended("SIGKILL", "gone", self.now, random.choice((None, "cpu", "memory")))
        deadline = turn.deadline(self.now)
        assert not math.isnan(deadline)
        if deadline <= self.now:
            turn.expire(self.now, random.random() * 8)
        if turn.writable:
            turn.sent(sum(map(len, turn.outgoing())) if random.random() < 0.9 else 0)

    def must_be_sound(self, value: Any) -> None:
        """What came out is a value: it can go in again, and comes out the same. Only what has no
        hash in a record that is a key becomes opaque, once; an encoder makes no such record.
        """
        again = round_trip(value)
        if "Record:" in canonical(value):
            value, again = again, round_trip(again)
        assert canonical(again) == canonical(value)

    def check(self) -> None:
        """Whatever happened, this holds."""
        turn, outcome = self.turn, self.turn.outcome
        stop = turn.take_stop()
        if outcome is None:
            assert stop in (None, "interrupt", "nudge")
            return
        assert outcome.status in ("ok", "error", "limit", "crashed", "cancelled")
        assert (outcome.status == "limit") == (outcome.limit is not None)
        assert (outcome.status == "ok") == (outcome.error is None)
        assert not (outcome.status == "crashed" and outcome.alive)
        assert stop is None if outcome.alive else stop in (None, "kill", "interrupt", "nudge")
        assert outcome.status == "ok" or outcome.value is None
        assert len(outcome.stdout) + len(outcome.stderr) <= self.budget.output + 2
        assert outcome.wall >= 0
        assert outcome.host_wall >= 0
        assert outcome.wall <= self.now
        assert outcome.host_wall <= self.now
        if outcome.status == "ok":
            assert outcome.value_size <= self.budget.value
            self.must_be_sound(outcome.value)
        if outcome.error is not None and outcome.error.type == "Protocol":
            assert stop == "kill"
            assert len(outcome.error.message) < 200


def one_turn(hostile: Hostile) -> tuple[int, Victim]:
    """Returns how many frames it took."""
    victim = Victim(hostile)
    count = 0
    while victim.turn.outcome is None and count < 6:
        count += 1
        victim.take(hostile.frame())
        victim.pass_time()
    victim.check()
    return count, victim


def replay(seed: int) -> tuple[int, list[str]]:
    """The turns of one seed: how many frames, and how each ended."""
    hostile = Hostile(seed)
    frames = 0
    endings: list[str] = []
    measured = seed % 8 == 0
    while frames < PER_SEED:
        if measured:
            tracemalloc.start()
        start = time.process_time()
        count, victim = one_turn(hostile)
        assert time.process_time() - start < MOST_CPU
        if measured:
            assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
            tracemalloc.stop()
        frames += count
        outcome = victim.turn.outcome
        endings.append(outcome.status if outcome is not None else "open")
    return frames, endings


def test_hostile_frames_end_as_outcomes() -> None:
    frames = seed = 0
    seen: set[str] = set()
    while frames < FRAMES:
        try:
            count, endings = replay(seed)
        except Exception as error:
            tracemalloc.stop()
            pytest.fail(f"seed {seed}: {type(error).__name__}: {error}")
        frames += count
        seed += 1
        seen.update(endings)
    assert seen == {"ok", "error", "limit", "crashed", "cancelled", "open"}


def test_a_seed_says_the_same_again() -> None:
    assert [Hostile(5).frame() for _ in range(3)] == [Hostile(5).frame() for _ in range(3)]
    assert replay(3) == replay(3)


def test_bodies_of_every_kind_are_accepted_now_and_then() -> None:
    """A fuzzer that only ever makes refusals would prove little."""
    hostile = Hostile(1)
    accepted: set[str] = set()
    refused: set[str] = set()
    for _ in range(10_000):
        body, blob = hostile.value()
        try:
            value = codec.decode(body, blob, limit=1 << 20)
        except codec.DecodeError as error:
            refused.add(str(error))
        else:
            accepted.add(type(value).__name__)
    assert accepted >= {
        "NoneType", "bool", "int", "float", "complex", "str", "bytes", "list", "tuple", "set",
        "frozenset", "dict", "date", "time", "datetime", "timedelta", "Decimal", "Fraction", "UUID",
        "ndarray", "float64", "Record", "Opaque",
    }  # fmt: skip
    assert len(refused) > 20
