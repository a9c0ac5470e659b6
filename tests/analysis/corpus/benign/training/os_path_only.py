"""Names of layers, from paths as they stand in a drawing."""
import os.path
import posixpath
from pathlib import PurePosixPath


def layer(path):
    base = os.path.basename(path)
    stem, _ = os.path.splitext(base)
    return stem.replace(" ", "_").lower()


def group(path):
    return PurePosixPath(path).parent.name or posixpath.dirname(path)
