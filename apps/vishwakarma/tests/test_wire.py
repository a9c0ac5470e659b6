"""The wire: both codecs mean the same, old messages decode, hostile ones are refused."""

import json
import math
import random
import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from apps.vishwakarma.scripts.check_proto import CURRENT, breaks, compiled, released
from apps.vishwakarma.tests import requests
from apps.vishwakarma.tests.requests import ELEMENTS, PLAIN
from vishwakarma_api.v1.elements import Element
from vishwakarma_api.v1.shapes import SHAPES, Line2D, Shape, Text2D
from vishwakarma_api.v1.wire import geometry_pb2 as pb
from vishwakarma_api.v1.wire import packed, protobuf
from vishwakarma_api.v1.wire.messages import (
    MOST_COMMANDS,
    MOST_REQUEST,
    Create,
    NewerWire,
    Query,
    Request,
    Wire,
    WireError,
)

WIRES: dict[str, Wire] = {"protobuf": protobuf, "packed": packed}
GOLDEN = {
    version: json.loads((Path(__file__).parent / f"golden/wire_{version}.json").read_text())
    for version in ("1_0", "1_1")
}
REQUESTS = {"1_0": requests.REQUESTS, "1_1": requests.REQUESTS_1_1}
REPLIES = {"1_0": requests.REPLIES, "1_1": requests.REPLIES_1_1}
ALL_REQUESTS = REQUESTS["1_0"] | REQUESTS["1_1"]
ALL_REPLIES = REPLIES["1_0"] | {f"{name} 1.1": one for name, one in REPLIES["1_1"].items()}

both = pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES)


@both
@pytest.mark.parametrize("name", ALL_REQUESTS)
def test_requests_come_out_as_they_went_in(wire: Wire, name: str) -> None:
    assert wire.decode_request(wire.encode_request(ALL_REQUESTS[name])) == ALL_REQUESTS[name]


@both
@pytest.mark.parametrize("name", ALL_REPLIES)
def test_replies_come_out_as_they_went_in(wire: Wire, name: str) -> None:
    assert wire.decode_reply(wire.encode_reply(ALL_REPLIES[name])) == ALL_REPLIES[name]


@pytest.mark.parametrize("version", GOLDEN)
@pytest.mark.parametrize("wire", WIRES)
def test_golden_messages_of_every_version_still_decode(wire: str, version: str) -> None:
    golden = GOLDEN[version][wire]
    decoded = {
        name: WIRES[wire].decode_request(bytes.fromhex(text))
        for name, text in golden["requests"].items()
    }
    assert decoded == REQUESTS[version]
    replies = {
        name: WIRES[wire].decode_reply(bytes.fromhex(text))
        for name, text in golden["replies"].items()
    }
    assert replies == REPLIES[version]


def test_there_is_a_number_for_every_kind_on_both_wires() -> None:
    oneof = pb.Element.DESCRIPTOR.oneofs_by_name["shape"]
    assert {field.name: field.number for field in oneof.fields} == packed.KIND_NUMBERS
    assert packed.KIND_NUMBERS.keys() == SHAPES.keys()


def test_messages_have_the_fields_of_the_shapes() -> None:
    for field in pb.Element.DESCRIPTOR.oneofs_by_name["shape"].fields:
        assert field.message_type is not None
        assert [one.name for one in field.message_type.fields] == list(SHAPES[field.name].fields)


# -- evolution


@pytest.mark.parametrize("old", released(), ids=lambda path: path.parent.name)
def test_nothing_breaks_since(old: Path) -> None:
    assert breaks(compiled(old), compiled(CURRENT)) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("double x1 = 1;", "float x1 = 1;"), ["Line.x1: field 1 changed"]),
        (
            ("double x1 = 1;", "double x1 = 5;"),
            [
                "Line.x1: it was removed, and number 1 is not reserved",
                "Line.x1: it was removed, and its name is not reserved",
                "Line.x1: a new field must be optional",
            ],
        ),
        (("double x1 = 1;", "double left = 1;"), ["Line.x1: field 1 changed"]),
        (("double x1 = 1;", "optional double x1 = 1;"), ["Line.x1: field 1 changed"]),
        (("double x1 = 1;", "repeated double x1 = 1;"), ["Line.x1: field 1 changed"]),
        (
            ("  double x1 = 1;\n", "  reserved 1;\n"),
            ["Line.x1: it was removed, and its name is not reserved"],
        ),
        (("  double x1 = 1;\n", '  reserved 1;\n  reserved "x1";\n'), []),
        (
            ("double x1 = 1;", "double x1 = 1;\n  double z1 = 5;"),
            ["Line.z1: a new field must be optional"],
        ),
        (("double x1 = 1;", "double x1 = 1;\n  optional double z1 = 5;"), []),
        (("    Mesh mesh = 34;", "    Mesh mesh = 34;\n    Line spline = 35;"), []),
        (
            ("    Mesh mesh = 34;\n  }", "  }\n  Mesh mesh = 34;"),
            ["Element.mesh: field 34 changed"],
        ),
        (
            ("message Sphere", "message Ball"),
            ["Element.sphere: field 32 changed", "message Sphere was removed"],
        ),
        (
            ("package vishwakarma.geometry.v1;", "package vishwakarma.geometry.v2;"),
            ["package vishwakarma.geometry.v1 became vishwakarma.geometry.v2"],
        ),
    ],
)
def test_what_would_break_is_found(
    tmp_path: Path, change: tuple[str, str], found: list[str]
) -> None:
    text = CURRENT.read_text()
    assert change[0] in text
    text = text.replace(change[0], change[1], 1)
    if change[0] == "message Sphere":
        text = text.replace("Sphere sphere", "Ball sphere")
    (tmp_path / "geometry.proto").write_text(text)
    got = breaks(compiled(CURRENT), compiled(tmp_path / "geometry.proto"))
    assert got == found if "package" not in change[0] else got[:1] == found


