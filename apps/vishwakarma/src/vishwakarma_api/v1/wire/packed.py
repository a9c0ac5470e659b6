"""The wire as packed records: what shared memory would hold. No dependency, little-endian.

::

    message   "VK"  u8 major  u8 minor  u32 size of what follows
    request   u32 want_ids  progress  question  u32 commands  {u8 command  u32 size  …}
    reply     u64 first_id  u32 id_count  u8 more  u32 elements {u32 size  …}  u8 state  …
              u32 drawn {u64 id  numbers  u32 size  bytes}  u32 blocks {text}
    element   u64 id  u64 parent  text layer  u8 coloured  u32 color  u8 kind  fields of the shape
    text      u32 size  UTF-8
    points    u32 count of numbers  f64 …
    faces     u32 count of numbers  u32 …

A record that is longer than what is read of it is one of a newer minor version: the rest is
ignored. Kinds of shapes have the numbers that they have in the Protocol Buffers.
"""

from __future__ import annotations

import array
import struct
import sys
from itertools import chain
from typing import Any

from vishwakarma_api.v1.elements import Element, Layer
from vishwakarma_api.v1.shapes import SHAPES, Shape
from vishwakarma_api.v1.wire.flat import faces_of, flat_faces, points_of
from vishwakarma_api.v1.wire.messages import (
    MOST_COMMANDS,
    MOST_REPLY,
    MOST_REQUEST,
    VERSION,
    AskState,
    Command,
    Create,
    DefineBlock,
    Delete,
    DeleteLayer,
    Drawn,
    Get,
    Progress,
    Query,
    Question,
    Reply,
    Request,
    Select,
    SetLayer,
    SetUnit,
    State,
    Update,
    WireError,
    check_version,
)

__all__ = ["KIND_NUMBERS", "decode_reply", "decode_request", "encode_reply", "encode_request"]

KIND_NUMBERS = {
    "group": 16,
    "point": 17,
    "line": 18,
    "polyline": 19,
    "arc": 20,
    "circle": 21,
    "text": 22,
    "polygon": 23,
    "hatch": 24,
    "block": 25,
    "node": 26,
    "member": 27,
    "polyline3d": 28,
    "cuboid": 29,
    "cylinder": 30,
    "cone": 31,
    "sphere": 32,
    "extrusion": 33,
    "mesh": 34,
}
_KINDS = {number: kind for kind, number in KIND_NUMBERS.items()}
_COMMANDS: tuple[type[Command], ...] = (
    Create,
    Update,
    Delete,
    SetLayer,
    DeleteLayer,
    SetUnit,
    Select,
    DefineBlock,
)
_POINTS = {"Points2": 2, "Points3": 3, "Vertices": 3}
_SINCE_1_1 = {"inputs", "limits"}  # fields that are not in records of version 1.0
_FORMATS = {"u8": "<B", "u32": "<I", "u64": "<Q", "f64": "<d"}
_SWAP = sys.byteorder == "big"


class _Writer:
    def __init__(self) -> None:
        self.data = bytearray()

    def put(self, kind: str, value: Any) -> None:
        self.data += struct.pack(_FORMATS[kind], value)

    def text(self, value: str) -> None:
        encoded = value.encode()
        self.put("u32", len(encoded))
        self.data += encoded

    def numbers(self, code: str, values: Any) -> None:
        row = array.array(code, values)
        if _SWAP:
            row.byteswap()
        self.put("u32", len(row))
        self.data += row.tobytes()

    def record(self, inner: _Writer) -> None:
        self.put("u32", len(inner.data))
        self.data += inner.data


class _Reader:
    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> memoryview:
        start, self.at = self.at, self.at + size
        if self.at > len(self.data):
            raise WireError("the message ends too early")
        return self.data[start : self.at]

    def get(self, kind: str) -> Any:
        form = _FORMATS[kind]
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def text(self) -> str:
        try:
            return str(self.take(self.get("u32")), "utf-8")
        except UnicodeDecodeError:
            raise WireError("text is no UTF-8") from None

    def numbers(self, code: str) -> array.array[Any]:
        row: array.array[Any] = array.array(code)
        row.frombytes(self.take(self.get("u32") * row.itemsize))
        if _SWAP:
            row.byteswap()
        return row

    def count(self) -> int:
        count: int = self.get("u32")
        if count > MOST_COMMANDS:
            raise WireError(f"a message has at most {MOST_COMMANDS} commands or elements")
        return count

    def record(self) -> _Reader:
        return _Reader(self.take(self.get("u32")))


# -- out


def encode_request(request: Request) -> bytes:
    """A request as bytes."""
    out = _Writer()
    out.put("u32", request.want_ids)
    out.put("u8", request.progress is not None)
    if request.progress is not None:
        _put_optional(out, request.progress.fraction, "f64")
        out.text(request.progress.message)
    _put_question(out, request.question)
    out.put("u32", len(request.commands))
    for command in request.commands:
        out.put("u8", _COMMANDS.index(type(command)) + 1)
        inner = _Writer()
        _put_command(inner, command)
        out.record(inner)
    return _message(out)


