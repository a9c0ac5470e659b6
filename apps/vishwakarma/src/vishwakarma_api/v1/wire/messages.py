"""What an extension and the application send each other, whatever the wire.

An extension sends a :class:`Request` and gets a :class:`Reply`. A codec turns them into bytes and
back: ``protobuf`` and ``packed`` do, and mean the same. What comes out of a codec's ``decode`` is
made of checked values; whether ids and names exist is the document's to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from vishwakarma_api.v1.elements import Element, Layer

__all__ = [
    "MOST_COMMANDS",
    "MOST_REPLY",
    "MOST_REQUEST",
    "VERSION",
    "AskState",
    "Command",
    "Create",
    "DefineBlock",
    "Delete",
    "DeleteLayer",
    "Drawn",
    "Get",
    "NewerWire",
    "Progress",
    "Query",
    "Question",
    "Reply",
    "Request",
    "Select",
    "SetLayer",
    "SetUnit",
    "State",
    "Update",
    "Wire",
    "WireError",
    "check_version",
    "weight_of",
]

VERSION = (1, 1)
"""Major and minor version of the messages."""

MOST_REQUEST = 8 << 20
"""Bytes of one request: what is made of hostile ones takes some twenty times as many."""
MOST_REPLY = 48 << 20
"""Bytes of one reply."""
MOST_COMMANDS = 50_000
"""Commands of one request, and elements of one reply."""


class WireError(ValueError):
    """Bytes that are no message, or a message that says nonsense; with what is wrong."""


class NewerWire(WireError):
    """A message of a newer major version."""


class Create(NamedTuple):
    """Add an element, with an id that was given to the extension."""

    element: Element


class Update(NamedTuple):
    """Replace the element with this id by this one."""

    element: Element


class Delete(NamedTuple):
    """Remove an element, and what belongs to it."""

    id: int


class SetLayer(NamedTuple):
    """Add a layer, or change it."""

    layer: Layer


class DeleteLayer(NamedTuple):
    """Remove an empty layer."""

    name: str


class SetUnit(NamedTuple):
    """Say which unit lengths are in."""

    unit: str


class Select(NamedTuple):
    """Select these and no others."""

    ids: tuple[int, ...]


class DefineBlock(NamedTuple):
    """Define a block by its script, or remove a definition that nothing uses (None)."""

    name: str
    source: str | None


Command: TypeAlias = (
    Create | Update | Delete | SetLayer | DeleteLayer | SetUnit | Select | DefineBlock
)


class Query(NamedTuple):
    """Asks for elements that meet all conditions; None is no condition. ``drawn`` asks for what
    block instances look like as well.
    """

    parent: int | None = None
    kind: str | None = None
    layer: str | None = None
    box: tuple[float, float, float, float, float, float] | None = None
    after: int = 0
    drawn: bool = False


class Get(NamedTuple):
    """Asks for elements by their ids."""

    ids: tuple[int, ...]


class AskState(NamedTuple):
    """Asks for layers, unit and selection."""


Question: TypeAlias = Query | Get | AskState


class Progress(NamedTuple):
    """How far it is, from 0 to 1 or None, and what it is doing."""

    fraction: float | None
    message: str


class State(NamedTuple):
    """Layers, unit, selection and names of blocks of the document."""

    layers: tuple[Layer, ...]
    unit: str
    selection: tuple[int, ...]
    blocks: tuple[str, ...] = ()


class Drawn(NamedTuple):
    """What a block instance looks like: bytes as ``vishwakarma_drawing.blocks`` says, and where
    its coordinates come to lie.
    """

    id: int
    transform: tuple[float, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """Commands, done in order, and then a question."""

    commands: tuple[Command, ...] = ()
    question: Question | None = None
    want_ids: int = 0
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to the question, and ids for new elements."""

    first_id: int = 0
    id_count: int = 0
    elements: tuple[Element, ...] = ()
    more: bool = False
    state: State | None = None
    drawn: tuple[Drawn, ...] = ()


class Wire(Protocol):
    """A codec. Each ``decode`` takes hostile bytes and raises WireError."""

    def encode_request(self, request: Request) -> bytes: ...
    def decode_request(self, data: bytes) -> Request: ...
    def encode_reply(self, reply: Reply) -> bytes: ...
    def decode_reply(self, data: bytes) -> Reply: ...


def check_version(major: int, minor: int) -> None:
    """Refuse a newer major version, and no version at all.

    Raises:
        NewerWire: it is newer.
        WireError: there is no such version.
    """
    if major > VERSION[0]:
        raise NewerWire(
            f"the message has version {major}.{minor}, and version {VERSION[0]} is understood here"
        )
    if major < 1:
        raise WireError("the message does not say its version")


def weight_of(element: Element) -> int:
    """About how large an element is in a message, in numbers of eight bytes: what has any size
    counts. Batches and pages are bounded by it, so that no message becomes too large.
    """
    shape = element.shape
    weight = 0
    for name in ("points", "vertices", "faces"):
        weight += 3 * len(getattr(shape, name, ()))
    for name in ("text", "section"):
        weight += len(getattr(shape, name, "")) // 2
    for name, value in getattr(shape, "parameters", ()):
        weight += len(name) // 2
        if isinstance(value, str):
            weight += len(value) // 2
        elif isinstance(value, tuple):
            weight += len(value)
    return weight
