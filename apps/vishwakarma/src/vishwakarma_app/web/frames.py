"""Frames: what a page is shown, as bytes that it reads as typed arrays.

All numbers are little-endian, ``p`` is the number of pieces and ``v`` that of all their vertices::

    magic, flags, removed, pieces, vertices, size of labels, 0, 0      8 unsigned 32-bit numbers
    ids of elements to forget                                          removed x 64-bit float
    ids of the pieces' elements                                        p x 64-bit float
    the place that a piece's numbers are counted from                  3p x 64-bit float
    the box of each piece, from there: smallest x y z, largest x y z   6p x 32-bit float
    vertices of points, of lines, of areas, of faces                   4p x unsigned 32-bit
    positions, from the piece's place, in the same order               3v x 32-bit float
    colours: red, green, blue, opacity                                 4v bytes
    labels: JSON in UTF-8

An id fits a double: what has greater ones is not opened. Positions are counted from the middle of
their piece, so that 32 bits do where 64 were needed.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from vishwakarma_app.web.pieces import Piece
from vishwakarma_app.web.records import LARGEST

__all__ = ["LARGEST_ID", "LAST", "MAGIC", "RESET", "frame_of"]

MAGIC = 0x31534B56
RESET, LAST = 1, 2
"""Flags: forget everything that was shown before; nothing more is to come for now."""
LARGEST_ID = 2**53
_KINDS = 4
_MOST_LABEL = 1_000

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"


def frame_of(removed: Sequence[int], pieces: Sequence[tuple[int, Piece]], flags: int) -> bytes:
    """Pack elements that are gone, and pieces that are new or different."""
    parts = [part for _, piece in pieces for part in piece[:_KINDS]]
    counts = np.array([len(part) for part in parts], np.int64)
    positions = np.concatenate(parts) if parts else np.empty((0, 3))
    low, high = _boxes([piece for _, piece in pieces], positions, counts)
    origins = (low + high) / 2
    per_piece = counts.reshape(-1, _KINDS).sum(axis=1)
    local = positions - np.repeat(origins, per_piece, axis=0)
    colors = [piece.colors for _, piece in pieces]
    labels = _labels(pieces, origins)
    return b"".join(
        [
            struct.pack(
                "<8I", MAGIC, flags, len(removed), len(pieces), len(positions), len(labels), 0, 0
            ),
            np.array(removed, "<f8").tobytes(),
            np.array([number for number, _ in pieces], "<f8").tobytes(),
            origins.astype("<f8").tobytes(),
            np.concatenate([low - origins, high - origins], axis=1).astype("<f4").tobytes(),
            counts.astype("<u4").tobytes(),
            local.astype("<f4").tobytes(),
            (np.concatenate(colors) if colors else np.empty(0)).astype(">u4").tobytes(),
            labels,
        ]
    )


def _boxes(pieces: Sequence[Piece], positions: Array, counts: Array) -> tuple[Array, Array]:
    """The smallest and the largest corner of each piece."""
    low, high = np.zeros((len(pieces), 3)), np.zeros((len(pieces), 3))
    per_piece = counts.reshape(-1, _KINDS).sum(axis=1)
    there = np.flatnonzero(per_piece)
    if len(there):
        starts = (np.cumsum(per_piece) - per_piece)[there]
        low[there] = np.minimum.reduceat(positions, starts, axis=0)
        high[there] = np.maximum.reduceat(positions, starts, axis=0)
    for index, piece in enumerate(pieces):
        if piece.labels:
            around = np.array([corner for one in piece.labels for corner in _corners(one)])
            around = np.clip(around, -LARGEST, LARGEST)
            first = not per_piece[index]
            low[index] = around.min(0) if first else np.minimum(low[index], around.min(0))
            high[index] = around.max(0) if first else np.maximum(high[index], around.max(0))
    return low, high


def _corners(label: Any) -> list[list[float]]:
    """Corners of a text, whose characters are taken to be 0.6 of its height wide."""
    width = 0.6 * label.height * max(1, len(label.text))
    return [
        [
            at + right * along + up * across
            for at, right, up in zip(label.at, label.right, label.up, strict=True)
        ]
        for along in (0.0, width)
        for across in (0.0, label.height)
    ]


def _labels(pieces: Sequence[tuple[int, Piece]], origins: Array) -> bytes:
    """Texts: the position of the piece, and what there is to draw."""
    found = [
        {
            "piece": index,
            "text": one.text[:_MOST_LABEL],
            "at": (np.array(one.at) - origins[index]).tolist(),
            "right": one.right,
            "up": one.up,
            "height": one.height,
            "color": one.color,
        }
        for index, (_, piece) in enumerate(pieces)
        for one in piece.labels
    ]
    return json.dumps(found).encode() if found else b""
