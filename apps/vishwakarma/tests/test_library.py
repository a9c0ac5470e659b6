"""The library's blocks: real geometry, with exact expectations, and sliders that stay in bounds."""

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from ringfence import blocks
from vishwakarma_app.blocks import LIBRARY, BlockRunner, insert, unpacked
from vishwakarma_app.document import Box, Document

Kind = blocks.Kind


class Bench:
    """Evaluates blocks one by one, in one guest."""

    def __init__(self) -> None:
        self.document = Document()
        self.runner = BlockRunner(self.document, engine="native")

    def __call__(self, name: str, **parameters: Any) -> tuple[np.ndarray[Any, Any], Box]:
        made = insert(self.document, name, parameters=parameters)
        done = self.runner.evaluate()
        assert done.failed == ()
        geometry = self.document.geometry(made)
        assert geometry is not None and geometry.box is not None
        return unpacked(geometry.data)[0], geometry.box

    def refusal(self, name: str, **parameters: Any) -> str:
        insert(self.document, name, parameters=parameters)
        (failed,) = self.runner.evaluate().failed
        self.document.undo()
        self.runner.evaluate()
        return failed.message


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.runner.close()


def of(records: np.ndarray[Any, Any], kind: Kind) -> np.ndarray[Any, Any]:
    found: np.ndarray[Any, Any] = records["data"][records["kind"] == kind]
    return found


