"""The vocabulary: what the host may say (requests) and what a guest may answer (events).

``type`` names the message; every other header field is a scalar. Reading an event checks its type,
the presence and type of each field, and that no other field is there. Nothing else in the project
looks into a guest's header.

Requests, host to guest::

    setup   {}                      body: what is lent; no answer; before the first turn
    run     {turn, value?, arenas?} body: [code, filename, stdin, inputs]  -> … done
    call    {turn, name, value?, arenas?, output?}
                                    body: [args, kwargs]  -> … done; "value": from now on, the
                                    limit of what the guest may send; "arenas": how many
                                    descriptors of shared memory come with it; "output": the last
                                    of these is for the blob of the value  -> … stored
    batch   {turn, name, arenas?, output?}
                                    body: [columns, first, count, kind, width]  -> … done;
                                    "output": the last of the arenas is for what comes of it
    fill    {turn, name, arenas?, output?}
                                    body: [arguments, size]  -> … done: [value, bytes]; the first
                                    argument is memory of that size, which lies in the last of the
                                    arenas, or else comes back as the bytes
    files   {turn, value?}          body: [operation, name, content]  -> file {id: 0}, done
    file    {turn, id}              the same during a turn; answered when the guest next waits, and
                                    not at all, nor done, when that turn has ended
    save      {turn, value?}        -> … done, whose body is [python, payload, names, lost]
    restore   {turn, value?}        body: the payload of a save  -> … done: [names, lost]
    variables {turn, value?}        -> … done: [[name, type, size, summary], …]
    reply   {id, ok}                body: the value, or the text that the guest may read
    data    {stream, eof}           blob: bytes of a stream that the guest reads
    credit  {stream, size}          the guest may write this much more
    close   {}                      the guest ends

Events, guest to host::

    ready    {protocol, python}     once, before the first turn
    output   {stream}               blob: UTF-8 text ("stdout" or "stderr")
    display  {}                     body: {media type: text or bytes}
    progress {fraction, message}
    call     {id, name, waits}      body: [args, kwargs]; "waits": nothing runs until the answer
    waiting  {seen}                 nothing runs until one of the open calls is answered; "seen":
                                    how many replies, data and credits have come in this turn, so
                                    that one that is on its way makes the message void
    credit   {stream, size, waits}  the host may send this much more of a stream
    data     {stream, eof, waits}   blob: bytes of a stream that the guest writes
    file     {id, ok}               body: what was asked for, or [kind, message]
    done     {turn, status, limit}  body: the value, or [type, message, traceback]
    stored   {turn, size}           body: the value; the same as a done that says "ok", but for its
                                    blob: that is the beginning of the memory that was lent for it
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast

from ringfence_guest.protocol.framing import Frame

__all__ = [
    "MOST_DESCRIPTORS",
    "PLAIN_END",
    "PROTOCOL_VERSION",
    "CallEvent",
    "CreditEvent",
    "DataEvent",
    "DisplayEvent",
    "DoneEvent",
    "Event",
    "FileEvent",
    "MessageError",
    "OutputEvent",
    "ProgressEvent",
    "ProtocolBroken",
    "ReadyEvent",
    "StoredEvent",
    "WaitingEvent",
    "read_event",
]

PROTOCOL_VERSION = 1

PLAIN_END = b'{"type":"done","turn":%d,"status":"ok","limit":null}'
"""The header of the end of most turns, byte for byte: neither side has to write or parse it."""

MOST_DESCRIPTORS = 16
"""Descriptors of shared memory that come with one request."""

_MAX_ID = 1 << 53
_MAX_NAME = 256
_MAX_MESSAGE = 4_096

_Status = Literal["ok", "error", "limit", "interrupted"]
_OutputStream = Literal["stdout", "stderr"]


class MessageError(ValueError):
    """A frame is not a message of the vocabulary."""


class ProtocolBroken(ValueError):
    """A message that no honest guest sends at this point of a turn."""


@dataclass(slots=True)
class ReadyEvent:
    """The guest is there. ``python`` is its version, for people."""

    protocol: int
    python: str


@dataclass(slots=True)
class OutputEvent:
    """Bytes that the guest wrote to ``stdout`` or ``stderr``."""

    stream: _OutputStream
    data: bytes


@dataclass(slots=True)
class DisplayEvent:
    """Something to look at; still encoded."""

    frame: Frame


@dataclass(slots=True)
class ProgressEvent:
    """How far the guest says it is. ``fraction`` is None or within 0 and 1."""

    fraction: float | None
    message: str


@dataclass(slots=True)
class CallEvent:
    """The guest calls a host function; the arguments are still encoded."""

    id: int
    name: str
    waits: bool
    frame: Frame


@dataclass(slots=True)
class WaitingEvent:
    """The guest says that it waits for an answer, having seen ``seen`` of them in this turn."""

    seen: int


@dataclass(slots=True)
class CreditEvent:
    """The guest can take ``size`` more bytes of a stream."""

    stream: int
    size: int
    waits: bool


@dataclass(slots=True)
class DataEvent:
    """Bytes that the guest wrote to a stream."""

    stream: int
    data: bytes | memoryview
    eof: bool
    waits: bool


@dataclass(slots=True)
class FileEvent:
    """An answer about a file, or why there is none; still encoded."""

    id: int
    ok: bool
    frame: Frame


@dataclass(slots=True)
class DoneEvent:
    """The end of a turn; value or error are still encoded."""

    turn: int
    status: _Status
    limit: str | None
    frame: Frame


@dataclass(slots=True)
class StoredEvent:
    """The end of a turn with a value, still encoded; its blob is ``size`` bytes of lent memory."""

    turn: int
    size: int
    frame: Frame


Event = (
    ReadyEvent
    | OutputEvent
    | DisplayEvent
    | ProgressEvent
    | CallEvent
    | WaitingEvent
    | CreditEvent
    | DataEvent
    | FileEvent
    | DoneEvent
    | StoredEvent
)


def _natural(header: dict[str, Any], key: str) -> int:
    value = header.get(key)
    if type(value) is not int or not 0 <= value < _MAX_ID:
        raise MessageError(f"{key} is not a small natural number")
    return value


def _text(header: dict[str, Any], key: str, longest: int = _MAX_NAME) -> str:
    value = header.get(key)
    if type(value) is not str or len(value) > longest:
        raise MessageError(f"{key} is not a short text")
    return value


def _flag(header: dict[str, Any], key: str) -> bool:
    value = header.get(key)
    if type(value) is not bool:
        raise MessageError(f"{key} is not a boolean")
    return value


def _present(header: dict[str, Any], key: str) -> Any:
    if key not in header:
        raise MessageError(f"{key} is missing")
    return header[key]


def _ready(frame: Frame) -> ReadyEvent:
    protocol = _natural(frame.header, "protocol")
    if protocol != PROTOCOL_VERSION:
        raise MessageError(f"the guest speaks version {protocol} of the protocol")
    return ReadyEvent(protocol, _text(frame.header, "python"))


def _output(frame: Frame) -> OutputEvent:
    stream = _text(frame.header, "stream")
    if stream not in ("stdout", "stderr"):
        raise MessageError("output to an unknown stream")
    return OutputEvent(cast(_OutputStream, stream), bytes(frame.blob))


def _progress(frame: Frame) -> ProgressEvent:
    fraction = _present(frame.header, "fraction")
    if fraction is not None:
        if type(fraction) not in (int, float) or not 0 <= fraction <= 1:
            raise MessageError("fraction is not a number from 0 to 1")
        fraction = float(fraction)
    return ProgressEvent(fraction, _text(frame.header, "message", _MAX_MESSAGE))


def _call(frame: Frame) -> CallEvent:
    header = frame.header
    return CallEvent(_natural(header, "id"), _text(header, "name"), _flag(header, "waits"), frame)


def _credit(frame: Frame) -> CreditEvent:
    header = frame.header
    return CreditEvent(_natural(header, "stream"), _natural(header, "size"), _flag(header, "waits"))


def _data(frame: Frame) -> DataEvent:
    header = frame.header
    return DataEvent(
        _natural(header, "stream"), frame.blob, _flag(header, "eof"), _flag(header, "waits")
    )


def _file(frame: Frame) -> FileEvent:
    return FileEvent(_natural(frame.header, "id"), _flag(frame.header, "ok"), frame)


_STATUSES = ("ok", "error", "limit", "interrupted")
_GUEST_LIMITS = ("memory", "value")


def _done(frame: Frame) -> DoneEvent:
    status = frame.header.get("status")
    limit = frame.header.get("limit", "")
    if status not in _STATUSES or (limit is not None) != (status == "limit"):
        raise MessageError("a turn that ended with an unknown status")
    if limit is not None and limit not in _GUEST_LIMITS:
        raise MessageError("a limit that is not the guest's to report")
    return DoneEvent(_natural(frame.header, "turn"), cast(_Status, status), limit, frame)


def _stored(frame: Frame) -> StoredEvent:
    return StoredEvent(_natural(frame.header, "turn"), _natural(frame.header, "size"), frame)


# name -> (reader, number of header fields with the type, may have a body, may have a blob)
_EVENTS: dict[str, tuple[Callable[[Frame], Event], int, bool, bool]] = {
    "ready": (_ready, 3, False, False),
    "output": (_output, 2, False, True),
    "display": (DisplayEvent, 1, True, True),
    "progress": (_progress, 3, False, False),
    "call": (_call, 4, True, True),
    "waiting": (lambda frame: WaitingEvent(_natural(frame.header, "seen")), 2, False, False),
    "credit": (_credit, 4, False, False),
    "data": (_data, 4, False, True),
    "file": (_file, 3, True, True),
    "done": (_done, 4, True, True),
    "stored": (_stored, 3, True, False),
}


def read_event(frame: Frame) -> Event:
    """Check a frame that came from a guest, and say what it is.

    Raises:
        MessageError: it is not exactly a message of the vocabulary.
    """
    kind = frame.header.get("type")
    entry = _EVENTS.get(kind) if type(kind) is str else None
    if entry is None:
        raise MessageError("a message of an unknown type")
    reader, fields, body, blob = entry
    if len(frame.header) != fields:
        raise MessageError(f"a {kind} with missing or unknown fields")
    if (len(frame.body) and not body) or (len(frame.blob) and not blob):
        raise MessageError(f"a {kind} with a payload")
    return reader(frame)
