"""glTF, read back by trimesh, and taken apart by hand as the specification says."""

import io
import json
import math
import struct
from typing import Any

import numpy as np
import pytest
import trimesh

from apps.vishwakarma.tests.samples import full
from vishwakarma_api.v1 import shapes
from vishwakarma_app import blocks
from vishwakarma_app.document import Document
from vishwakarma_app.errors import ExtensionFailed
from vishwakarma_app.extensions import Outcome, run_extension, shipped

SIZES = {5126: 4, 5125: 4}
PARTS = {"SCALAR": 1, "VEC3": 3}


def export(document: Document, engine: str = "native", **parameters: Any) -> tuple[bytes, Outcome]:
    target = io.BytesIO()
    outcome = run_extension(
        document, shipped()["gltf-export"], target=target, parameters=parameters, engine=engine
    )
    return target.getvalue(), outcome


def parse(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The JSON and the buffer of a .glb file; every rule of the container, and of what refers to
    what."""
    magic, version, size = struct.unpack_from("<4sII", data)
    assert (magic, version, size) == (b"glTF", 2, len(data))
    length, kind = struct.unpack_from("<I4s", data, 12)
    assert kind == b"JSON" and length % 4 == 0
    document = json.loads(data[20 : 20 + length])
    at = 20 + length
    length, kind = struct.unpack_from("<I4s", data, at)
    assert kind == b"BIN\0" and at + 8 + length == len(data)
    buffer = data[at + 8 :]
    assert document["asset"]["version"] == "2.0"
    assert document["buffers"] == [{"byteLength": len(buffer)}]
    ends = 0
    for view in document["bufferViews"]:
        assert view["byteOffset"] == ends and view["byteOffset"] % 4 == 0
        ends += view["byteLength"]
    assert ends == len(buffer)
    for accessor in document["accessors"]:
        view = document["bufferViews"][accessor["bufferView"]]
        width = SIZES[accessor["componentType"]] * PARTS[accessor["type"]]
        assert view["byteLength"] == accessor["count"] * width > 0
    for mesh in document["meshes"]:
        for primitive in mesh["primitives"]:
            position = document["accessors"][primitive["attributes"]["POSITION"]]
            found = values(document, buffer, primitive["attributes"]["POSITION"])
            assert position["min"] == found.min(0).tolist()
            assert position["max"] == found.max(0).tolist()
            assert 0 <= primitive["material"] < len(document["materials"])
            if primitive["mode"] == 4:
                corners = values(document, buffer, primitive["indices"])
                assert len(corners) % 3 == 0 and corners.max() < len(found)
            else:
                assert primitive["mode"] == 0 or len(found) % 2 == 0
    return document, buffer


def values(document: dict[str, Any], buffer: bytes, index: int) -> Any:
    accessor = document["accessors"][index]
    view = document["bufferViews"][accessor["bufferView"]]
    kind = "<f4" if accessor["componentType"] == 5126 else "<u4"
    found = np.frombuffer(buffer, kind, view["byteLength"] // 4, view["byteOffset"])
    return found.reshape(-1, 3) if accessor["type"] == "VEC3" else found


def read(data: bytes) -> Any:
    return trimesh.load(io.BytesIO(data), file_type="glb")


@pytest.mark.parametrize("engine", ["native", "wasi"])
def test_solids_come_out_where_they_are_in_metres_with_y_up(engine: str) -> None:
    document = Document("mm")
    far = 2.0**30
    with document.transaction() as edit:
        edit.set_layer("steel", color=0x808080FF)
        edit.create(shapes.Cuboid3D(far, 1000, 0, 2000, 3000, 4000), layer="steel")
        outline = [(0, 0), (2000, 0), (2000, 1000), (1000, 1000), (1000, 2000), (0, 2000)]
        moved = [(x + far, y) for x, y in outline]
        edit.create(shapes.Extrusion3D(moved, 500, z=5000), color=0xFF000080)
    data, outcome = export(document, engine)
    assert outcome.value == {"triangles": 12 + 8 + 12, "lines": 0, "points": 0}
    found, _ = parse(data)
    assert [one["name"] for one in found["materials"]] == ["#ff000080", "#808080ff"]
    assert found["materials"][0]["alphaMode"] == "BLEND"
    assert found["materials"][0]["pbrMetallicRoughness"]["baseColorFactor"] == [1, 0, 0, 128 / 255]
    grey = found["materials"][1]["pbrMetallicRoughness"]["baseColorFactor"][0]
    assert grey == pytest.approx(0.21586, abs=1e-5)
    assert [one["name"] for one in found["meshes"]] == ["0", "steel"]
    scene = read(data)
    x = far / 1000
    np.testing.assert_allclose(scene.bounds, [[x, 0, -4], [x + 2, 5.5, 0]], rtol=0, atol=1e-6)
    bodies = [scene.geometry[name] for name in scene.geometry]
    assert all(one.is_watertight for one in bodies)
    volumes = sorted(one.volume for one in scene.dump())
    np.testing.assert_allclose(volumes, [1.5, 24.0], rtol=1e-6)


def test_every_kind_that_gltf_can_show_is_there() -> None:
    data, outcome = export(full(), members=0.5)
    assert outcome.stdout == "1 texts are left out: glTF has none\n"
    found, _ = parse(data)
    modes = {one["mode"] for mesh in found["meshes"] for one in mesh["primitives"]}
    assert modes == {0, 1, 4}
    assert outcome.value["points"] == 4
    thin, fewer = export(full(), lines=False)
    assert (fewer.value["lines"], fewer.value["points"]) == (0, 0)
    parse(thin)
    # A member with a diameter is a solid.
    assert outcome.value["triangles"] - fewer.value["triangles"] == 2 * 8 + 2 * 6


def test_a_member_is_a_bar_between_its_nodes() -> None:
    document = Document("m")
    with document.transaction() as edit:
        start, end = [edit.create(shapes.Node3D(*one)) for one in ((0, 0, 0), (3, 4, 12))]
        edit.create(shapes.Member3D(start, end, "CHS 200"))
    data, _ = export(document, members=0.2, lines=False)
    (bar,) = read(data).dump()
    assert bar.is_watertight
    area = 8 * 0.1**2 * math.sin(math.pi / 4) / 2
    assert bar.volume == pytest.approx(13 * area, rel=1e-5)
    thin, outcome = export(document)
    assert outcome.value == {"triangles": 0, "lines": 1, "points": 2}
    parse(thin)


def test_blocks_are_exported_as_what_they_draw() -> None:
    document = Document("m")
    lifted = (0.0, -1.0, 0.0, 10.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 5.0)
    blocks.insert(document, "staircase", parameters={"steps": 3, "rail": 0.0}, transform=lifted)
    with blocks.BlockRunner(document, engine="native") as runner:
        assert runner.evaluate().failed == ()
    data, outcome = export(document)
    assert outcome.value == {"triangles": 3 * 12, "lines": 2, "points": 0}
    found, _ = parse(data)
    assert [one["name"] for one in found["materials"]] == ["#c8a06eff", "#5a6470ff"]
    assert found["nodes"][0] == {"name": "0", "mesh": 0}
    treads = [one for one in read(data).dump() if hasattr(one, "volume")]
    assert sum(one.volume for one in treads) == pytest.approx(3 * 0.28 * 1.2 * 0.05, rel=1e-5)
    low, high = read(data).bounds
    np.testing.assert_allclose(low, [10 - 1.2, 5, -3 * 0.28], atol=1e-6)
    np.testing.assert_allclose(high, [10, 5 + 3 * 0.175, 0], atol=1e-6)


def test_what_cannot_be_exported_is_said() -> None:
    for document, parameters, words in (
        (Document(), {}, "there is nothing to export that glTF can show"),
        (full(), {"segments": 5}, "segments must be from 6 to 360, not 5"),
        (full(), {"layers": "0,none"}, "there is no layer 'none'"),
        (full(), {"members": -1.0}, "members must not be negative, got -1.0"),
    ):
        with pytest.raises(ExtensionFailed, match=words):
            export(document, **parameters)


def test_hidden_layers_stay_out() -> None:
    document = Document("m")
    with document.transaction() as edit:
        edit.set_layer("off", visible=False)
        edit.create(shapes.Cuboid3D(0, 0, 0, 1, 1, 1), layer="off")
        edit.create(shapes.Sphere3D(0, 0, 5, 1))
    scene = read(export(document, segments=64)[0])
    np.testing.assert_allclose(scene.bounds, [[-1, 4, -1], [1, 6, 1]], atol=1e-6)
