"""Plugins that the tests upload."""

from ringfence.plugins import Bundle

BASE = "return elevation"


def manifest(name: str, version: str = "1.0.0", **texts: str) -> str:
    lines = [f'{key} = "{value}"' for key, value in texts.items()]
    return "\n".join(
        [
            "[plugin]", f'name = "{name}"', f'version = "{version}"',
            *(lines if "author" in texts else [*lines, 'author = "tester"']),
            'entry = "main"', 'packages = ["numpy"]',
            "[spec]", 'name = "worldgen.terrain"', 'version = "1.0"', "",
        ]
    )  # fmt: skip


def files(
    name: str, body: str, version: str = "1.0.0", more: str = "", **texts: str
) -> dict[str, str]:
    """A plugin whose ``shape`` has this body."""
    source = f"import numpy as np\n\n\ndef shape(x, y, seed, elevation):\n    {body}\n"
    return {"plugin.toml": manifest(name, version, **texts) + more, "main.py": source}


def bundle(name: str, body: str = BASE, version: str = "1.0.0", **texts: str) -> Bundle:
    told = files(name, body, version, **texts)
    return Bundle.of_files({key: text.encode() for key, text in told.items()})


TRAP = "side = len(elevation)\n    while side > 200:\n        side = side + 1\n    return elevation"
"""Never ends on a tile; a test case is smaller."""
