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
    kind: str = "plugin",
    spec: str = "worldgen.terrain",
) -> Bundle:
    """A small plugin."""
    manifest = f"""
[plugin]
name = "{name}"
version = "{version}"
author = "ada"
kind = "{kind}"
entry = "hills"
packages = {json.dumps(list(packages))}
grants = {json.dumps(list(grants))}

[spec]
name = "{spec}"
version = "1.0"
"""
    return Bundle.of_files({"plugin.toml": manifest.encode(), "hills.py": body.encode()})
