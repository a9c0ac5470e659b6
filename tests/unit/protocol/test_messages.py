"""The vocabulary: each rule of each field of each event."""

from __future__ import annotations

from typing import Any

import pytest

from ringfence_guest.protocol.framing import Frame
from ringfence_guest.protocol.messages import (
    CallEvent,
    CreditEvent,
    DataEvent,
    DisplayEvent,
    DoneEvent,
    Event,
    FileEvent,
    MessageError,
    OutputEvent,
    ProgressEvent,
    ReadyEvent,
    StoredEvent,
    WaitingEvent,
    read_event,
)

MOST = (1 << 53) - 1


def frame(body: bytes = b"", blob: bytes = b"", /, **header: Any) -> Frame:
    return Frame(header, body, blob)


def call(**changes: Any) -> Frame:
    return frame(b"[[],null]", **({"type": "call", "id": 0, "name": "f", "waits": True} | changes))


def done(**changes: Any) -> Frame:
    header = {"type": "done", "turn": 1, "status": "ok", "limit": None} | changes
    return frame(b"null", **header)


@pytest.mark.parametrize(
    ("given", "event"),
    [
        (frame(type="ready", protocol=1, python="3.14"), ReadyEvent(1, "3.14")),
        (frame(b"", b"a\xff", type="output", stream="stdout"), OutputEvent("stdout", b"a\xff")),
        (frame(type="output", stream="stderr"), OutputEvent("stderr", b"")),
        (frame(b"{}", b"x", type="display"), DisplayEvent(frame(b"{}", b"x", type="display"))),
        (frame(type="progress", fraction=None, message=""), ProgressEvent(None, "")),
        (frame(type="progress", fraction=0, message="m" * 4_096), ProgressEvent(0.0, "m" * 4_096)),
        (frame(type="progress", fraction=1, message=""), ProgressEvent(1.0, "")),
        (frame(type="progress", fraction=0.25, message=""), ProgressEvent(0.25, "")),
        (call(), CallEvent(0, "f", True, call())),
        (call(id=MOST, name="n" * 256, waits=False), CallEvent(MOST, "n" * 256, False, call(id=MOST, name="n" * 256, waits=False))),
        (frame(type="waiting", seen=7), WaitingEvent(7)),
        (frame(type="credit", stream=2, size=9, waits=True), CreditEvent(2, 9, True)),
        (frame(b"", b"d", type="data", stream=2, eof=False, waits=True), DataEvent(2, b"d", False, True)),
        (frame(type="data", stream=0, eof=True, waits=False), DataEvent(0, b"", True, False)),
        (frame(b"null", b"x", type="file", id=3, ok=True), FileEvent(3, True, frame(b"null", b"x", type="file", id=3, ok=True))),
        (done(), DoneEvent(1, "ok", None, done())),
        (done(status="error"), DoneEvent(1, "error", None, done(status="error"))),
        (done(status="interrupted"), DoneEvent(1, "interrupted", None, done(status="interrupted"))),
        (done(status="limit", limit="memory"), DoneEvent(1, "limit", "memory", done(status="limit", limit="memory"))),
        (done(status="limit", limit="value"), DoneEvent(1, "limit", "value", done(status="limit", limit="value"))),
        (frame(b"null", type="stored", turn=1, size=9), StoredEvent(1, 9, frame(b"null", type="stored", turn=1, size=9))),
    ],
)  # fmt: skip
def test_understood(given: Frame, event: Event) -> None:
    assert read_event(given) == event


NATURAL = [-1, 1.0, True, None, "1", MOST + 1]
FLAG = [0, 1, None, "true"]
TEXT = [None, 1, True]


def wrong(base: dict[str, Any], field: str, values: list[Any], message: str) -> list[Any]:
    return [(frame(**(base | {field: value})), message) for value in values]