def encode_reply(reply: Reply) -> bytes:
    """A reply as bytes."""
    out = _Writer()
    out.put("u64", reply.first_id)
    out.put("u32", reply.id_count)
    out.put("u8", reply.more)
    out.put("u32", len(reply.elements))
    for element in reply.elements:
        inner = _Writer()
        _put_element(inner, element)
        out.record(inner)
    out.put("u8", reply.state is not None)
    if reply.state is not None:
        out.text(reply.state.unit)
        out.numbers("Q", reply.state.selection)
        out.put("u32", len(reply.state.layers))
        for layer in reply.state.layers:
            _put_layer(out, layer)
    out.put("u32", len(reply.drawn))
    for one in reply.drawn:
        out.put("u64", one.id)
        out.numbers("d", one.transform)
        out.put("u32", len(one.data))
        out.data += one.data
    names = () if reply.state is None else reply.state.blocks
    out.put("u32", len(names))
    for name in names:
        out.text(name)
    return _message(out)


def _message(out: _Writer) -> bytes:
    return struct.pack("<2sBBI", b"VK", *VERSION, len(out.data)) + out.data


def _put_optional(out: _Writer, value: Any, kind: str) -> None:
    out.put("u8", value is not None)
    if value is not None:
        if kind == "text":
            out.text(value)
        else:
            out.put(kind, value)


def _put_question(out: _Writer, question: Question | None) -> None:
    match question:
        case None:
            out.put("u8", 0)
        case Query():
            out.put("u8", 4 if question.drawn else 1)
            _put_optional(out, question.parent, "u64")
            _put_optional(out, question.kind, "text")
            _put_optional(out, question.layer, "text")
            out.numbers("d", question.box or ())
            out.put("u64", question.after)
        case Get(ids):
            out.put("u8", 2)
            out.numbers("Q", ids)
        case AskState():
            out.put("u8", 3)


def _put_command(out: _Writer, command: Command) -> None:
    match command:
        case Create(element) | Update(element):
            _put_element(out, element)
        case Delete(number):
            out.put("u64", number)
        case SetLayer(layer):
            _put_layer(out, layer)
        case DeleteLayer(text) | SetUnit(text):
            out.text(text)
        case DefineBlock(name, source):
            out.text(name)
            _put_optional(out, source, "text")
        case Select(ids):
            out.numbers("Q", ids)


def _put_layer(out: _Writer, layer: Layer) -> None:
    out.text(layer.name)
    out.put("u32", layer.color)
    out.put("u8", layer.visible)


def _put_element(out: _Writer, element: Element) -> None:
    out.put("u64", element.id)
    out.put("u64", element.parent)
    out.text(element.layer)
    _put_optional(out, element.color, "u32")
    shape = element.shape
    out.put("u8", KIND_NUMBERS[shape.kind])
    for name, check in shape.fields.items():
        value = getattr(shape, name)
        if check in _POINTS:
            out.numbers("d", chain.from_iterable(value))
        elif check == "Faces":
            out.numbers("I", flat_faces(value))
        elif check == "Transform":
            out.numbers("d", value)
        elif check in {"Parameters", "Limits"}:
            out.put("u32", len(value))
            for key, given in value:
                out.text(key)
                _put_parameter(out, given)
        elif check == "Inputs":
            out.put("u32", len(value))
            for key, given in value:
                out.text(key)
                out.put("u64", given)
        elif check in {"str", "Name"}:
            out.text(value)
        else:
            out.put({"bool": "u8", "Id": "u64"}.get(check, "f64"), value)


def _put_parameter(out: _Writer, value: Any) -> None:
    if type(value) is str:
        out.put("u8", 2)
        out.text(value)
    elif type(value) is bool:
        out.put("u8", 3)
        out.put("u8", value)
    elif type(value) is tuple:
        out.put("u8", 4)
        out.numbers("d", value)
    else:
        out.put("u8", 1)
        out.put("f64", value)


# -- in


def decode_request(data: bytes) -> Request:
    """A request from hostile bytes.

    Raises:
        NewerWire: it has a newer major version.
        WireError: anything else is wrong.
    """
    reader = _open(data, MOST_REQUEST)
    want = reader.get("u32")
    progress = None
    if reader.get("u8"):
        progress = Progress(_optional(reader, "f64"), reader.text())
    question = _question(reader)
    commands = []
    for index in range(reader.count()):
        try:
            commands.append(_command(reader.get("u8"), reader.record()))
        except ValueError as error:
            raise WireError(f"command {index}: {error}") from None
    return Request(tuple(commands), question, want, progress)


