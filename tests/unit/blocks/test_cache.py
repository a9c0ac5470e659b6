"""Results that are kept as bytes, and what is believed of such bytes."""

from __future__ import annotations

import hashlib
import math
import struct
from typing import Any

import numpy as np
import pytest

from ringfence import ConfigurationError
from ringfence.blocks import ResultCache, record_dtype

POINT = np.zeros(1, record_dtype())
POINT["kind"] = 1


def test_what_is_no_saved_cache_is_refused() -> None:
    cache = ResultCache()
    cache.put("a" * 64, POINT, ())
    data = cache.save()
    for wrong in (b"", data[:-1], data + b"x", data[:60] + b"\0" + data[61:], b"x" + data):
        with pytest.raises(ConfigurationError, match="are damaged$"):
            ResultCache().load(wrong)
    assert ResultCache().load(data) == 1


def _forged(index: str, records: bytes) -> bytes:
    content = len(index).to_bytes(8, "little") + index.encode() + records
    return b"ringfence blocks 1\n" + hashlib.sha256(content).digest() + content


_RECORD = struct.Struct("<6dII")


@pytest.mark.parametrize(
    "index",
    ["", "{}", "[1]", "[[]]", '[["a",1,[]]]', f'[["{"a" * 64}",-1,[]]]', f'[["{"a" * 64}",2,[]]]',
     f'[["{"a" * 64}",1,[1]]]', f'[["{"a" * 64}",true,[]]]', "[" * 100_000],
)  # fmt: skip
def test_a_forged_index_is_refused(index: str) -> None:
    with pytest.raises(
        ConfigurationError, match="^these saved results of blocks are not what was saved$"
    ):
        ResultCache().load(_forged(index, _RECORD.pack(0, 0, 0, 0, 0, 0, 1, 0)))


@pytest.mark.parametrize(
    "record",
    [(math.nan, 0, 0, 0, 0, 0, 1, 0), (0, 0, 0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0, 99, 0),
     (0, 0, 0, 0, 0, 0, 4, 0), (3, 0, 0, 0, 0, 0, 7, 0), (0, 0, 0, 0, 0, 0, 14, 0),
     (0, 0, 1, 0, 1, 0, 6, 0)],
)  # fmt: skip
def test_forged_geometry_is_left_out(record: tuple[Any, ...]) -> None:
    cache = ResultCache()
    assert cache.load(_forged(f'[["{"a" * 64}",1,["t"]]]', _RECORD.pack(*record))) == 0
    assert len(cache) == 0


def test_a_cache_is_bounded() -> None:
    cache = ResultCache(1_000)
    for n in range(10):
        cache.put(f"{n:064}", POINT, ())
    assert (len(cache), cache.size) == (3, 3 * 256)
    assert cache.get(f"{9:064}") is not None
    assert cache.get(f"{0:064}") is None


def test_an_instance_keeps_its_own_texts() -> None:
    texts = np.zeros(2, record_dtype())
    texts["kind"], texts["data"][:, 4] = 6, [3, 1]
    kept = ResultCache().put("a" * 64, texts, ["a", "b", "c", "d"])
    assert kept.texts == ("d", "b")
    assert kept.geometry["data"][:, 4].tolist() == [0, 1]
    assert texts["data"][:, 4].tolist() == [3, 1]
    assert not kept.geometry.flags.writeable
