"""A spec of an operator, and a plugin for it."""

from pathlib import Path

SPEC = '''
from ringfence import plugins
from ringfence.plugins import Array, hook


class Terrain(plugins.HookSpec, name="example.terrain", version="1.0"):
    """The shape of a world."""

    @hook()
    def elevation(self, x: Array["float64", "n"], seed: int) -> Array["float64", "n"]:
        """Metres above the sea."""

    @hook()
    def title(self, seed: int) -> str:
        """What to call it."""

    @hook()
    def missing(self, seed: int) -> str:
        """What the plugin does not have."""
'''
MANIFEST = """
[plugin]
name = "ridges"
version = "1.2.0"
author = "ada"
title = "Ridges"
description = "Straight ones."
entry = "ridges"
packages = ["numpy"]

[spec]
name = "example.terrain"
version = "1.0"
"""
PLUGIN = """
def count(limit):
    found = 0
    while found < limit * 10**9:
        found += 1
    return str(found)


def elevation(x, seed):
    return x * 2 + seed


def title(seed):
    if seed == 13:
        raise ValueError("unlucky")
    if seed == 14:
        return count(seed)
    return f"world {seed}"
"""


def write_plugin(home: Path) -> Path:
    """Write both; returns the plugin's folder."""
    (home / "terrain_spec.py").write_text(SPEC)
    folder = home / "ridges"
    folder.mkdir()
    (folder / "plugin.toml").write_text(MANIFEST)
    (folder / "ridges.py").write_text(PLUGIN)
    return folder
