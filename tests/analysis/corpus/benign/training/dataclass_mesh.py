# packages: numpy
"""A mesh with cached normals."""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Mesh:
    vertices: np.ndarray
    faces: np.ndarray
    name: str = field(default="mesh", compare=False)

    @cached_property
    def normals(self) -> np.ndarray:
        a, b, c = (self.vertices[self.faces[:, i]] for i in range(3))
        found = np.cross(b - a, c - a)
        length = np.linalg.norm(found, axis=1, keepdims=True)
        return np.divide(found, length, out=np.zeros_like(found), where=length > 0)

    def moved(self, by) -> Mesh:
        return replace(self, vertices=self.vertices + np.asarray(by))
