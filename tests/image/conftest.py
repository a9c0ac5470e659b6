"""The WebAssembly image, as it was built for this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ringfence.errors import RingfenceError
from ringfence.images.wasi.build import find_image
from tests.support.wasm_guest import WasmGuest


@pytest.fixture(scope="session", autouse=True)
def _built() -> None:
    """`make test` builds it; without it these tests cannot run."""
    try:
        find_image()
    except RingfenceError as error:
        if "wasi" in os.environ.get("RINGFENCE_REQUIRE_IMAGES", "").split(","):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def guest() -> Iterator[WasmGuest]:
    """A fresh guest."""
    made = WasmGuest()
    yield made
    made.close()


_shared: list[WasmGuest] = []


@pytest.fixture
def shared() -> WasmGuest:
    """A guest that other tests use as well, for what leaves nothing behind."""
    if not _shared:
        _shared.append(WasmGuest())
    return _shared[0]