def test_what_was_reserved_stays_reserved() -> None:
    old, new = FileDescriptorProto(), FileDescriptorProto()
    message = old.message_type.add(name="A", reserved_name=["gone"])
    message.reserved_range.add(start=3, end=4)
    new.message_type.add(name="A")
    assert breaks(old, new) == [
        "A: number 3 is no longer reserved",
        "A: name gone is no longer reserved",
    ]


def unknown(data: bytes) -> bytes:
    """The same message with a field 2000 that nobody knows: a varint, 1."""
    return data + b"\x80\x7d\x01"


def newer() -> bytes:
    """A request with fields of a newer minor version in the request, the command and the line."""
    line = unknown(pb.Line(x1=1.0).SerializeToString())
    element = pb.Element(id=5)
    element.line.MergeFromString(line)
    command = pb.Command()
    command.create.MergeFromString(unknown(element.SerializeToString()))
    request = pb.Request(major=1, minor=99)
    request.commands.add().MergeFromString(unknown(command.SerializeToString()))
    return unknown(request.SerializeToString())


def test_unknown_fields_are_ignored() -> None:
    assert protobuf.decode_request(newer()) == Request((Create(Element(5, Line2D(1, 0, 0, 0))),))


def test_unknown_fields_are_kept_by_who_passes_a_message_on() -> None:
    assert pb.Request.FromString(newer()).SerializeToString().count(b"\x80\x7d\x01") == 4


def test_absent_fields_have_their_defaults() -> None:
    request = pb.Request(major=1)
    request.commands.add().create.MergeFromString(
        pb.Element(id=5, text=pb.Text(text="a")).SerializeToString()
    )
    assert protobuf.decode_request(request.SerializeToString()) == Request(
        (Create(Element(5, Text2D("a", 0, 0))),)
    )


def test_a_longer_packed_record_is_one_of_a_newer_minor_version() -> None:
    data = packed.encode_request(Request((Create(PLAIN),)))
    size = struct.unpack_from("<I", data, len(data) - 55 - 4)[0]
    assert size == 55
    longer = bytearray(data + b"more")
    struct.pack_into("<I", longer, len(data) - 59, size + 4)
    struct.pack_into("<I", longer, 4, len(longer) - 8)
    assert packed.decode_request(bytes(longer)) == Request((Create(PLAIN),))


def test_a_newer_major_version_is_refused_and_no_other() -> None:
    assert protobuf.decode_request(pb.Request(major=1, minor=77).SerializeToString()) == Request()
    message = r"the message has version 2\.3, and version 1 is understood here"
    with pytest.raises(NewerWire, match=message):
        protobuf.decode_request(pb.Request(major=2, minor=3).SerializeToString())
    data = bytearray(packed.encode_request(Request()))
    data[3] = 77
    assert packed.decode_request(bytes(data)) == Request()
    data[2:4] = 2, 3
    with pytest.raises(NewerWire, match=message):
        packed.decode_request(bytes(data))
    with pytest.raises(WireError, match="the message does not say its version"):
        protobuf.decode_request(b"")


# -- hostile messages


def lying(shape: Shape, **fields: object) -> Request:
    """A request with a shape whose fields were not checked."""
    liar = shape.replace()
    for name, value in fields.items():
        object.__setattr__(liar, name, value)
    return Request((Create(Element(1, liar)),))


