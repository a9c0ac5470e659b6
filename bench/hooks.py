"""Calls of hooks in plugins, and many of them over tiles."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bench.plan import Plan
from bench.progress import Progress
from bench.rows import Row, Target
from ringfence.cli.bench.timing import Series, Subject, take_turns
from ringfence.plugins import Array, Bundle, HookSpec, PluginHost, hook

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "Hooks of plugins"
NOTE = (
    "A plugin makes noise of six octaves over a tile of 256 by 256 float64, from two such arrays. "
    'With `state="none"` each call has a guest that has never run anything and has loaded the '
    'plugin\'s source anew; with `state="world"` they share one. Beside them the same function in '
    "this process, and in a process that is forked for each call, without walls."
)
_SIDE = 256
_REST = 0.02
_SOURCE = """
import numpy as np

def _lattice(x, y, seed):
    n = x * np.int64(374761393) + y * np.int64(668265263) + np.int64(seed)
    n = (n ^ (n >> np.int64(13))) * np.int64(1274126177)
    return ((n ^ (n >> np.int64(16))) & np.int64(0xFFFFFF)) / float(0xFFFFFF)

def elevation(x, y, seed):
    total = np.zeros_like(x)
    size = 1.0
    for octave in range(6):
        u, v = x * (2.0 ** octave / 64.0), y * (2.0 ** octave / 64.0)
        a, b = np.floor(u), np.floor(v)
        s, t = u - a, v - b
        s, t = s * s * (3 - 2 * s), t * t * (3 - 2 * t)
        i, j = a.astype(np.int64), b.astype(np.int64)
        low = _lattice(i, j, seed) * (1 - s) + _lattice(i + 1, j, seed) * s
        high = _lattice(i, j + 1, seed) * (1 - s) + _lattice(i + 1, j + 1, seed) * s
        total += size * (low * (1 - t) + high * t)
        size *= 0.5
    return total

def slope(x, y, seed):
    return np.hypot(x, y) * seed
"""
_MANIFEST = """\
[plugin]
name = "noise"
version = "1.0.0"
author = "bench"
entry = "noise"
packages = ["numpy"]
[spec]
name = "bench.tiles"
version = "1.0"
"""


class _Tiles(HookSpec, name="bench.tiles", version="1.0"):
    """Tiles of a world."""

    @hook()
    def elevation(
        self, x: Array[np.float64, "h w"], y: Array[np.float64, "h w"], seed: int
    ) -> Array[np.float64, "h w"]:
        """Heights."""

    @hook()
    def slope(
        self, x: Array[np.float64, "h w"], y: Array[np.float64, "h w"], seed: int
    ) -> Array[np.float64, "h w"]:
        """Something that takes no time worth mentioning."""


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    files = {"plugin.toml": _MANIFEST.encode(), "noise.py": _SOURCE.encode()}
    bundle = Bundle.of_files(files)
    own: dict[str, Any] = {}
    exec(_SOURCE, own)  # noqa: S102 - the bench's own text, as the peer
    progress.begin(GROUP, plan.hook_rounds + 3 * plan.tiles)
    single = _measure_calls(bundle, own, plan, progress)
    return [*single, *_measure_tiles(bundle, own, plan, progress)]


def _tile(number: int) -> dict[str, Any]:
    y, x = np.mgrid[0:_SIDE, 0:_SIDE].astype(np.float64)
    return {"x": x + _SIDE * (number % 40), "y": y + _SIDE * (number // 40), "seed": 7}


def _measure_calls(
    bundle: Bundle, own: dict[str, Any], plan: Plan, progress: Progress
) -> list[Row]:
    tile = _tile(0)
    with (
        PluginHost(_Tiles, [bundle], engine="native", packages=["numpy"]) as fresh,
        PluginHost(_Tiles, [bundle], engine="native", packages=["numpy"], state="world") as world,
    ):
        subjects = [
            Subject(name="own", work=lambda: own["slope"](**tile)),
            Subject(name="fresh", work=_asking(fresh, "slope", tile)),
            Subject(name="world", work=_asking(world, "slope", tile)),
            Subject(name="forked", work=lambda: _forked(own["slope"], tile)),
        ]
        found = take_turns(subjects, plan.hook_rounds, progress, rest=_REST)
    base = found["own"].median
    return [
        _beyond("stateless call with a tile, beyond its own NumPy time", found["fresh"], base, 2.5),
        _beyond('the same with `state="world"`', found["world"], base, None),
        _beyond("a process forked for the call, no walls", found["forked"], base, None, peer=True),
    ]


def _beyond(
    name: str, series: Series, base: float, target: float | None, *, peer: bool = False
) -> Row:
    return Row(
        group=GROUP,
        name=name,
        subject=not peer,
        unit="ms",
        median=(series.median - base) * 1e3,
        p99=(series.p99 - base) * 1e3,
        count=series.count,
        target=None if target is None else Target(target),
    )


def _measure_tiles(
    bundle: Bundle, own: dict[str, Any], plan: Plan, progress: Progress
) -> list[Row]:
    count = plan.tiles

    def calls() -> Iterator[dict[str, Any]]:
        for number in range(count):
            progress.advance()
            yield _tile(number)

    begun = time.perf_counter()
    expected = 0.0
    for one in calls():
        expected += float(own["elevation"](**one).sum())
    plain = time.perf_counter() - begun
    rows = []
    for state, limit in (("world", 1.15), ("none", 1.5)):
        with PluginHost(
            _Tiles,
            [bundle],
            engine="native",
            packages=["numpy"],
            state=state,  # type: ignore[arg-type] # one of the two
        ) as host:
            _asking(host, "elevation", _tile(0))()
            begun = time.perf_counter()
            total = 0.0
            for answer in host.map("elevation", calls()):
                if answer.failures:
                    raise RuntimeError(str(answer.failures[0]))
                total += float(answer.value.sum())
            seconds = time.perf_counter() - begun
        if total != expected:
            raise RuntimeError(f'state="{state}" gave other tiles than this process')
        rows.append(
            Row(
                group=GROUP,
                name=f'map over {count:,} tiles, `state="{state}"`',
                unit="ms",
                median=seconds / count * 1e3,
                count=1,
                ratio=seconds / plain,
                to="the same code in this process",
                target=Target(limit, of="ratio"),
                note="per tile",
            )
        )
    rows.append(
        Row(
            group=GROUP,
            name="the same code in this process",
            subject=False,
            unit="ms",
            median=plain / count * 1e3,
            count=1,
            note="per tile, one after the other",
        )
    )
    return rows


def _asking(host: PluginHost, name: str, tile: dict[str, Any]) -> Callable[[], None]:
    def work() -> None:
        answer = host.call(name, **tile)
        if answer.failures:
            raise RuntimeError(str(answer.failures[0]))

    return work


_FORK = multiprocessing.get_context("fork")


def _forked(function: Callable[..., Any], tile: dict[str, Any]) -> Any:
    here, there = _FORK.Pipe()
    child = _FORK.Process(target=_answer, args=(there, function))
    child.start()
    here.send(tile)
    value = here.recv()
    child.join()
    here.close()
    there.close()
    return value


def _answer(there: multiprocessing.connection.Connection, function: Callable[..., Any]) -> None:
    there.send(function(**there.recv()))
