"""What the error says when a package cannot be imported."""

from __future__ import annotations

from pathlib import Path

import pytest

import ringfence
from tests.support.installed import install


def test_what_is_odd_about_the_packages_is_in_the_error(tmp_path: Path) -> None:
    python = install(tmp_path, "clock", "import spring")
    site = next(tmp_path.glob("venv/lib/*/site-packages"))
    (site / "spring.py").write_text("raise ImportError('an old spring')")
    info = site / "spring-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: spring\nVersion: 1.0\n")
    (info / "RECORD").write_text(f"spring.py,,\n{info.name}/METADATA,,\n")
    with (site / "clock-1.0.dist-info" / "METADATA").open("a") as metadata:
        metadata.write("Requires-Dist: spring>=2\n")
    with pytest.raises(ringfence.EngineFailure) as caught:
        ringfence.run("1", packages=["clock"], python=python)
    assert str(caught.value) == (
        "packages=clock: importing them in the jail failed: ImportError: an old spring\n"
        "  clock 1.0 requires spring>=2; spring 1.0 is installed"
    )
