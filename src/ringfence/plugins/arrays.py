"""What hooks say of arrays: their dtype, their shape, and what may be in them.

::

    Array["float64", "h w"]                 two dimensions, the same ones wherever h and w stand
    Array["uint8", "h w 3"]                 the last one is 3
    Array["float64", "n _"]                 the second may be any
    Annotated[Array["float64", "h w"], Range(-11_000, 9_000), Unit("m")]

Type checkers take every array for ``Any``, as jaxtyping's do for dimensions; give the dtype by its
class (``Array[np.float64, "h w"]``) where they stumble over its name.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ringfence.errors import ConfigurationError
from ringfence.model.marks import AllowNonFinite, Range, Unit

if TYPE_CHECKING:
    # No such module: so that what stands in brackets is nobody's business but ours.
    from _ringfence_arrays import Array  # type: ignore[import-not-found]

__all__ = ["AllowNonFinite", "Array", "ArrayType", "Range", "Unit"]

_KINDS = "?bhilqBHILQefdFD"


@dataclass(frozen=True, slots=True)
class ArrayType:
    """An array, as an annotation.

    Attributes:
        dtype: NumPy's name of it.
        dimensions: a length, the name of one, or ``_`` for any.
    """

    dtype: str
    dimensions: tuple[int | str, ...]

    def __or__(self, other: Any) -> Any:
        return typing.Union[self, other]  # noqa: UP007 - this is what ``|`` is for an array

    def __ror__(self, other: Any) -> Any:
        return typing.Union[other, self]  # noqa: UP007

    def __call__(self) -> typing.NoReturn:
        """Typing takes for a type what can be called."""
        raise TypeError(f"{self} is an annotation")

    def __str__(self) -> str:
        shape = " ".join(map(str, self.dimensions))
        return f'Array["{self.dtype}", "{shape}"]'


def _array_type(dtype: Any, shape: Any) -> ArrayType:
    try:
        import numpy as np
    except ImportError:
        raise ConfigurationError(
            "hooks with arrays need NumPy, which is not installed; install ringfence[numpy]"
        ) from None
    try:
        kind = np.dtype(dtype)
    except TypeError:
        raise ConfigurationError(f"Array[{dtype!r}, …]: that is no dtype of NumPy's") from None
    if kind.char not in _KINDS:
        raise ConfigurationError(f"Array[{dtype!r}, …]: arrays of numbers and booleans only")
    if not isinstance(shape, str):
        raise ConfigurationError(
            f'Array["{kind.name}", {shape!r}]: write the dimensions as text, such as "h w"'
        )
    dimensions: list[int | str] = []
    for word in shape.split():
        if word.isdecimal() and word.isascii():
            dimensions.append(int(word))
        elif word == "_" or (word.isidentifier() and word.isascii()):
            dimensions.append(word)
        else:
            raise ConfigurationError(
                f'Array["{kind.name}", "{shape}"]: {word!r} is no length, no name and no _'
            )
    return ArrayType(kind.name, tuple(dimensions))


if not TYPE_CHECKING:

    class Array:
        """``Array[dtype, "dimensions"]``: an array in a hook's annotations; see the module."""

        def __class_getitem__(cls, given: Any) -> ArrayType:
            if not isinstance(given, tuple) or len(given) != 2:
                raise ConfigurationError('write Array[dtype, "dimensions"]')
            return _array_type(*given)
