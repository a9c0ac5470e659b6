"""The steps of the demo. All of it goes through the addresses that the page uses."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt
from PIL import Image

from worldgen.atlas import Atlas
from worldgen.catalogue import Catalogue
from worldgen.demo.hostile import THIEF, TRAP
from worldgen.drawing import draw, png
from worldgen.errors import WorldgenError
from worldgen.geometry import PIXELS, Tile, Window
from worldgen.web import Server

__all__ = ["DemoFailed", "Step", "run_demo", "walk"]

PLUGINS = ("ridged-mountains", "rivers", "biomes")
SEED = 7
ZOOM = 2
_LAND = (0.2, 0.7)
_PATIENCE = 120.0


class DemoFailed(WorldgenError):
    """Something did not come out as it has to; says what."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step, done.

    Attributes:
        title: what was to be done.
        seconds: that it took.
        done: what came of it, for people.
    """

    title: str
    seconds: float
    done: str


Tell = Callable[[Step], object]


def run_demo(folder: Path, output: Path, *, engine: str = "auto", tell: Tell) -> None:
    """Do all of it, with a workshop and worlds of its own.

    Args:
        folder: for the workshop, the worlds and their tiles.
        output: the map, a PNG.
        engine: of Ringfence.
        tell: is told of each step, when it is done.

    Raises:
        DemoFailed: a map with seams, without land, or a hostile plugin that got through.
        RingfenceError: this machine cannot run plugins.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _Timed(tell)("Workshop") as done:
        catalogue = Catalogue.open(folder / "workshop", engine=engine)
        done(f"{len(catalogue.search())} plugins analysed, tried, signed and published")
    atlas = Atlas(folder, catalogue, engine=engine)
    try:
        walk(atlas, output, tell=tell)
    finally:
        atlas.close()
        catalogue.close()


def walk(atlas: Atlas, output: Path, *, tiles: int = 4, tell: Tell) -> None:
    """The steps with a workshop that is there already.

    Args:
        atlas: where the world is made.
        output: the map, a PNG.
        tiles: of the map, across and down.
        tell: is told of each step.

    Raises:
        DemoFailed: as :func:`run_demo`.
    """
    with _serving(atlas) as page:
        _Demo(page, atlas, _Timed(tell), output, tiles).run()


