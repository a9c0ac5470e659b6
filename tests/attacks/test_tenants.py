"""What guests of one image share, and that a tenant may have an image alone."""

from __future__ import annotations

import ringfence
from tests.support.capabilities import require

_LAYOUT = """
import sys

def library():
    try:
        import ctypes
    except ImportError:
        return []
    return [ctypes.addressof(ctypes.c_int.in_dll(ctypes.CDLL(None), "optind"))]

[hash("a"), id(sys.modules), *library()]
"""


def _layout(engine: str, policy: ringfence.Policy) -> list[int]:
    value: list[int] = ringfence.run(_LAYOUT, engine=engine, policy=policy).raise_for_status().value
    return value


def test_guests_of_one_image_share_their_layout(engine: str) -> None:
    shared = ringfence.Policy()
    assert _layout(engine, shared) == _layout(engine, shared)


def test_tenants_share_no_layout_and_no_hash_seed(engine: str) -> None:
    require(engine, "tenant")
    alone = ringfence.Policy(isolation="tenant")
    first, second = _layout(engine, alone), _layout(engine, alone)
    assert [a == b for a, b in zip(first, second, strict=True)] == [False, False, False]
