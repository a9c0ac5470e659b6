"""The wire in Protocol Buffers: proto/vishwakarma_api/v1/wire/geometry.proto.

Runs on both sides: in guests with protobuf's implementation in Python, on the host with the one
that is installed. Fields of messages have the names of the fields of shapes.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

from google.protobuf.message import DecodeError

from vishwakarma_api.v1.elements import DEFAULT_LAYER, Element, Layer
from vishwakarma_api.v1.shapes import SHAPES, Shape
from vishwakarma_api.v1.wire import geometry_pb2 as pb
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

__all__ = ["decode_reply", "decode_request", "encode_reply", "encode_request"]

_POINTS = {"Points2": 2, "Points3": 3, "Vertices": 3}


# -- out


def encode_request(request: Request) -> bytes:
    """A request as bytes."""
    message = pb.Request(major=VERSION[0], minor=VERSION[1], want_ids=request.want_ids)
    for command in request.commands:
        _put_command(message.commands.add(), command)
    question = request.question
    if isinstance(question, Query):
        _put_query(message.query, question)
    elif isinstance(question, Get):
        message.get.ids.extend(question.ids)
        message.get.SetInParent()
    elif question is not None:
        message.state = True
    if request.progress is not None:
        message.progress.message = request.progress.message
        message.progress.SetInParent()
        if request.progress.fraction is not None:
            message.progress.fraction = request.progress.fraction
    return message.SerializeToString()


def encode_reply(reply: Reply) -> bytes:
    """A reply as bytes."""
    message = pb.Reply(
        major=VERSION[0],
        minor=VERSION[1],
        first_id=reply.first_id,
        id_count=reply.id_count,
        more=reply.more,
    )
    for element in reply.elements:
        _put_element(message.elements.add(), element)
    if reply.state is not None:
        message.state.unit = reply.state.unit
        message.state.selection.extend(reply.state.selection)
        message.state.blocks.extend(reply.state.blocks)
        for layer in reply.state.layers:
            _put_layer(message.state.layers.add(), layer)
    for one in reply.drawn:
        message.drawn.add(id=one.id, transform=one.transform, data=one.data)
    return message.SerializeToString()


def _put_command(target: pb.Command, command: Command) -> None:
    match command:
        case Create(element):
            _put_element(target.create, element)
        case Update(element):
            _put_element(target.update, element)
        case Delete(number):
            target.delete = number
        case SetLayer(layer):
            _put_layer(target.set_layer, layer)
        case DeleteLayer(name):
            target.delete_layer = name
        case SetUnit(unit):
            target.set_unit = unit
        case Select(ids):
            target.select.ids.extend(ids)
            target.select.SetInParent()
        case DefineBlock(name, source):
            target.define_block.name = name
            if source is not None:
                target.define_block.source = source


def _put_layer(target: pb.Layer, layer: Layer) -> None:
    target.name, target.color, target.visible = layer.name, layer.color, layer.visible


def _put_query(target: pb.Query, query: Query) -> None:
    target.after = query.after
    target.SetInParent()
    for name in ("parent", "kind", "layer"):
        if (value := getattr(query, name)) is not None:
            setattr(target, name, value)
    if query.box is not None:
        target.box.extend(query.box)
    if query.drawn:
        target.drawn = True


def _put_element(target: pb.Element, element: Element) -> None:
    target.id = element.id
    target.parent = element.parent
    if element.layer != DEFAULT_LAYER:
        target.layer = element.layer
    if element.color is not None:
        target.color = element.color
    shape = element.shape
    message = getattr(target, shape.kind)
    message.SetInParent()
    for name, check in shape.fields.items():
        value = getattr(shape, name)
        if check in _POINTS:
            getattr(message, name).extend(chain.from_iterable(value))
        elif check == "Faces":
            message.faces.extend(flat_faces(value))
        elif check == "Transform":
            message.transform.extend(value)
        elif check in {"Parameters", "Limits"}:
            _put_parameters(getattr(message, name), value)
        elif check == "Inputs":
            message.inputs.names.extend(key for key, _ in value)
            message.inputs.ids.extend(number for _, number in value)
        else:
            setattr(message, name, value)


def _put_parameters(target: pb.Parameters, value: Any) -> None:
    for name, given in value:
        if type(given) is tuple:
            target.list_names.append(name)
            target.lists.add().numbers.extend(given)
            continue
        what = "flag" if type(given) is bool else "text" if type(given) is str else "number"
        getattr(target, f"{what}_names").append(name)
        getattr(target, f"{what}s").append(given)


# -- in


def decode_request(data: bytes) -> Request:
    """A request from hostile bytes.

    Raises:
        NewerWire: it has a newer major version.
        WireError: anything else is wrong.
    """
    message: Any = _parse(pb.Request, data, MOST_REQUEST)
    commands = []
    for index, one in enumerate(message.commands):
        try:
            commands.append(_command(one))
        except ValueError as error:
            raise WireError(f"command {index}: {error}") from None
    return Request(tuple(commands), _question(message), message.want_ids, _progress(message))


def decode_reply(data: bytes) -> Reply:
    """A reply from bytes.

    Raises:
        NewerWire: it has a newer major version.
        WireError: anything else is wrong.
    """
    message: Any = _parse(pb.Reply, data, MOST_REPLY)
    try:
        state = None
        if message.HasField("state"):
            layers = tuple(_layer(one) for one in message.state.layers)
            state = State(
                layers,
                message.state.unit,
                tuple(message.state.selection),
                tuple(message.state.blocks),
            )
        elements = tuple(_element(one) for one in message.elements)
    except ValueError as error:
        raise WireError(str(error)) from None
    drawn = tuple(Drawn(one.id, tuple(one.transform), one.data) for one in message.drawn)
    return Reply(message.first_id, message.id_count, elements, message.more, state, drawn)


def _parse(kind: Any, data: bytes, most: int) -> Any:
    if len(data) > most:
        raise WireError(f"a message has at most {most} bytes, this one {len(data)}")
    _count_fields(data)
    try:
        message = kind.FromString(data)
    except (DecodeError, UnicodeDecodeError):
        raise WireError("these bytes are no message of the protocol") from None
    check_version(message.major, message.minor)
    return message


def _count_fields(data: bytes) -> None:
    """Bound the fields of the outer message before anything is made of them: an empty one takes
    two bytes, and fifty in memory. https://protobuf.dev/programming-guides/encoding/
    """
    at, end = 0, len(data)
    for _ in range(MOST_COMMANDS + 16):
        if at >= end:
            return
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 2:
            size, at = _varint(data, at)
            at += size
        elif kind == 0:
            _, at = _varint(data, at)
        elif kind in {1, 5}:
            at += 8 if kind == 1 else 4
        else:
            raise WireError("these bytes are no message of the protocol")
    if at < end:
        raise WireError(f"a request has at most {MOST_COMMANDS} commands")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    for byte in data[at : at + 10]:
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise WireError("these bytes are no message of the protocol")


def _command(message: Any) -> Command:
    match message.WhichOneof("command"):
        case "create":
            return Create(_element(message.create))
        case "update":
            return Update(_element(message.update))
        case "delete":
            return Delete(message.delete)
        case "set_layer":
            return SetLayer(_layer(message.set_layer))
        case "delete_layer":
            return DeleteLayer(message.delete_layer)
        case "set_unit":
            return SetUnit(message.set_unit)
        case "select":
            return Select(tuple(message.select.ids))
        case "define_block":
            given = message.define_block
            return DefineBlock(given.name, given.source if given.HasField("source") else None)
        case _:
            raise WireError(
                "this command is not known here; the extension may need a newer version"
            )


def _layer(message: Any) -> Layer:
    visible = message.visible if message.HasField("visible") else True
    return Layer(message.name, message.color, visible)


def _question(message: Any) -> Question | None:
    match message.WhichOneof("question"):
        case "query":
            query = message.query
            box = tuple(query.box)
            if box and (len(box) != 6 or any(number != number for number in box)):
                raise WireError("a box has six numbers")
            given = {
                name: getattr(query, name)
                for name in ("parent", "kind", "layer")
                if query.HasField(name)
            }
            return Query(**given, box=box or None, after=query.after, drawn=query.drawn)
        case "get":
            return Get(tuple(message.get.ids))
        case "state":
            return AskState()
        case _:
            return None


def _progress(message: Any) -> Progress | None:
    if not message.HasField("progress"):
        return None
    progress = message.progress
    return Progress(progress.fraction if progress.HasField("fraction") else None, progress.message)


def _element(message: Any) -> Element:
    kind = message.WhichOneof("shape")
    if kind is None:
        raise WireError("an element has a kind of shape that is not known here")
    return Element(
        message.id,
        _shape(kind, getattr(message, kind)),
        message.parent,
        message.layer or DEFAULT_LAYER,
        message.color if message.HasField("color") else None,
    )


def _shape(kind: str, message: Any) -> Shape:
    fields: dict[str, Any] = {}
    for name, check in SHAPES[kind].fields.items():
        if check in _POINTS:
            fields[name] = points_of(getattr(message, name), _POINTS[check])
        elif check == "Faces":
            fields[name] = faces_of(message.faces)
        elif check in {"Parameters", "Limits"}:
            fields[name] = _parameters(getattr(message, name))
        elif check == "Inputs":
            fields[name] = _pairs(message.inputs.names, message.inputs.ids)
        elif check == "Transform":
            if message.transform:
                fields[name] = tuple(message.transform)
        elif not message.DESCRIPTOR.fields_by_name[name].has_presence or message.HasField(name):
            fields[name] = getattr(message, name)
    return SHAPES[kind](**fields)


def _parameters(message: Any) -> tuple[tuple[str, Any], ...]:
    pairs: list[tuple[str, Any]] = []
    for what in ("number", "text", "flag"):
        pairs += _pairs(getattr(message, f"{what}_names"), getattr(message, f"{what}s"))
    for name, row in _pairs(message.list_names, message.lists):
        pairs.append((name, tuple(row.numbers)))
    return tuple(pairs)


def _pairs(names: Any, values: Any) -> tuple[tuple[str, Any], ...]:
    if len(names) != len(values):
        raise WireError("parameters have as many names as values")
    if len(names) > 1_000:
        raise WireError("there are too many parameters")
    return tuple(zip(names, values, strict=True))
