"""Making frozen dataclasses quickly.

The ``__init__`` of a frozen dataclass sets each field through ``object.__setattr__``, which costs
five times as much as setting it: a tenth of a whole call for the fields of its result. An object
that is filled first, and becomes one of the frozen class when it is whole, saves that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, fields, make_dataclass
from typing import Any, ParamSpec, TypeVar, cast

__all__ = ["quick"]

P = ParamSpec("P")
T = TypeVar("T")


def quick(frozen: Callable[P, T]) -> Callable[P, T]:
    """What makes instances of ``frozen``, a dataclass with ``frozen`` and ``slots``, with the same
    arguments as the class itself. A ``__post_init__`` of its own would not run.
    """
    made = cast("type[Any]", frozen)

    def become_whole(self: Any) -> None:
        self.__class__ = made

    draft = make_dataclass(
        made.__name__,
        [
            (f.name, Any, field(default=f.default, default_factory=f.default_factory))
            for f in fields(made)
        ],
        namespace={"__post_init__": become_whole},
        slots=True,
        kw_only=all(f.kw_only for f in fields(made)),
    )
    return cast("Callable[P, T]", draft)
