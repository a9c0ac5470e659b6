"""Making frozen dataclasses quickly.

The ``__init__`` of a frozen dataclass sets each field through ``object.__setattr__``: a tenth of a
whole call for the fields of its result. An object that gets all of its fields at once saves that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["quick"]

T = TypeVar("T")
_new, _set = object.__new__, object.__setattr__


def quick(frozen: type[T]) -> Callable[..., T]:
    """What makes instances of ``frozen``, a frozen dataclass without slots, from **all** of its
    fields by name. Defaults are not filled in, and a ``__post_init__`` would not run.
    """

    def make(**fields: Any) -> T:
        made = _new(frozen)
        _set(made, "__dict__", fields)
        return made

    return make
