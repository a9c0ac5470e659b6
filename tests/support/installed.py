"""Virtual environments with a package that a test has written."""

from __future__ import annotations

import sys
import venv
from pathlib import Path

__all__ = ["install"]


def install(folder: Path, name: str, source: str) -> str:
    """Make a virtual environment in ``folder`` with one module; gives its interpreter."""
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    site = folder / "venv" / "lib" / version / "site-packages"
    (site / f"{name}.py").write_text(source)
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text(f"{name}.py,,\n{info.name}/METADATA,,\n")
    return str(folder / "venv" / "bin" / "python")
