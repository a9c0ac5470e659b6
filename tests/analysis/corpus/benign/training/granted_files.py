# grants: files
"""Reads presets from the folder that the host grants."""
import json
from pathlib import Path


def presets(folder):
    found = {}
    for path in sorted(Path(folder).glob("*.json")):
        with path.open(encoding="utf-8") as file:
            found[path.stem] = json.load(file)
    return found