@both
@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (lying(PLAIN.shape, x1=math.nan), "command 0: line: x1 must be finite, got nan"),
        (lying(PLAIN.shape, y2=1e300), "command 0: line: y2 must be between -1e15 and 1e15, got 1e+300"),
        (lying(ELEMENTS[3].shape, points=((0.0, 0.0),)), "command 0: polyline: points must have at least 2 points, got 1"),
        (lying(ELEMENTS[3].shape, points=((0.0,), (1.0, 1.0))), "command 0: points have 2 numbers each, and 3 came"),
        (lying(ELEMENTS[-1].shape, faces=((0, 1, 9),)), "command 0: mesh: face 0 has corner 9, and there are 3 vertices"),
        (lying(ELEMENTS[-1].shape, faces=((),)), "command 0: mesh: faces face 0 must have at least 3 corners, and all at most 4,000,000"),
        (lying(ELEMENTS[6].shape, text="a\0b"), "command 0: text: text must not contain NUL"),
        (lying(ELEMENTS[9].shape, transform=(1.0,)), "command 0: block: transform must have 12 numbers, got 1"),
        (lying(ELEMENTS[11].shape, start=2**63), "command 0: member: start must be an id between 0 and 2**62, got 9223372036854775808"),
        (Request(question=Query(box=(0, 0, 0, 1, 1, math.nan))), "a box has six numbers"),
        (Request(question=Query(box=(0, 0, 0))), "a box has six numbers"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_what_a_hostile_extension_packs_is_refused(
    wire: Wire, request_: Request, message: str
) -> None:
    with pytest.raises(WireError, match=f"^{re.escape(message)}$"):
        wire.decode_request(wire.encode_request(request_))


def bomb(count: int) -> bytes:
    """Empty commands, two bytes each."""
    return pb.Request(major=1).SerializeToString() + b"\x22\x00" * count


@pytest.mark.parametrize(
    ("wire", "data", "message"),
    [
        ("protobuf", b"\xff" * 50, "these bytes are no message of the protocol"),
        ("protobuf", b"\x0a\xff\xff\xff\xff\x0f", "these bytes are no message of the protocol"),
        ("protobuf", bytes(MOST_REQUEST + 1), "a message has at most 8388608 bytes, this one 8388609"),
        ("protobuf", bomb(MOST_COMMANDS + 100), "a request has at most 50000 commands"),
        ("protobuf", bomb(4_000_000), "a request has at most 50000 commands"),
        ("protobuf", bomb(1), "command 0: this command is not known here; the extension may need a newer version"),
        ("packed", b"", "the message ends too early"),
        ("packed", b"XX" + bytes(6), "these bytes are no message of the protocol"),
        ("packed", b"VK\1\0" + struct.pack("<I", 100), "the message has not the length that it says"),
        ("packed", bytes(MOST_REQUEST + 1), "a message has at most 8388608 bytes, this one 8388609"),
        ("packed", b"VK\1\0" + struct.pack("<IIBBI", 10, 0, 0, 0, 2**32 - 1), "a message has at most 50000 commands or elements"),
        ("packed", b"VK\1\0" + struct.pack("<IIBBIBI", 15, 0, 0, 0, 1, 99, 0), "command 0: this command is not known here; the extension may need a newer version"),
        ("packed", b"VK\1\0" + struct.pack("<IIBBI", 10, 0, 0, 2, 2**32 - 1), "the message ends too early"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_bytes_that_are_no_message_are_refused(wire: str, data: bytes, message: str) -> None:
    with pytest.raises(WireError, match=f"^{re.escape(message)}$"):
        WIRES[wire].decode_request(data)


def test_an_element_of_an_unknown_kind_is_refused_by_name() -> None:
    request = pb.Request(major=1)
    request.commands.add().create.id = 5
    with pytest.raises(WireError, match="an element has a kind of shape that is not known here"):
        protobuf.decode_request(request.SerializeToString())


def test_parameters_need_as_many_names_as_values() -> None:
    request = pb.Request(major=1)
    element = request.commands.add().create
    element.id = 5
    element.block.block = "b"
    element.block.parameters.number_names.append("a")
    with pytest.raises(WireError, match="as many names as values"):
        protobuf.decode_request(request.SerializeToString())


@both
def test_damaged_messages_decode_to_checked_values_or_are_refused(wire: Wire) -> None:
    chance = random.Random(5)
    whole = [wire.encode_request(one) for one in ALL_REQUESTS.values()]
    decode: Callable[[bytes], Request] = wire.decode_request
    for _ in range(3_000):
        data = bytearray(chance.choice(whole))
        for _ in range(chance.randrange(1, 4)):
            if data:
                data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            request = decode(
                bytes(data[: chance.randrange(len(data) + 1)] if chance.random() < 0.3 else data)
            )
        except WireError:
            continue
        for command in request.commands:
            if isinstance(command, Create):
                assert command.element.shape.replace() == command.element.shape
