"""What block instances have as inputs: never, in the end, themselves."""

from __future__ import annotations

from collections.abc import Mapping

from vishwakarma_api.v1.shapes import BlockInstance
from vishwakarma_app.document.elements import Element

__all__ = ["find_any_circle", "find_circle"]


def find_circle(elements: Mapping[int, Element], changed: Element) -> list[int]:
    """The circle that an element closes, from itself to itself; empty if it closes none.

    Args:
        elements: the others, by id; there is no circle among them.
        changed: what is to take the place of the element with its id.
    """
    if not isinstance(changed.shape, BlockInstance) or not changed.shape.inputs:
        return []
    came = dict.fromkeys(changed.shape.refers_to(), changed.id)
    waiting = list(came)
    while waiting:
        current = waiting.pop()
        if current == changed.id:
            circle = [current, came[current]]
            while circle[-1] != current:
                circle.append(came[circle[-1]])
            return circle[::-1]
        for other in elements[current].shape.refers_to():
            if other not in came:
                came[other] = current
                waiting.append(other)
    return []


def find_any_circle(elements: Mapping[int, Element]) -> int:
    """An instance on or behind a circle; 0 if there is none."""
    missing = {
        one.id: set(one.shape.refers_to())
        for one in elements.values()
        if isinstance(one.shape, BlockInstance) and one.shape.inputs
    }
    needed_by: dict[int, list[int]] = {}
    for one, needs in missing.items():
        for other in needs:
            needed_by.setdefault(other, []).append(one)
    ready = [one for one in needed_by if one not in missing]
    while ready:
        done = ready.pop()
        for other in needed_by.get(done, ()):
            missing[other].discard(done)
            if not missing[other]:
                ready.append(other)
    return min((one for one, needs in missing.items() if needs), default=0)
