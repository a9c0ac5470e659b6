"""Tiles that were drawn, kept on disk: bounded, and each there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import threading
from collections import OrderedDict
from pathlib import Path

from worldgen.geometry import Tile

__all__ = ["MOST_BYTES", "TileCache"]

MOST_BYTES = 256 << 20
"""Bytes of all tiles, unless said otherwise."""

_HEAD, _TAIL = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"


class TileCache:
    """Tiles by world, by what they were made with, and by place. Any number of threads may use it.

    A file is written beside its place and moved there. One that is damaged is as if it were not
    there. Where the tiles are more than ``most_bytes``, those that were not asked for longest go.

    Args:
        folder: where they are kept; it is made, for its owner alone.
        most_bytes: of all of them.

    Raises:
        OSError: the folder cannot be used.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most = most_bytes
        self._lock = threading.Lock()
        self._sizes: OrderedDict[Path, int] = OrderedDict()
        self._total = 0
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep()

    @property
    def total(self) -> int:
        """Bytes of all tiles."""
        return self._total

    def get(self, world: str, key: str, tile: Tile) -> bytes | None:
        """A tile, if it is here and whole."""
        path = self._path(world, key, tile)
        with self._lock:
            if path not in self._sizes:
                return None
            self._sizes.move_to_end(path)
        try:
            data = path.read_bytes()
        except OSError:
            data = b""  # somebody emptied the folder
        if data.startswith(_HEAD) and data.endswith(_TAIL):
            return data
        with self._lock:
            self._forget(path)
        return None

    def put(self, world: str, key: str, tile: Tile, data: bytes) -> None:
        """Keep a tile. Where the disk is full it is not kept, and drawn again another time."""
        path = self._path(world, key, tile)
        draft = path.with_name(f".{secrets.token_hex(6)}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.write_bytes(data)
            draft.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            return
        with self._lock:
            self._forget(path, unlink=False)
            self._sizes[path] = len(data)
            self._total += len(data)
            while self._total > self._most and self._sizes:
                self._forget(next(iter(self._sizes)))

    def drop(self, world: str) -> None:
        """Forget all tiles of a world."""
        folder = self._folder / world
        with self._lock:
            for path in [one for one in self._sizes if folder in one.parents]:
                self._total -= self._sizes.pop(path)
            shutil.rmtree(folder, ignore_errors=True)

    def _path(self, world: str, key: str, tile: Tile) -> Path:
        # Made of hexadecimal digits and numbers that we made: no part of it is anybody's text.
        if not all(set(part) <= set("0123456789abcdef") and part for part in (world, key)):
            raise ValueError("ids of worlds and keys are hexadecimal")
        return self._folder / world / key / f"{tile.z}" / f"{tile.x}_{tile.y}.png"

    def _forget(self, path: Path, *, unlink: bool = True) -> None:
        self._total -= self._sizes.pop(path, 0)
        if unlink:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Find what an earlier run has kept, the oldest first, and clear away what it left half."""
        found = []
        for folder, _, names in os.walk(self._folder):
            for name in names:
                path = Path(folder) / name
                if name.startswith("."):
                    path.unlink(missing_ok=True)
                elif path.suffix == ".png":
                    status = path.stat(follow_symlinks=False)
                    found.append((status.st_mtime_ns, path, status.st_size))
        for _, path, size in sorted(found):
            self._sizes[path] = size
            self._total += size
        while self._total > self._most and self._sizes:
            self._forget(next(iter(self._sizes)))
