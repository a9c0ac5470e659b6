"""What guests of one image share, and that a tenant may have an image alone."""

from __future__ import annotations

import ringfence

_LAYOUT = """
def library():
    try:
        import ctypes
    except ImportError:
        return []
    return [ctypes.addressof(ctypes.c_int.in_dll(ctypes.CDLL(None), "optind"))]

[hash("a"), id([]), *library()]
"""


def _layout(engine: str, policy: ringfence.Policy) -> ringfence.Result:
    return ringfence.run(_LAYOUT, engine=engine, policy=policy).raise_for_status()


def test_guests_of_one_image_share_their_layout(engine: str) -> None:
    shared = ringfence.Policy()
    assert _layout(engine, shared).value == _layout(engine, shared).value


def test_tenants_share_no_layout_and_no_hash_seed(engine: str) -> None:
    """But in WebAssembly: addresses and seed are frozen into the image that was built, and whoever
    has it knows them. What they protect natively, the bounds of the linear memory protect there.
    """
    alone = ringfence.Policy(isolation="tenant")
    first, second = _layout(engine, alone), _layout(engine, alone)
    frozen = "wasm" in first.walls
    assert {a == b for a, b in zip(first.value, second.value, strict=True)} == {frozen}
