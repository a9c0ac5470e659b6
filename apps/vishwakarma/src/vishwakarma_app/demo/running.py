"""The demo, step by step: what was done, and how long it took."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import importlib.util
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from vishwakarma_api.v1.shapes import BlockInstance
from vishwakarma_app.blocks import (
    BlockRunner,
    define,
    insert,
    publisher_of,
    set_parameters,
    unpacked,
)
from vishwakarma_app.demo.site import MOST_BLOCKS, Site, build_site
from vishwakarma_app.demo.survey import write_survey
from vishwakarma_app.document import Document
from vishwakarma_app.errors import VishwakarmaError
from vishwakarma_app.extensions import LIMITS, run_extension, shipped
from vishwakarma_app.rendering import png_of_svg, render_svg
from vishwakarma_app.storage import read_document, replacing, write_document

__all__ = ["Step", "run_demo"]

_LINE_WIDTH = 0.0004
_SURVEY = ("PLOTS", "STREETS", "CONTOURS")
_EXPORTS: dict[str, tuple[dict[str, object], tuple[str, ...]]] = {
    "dxf": ({"solids": "thickness"}, ("floors", "roofs", "notes", *_SURVEY)),
    "svg": ({"line_width": _LINE_WIDTH}, ("floors", "roofs", "trees", "notes", *_SURVEY)),
    "stl": ({"segments": 8}, ("floors", "stairs", "trees")),
}
"""Parameters of each exporter, and the layers: all of it would be hundreds of megabytes."""
_LIMITS = dataclasses.replace(LIMITS, memory="2GiB")
_WITHOUT_DXF = "left out: it needs ezdxf; pip install 'vishwakarma[dxf]'"
_ENDLESS = """def endless(start: int = 0):
    number = start
    while True:
        number += 1
