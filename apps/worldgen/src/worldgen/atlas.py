"""The server's one room of work: worlds, their chains, and the tiles that these make."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ringfence import Limits
from ringfence.errors import ConfigurationError
from ringfence.plugins import Bundle, HookFailure, QuarantineRule, check_compatible
from worldgen.catalogue import Catalogue, Withheld
from worldgen.chains import Chain, Link, Settings, chain_key, check_chain, key_of
from worldgen.drawing import DRAWING_VERSION, draw, png
from worldgen.errors import NotFound, WorldRefused
from worldgen.generation import LIMITS, PACKAGES, Generators, Made
from worldgen.geometry import Tile, Window
from worldgen.spec import Terrain, reach_of
from worldgen.store import World, Worlds
from worldgen.tiles import MOST_BYTES, TileCache

__all__ = ["Atlas", "Drawn", "LinkStatus"]

_STRIPES = 64


@dataclass(frozen=True, slots=True)
class Drawn:
    """A tile.

    Attributes:
        data: as PNG.
        kept: whether it came from the cache.
        failures: of plugins, where it was made now; a tile with failures is not kept.
        withheld: plugins of the chain that the workshop does not give out, with the reason.
    """

    data: bytes
    kept: bool
    failures: tuple[HookFailure, ...] = ()
    withheld: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """A plugin of a chain, as it stands now.

    Attributes:
        link: the plugin.
        bundle: what runs; None where it is withheld.
        withheld: why it does not run: revoked, not trusted, other bytes; empty where it does.
        quarantined: the failure for which it is left alone; None where it is asked.
        retry: in how many seconds it is tried again.
        newest: the newest version that the workshop offers, if that is another.
    """

    link: Link
    bundle: Bundle | None
    withheld: str = ""
    quarantined: HookFailure | None = None
    retry: float = 0.0
    newest: str = ""


@dataclass(frozen=True, slots=True)
class _Ready:
    """The part of a chain that may run."""

    chain: Chain
    plugins: tuple[tuple[Bundle, Mapping[str, Any]], ...]
    withheld: Mapping[str, str]


class Atlas:
    """Worlds and their tiles. Any number of threads may use it.

    Args:
        folder: where worlds and tiles are kept.
        catalogue: where plugins come from.
        engine: of Ringfence; it has to have NumPy.
        cache_bytes: of all tiles that are kept.
        quarantine: when a plugin that fails is left alone.
        limits: of one call of a plugin.
        database: of the worlds; default: an SQLite file in the folder.

    Raises:
        StoreNotUsable: the worlds cannot be read.
        OSError: the folder cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        catalogue: Catalogue,
        *,
        engine: str = "auto",
        cache_bytes: int = MOST_BYTES,
        quarantine: QuarantineRule | None = None,
        limits: Limits = LIMITS,
        database: str = "",
    ) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.catalogue = catalogue
        self.worlds = Worlds(database or f"sqlite:///{folder / 'worlds.sqlite3'}")
        self.cache = TileCache(folder / "tiles", cache_bytes)
        self._generators = Generators(engine=engine, quarantine=quarantine, limits=limits)
        self._drawing = threading.BoundedSemaphore(max(1, len(os.sched_getaffinity(0))))
        self._stripes = [threading.Lock() for _ in range(_STRIPES)]

    def close(self) -> None:
        """End what runs."""
        self._generators.close()
        self.worlds.close()

    # --- chains ------------------------------------------------------------------------------

    def pin(
        self, name: str, version: str = "", parameters: Mapping[str, Any] | None = None
    ) -> Link:
        """A link to a plugin of the workshop: this version or the newest, with its bytes of now.

        Raises:
            NotFound: there is none, or it is not given out; says why.
            WorldRefused: it is for another spec, asks for too much, or a parameter is wrong.
        """
        try:
            bundle = self.catalogue.bundle(name, version)
        except Withheld as error:
            raise NotFound(f"{name}: {error}") from error
        given = parameters or {}
        values = _check_usable(bundle, given)
        chosen = {key: values[key] for key in given}
        manifest = bundle.manifest
        return Link(manifest.name, manifest.version_text, bundle.sha256, chosen)

    def chain(
        self, wanted: Sequence[tuple[str, str, Mapping[str, Any]]], world: World | None
    ) -> Chain:
        """A chain of names, versions and parameters.

        What the world has already in this version keeps its bytes, whatever the workshop says.
        """
        had = {(one.name, one.version): one for one in (world.chain if world else ())}
        links = []
        for name, version, parameters in wanted:
            before = had.get((name, version))
            if before is not None and dict(before.parameters) == dict(parameters):
                links.append(before)
            else:
                links.append(self.pin(name, version, parameters))
        return check_chain(links)

    def _ready(self, chain: Chain) -> _Ready:
        """What of a chain may run now: the workshop verifies each bundle, every time.

        What cannot run, after an update of this program perhaps, takes nothing else down.
        """
        links, plugins, withheld = [], [], {}
        for link in chain:
            try:
                bundle = self.catalogue.bundle(link.name, link.version)
                if bundle.sha256 != link.sha256:
                    raise Withheld("the workshop has other bytes for this version than were chosen")
                _check_usable(bundle, link.parameters)
            except (Withheld, WorldRefused) as error:
                withheld[link.name] = str(error)
            else:
                links.append(link)
                plugins.append((bundle, link.parameters))
        return _Ready(tuple(links), tuple(plugins), withheld)

    def status(self, world: World, *, draft: bool = False) -> list[LinkStatus]:
        """The plugins of a world's chain, or of its draft, as they stand."""
        chain = (world.draft if draft else world.chain) or ()
        ready = self._ready(chain)
        bundles = {bundle.manifest.name: bundle for bundle, _ in ready.plugins}
        generator = self._generators.peek(world.id, chain_key(ready.chain))
        held = generator.quarantined if generator else {}
        now = time.monotonic()
        found = []
        for link in chain:
            one = held.get(link.name)
            newest = self.catalogue.newest(link.name)
            found.append(
                LinkStatus(
                    link,
                    bundles.get(link.name),
                    ready.withheld.get(link.name, ""),
                    one.reason if one else None,
                    max(one.until - now, 0.0) if one else 0.0,
                    newest if newest != link.version else "",
                )
            )
        return found

    def failures(self, world: World, *, draft: bool = False) -> list[HookFailure]:
        """What went wrong lately in a world's chain, or in its draft; the newest first."""
        ready = self._ready((world.draft if draft else world.chain) or ())
        generator = self._generators.peek(world.id, chain_key(ready.chain))
        return generator.failures() if generator else []

    def release(self, world: World, plugin: str) -> bool:
        """Ask a quarantined plugin again, in the chain and in the draft; whether it was one."""
        released = False
        for chain in (world.chain, world.draft or ()):
            generator = self._generators.peek(world.id, chain_key(self._ready(chain).chain))
            if generator is not None and plugin in {link.name for link in chain}:
                released |= generator.release(plugin)
        return released

    # --- tiles -------------------------------------------------------------------------------

    def tile(self, world: World, tile: Tile, *, draft: bool = False) -> Drawn:
        """A tile of a world, or of its draft: kept, or made now.

        Raises:
            NotFound: there is no such tile, or no draft.
            RingfenceError: the machine cannot run plugins.
        """
        if not tile.exists:
            raise NotFound("there is no such tile")
        chain = world.draft if draft else world.chain
        if chain is None:
            raise NotFound("this world has no draft")
        ready = self._ready(chain)
        key = key_of(world.settings, ready.chain, DRAWING_VERSION)
        # Two who ask for one tile at once: the second waits for what the first has made.
        with self._stripes[hash((world.id, key, tile)) % _STRIPES]:
            kept = self.cache.get(world.id, key, tile)
            if kept is not None:
                return Drawn(kept, kept=True, withheld=ready.withheld)
            with self._drawing:
                made = self._make(world, ready, tile.window)
            data = png(draw(made.fields, tile.window.pixel, world.settings.relief))
            if not made.failures:
                self.cache.put(world.id, key, tile, data)
        return Drawn(data, kept=False, failures=made.failures, withheld=ready.withheld)

    def make(self, world: World, window: Window) -> Made:
        """The fields of any window of a world, with the drawing's margin around it."""
        return self._make(world, self._ready(world.chain), window)

    def picture(self, world: World, window: Window) -> npt.NDArray[np.uint8]:
        """Any window of a world as a picture, shape (height, width, 3)."""
        return draw(self.make(world, window).fields, window.pixel, world.settings.relief)

    def _make(self, world: World, ready: _Ready, window: Window) -> Made:
        with self._generators.lend(world.id, chain_key(ready.chain), ready.plugins) as generator:
            return generator.make(window, world.settings)

    def create(self, name: str, settings: Settings, chain: Chain = ()) -> World:
        """A new world."""
        return self.worlds.create(name, settings, chain)

    def delete(self, world: World) -> None:
        """Delete a world, and its tiles."""
        self.worlds.delete(world.id)
        self.cache.drop(world.id)


def _check_usable(
    bundle: Bundle, parameters: Mapping[str, Any]
) -> Mapping[str, float | bool | str]:
    """Whether this program can run a plugin with these parameters; all of their values.

    Raises:
        WorldRefused: it is for another spec, asks for too much, or a parameter is wrong.
    """
    manifest = bundle.manifest
    try:
        check_compatible(manifest, Terrain)
        values = manifest.arguments(parameters)
    except ConfigurationError as error:
        raise WorldRefused(str(error)) from error
    reach_of(manifest)
    asked = (set(manifest.packages) - set(PACKAGES)) | set(manifest.grants)
    if asked:
        raise WorldRefused(
            f"{manifest} asks for {min(asked)!r}, and worlds lend {', '.join(PACKAGES)} only"
        )
    return values