def decode_reply(data: bytes) -> Reply:
    """A reply from bytes.

    Raises:
        NewerWire: it has a newer major version.
        WireError: anything else is wrong.
    """
    reader = _open(data, MOST_REPLY)
    first, count, more = reader.get("u64"), reader.get("u32"), bool(reader.get("u8"))
    state = None
    try:
        elements = tuple(_element(reader.record()) for _ in range(reader.count()))
        if reader.get("u8"):
            unit, selection = reader.text(), tuple(reader.numbers("Q"))
            layers = tuple(_layer(reader) for _ in range(reader.count()))
            state = State(layers, unit, selection)
        drawn: tuple[Drawn, ...] = ()
        if reader.at < len(reader.data):  # not in version 1.0
            drawn = tuple(_drawn(reader) for _ in range(reader.count()))
            names = tuple(reader.text() for _ in range(reader.count()))
            state = state and state._replace(blocks=names)
    except WireError:
        raise
    except ValueError as error:
        raise WireError(str(error)) from None
    return Reply(first, count, elements, more, state, drawn)


def _open(data: bytes, most: int) -> _Reader:
    if len(data) > most:
        raise WireError(f"a message has at most {most} bytes, this one {len(data)}")
    reader = _Reader(memoryview(data))
    magic, major, minor, size = struct.unpack("<2sBBI", reader.take(8))
    if magic != b"VK":
        raise WireError("these bytes are no message of the protocol")
    check_version(major, minor)
    if size != len(data) - 8:
        raise WireError("the message has not the length that it says")
    return reader


def _optional(reader: _Reader, kind: str) -> Any:
    if not reader.get("u8"):
        return None
    return reader.text() if kind == "text" else reader.get(kind)


def _question(reader: _Reader) -> Question | None:
    kind = reader.get("u8")
    if kind == 0:
        return None
    if kind in {1, 4}:
        parent = _optional(reader, "u64")
        what, layer = _optional(reader, "text"), _optional(reader, "text")
        box = tuple(reader.numbers("d"))
        if box and (len(box) != 6 or any(number != number for number in box)):
            raise WireError("a box has six numbers")
        return Query(parent, what, layer, box or None, reader.get("u64"), drawn=kind == 4)
    if kind == 2:
        return Get(tuple(reader.numbers("Q")))
    if kind == 3:
        return AskState()
    raise WireError("this question is not known here; the extension may need a newer version")


def _command(number: int, reader: _Reader) -> Command:
    if not 1 <= number <= len(_COMMANDS):
        raise WireError("this command is not known here; the extension may need a newer version")
    kind = _COMMANDS[number - 1]
    if kind is Create or kind is Update:
        return kind(_element(reader))
    if kind is Delete:
        return Delete(reader.get("u64"))
    if kind is SetLayer:
        return SetLayer(_layer(reader))
    if kind is Select:
        return Select(tuple(reader.numbers("Q")))
    if kind is DefineBlock:
        return DefineBlock(reader.text(), _optional(reader, "text"))
    return DeleteLayer(reader.text()) if kind is DeleteLayer else SetUnit(reader.text())


def _drawn(reader: _Reader) -> Drawn:
    number, transform = reader.get("u64"), tuple(reader.numbers("d"))
    return Drawn(number, transform, bytes(reader.record().data))


def _layer(reader: _Reader) -> Layer:
    return Layer(reader.text(), reader.get("u32"), _flag(reader))


def _flag(reader: _Reader) -> bool:
    value = reader.get("u8")
    if value > 1:
        raise WireError(f"a flag is 0 or 1, got {value}")
    return bool(value)


def _element(reader: _Reader) -> Element:
    number, parent, layer = reader.get("u64"), reader.get("u64"), reader.text()
    color = _optional(reader, "u32")
    kind = _KINDS.get(reader.get("u8"))
    if kind is None:
        raise WireError("an element has a kind of shape that is not known here")
    return Element(number, _shape(kind, reader), parent, layer, color)


def _shape(kind: str, reader: _Reader) -> Shape:
    fields: dict[str, Any] = {}
    for name, check in SHAPES[kind].fields.items():
        if name in _SINCE_1_1 and reader.at == len(reader.data):
            continue
        if check in _POINTS:
            fields[name] = points_of(reader.numbers("d"), _POINTS[check])
        elif check == "Faces":
            fields[name] = faces_of(reader.numbers("I"))
        elif check == "Transform":
            fields[name] = tuple(reader.numbers("d"))
        elif check in {"Parameters", "Limits"}:
            pairs = [(reader.text(), _parameter(reader)) for _ in range(reader.count())]
            fields[name] = tuple(pairs)
        elif check == "Inputs":
            ids = [(reader.text(), reader.get("u64")) for _ in range(reader.count())]
            fields[name] = tuple(ids)
        elif check in {"str", "Name"}:
            fields[name] = reader.text()
        elif check == "bool":
            fields[name] = _flag(reader)
        else:
            fields[name] = reader.get("u64" if check == "Id" else "f64")
    return SHAPES[kind](**fields)


def _parameter(reader: _Reader) -> Any:
    kind = reader.get("u8")
    if kind == 1:
        return reader.get("f64")
    if kind == 2:
        return reader.text()
    if kind == 3:
        return _flag(reader)
    if kind == 4:
        return tuple(reader.numbers("d"))
    raise WireError("a parameter is a number, text, a flag or numbers")