READY = {"type": "ready", "protocol": 1, "python": "3"}
OUTPUT = {"type": "output", "stream": "stdout"}
PROGRESS = {"type": "progress", "fraction": 0.5, "message": ""}
CALL = {"type": "call", "id": 0, "name": "f", "waits": True}
CREDIT = {"type": "credit", "stream": 0, "size": 1, "waits": False}
DATA = {"type": "data", "stream": 0, "eof": False, "waits": False}
FILE = {"type": "file", "id": 0, "ok": True}
DONE = {"type": "done", "turn": 1, "status": "ok", "limit": None}
STORED = {"type": "stored", "turn": 1, "size": 8}
WAITING = {"type": "waiting", "seen": 0}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (frame(), "a message of an unknown type"),
        (frame(type="run"), "a message of an unknown type"),
        (frame(type="Ready"), "a message of an unknown type"),
        (frame(type=None), "a message of an unknown type"),
        (frame(type=1), "a message of an unknown type"),
        *wrong(READY, "protocol", NATURAL, "protocol is not a small natural number"),
        *wrong(READY, "protocol", [0, 2], "the guest speaks version {} of the protocol"),
        *wrong(READY, "python", [*TEXT, "x" * 257], "python is not a short text"),
        *wrong(OUTPUT, "stream", [*TEXT, "s" * 257], "stream is not a short text"),
        *wrong(OUTPUT, "stream", ["stdin", "", "STDOUT"], "output to an unknown stream"),
        *wrong(
            PROGRESS, "fraction", [-0.1, 1.1, float("nan"), float("inf"), True, "0.5"],
            "fraction is not a number from 0 to 1",
        ),
        *wrong(PROGRESS, "message", [*TEXT, "m" * 4_097], "message is not a short text"),
        *wrong(CALL, "id", NATURAL, "id is not a small natural number"),
        *wrong(CALL, "name", [*TEXT, "n" * 257], "name is not a short text"),
        *wrong(CALL, "waits", FLAG, "waits is not a boolean"),
        *wrong(WAITING, "seen", NATURAL, "seen is not a small natural number"),
        *wrong(CREDIT, "stream", NATURAL, "stream is not a small natural number"),
        *wrong(CREDIT, "size", NATURAL, "size is not a small natural number"),
        *wrong(CREDIT, "waits", FLAG, "waits is not a boolean"),
        *wrong(DATA, "stream", NATURAL, "stream is not a small natural number"),
        *wrong(DATA, "eof", FLAG, "eof is not a boolean"),
        *wrong(DATA, "waits", FLAG, "waits is not a boolean"),
        *wrong(FILE, "id", NATURAL, "id is not a small natural number"),
        *wrong(FILE, "ok", FLAG, "ok is not a boolean"),
        *wrong(STORED, "turn", NATURAL, "turn is not a small natural number"),
        *wrong(STORED, "size", NATURAL, "size is not a small natural number"),
        *wrong(DONE, "turn", NATURAL, "turn is not a small natural number"),
        *wrong(DONE, "status", TEXT, "a turn that ended with an unknown status"),
        *wrong(
            DONE, "status", ["crashed", "cancelled", "limit"],
            "a turn that ended with an unknown status",
        ),
        *wrong(DONE, "limit", ["memory", "", 0], "a turn that ended with an unknown status"),
        *wrong(
            DONE | {"status": "limit"}, "limit", ["wall", "cpu", "output", "calls", ""],
            "a limit that is not the guest's to report",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else None,
)  # fmt: skip
def test_refused(given: Frame, message: str) -> None:
    with pytest.raises(MessageError) as caught:
        read_event(given)
    assert str(caught.value) == message.format(given.header.get("protocol"))


def test_a_limit_that_is_no_text_is_refused() -> None:
    with pytest.raises(MessageError, match="^a limit that is not the guest's to report$"):
        read_event(frame(**(DONE | {"status": "limit", "limit": 1})))


@pytest.mark.parametrize(
    "base", [READY, OUTPUT, PROGRESS, CALL, WAITING, CREDIT, DATA, FILE, DONE, STORED]
)
def test_each_field_must_be_there_and_no_other(base: dict[str, Any]) -> None:
    kind = base["type"]
    read_event(frame(**base))
    with pytest.raises(MessageError, match=f"^a {kind} with missing or unknown fields$"):
        read_event(frame(**base, more=1))
    for field in base.keys() - {"type"}:
        rest = {k: v for k, v in base.items() if k != field}
        with pytest.raises(MessageError, match=f"^a {kind} with missing or unknown fields$"):
            read_event(frame(**rest))
        with pytest.raises(MessageError):
            read_event(frame(**rest, other=base[field]))


def test_a_display_has_no_fields() -> None:
    with pytest.raises(MessageError, match="^a display with missing or unknown fields$"):
        read_event(frame(b"{}", type="display", kind="text/plain"))


@pytest.mark.parametrize(
    ("base", "body", "blob"),
    [
        (READY, False, False),
        (OUTPUT, False, True),
        ({"type": "display"}, True, True),
        (PROGRESS, False, False),
        (CALL, True, True),
        (WAITING, False, False),
        (CREDIT, False, False),
        (DATA, False, True),
        (FILE, True, True),
        (DONE, True, True),
    ],
)
def test_who_may_have_a_payload(base: dict[str, Any], body: bool, blob: bool) -> None:
    for given, allowed in [((b"x", b""), body), ((b"", b"x"), blob), ((b"x", b"x"), body and blob)]:
        if allowed:
            read_event(frame(*given, **base))
        else:
            with pytest.raises(MessageError, match=f"^a {base['type']} with a payload$"):
                read_event(frame(*given, **base))
