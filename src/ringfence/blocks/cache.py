"""Results that were evaluated before, by what they depend on; bounded, and kept as bytes.

A key is a hash of the script, its parameters, its inputs and the engine. What is kept are a guest's
bytes: they are checked again when they are loaded, as if the guest had just written them.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ringfence.blocks.geometry import record_dtype, unsound_records
from ringfence.errors import ConfigurationError
from ringfence.model.limits import Size, parse_size
from ringfence_guest.protocol.geometry import RECORD_SIZE, Kind

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Kept", "ResultCache"]

_MAGIC = b"ringfence blocks 1\n"
_KEY = re.compile(r"[0-9a-f]{64}")
_OVERHEAD = 200  # bytes that an entry costs beside its records
_MOST_TEXT = 1_000
_MOST_INDEX = 1 << 30


class Kept(NamedTuple):
    """What an instance drew: records, and the texts that they name."""

    geometry: np.ndarray[Any, Any]
    texts: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes."""
        return _OVERHEAD + self.geometry.nbytes + sum(4 * len(text) for text in self.texts)


class ResultCache:
    """Results by key; those that were not asked for longest go first.

    Args:
        size: bytes of all results; the default is 256 MiB.

    Attributes:
        hits: how often a result was there.
        misses: how often it was not.
    """

    def __init__(self, size: Size = 256 << 20) -> None:
        self._most = parse_size(size, "size")
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._size = 0
        self.hits = self.misses = 0

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size(self) -> int:
        """Bytes of what is kept."""
        return self._size

    def get(self, key: str) -> Kept | None:
        """What was kept, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                self.misses += 1
            else:
                self.hits += 1
                self._kept.move_to_end(key)
            return found

    def put(self, key: str, geometry: np.ndarray[Any, Any], texts: Sequence[str]) -> Kept:
        """Keep what an instance drew: a copy, with no texts but its own."""
        kept = _own(geometry, texts)
        with self._lock:
            self._insert(key, kept)
        return kept

    def _insert(self, key: str, kept: Kept) -> None:
        before = self._kept.pop(key, None)
        if before is not None:
            self._size -= before.size
        self._kept[key] = kept
        self._size += kept.size
        while self._size > self._most and self._kept:
            _, oldest = self._kept.popitem(last=False)
            self._size -= oldest.size

    def save(self) -> bytes:
        """Everything, for :meth:`load`. Not sealed: keep it where the document is."""
        with self._lock:
            kept = list(self._kept.items())
        index = [[key, len(one.geometry), list(one.texts)] for key, one in kept]
        head = json.dumps(index, ensure_ascii=True, separators=(",", ":")).encode()
        body = b"".join(one.geometry.tobytes() for _, one in kept)
        content = len(head).to_bytes(8, "little") + head + body
        return _MAGIC + hashlib.sha256(content).digest() + content

    def load(self, data: bytes) -> int:
        """Take in what was saved, as far as it is sound; returns how many results that were.

        What somebody else wrote is at worst geometry that is not that of the script: a key tells
        what a result is of, and nobody vouches for it. Load only what belongs to the document.

        Raises:
            ConfigurationError: these are no saved results, or they are damaged.
        """
        import numpy as np

        start = len(_MAGIC) + 32
        digest, content = data[len(_MAGIC) : start], data[start:]
        if not data.startswith(_MAGIC) or hashlib.sha256(content).digest() != digest:
            raise ConfigurationError("these bytes are no saved results of blocks, or are damaged")
        length = int.from_bytes(content[:8], "little")
        index = _read_index(content[8 : 8 + length]) if length <= _MOST_INDEX else None
        body = content[8 + length :]
        if index is None or sum(count for _, count, _ in index) * RECORD_SIZE != len(body):
            raise ConfigurationError("these saved results of blocks are not what was saved")
        records = np.frombuffer(body, record_dtype())
        counts = np.array([count for _, count, _ in index], np.int64)
        unsound = _unsound_entries(records, counts, [len(texts) for _, _, texts in index])
        taken = first = 0
        with self._lock:
            for place, (key, count, texts) in enumerate(index):
                if place not in unsound:
                    geometry = records[first : first + count].copy()
                    geometry.flags.writeable = False
                    self._insert(key, Kept(geometry, texts))
                    taken += 1
                first += count
        return taken


def _own(geometry: np.ndarray[Any, Any], texts: Sequence[str]) -> Kept:
    import numpy as np

    geometry = geometry.copy()
    own: tuple[str, ...] = ()
    if texts:
        places = np.flatnonzero(geometry["kind"] == Kind.TEXT)
        own = tuple(texts[int(place)] for place in geometry["data"][places, 4])
        geometry["data"][places, 4] = np.arange(len(places))
    geometry.flags.writeable = False
    return Kept(geometry, own)


def _unsound_entries(
    records: np.ndarray[Any, Any], counts: np.ndarray[Any, Any], texts: Sequence[int]
) -> set[int]:
    """The places of entries that hold records which are not what they should be.

    Args:
        records: of all entries.
        counts: how many each has.
        texts: how many strings each has.
    """
    import numpy as np

    if not len(counts):
        return set()
    ends = np.cumsum(counts)
    bad = [unsound_records(records, ends, max(texts))]
    places = np.flatnonzero(records["kind"] == Kind.TEXT)
    owners = ends.searchsorted(places, side="right")
    # Not less than: it is a number that somebody wrote, and may be none.
    bad.append(places[~(records["data"][places, 4] < np.array(texts)[owners])])
    return set(ends.searchsorted(np.concatenate(bad), side="right").tolist())


def _read_index(data: bytes) -> list[tuple[str, int, tuple[str, ...]]] | None:
    try:
        entries = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if type(entries) is not list:
        return None
    found = []
    for entry in entries:
        if type(entry) is not list or [type(part) for part in entry] != [str, int, list]:
            return None
        key, count, texts = entry
        if not _KEY.fullmatch(key) or not 0 <= count <= 1 << 32:
            return None
        if not all(type(text) is str and len(text) <= _MOST_TEXT for text in texts):
            return None
        found.append((key, count, tuple(texts)))
    return found
