"""Points and faces as flat rows of numbers, and back."""

from __future__ import annotations

from collections.abc import Sequence

from vishwakarma_api.v1.wire.messages import WireError

__all__ = ["faces_of", "flat_faces", "points_of"]


def points_of(numbers: Sequence[float], size: int) -> tuple[tuple[float, ...], ...]:
    """Points of ``size`` numbers each.

    Raises:
        WireError: the last one is not whole.
    """
    if len(numbers) % size:
        raise WireError(f"points have {size} numbers each, and {len(numbers)} came")
    row = iter(numbers)
    return tuple(zip(*[row] * size, strict=True))


def flat_faces(faces: Sequence[Sequence[int]]) -> list[int]:
    """For each face the number of its corners, then these."""
    found: list[int] = []
    for face in faces:
        found.append(len(face))
        found.extend(face)
    return found


def faces_of(numbers: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """The faces again.

    Raises:
        WireError: the last one is not whole.
    """
    row = tuple(numbers)
    found = []
    at = 0
    while at < len(row):
        end = at + 1 + row[at]
        if end > len(row):
            raise WireError(f"a face has {row[at]} corners, and {len(row) - at - 1} came")
        found.append(row[at + 1 : end])
        at = end
    return tuple(found)
