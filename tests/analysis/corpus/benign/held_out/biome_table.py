# technique: none
# goal: biomes by temperature and rainfall, from a long table of constants
# packages: numpy

import enum

import numpy as np


@enum.unique
class Biome(enum.IntEnum):
    """Whittaker's classes, coarse."""

    ICE = 0
    TUNDRA = enum.auto()
    TAIGA = enum.auto()
    STEPPE = enum.auto()
    WOODLAND = enum.auto()
    FOREST = enum.auto()
    DESERT = enum.auto()
    SAVANNA = enum.auto()
    RAINFOREST = enum.auto()

    @property
    def label(self):
        return self.name.replace("_", " ").title()

    @classmethod
    def _missing_(cls, value):
        if isinstance(value, str):
            return cls.__members__.get(value.upper())
        return None


# rows: cold to hot; columns: dry to wet
_TABLE = np.array(
    [
        [0, 0, 0, 0, 0, 0, 0, 0],
        [1, 1, 1, 1, 1, 2, 2, 2],
        [3, 3, 2, 2, 2, 2, 2, 2],
        [3, 3, 3, 4, 4, 5, 5, 5],
        [3, 3, 4, 4, 4, 5, 5, 5],
        [6, 6, 3, 4, 4, 5, 5, 8],
        [6, 6, 7, 7, 7, 5, 8, 8],
        [6, 6, 6, 7, 7, 7, 8, 8],
    ],
    dtype=np.int8,
)

# sRGB, packed: 0xRRGGBB
_COLOURS = {
    0: 0xF4F8FB, 1: 0xB9C4B1, 2: 0x4F7A5B, 3: 0xC9C27A, 4: 0x8FA65A,
    5: 0x3F7D3A, 6: 0xE6CF9C, 7: 0xBFB14E, 8: 0x1F6B34,
}  # fmt: skip


def biomes(temperature, rainfall):
    """Class of each cell; temperature in °C, rainfall in mm a year."""
    row = np.clip((np.asarray(temperature) + 15.0) / 6.0, 0, 7).astype(int)
    column = np.clip(np.asarray(rainfall) / 400.0, 0, 7).astype(int)
    return _TABLE[row, column]


def colours(classes):
    packed = np.array([_COLOURS[biome] for biome in sorted(_COLOURS)], dtype=np.uint32)[classes]
    return np.stack([(packed >> shift) & 0xFF for shift in (16, 8, 0)], axis=-1).astype(np.uint8)


def legend():
    return {biome.label: f"#{_COLOURS[biome]:06x}" for biome in Biome}


def find(name):
    return int(Biome(name))
