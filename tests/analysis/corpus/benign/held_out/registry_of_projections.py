# technique: none
# goal: map projections collected by __init_subclass__ and looked up by name
# packages: numpy

from abc import ABC, abstractmethod

import numpy as np


class Projection(ABC):
    """Spherical; degrees in, units of the radius out."""

    known: dict[str, type["Projection"]] = {}
    name: str

    def __init_subclass__(cls, *, name, **rest):
        super().__init_subclass__(**rest)
        cls.name = name
        Projection.known[name] = cls

    def __class_getitem__(cls, name):
        return cls.known[name]

    def __call__(self, lon, lat):
        λ, φ = np.radians(np.asarray(lon, float)), np.radians(np.asarray(lat, float))
        return np.stack(self.forward(λ, φ), axis=-1)

    @abstractmethod
    def forward(self, λ, φ): ...


class Mercator(Projection, name="mercator"):
    def forward(self, λ, φ):
        φ = np.clip(φ, -1.4844, 1.4844)
        return λ, np.arctanh(np.sin(φ))


class Sinusoidal(Projection, name="sinusoidal"):
    def forward(self, λ, φ):
        return λ * np.cos(φ), φ


class Mollweide(Projection, name="mollweide"):
    def forward(self, λ, φ):
        # 2θ + sin 2θ = π sin φ, by Newton
        θ = φ.copy()
        for _ in range(12):
            slope = 2 + 2 * np.cos(2 * θ)
            rest = 2 * θ + np.sin(2 * θ) - np.pi * np.sin(φ)
            θ = θ - np.divide(rest, slope, out=np.zeros_like(θ), where=np.abs(slope) > 1e-9)
        return 2 * np.sqrt(2) / np.pi * λ * np.cos(θ), np.sqrt(2) * np.sin(θ)


class Robinson(Projection, name="robinson"):
    _X = (1, 0.9986, 0.9954, 0.99, 0.9822, 0.973, 0.96, 0.9427, 0.9216, 0.8962, 0.8679, 0.835,
          0.7986, 0.7597, 0.7186, 0.6732, 0.6213, 0.5722, 0.5322)
    _Y = (0, 0.062, 0.124, 0.186, 0.248, 0.31, 0.372, 0.434, 0.4958, 0.5571, 0.6176, 0.6769,
          0.7346, 0.7903, 0.8435, 0.8936, 0.9394, 0.9761, 1)

    def forward(self, λ, φ):
        steps = np.radians(np.arange(0, 91, 5))
        x, y = (np.interp(np.abs(φ), steps, table) for table in (self._X, self._Y))
        return 0.8487 * λ * x, 1.3523 * np.sign(φ) * y


def project(lon, lat, *, kind="mollweide"):
    """Places on the map."""
    return Projection[kind]()(lon, lat)


def kinds():
    return sorted(Projection.known)
