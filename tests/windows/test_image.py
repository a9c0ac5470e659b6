"""The image on Windows: from its wheel, and never from sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.errors import ImageNotBuilt
from ringfence.images.cache import ImageCache
from ringfence.images.wasi import build
from ringfence.images.wasi.build import MODULE, build_image, find_image


def test_it_is_there_and_what_was_built() -> None:
    assert (find_image() / MODULE).stat().st_size > 10_000_000


def test_without_its_wheel_it_is_not_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "find_installed", lambda kind: None)
    with pytest.raises(ImageNotBuilt, match="pip install ringfence-image-wasi==") as caught:
        build_image(ImageCache(tmp_path / "cache"), lambda said: None)
    assert "not built from sources on Windows" in str(caught.value)
