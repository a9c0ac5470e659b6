"""Bundles to publish."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ringfence.plugins import Bundle

__all__ = ["make_bundle"]


def make_bundle(
    version: str = "1.0.0",
    *,
    name: str = "hills",
    body: str = "def elevation(x, y, seed):\n    return x + y\n",
    packages: Sequence[str] = (),
    grants: Sequence[str] = (),
) -> Bundle:
    """A small plugin."""
    manifest = f"""
[plugin]
name = "{name}"
version = "{version}"
author = "ada"
entry = "hills"
packages = {json.dumps(list(packages))}
grants = {json.dumps(list(grants))}

[spec]
name = "worldgen.terrain"
version = "1.0"
"""
    return Bundle.of_files({"plugin.toml": manifest.encode(), "hills.py": body.encode()})
