"""Questions about files: what may be a name, and what a turn takes for an answer."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from ringfence_guest.protocol import codec
from ringfence_guest.protocol.file_names import printable, why_not_a_name
from ringfence_guest.protocol.files import NOT_LISTED, FileQuestion, read_listing
from ringfence_guest.protocol.messages import ProtocolBroken
from ringfence_guest.protocol.report import Call, FileAnswer, FileFailure, Listing
from ringfence_guest.protocol.turn import Budget
from tests.support import frames as say
from tests.unit.protocol.test_turn import Machine, packed


def question(
    operation: Literal["list", "read", "write", "remove"] = "read", name: str = "a", most: int = 3
) -> FileQuestion:
    return FileQuestion(operation, name, packed([operation, name, None]), most)


# --- names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "a/b",
        "ä",
        "👩‍🚀",
        "a b",
        ".hidden",
        "...",
        "/".join("a" * 16),
        "x" * 255,
        "é" * 127,
        "con",
    ],
)
def test_names(name: str) -> None:
    assert why_not_a_name(name) is None


NOT_RELATIVE = "is not a relative path"
NOT_BENEATH = "is not a relative path without '..'"
CONTROL = "holds a control character"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", NOT_RELATIVE),
        ("a\\b", NOT_RELATIVE),
        ("a\0", NOT_RELATIVE),
        ("/a", NOT_BENEATH),
        ("a/", NOT_BENEATH),
        ("a//b", NOT_BENEATH),
        (".", NOT_BENEATH),
        ("./a", NOT_BENEATH),
        ("..", NOT_BENEATH),
        ("a/../b", NOT_BENEATH),
        ("/".join("a" * 17), NOT_BENEATH),
        ("x" * 256, NOT_BENEATH),
        ("é" * 128, NOT_BENEATH),
        ("a\nb", CONTROL),
        ("\x1b[2J", CONTROL),
        ("\x7f", CONTROL),
        ("\x9b1m", CONTROL),
        ("a\u2028b", CONTROL),
        ("\udcff", "holds a surrogate, which UTF-8 cannot say"),
    ],
)
def test_no_names(name: str, reason: str) -> None:
    assert why_not_a_name(name) == reason


def test_text_of_a_guest_is_printable() -> None:
    assert printable("Zoë\n\x1b[0m\udcff\u202ex\\") == "Zoë\\n\\x1b[0m\\udcff\\u202ex\\\\"
    assert printable("x" * 501) == "x" * 500 + "…"
    assert printable("\\n") != printable("\n")


# --- listings -------------------------------------------------------------------------------


def test_a_listing() -> None:
    said = ["b", 2, "a/x", 0, "l\n", "link", "new\nline", 5, "d" * 300, 1, "f", "special"]
    assert read_listing([*said, "g", "deep", "h", "unreadable"], 8) == Listing(
        {"a/x": 0, "b": 2},
        {
            "d" * 300: NOT_BENEATH,
            "f": "is no regular file",
            "g": "is a folder that lies too deep",
            "h": "is a folder that cannot be read",
            "l\\n": "is a symbolic link",
            "new\\nline": CONTROL,
        },
    )
    assert read_listing([], 0) == Listing({}, {})


SIZES = "a listing of sizes that are none"
NAMES = "a listing of names that are none"
SHAPE = "a listing that is not one"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, SHAPE),
        ({"a": 1}, SHAPE),
        (("a", 1), SHAPE),
        (["a"], SHAPE),
        (["a", 1, "b", 1, "c", 1, "d", 1], SHAPE),
        ([1, 1], NAMES),
        ([b"a", 1], NAMES),
        (["a" * 8_193, 1], NAMES),
        (["a", 1, "a", 1], NAMES),
        (["a", -1], SIZES),
        (["a", 1 << 63], SIZES),
        (["a", True], SIZES),
        (["a", 1.0], SIZES),
        (["a", None], SIZES),
        (["a", "lost"], SIZES),
    ],
)
def test_no_listings(content: Any, message: str) -> None:
    with pytest.raises(ProtocolBroken, match=f"^{message}$"):
        read_listing(content, 3)


def test_each_reason_is_for_people() -> None:
    assert read_listing([x for name in NOT_LISTED for x in (name, name)], 4).refused == NOT_LISTED


# --- asking ---------------------------------------------------------------------------------


def test_a_question_while_the_guest_waits() -> None:
    machine = Machine()
    machine.says(say.call(0, "f", waits=True))
    machine.now += 1
    assert machine.turn.ask(question(), machine.now) == 0
    assert machine.hears() == [({"type": "file", "turn": 1, "id": 0}, b'["read","a",null]', b"")]
    assert machine.says(say.file(0, b"content")) == [FileAnswer(0, b"content")]
    machine.now += 1
    assert machine.turn.ask(question("list"), machine.now) == 1
    assert machine.says(say.file(1, ["a", 7])) == [FileAnswer(1, Listing({"a": 7}, {}))]
    for number, operation in enumerate(("write", "remove"), 2):
        assert machine.turn.ask(question(operation), machine.now) == number  # type: ignore[arg-type]
        assert machine.says(say.file(number, None)) == [FileAnswer(number, None)]
    machine.turn.answer(0, True, packed(None), machine.now)
    assert machine.says(say.done(5)) == []
    outcome = machine.turn.outcome
    assert outcome is not None
    assert (outcome.value, outcome.wall, outcome.host_wall) == (5, 0.0, 2.0)


def test_a_question_is_none_of_the_answers_that_were_seen() -> None:
    machine = Machine()
    machine.says(say.call(0, "f"))
    machine.turn.ask(question(), machine.now)
    machine.says(say.file(0, b""), say.waiting(0))
    assert machine.turn.outcome is None
    machine.says(say.waiting(1))
    assert machine.broken() == "waiting at the wrong time"


def test_the_request_itself_may_be_the_question() -> None:
    machine = Machine()
    assert machine.turn.expect(question()) == 0
    assert machine.says(say.file(0, b"x"), say.done()) == [FileAnswer(0, b"x")]
    assert machine.ending == ("ok", True, None)


@pytest.mark.parametrize(
    "kind", ["missing", "too-large", "too-many", "not-a-file", "memory", "refused"]
)
def test_a_failure(kind: str) -> None:
    machine = Machine()
    machine.turn.expect(question())
    answer = FileAnswer(0, FileFailure(kind, "no\\nway"))
    assert machine.says(say.file(0, [kind, "no\nway"], ok=False)) == [answer]


def test_one_question_at_a_time() -> None:
    machine = Machine()
    machine.turn.ask(question(), machine.now)
    with pytest.raises(ValueError, match="open already"):
        machine.turn.ask(question(), machine.now)


def test_no_question_to_a_turn_that_ends() -> None:
    machine = Machine()
    machine.turn.cancel(machine.now)
    assert machine.turn.ask(question(), machine.now) is None
    machine.says(say.done())
    assert machine.turn.ask(question(), machine.now) is None
    assert machine.hears() == []


def test_an_answer_that_comes_while_the_turn_is_stopped() -> None:
    machine = Machine()
    machine.turn.ask(question(), machine.now)
    machine.turn.cancel(machine.now)
    assert machine.says(say.file(0, b"x")) == [FileAnswer(0, b"x")]


NOBODY = "an answer about a file that nobody asked for"
NOT_BYTES = "a file that is not bytes"
UNKNOWN = "a failure of an unknown kind"
SHAPELESS = "a failure without kind and message"


@pytest.mark.parametrize(
    ("operation", "said", "message"),
    [
        (None, say.file(0, b""), NOBODY),
        ("read", say.file(1, b""), NOBODY),
        ("read", say.file(0, b"") + say.file(0, b""), NOBODY),
        ("read", say.file(0, b"") + say.file(1, b""), NOBODY),
        ("read", say.file(0, "text"), NOT_BYTES),
        ("read", say.file(0, None), NOT_BYTES),
        ("write", say.file(0, b""), NOT_BYTES),
        ("remove", say.file(0, True), NOT_BYTES),
        ("list", say.file(0, b""), SHAPE),
        ("read", say.file(0, b"", ok=False), SHAPELESS),
        ("read", say.file(0, ["missing"], ok=False), SHAPELESS),
        ("read", say.file(0, ["missing", 1], ok=False), SHAPELESS),
        ("read", say.file(0, ["lost", ""], ok=False), UNKNOWN),
        ("read", say.file(0, ["missing", "x" * 4_097], ok=False), UNKNOWN),
        ("read", say.done() + say.file(0, b""), "a frame after the end of the turn"),
    ],
)
def test_no_answers(operation: Any, said: bytes, message: str) -> None:
    machine = Machine()
    if operation is not None:
        machine.turn.ask(question(operation), machine.now)
    machine.says(said)
    assert machine.broken() == message


def test_an_answer_is_bounded_by_the_value_limit() -> None:
    for size, fits in ((900, True), (1_100, False)):
        machine = Machine(Budget(value=1_024))
        machine.turn.ask(question(), machine.now)
        assert bool(machine.says(say.file(0, bytes(size)))) is fits
        assert (machine.turn.outcome is None) is fits


def test_a_failure_is_bounded_too() -> None:
    machine = Machine()
    machine.turn.ask(question(), machine.now)
    machine.says(say.file(0, ["missing", "x" * 70_000], ok=False))
    outcome = machine.turn.outcome
    assert outcome is not None
    assert (outcome.status, outcome.alive) == ("crashed", False)


def test_what_came_before_the_break_is_told() -> None:
    machine = Machine()
    machine.turn.ask(question(), machine.now)
    events = machine.says(say.file(0, b"x"), say.call(0, "f"), say.call(0, "f"))
    assert events == [FileAnswer(0, b"x")]
    assert not any(isinstance(event, Call) for event in events)
    assert machine.broken() == "a call with a number that was used before"


def test_codec_errors_are_breaks() -> None:
    machine = Machine()
    machine.turn.ask(question(), machine.now)
    machine.says(say.frame({"type": "file", "id": 0, "ok": True}, b'{"bytes":9}', b"x"))
    assert machine.broken() == str(_refusal(b'{"bytes":9}', b"x"))


def _refusal(body: bytes, blob: bytes) -> codec.DecodeError:
    with pytest.raises(codec.DecodeError) as caught:
        codec.decode(body, blob, limit=1 << 20)
    return caught.value