class _Demo:
    def __init__(
        self, page: httpx.Client, atlas: Atlas, timed: _Timed, output: Path, tiles: int
    ) -> None:
        self._page, self._atlas, self._timed, self._output = page, atlas, timed, output
        self._tiles = tiles

    def run(self) -> None:
        with self._timed("World") as done:
            chain = [{"name": name} for name in PLUGINS]
            body = {"name": "Demo", "settings": {"seed": SEED}, "chain": chain}
            world = self._ask("POST", "worlds", body)
            done(
                f"seed {SEED}; " + ", ".join(f"{x['name']} {x['version']}" for x in world["chain"])
            )
        with self._timed("Map") as done:
            stitched = self._map(world["id"])
            self._output.parent.mkdir(parents=True, exist_ok=True)
            self._output.write_bytes(png(stitched))
            side = self._tiles * PIXELS
            count = f"{self._tiles}x{self._tiles} tiles, {side}x{side} pixels"
            done(f"{count}, written to {self._output.name}")
        self._check_kept(world["id"])
        self._check_seams(world["id"], stitched)
        self._refuse_thief()
        self._contain_trap(world)

    def _map(self, world: str) -> npt.NDArray[np.uint8]:
        across = range(-self._tiles // 2, self._tiles // 2)
        with ThreadPoolExecutor(self._tiles) as threads:
            rows = [
                list(threads.map(lambda x, y=y: self._tile(world, Tile(ZOOM, x, y)), across))
                for y in across
            ]
        return np.vstack([np.hstack(row) for row in rows])

    def _tile(self, world: str, tile: Tile, kind: str = "tiles") -> npt.NDArray[np.uint8]:
        answer = self._page.get(f"worlds/{world}/{kind}/{tile.z}/{tile.x}/{tile.y}.png")
        if answer.status_code != 200:
            raise DemoFailed(f"tile {tile.z}/{tile.x}/{tile.y}: {answer.text[:300]}")
        if kind == "tiles" and answer.headers["x-worldgen-failures"] != "0":
            told = self._ask("GET", f"worlds/{world}/status")
            failed = told["failures"][0]
            raise DemoFailed(f"{failed['plugin']}: {failed['hook']}: {failed['reason']}")
        return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB"))

    def _check_kept(self, world: str) -> None:
        with self._timed("Again") as done:
            self._map(world)
            done(f"all {self._tiles * self._tiles} tiles from the cache")

    def _check_seams(self, number: str, stitched: npt.NDArray[np.uint8]) -> None:
        """Draw what lies across every corner where four tiles meet, and compare."""
        world = self._atlas.worlds.get(number)
        half, compared = PIXELS // 2, 0
        with self._timed("Seams") as done:
            heights = []
            corners = [(x, y) for y in range(1, self._tiles) for x in range(1, self._tiles)]
            for x, y in corners:
                left, top = x * PIXELS - half, y * PIXELS - half
                origin = self._tiles // 2 * PIXELS
                window = Window(ZOOM, left - origin, top - origin, PIXELS, PIXELS)
                made = self._atlas.make(world, window)
                if made.failures:
                    raise DemoFailed(str(made.failures[0]))
                whole = draw(made.fields, window.pixel, world.settings.relief)
                if not np.array_equal(whole, stitched[top : top + PIXELS, left : left + PIXELS]):
                    raise DemoFailed(f"there is a seam where tiles meet at {x}, {y}")
                heights.append(made.fields.elevation)
                compared += whole.shape[0] * whole.shape[1]
            done(
                f"{compared:,} pixels drawn across the {len(corners)} corners where four tiles "
                "meet: equal bit for bit"
            )
        with self._timed("Land") as done:
            ground = np.stack(heights)
            share = float((ground > 0.0).mean())
            if not _LAND[0] <= share <= _LAND[1]:
                raise DemoFailed(f"{share:.0%} of the map is land; something is wrong")
            done(f"{share:.0%} land, from {ground.min():,.0f} m to {ground.max():,.0f} m")

    def _refuse_thief(self) -> None:
        with self._timed("Thief") as done:
            told = self._ask("POST", "uploads", {"files": THIEF})
            if told["state"] != "refused":
                raise DemoFailed(f"a plugin that sends files away is {told['state']}")
            done(f"refused before anything ran: {told['reason']}")

    def _contain_trap(self, world: dict[str, Any]) -> None:
        with self._timed("Trap") as done:
            told = self._ask("POST", "uploads", {"files": TRAP})
            done(f"analysis: {told['analysis']['verdict']}; {told['state']} after a trial")
            if told["state"] == "in-review":
                told = self._ask("POST", f"uploads/{told['id']}/decision", {"publish": True})
            if told["state"] != "published":
                raise DemoFailed(f"the trap was to be published, and is {told['state']}")
        with self._timed("Contained") as done:
            number = world["id"]
            chain = [{"name": x["name"], "version": x["version"]} for x in world["chain"]]
            draft = [*chain, {"name": told["name"]}]
            self._ask(
                "PUT", f"worlds/{number}/draft", {"chain": draft, "revision": world["revision"]}
            )
            tile = Tile(ZOOM, 0, 0)
            with_trap = self._tile(number, tile, "draft")
            status = self._ask("GET", f"worlds/{number}/status?draft=true")
            held = [one for one in status["links"] if one["quarantined"]]
            if [one["name"] for one in held] != [told["name"]]:
                raise DemoFailed("a plugin that never ends was not quarantined")
            if not np.array_equal(with_trap, self._tile(number, tile)):
                raise DemoFailed("what the trap left alone is not what is there without it")
            reason = held[0]["quarantined"]["reason"]
            done(f"quarantined: {reason}; the tile is as without it")
        with self._timed("The others") as done:
            self._tile(number, Tile(ZOOM, 1, 0), "draft")
            done("the next tile, which does not wait for it")

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        answer = self._page.request(method, path, json=body)
        if answer.status_code >= 400:
            raise DemoFailed(f"{method} {path}: {answer.text[:500]}")
        return answer.json()


class _Timed:
    """Measures steps, and tells of them."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    @contextmanager
    def __call__(self, title: str) -> Iterator[Callable[[str], None]]:
        said: list[str] = []
        begun = time.perf_counter()
        yield said.append
        self._tell(Step(title, time.perf_counter() - begun, "; ".join(said)))


@contextmanager
def _serving(atlas: Atlas) -> Iterator[httpx.Client]:
    """A server on a thread, and a client of it."""
    server = Server(atlas)
    ready = threading.Event()
    thread = threading.Thread(target=server.serve, args=(ready.set,), name="server")
    thread.start()
    try:
        ready.wait(_PATIENCE)
        origin = server.url.split("/", 3)
        with httpx.Client(
            base_url=server.url,
            timeout=_PATIENCE,
            headers={"origin": f"{origin[0]}//{origin[2]}"},
            trust_env=False,
        ) as client:
            yield client
    finally:
        server.stop()
        thread.join()