def area(points: np.ndarray[Any, Any]) -> float:
    x, y = points[:, 0], points[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def test_there_are_ten_each_with_a_title_and_bounds_for_every_parameter() -> None:
    assert sorted(LIBRARY) == [
        "bolt_circle", "door", "pipe_flange", "space_frame", "spiral_staircase", "spur_gear",
        "staircase", "steel_profile", "truss", "window_grid",
    ]  # fmt: skip
    with BlockRunner(Document()) as runner:
        for name, one in LIBRARY.items():
            assert one.name == name and one.title and one.publisher == "vishwakarma"
            parameters = runner.parameters(name)
            assert [each.name for each in parameters] == list(one.bounds)
            for each in parameters:
                assert each.title
                if each.low is not None:
                    assert each.high is not None and each.step is not None
                    assert each.default is not None
                    assert each.low <= each.default <= each.high and each.step > 0


@pytest.mark.parametrize("name", LIBRARY)
def test_at_both_ends_of_its_sliders_a_block_is_drawn_or_says_why_not(name: str) -> None:
    document = Document()
    with BlockRunner(document, engine="native") as runner:
        for parameter in runner.parameters(name):
            for value in (parameter.low, parameter.high):
                if value is not None:
                    insert(document, name, parameters={parameter.name: value})
        done = runner.evaluate()
        assert len(done.evaluated) >= len(document) // 2
        assert {one.status for one in done.failed} <= {"error"}
        assert all("ValueError: " in one.reason for one in done.failed)


def test_staircase(bench: Bench) -> None:
    records, box = bench("staircase", steps=3, rise=0.2, going=0.3, width=1.0, thickness=0.05)
    treads = of(records, Kind.CUBOID)
    assert treads.tolist() == [
        pytest.approx([i * 0.3, 0, (i + 1) * 0.2 - 0.05, 0.3, 1.0, 0.05]) for i in range(3)
    ]
    assert len(of(records, Kind.LINE3)) == 2 * (1 + 2 + 1)
    assert box == pytest.approx(Box(0, 0, 0, 0.9, 1.0, 0.6 + 0.9))
    assert "a tread is as thick" in bench.refusal("staircase", thickness=1.0)


@pytest.mark.parametrize(
    ("teeth", "module", "angle"), [(24, 2.0, 20.0), (17, 3.0, 14.5), (60, 1.0, 25.0)]
)
def test_spur_gear_has_involute_teeth(
    bench: Bench, teeth: int, module: float, angle: float
) -> None:
    records, box = bench(
        "spur_gear", teeth=teeth, module=module, pressure_angle=angle, bore=4.0, thickness=5.0
    )
    points = of(records, Kind.VERTEX)[:, :2]
    assert len(points) == teeth * 14
    radius = np.hypot(points[:, 0], points[:, 1])
    pitch, alpha = module * teeth / 2, math.radians(angle)
    base, tip, root = pitch * math.cos(alpha), pitch + module, pitch - 1.25 * module
    assert radius.max() == pytest.approx(tip) and radius.min() == pytest.approx(root)
    # Two corners of every tooth are on the tip circle, half a tooth's width at each side.
    tips = points[np.isclose(radius, tip)]
    assert len(tips) == 2 * teeth
    # Each flank is an involute: unrolled, the string is as long as the arc of the base circle.
    half = math.pi / (2 * teeth) + math.tan(alpha) - alpha
    for x, y in points[1:7]:
        r = math.hypot(x, y)
        phi = math.acos(min(1.0, base / r))
        assert math.atan2(y, x) == pytest.approx(-(half - (math.tan(phi) - phi)))
    # At the pitch circle a tooth is as wide as a gap.
    turns = np.unwrap(np.arctan2(points[1:7, 1], points[1:7, 0]))
    assert np.interp(pitch, radius[1:7], turns) == pytest.approx(-math.pi / (2 * teeth), rel=0.02)
    assert area(points) > 0 and of(records, Kind.EXTRUSION)[0, 1] == 5.0
    assert box.z2 == 5.0


def test_spur_gear_says_what_cannot_be(bench: Bench) -> None:
    assert "the bore reaches the teeth" in bench.refusal("spur_gear", bore=60.0, teeth=24)
    assert bench.refusal("spur_gear", teeth=2).startswith("spur_gear, line ")


@pytest.mark.parametrize(
    ("section", "height", "width", "square_millimetres"),
    # Areas of the tables of EN 10365, in mm².
    [("IPE 200", 200, 100, 2848), ("IPE 300", 300, 150, 5381), ("HEA 200", 190, 200, 5383), ("HEA 300", 290, 300, 11250)],
)  # fmt: skip
def test_steel_profile_has_the_area_of_the_table(
    bench: Bench, section: str, height: float, width: float, square_millimetres: float
) -> None:
    records, box = bench("steel_profile", section=section, length=0.0)
    points = of(records, Kind.VERTEX)[:-1, :2]
    assert box == pytest.approx(Box(-width / 2, -height / 2, 0, width / 2, height / 2, 0))
    assert area(points) == pytest.approx(square_millimetres, rel=0.003)
    assert {tuple(point) for point in np.round(points, 9)} == {
        tuple(point) for point in np.round(-points, 9)
    }


def test_steel_profile_has_fillets_of_the_radius_of_the_table(bench: Bench) -> None:
    records, box = bench("steel_profile", section="IPE 200", length=3000.0, scale=0.001)
    points = of(records, Kind.VERTEX)[:, :2] * 1000
    centre = np.array([5.6 / 2 + 12, -(100 - 8.5 - 12)])
    on_it = np.isclose(np.hypot(*(points - centre).T), 12)
    assert on_it.sum() == 7
    assert box.z2 == 3000.0
    assert "there is no section IPE 210" in bench.refusal("steel_profile", section="IPE 210")


def test_window_grid(bench: Bench) -> None:
    records, box = bench("window_grid", columns=4, rows=3)
    panes = of(records, Kind.CUBOID)
    assert len(panes) == 12 and len(of(records, Kind.POLYLINE)) == 12
    assert panes[5, :3].tolist() == pytest.approx([1.8, 0, 3.9])
    assert box == pytest.approx(Box(0, 0, 0.9, 4 * 1.2 + 3 * 0.6, 0.06, 2 * 3 + 0.9 + 1.5))


def test_bolt_circle(bench: Bench) -> None:
    records, _ = bench("bolt_circle", bolts=6, diameter=80.0, hole=10.0, first=15.0)
    pitch, *holes = of(records, Kind.CIRCLE).tolist()
    assert pitch[:3] == [0, 0, 40]
    assert [hole[:3] for hole in holes] == [
        pytest.approx([40 * math.cos(a), 40 * math.sin(a), 5])
        for a in (math.radians(15 + 60 * i) for i in range(6))
    ]
    assert "the holes touch each other" in bench.refusal("bolt_circle", bolts=36, hole=20.0)


@pytest.mark.parametrize(
    ("kind", "members"), [("pratt", 8 + 8 + 9 + 8), ("howe", 33), ("warren", 8 + 7 + 16)]
)
def test_truss(bench: Bench, kind: str, members: int) -> None:
    records, _ = bench("truss", kind=kind, span=16.0, height=2.0, panels=8)
    lines = of(records, Kind.LINE3)
    assert len(lines) == members
    diagonals = lines[(lines[:, 0] != lines[:, 3]) & (lines[:, 2] != lines[:, 5])]
    length = math.hypot(1.0 if kind == "warren" else 2.0, 2.0)
    assert np.allclose(np.linalg.norm(diagonals[:, :3] - diagonals[:, 3:], axis=1), length)
    # Loaded from above, the diagonals of a Pratt truss are pulled: they fall towards the middle.
    left = diagonals[(diagonals[:, 0] < 8) & (diagonals[:, 3] < 8.1)]
    falls = (left[:, 5] - left[:, 2]) * (left[:, 3] - left[:, 0]) < 0
    if kind != "warren":
        assert falls.all() == (kind == "pratt") and falls.any() == (kind == "pratt")
    # A plane truss that is statically determinate: members = 2 joints - 3.
    joints = {tuple(np.round(end, 9)) for line in lines for end in (line[:3], line[3:])}
    assert members == 2 * len(joints) - 3


def test_spiral_staircase(bench: Bench) -> None:
    records, box = bench("spiral_staircase", steps=12, turn=360.0, radius=1.0, rise=0.2, rail=0.9)
    assert len(of(records, Kind.EXTRUSION)) == 12
    assert box == pytest.approx(Box(-1, -1, 0, 1, 1, 12 * 0.2 + 0.9))
    vertices = of(records, Kind.VERTEX)
    treads, rail = vertices[: 12 * 7], vertices[12 * 7 :]
    assert sorted(set(np.round(treads[:, 2], 9))) == pytest.approx(
        [0.2 * (i + 1) - 0.04 for i in range(12)]
    )
    assert np.allclose(np.hypot(rail[:, 0], rail[:, 1]), 1.0)
    assert np.allclose(np.diff(rail[:, 2]), 0.2)


def test_pipe_flange(bench: Bench) -> None:
    records, box = bench("pipe_flange", size=100, pipe=150.0)
    plate, pipe, *bolts = of(records, Kind.CYLINDER)
    assert plate[3:5].tolist() == [110, 20] and pipe[3:5].tolist() == [114.3 / 2, 150]
    assert len(bolts) == 2 * 8
    assert np.allclose([math.hypot(bolt[0], bolt[1]) for bolt in bolts], 90)
    assert min(abs(bolt[0]) for bolt in bolts) > 1, "bolts straddle the axes"
    assert box.z2 == pytest.approx(20 + 0.3 * 114.3 + 150)
    assert "there is no nominal size 90" in bench.refusal("pipe_flange", size=90)


def test_space_frame(bench: Bench) -> None:
    records, box = bench("space_frame", columns=3, rows=2, bay=3.0, depth=1.5, level=6.0, ball=0.1)
    upper = 3 * 3 + 4 * 2
    lower = 2 * 2 + 3 * 1
    lines = of(records, Kind.LINE3)
    assert len(lines) == upper + lower + 4 * 6
    assert len(of(records, Kind.SPHERE)) == 4 * 3 + 3 * 2
    braces = lines[lines[:, 2] != lines[:, 5]]
    assert np.allclose(
        np.linalg.norm(braces[:, :3] - braces[:, 3:], axis=1), math.sqrt(2 * 1.5**2 + 1.5**2)
    )
    assert box == pytest.approx(Box(-0.1, -0.1, 5.9, 9.1, 6.1, 7.6))


@pytest.mark.parametrize("left", [True, False])
def test_door(bench: Bench, left: bool) -> None:
    records, box = bench("door", width=1.0, height=2.0, opening=90.0, left=left, wall=0.1)
    leaf = of(records, Kind.VERTEX)[:, :2]
    hinge = 0.0 if left else 1.0
    assert leaf[:2].tolist() == [pytest.approx([hinge, 0.1]), pytest.approx([hinge, 1.1])]
    (swing,) = of(records, Kind.ARC)
    assert swing[:5].tolist() == [hinge, 0.1, 1.0, 0.0 if left else 90.0, 90.0 if left else 180.0]
    assert box.y2 == pytest.approx(1.1) and box.z2 == pytest.approx(2.06)


def test_no_two_draw_the_same(bench: Bench) -> None:
    drawn = [bench(name)[0].tobytes() for name in LIBRARY]
    assert all(a != b for a, b in itertools.combinations(drawn, 2))
