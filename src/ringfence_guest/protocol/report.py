"""What a turn tells its shell: events while it runs, and an outcome when it has ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from ringfence_guest.protocol.budget import Budget

__all__ = [
    "Call",
    "Display",
    "ErrorInfo",
    "FileAnswer",
    "FileFailure",
    "Listing",
    "Outcome",
    "Output",
    "Progress",
    "Status",
    "StreamData",
    "StreamWanted",
    "TurnEvent",
    "limit_reached",
]

Status = Literal["ok", "error", "limit", "crashed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Output:
    """Text that the guest printed, as it came."""

    stream: Literal["stdout", "stderr"]
    text: str


@dataclass(frozen=True, slots=True)
class Display:
    """Something to look at: media type -> text or bytes. It is guest data: never trust it."""

    data: dict[str, str | bytes]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the guest says it is: ``fraction`` from 0 to 1 (or None), and a short message."""

    fraction: float | None
    message: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a host function, to be answered with :meth:`~.turn.Turn.answer`."""

    id: int
    name: str
    args: list[Any]
    kwargs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StreamWanted:
    """The guest waits for up to ``size`` bytes of a stream: answer with
    :meth:`~.turn.Turn.send_data`.
    """

    stream: int
    size: int


@dataclass(frozen=True, slots=True)
class StreamData:
    """Bytes that the guest wrote; when they are consumed, say so with
    :meth:`~.turn.Turn.consumed`.
    """

    stream: int
    data: bytes | memoryview
    eof: bool


class Listing(NamedTuple):
    """What is in a guest's scratch folder.

    Attributes:
        sizes: name -> bytes, of every file that can be asked for, by name.
        refused: what cannot be: an unusable name, a link, a special file, a folder that lies too
            deep -> why. The names are escaped, for people.
    """

    sizes: dict[str, int]
    refused: dict[str, str]


@dataclass(frozen=True, slots=True)
class FileFailure:
    """Why the guest could not do what was asked: a kind of the vocabulary, and its words."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """The answer to a question about a file: bytes, a listing, None, or why there is none."""

    id: int
    value: bytes | Listing | FileFailure | None


TurnEvent = Output | Display | Progress | Call | StreamWanted | StreamData | FileAnswer


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """What went wrong, in the guest's words: guest text, to be escaped where it is shown."""

    type: str
    message: str
    traceback: str = ""


def limit_reached(name: str, budget: Budget) -> ErrorInfo:
    """The error of a turn that ended at a limit: one of its budget, or of the sandbox."""
    value = getattr(budget, name, None)
    if value is None:  # the sandbox's, whose mechanism ended the guest
        text = name
    else:
        text = f"{name}={value:g} s" if isinstance(value, float) else f"{name}={value:,}"
    return ErrorInfo("LimitExceeded", f"the guest reached its limit {text}")


@dataclass(slots=True)
class Outcome:
    """How a turn ended.

    ``alive`` says whether the guest is still there to take another turn.
    """

    status: Status
    alive: bool
    value: Any = None
    limit: str | None = None
    error: ErrorInfo | None = None
    stdout: str = ""
    stderr: str = ""
    displays: list[Display] = field(default_factory=list)
    wall: float = 0.0
    host_wall: float = 0.0
    output: int = 0
    display: int = 0
    calls: int = 0
    value_size: int = 0