"""


@dataclass(frozen=True)
class Step:
    """What a step did.

    Attributes:
        title: what was to be done.
        done: what came of it.
        seconds: how long it took.
        file: what it wrote, if anything.
    """

    title: str
    done: str
    seconds: float
    file: Path | None = None


def run_demo(
    folder: Path,
    *,
    blocks: int = 10_000,
    engine: str = "auto",
    pixels: int = 2_000,
    tell: Callable[[str, Step | None], None],
) -> None:
    """Build a site of many blocks in a folder, and do with it what the application can do.

    Args:
        folder: where to write; it is made.
        blocks: how many block instances, from 100 to ``MOST_BLOCKS``.
        engine: where blocks are evaluated.
        pixels: of the longer side of the picture.
        tell: called with a step's title when it begins, and with the step when it is done.

    Raises:
        VishwakarmaError: an argument is wrong.
        RingfenceError: there are no sandboxes to be had.
    """
    if not 100 <= blocks <= MOST_BLOCKS:
        raise VishwakarmaError(f"the demo has from 100 to {MOST_BLOCKS} blocks, not {blocks}")
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        demo = _Demo(folder, blocks, engine, pixels, stack)
        for title, step in demo.steps():
            tell(title, None)
            start = time.perf_counter()
            done, file = step()
            tell(title, Step(title, done, time.perf_counter() - start, file))


def has_dxf() -> bool:
    """Whether DXF can be read and written here; the demo leaves it out where it cannot."""
    return importlib.util.find_spec("ezdxf") is not None


_Done: TypeAlias = tuple[str, Path | None]


class _Demo:
    """What the steps share."""

    def __init__(
        self, folder: Path, blocks: int, engine: str, pixels: int, stack: contextlib.ExitStack
    ) -> None:
        self.folder, self.blocks, self.engine, self.pixels = folder, blocks, engine, pixels
        self.stack = stack
        self.document = Document("m")
        self.runner = stack.enter_context(BlockRunner(self.document, engine=engine))
        self.site = Site(0, 0, {}, 0)

    def steps(self) -> Iterator[tuple[str, Callable[[], _Done]]]:
        """Title and work of each, in their order."""
        yield "Build a site", self.build
        yield "Evaluate", self.evaluate
        yield "Save", self.save
        yield "Open again", self.open
        yield "Import DXF", self.import_survey
        yield "Draw", self.draw
        yield "Change", self.change
        yield "Undo", self.undo
        yield "Bad block", self.fail
        for name in ("dxf", "svg", "stl"):
            yield f"Export {name.upper()}", functools.partial(self.export, name)

    def build(self) -> _Done:
        self.site = build_site(self.document, self.blocks)
        counts = Counter(self.site.counts)
        most = ", ".join(f"{count:,} {name}" for name, count in counts.most_common(3))
        return f"{counts.total():,} blocks of {len(counts)} scripts: {most}, …", None

    def evaluate(self) -> _Done:
        count = len(self._evaluate())
        geometries = map(self.document.geometry, (one.id for one in self.document))
        primitives = sum(len(unpacked(one.data)[0]) for one in geometries if one is not None)
        publishers = len({publisher_of(*one) for one in self.document.blocks.items()})
        said = f"{count:,} evaluated, {primitives:,} primitives; {publishers} publishers, "
        return said + "each with a sandbox of its own", None

    def save(self) -> _Done:
        file = self.folder / "site.vk"
        self.runner.keep_results()
        write_document(file, self.document)
        return f"{_size(file)}, with the results in it", file

    def open(self) -> _Done:
        self.runner.close()
        self.document = read_document(self.folder / "site.vk")
        self.runner = self.stack.enter_context(BlockRunner(self.document, engine=self.engine))
        count = len(self._evaluate())
        hits, misses = self.runner.cached
        return f"{count:,} blocks as they were: {hits:,} results kept, {misses} missing", None

    def import_survey(self) -> _Done:
        if not has_dxf():
            return _WITHOUT_DXF, None
        file = self.folder / "survey.dxf"
        entities = write_survey(file, self.site)
        with file.open("rb") as source:
            done = run_extension(self.document, shipped()["dxf-import"], source=source)
        return f"{entities:,} entities became {done.created:,} elements, on {done.engine}", file

    def draw(self) -> _Done:
        file = self.folder / "site.png"
        svg = render_svg(self.document, "isometric", line_width=_LINE_WIDTH, pixels=self.pixels)
        with replacing(file) as target:
            target.write(png_of_svg(svg, self.pixels))
        return f"isometric, {self.pixels:,} pixels, {_size(file)}", file

    def change(self) -> _Done:
        before = self.document.box(self.site.floor)
        set_parameters(self.document, self.site.floor, {"width": 30.0})
        done = self._evaluate()
        after = self.document.box(self.site.floor)
        assert before is not None
        assert after is not None
        names = ", ".join(self._name(one) for one in done)
        said = f"a floor is {after.x2 - after.x1:g} m wide, and was {before.x2 - before.x1:g}: "
        return said + f"{len(done)} of {self.blocks:,} evaluated ({names})", None

    def undo(self) -> _Done:
        label = self.document.undo()
        done = self._evaluate()
        return f"{label!r} taken back: {len(done)} blocks, from results that were kept", None

    def fail(self) -> _Done:
        define(self.document, "endless", _ENDLESS)
        insert(self.document, "endless")
        (failed,) = self.runner.evaluate().failed
        self.document.undo()
        self.document.undo()
        self._evaluate()
        return f"{failed.message}; the others stand", None

    def export(self, name: str) -> _Done:
        if name == "dxf" and not has_dxf():
            return _WITHOUT_DXF, None
        file = self.folder / f"site.{name}"
        given, layers = _EXPORTS[name]
        there = ",".join(one for one in layers if one in self.document.layers)
        with replacing(file) as target:
            done = run_extension(
                self.document,
                shipped()[f"{name}-export"],
                target=target,
                parameters={**given, "layers": there},
                limits=_LIMITS,
            )
        return f"{_size(file)}, on {done.engine}", file

    def _evaluate(self) -> tuple[int, ...]:
        done = self.runner.evaluate()
        if done.failed:
            raise VishwakarmaError(done.failed[0].message)
        return done.evaluated

    def _name(self, element: int) -> str:
        shape = self.document[element].shape
        return shape.block if isinstance(shape, BlockInstance) else ""


def _size(file: Path) -> str:
    size = file.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"
