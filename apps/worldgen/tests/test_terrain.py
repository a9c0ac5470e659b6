"""The spec and the plugins that come with it, on the real host."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest

from apps.worldgen.tests.samples import bundle
from ringfence.plugins import Bundle, analysis
from worldgen.chains import Settings
from worldgen.drawing import MARGIN, draw
from worldgen.errors import WorldRefused
from worldgen.generation import Generator
from worldgen.geometry import DEEPEST, PIXELS, SIDE, Tile, Window
from worldgen.shipped import SHIPPED, shipped
from worldgen.spec import BIOMES, Terrain, reach_of

SIDE_OF_WINDOW = 32
WHERE = {"islands": Window(2, 0, -256, 128, 128), "caves": Window(6, 6_000, 6_000, 128, 128)}
"""Where there is sea, and where there is karst, with the seed 7."""


@pytest.fixture(scope="module")
def everything() -> Iterator[Generator]:
    with Generator([(one, {}) for one in shipped().values()], engine="native") as found:
        yield found


def test_coordinates_are_the_same_bits_from_every_tile() -> None:
    for zoom, margin in ((0, 3), (DEEPEST, 17)):
        x, y = Tile(zoom, 0, -1).window.widened(margin).coordinates()
        right, _ = Tile(zoom, 1, -1).window.widened(margin).coordinates()
        assert x[:, -2 * margin :].tobytes() == right[:, : 2 * margin].tobytes()
        assert x.shape == y.shape == (PIXELS + 2 * margin, PIXELS + 2 * margin)
    x, y = Tile(0, -1, -1).window.coordinates()
    assert x[0, 0] == y[0, 0] == -SIDE / 2 + SIDE / 512 / 2
    assert [Tile(1, x, 0).exists for x in (-3, -2, 1, 2)] == [False, True, True, False]
    assert not Tile(DEEPEST + 1, 0, 0).exists and not Tile(-1, 0, 0).exists


@pytest.mark.parametrize(("zoom", "left", "top"), [(2, -140, -140), (8, 26_400, 9_700)])
def test_seams_are_equal_bit_for_bit_on_all_sides_and_corners(
    everything: Generator, zoom: int, left: int, top: int
) -> None:
    settings = Settings(seed=7)

    def picture(x: int, y: int, across: int = 1) -> np.ndarray:
        window = Window(
            zoom,
            left + x * SIDE_OF_WINDOW,
            top + y * SIDE_OF_WINDOW,
            across * SIDE_OF_WINDOW,
            across * SIDE_OF_WINDOW,
        )
        made = everything.make(window, settings)
        assert made.failures == ()
        return np.dstack(
            [
                draw(made.fields, window.pixel),
                made.fields.cut(MARGIN).elevation.view(np.uint64) % 65_521,
            ]
        )

    whole = picture(-1, -1, across=3)
    diagonal = [(-1, -1), (0, 0), (1, 1)]
    for x, y in product((-1, 0, 1), (-1, 0, 1)) if zoom == 2 else diagonal:
        at_y, at_x = (y + 1) * SIDE_OF_WINDOW, (x + 1) * SIDE_OF_WINDOW
        part = whole[at_y : at_y + SIDE_OF_WINDOW, at_x : at_x + SIDE_OF_WINDOW]
        assert np.array_equal(picture(x, y), part), (x, y)


def test_the_host_asks_for_as_many_pixels_more_as_plugins_look_at(everything: Generator) -> None:
    assert everything.margin == MARGIN + 1  # erosion looks at its neighbours
    assert {
        name: reach_of(one.manifest) for name, one in shipped().items() if reach_of(one.manifest)
    } == {"erosion": 1}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_plugin_does_something_and_the_analysis_has_nothing_to_say(name: str) -> None:
    one = shipped()[name]
    assert analysis.analyze(one).verdict == "clean"
    ground: list[tuple[Bundle, dict[str, float]]] = (
        [(shipped()["ridged-mountains"], {})] if name != "ridged-mountains" else []
    )
    window, settings = WHERE.get(name, Window(4, 1400, -900, 64, 64)), Settings(seed=7)
    with (
        Generator(ground, engine="native") as without,
        Generator([*ground, (one, {})], engine="native") as with_it,
    ):
        before, after = without.make(window, settings).fields, with_it.make(window, settings)
        assert after.failures == ()
        inner = after.fields.cut(0)
        changed = [
            field for field in ("elevation", "water", "hollow", "biome")
            if not np.array_equal(getattr(before, field), getattr(inner, field))
        ]  # fmt: skip
        assert changed


def test_parameters_arrive_and_change_what_is_made() -> None:
    window, settings = Window(2, -32, -32, 64, 64), Settings(seed=7)
    share = {}
    for land in (0.2, 0.8):
        with Generator(
            [(shipped()["ridged-mountains"], {"land": land})], engine="native"
        ) as generator:
            share[land] = (generator.make(window, settings).fields.elevation > 0).mean()
    assert share[0.2] < 0.35 < share[0.8]


def test_the_defaults_of_the_spec_are_a_world_of_low_hills() -> None:
    with Generator([], engine="native") as generator:
        made = generator.make(Window(1, -64, -64, 128, 128), Settings(seed=3))
    ground = made.fields.elevation
    assert made.failures == () and 0.05 < (ground > 0).mean() < 0.8
    assert not made.fields.biome.any() and not made.fields.water.any()


def test_the_sea_level_lowers_the_ground_before_plugins_shape_it() -> None:
    with Generator([], engine="native") as generator:
        window = Window(1, 0, 0, 16, 16)
        usual = generator.make(window, Settings()).fields.elevation
        flooded = generator.make(window, Settings(sea_level=100.0)).fields.elevation
    assert np.array_equal(usual - 100.0, flooded)


def test_every_hook_is_tried_and_every_class_has_a_name() -> None:
    assert {case.hook for case in Terrain.cases} == set(Terrain.hooks)
    assert len(BIOMES) == 13
    for hook in Terrain.hooks.values():
        assert hook.doc


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("[host]\nreach = 99", "from 0 to 16"), ("[host]\nreach = true", "from 0 to 16"),
        ("[host]\nreach = -1", "from 0 to 16"), ("[host]\nreech = 1", "nothing is called so"),
    ],
)  # fmt: skip
def test_a_reach_that_cannot_be_is_refused(host: str, said: str) -> None:
    one = bundle("reaching")
    files = {**one.files, "plugin.toml": one.files["plugin.toml"] + host.encode()}
    with pytest.raises(WorldRefused, match=said):
        reach_of(type(one).of_files(files).manifest)
