from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, overload

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")


class Sized(Protocol):
    def area(self) -> float: ...


class Stack(Generic[T]):
    def __init__(self, items: Iterable[T] = ()) -> None:
        self._items = list(items)

    def push(self, item: T) -> None:
        self._items.append(item)

    def pop(self) -> T:
        return self._items.pop()

    def __class_getitem__(cls, item):
        return super().__class_getitem__(item)


def largest(shapes: Sequence[Sized], key: Callable[[Sized], float] | None = None) -> Sized:
    return max(shapes, key=key or (lambda shape: shape.area()))
