"""What a block wants of an instance: read from its script, and checked before anything changes."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ringfence import blocks
from vishwakarma_app.blocks.library import LIBRARY, PUBLISHER, LibraryBlock
from vishwakarma_app.document import Definition
from vishwakarma_app.errors import BlockRefused

__all__ = ["Parameter", "check_script", "parameters_of", "plain_values", "publisher_of"]

_TYPES = {"tuple": "tuple[float, ...]", "geometry": "Geometry"}


@dataclass(frozen=True)
class Parameter:
    """What a person can set.

    Attributes:
        name: its name.
        type: ``int``, ``float``, ``bool``, ``str``, ``tuple[float, ...]`` or ``Geometry``.
        default: its default; None: it has to be given.
        low: where a slider begins; None where the block says nothing about it.
        high: where it ends.
        step: by how much it moves.
        title: what people call it; empty where the block says nothing.
        line: of the script, where it is declared.
    """

    name: str
    type: str
    default: Any | None
    low: float | None = None
    high: float | None = None
    step: float | None = None
    title: str = ""
    line: int = 0


def publisher_of(name: str, definition: Definition) -> str:
    """Who wrote a block. It is the library's if it is so to the letter, whatever a document says;
    what only says that it is the library's is neither the library's nor the document's.
    """
    shipped = LIBRARY.get(name)
    if shipped is not None and shipped.source == definition.source:
        return PUBLISHER
    claimed = definition.publisher
    return f"{PUBLISHER}, as it says" if claimed == PUBLISHER else claimed


@functools.lru_cache(maxsize=4_096)
def check_script(name: str, source: str) -> tuple[blocks.Parameter, ...]:
    """The parameters of a script of the dialect.

    Raises:
        BlockRefused: it does not keep to the dialect; names the block and the line.
    """
    try:
        with blocks.compile(source, name=name) as program:
            return program.scripts[name].parameters
    except blocks.BlockRejected as error:
        line = error.findings[0].line if error.findings else 0
        raise BlockRefused(str(error), name, line) from None


def parameters_of(
    name: str, definition: Definition, library: Mapping[str, LibraryBlock] = LIBRARY
) -> tuple[Parameter, ...]:
    """The parameters of a block, with the bounds that the library says.

    Args:
        name: of the block.
        definition: what the document has of it.
        library: the blocks that are known, whose bounds hold for what is theirs to the letter.

    Raises:
        BlockRefused: its script does not keep to the dialect.
    """
    found = []
    known = library.get(name)
    theirs = known.bounds if known is not None and known.source == definition.source else {}
    for one in check_script(name, definition.source):
        bounds = theirs.get(one.name)
        default = None if one.default is blocks.REQUIRED else one.default
        found.append(
            Parameter(
                one.name,
                _TYPES.get(one.type, one.type),
                default,
                bounds.low if bounds else None,
                bounds.high if bounds else None,
                bounds.step if bounds else None,
                bounds.title if bounds else "",
                one.line,
            )
        )
    return tuple(found)


def plain_values(
    name: str,
    wanted: tuple[blocks.Parameter, ...],
    given: Mapping[str, Any],
    inputs: Mapping[str, int],
) -> dict[str, Any]:
    """Values as the block's script takes them: a document has floats only, where it may want an
    int.

    Args:
        name: of the block.
        wanted: what it declares.
        given: name -> value.
        inputs: parameter of type ``Geometry`` -> an element.

    Raises:
        BlockRefused: one is missing, unknown, or of another type; names the block and the line.
    """
    known = {one.name: one for one in wanted}
    if strange := sorted({*given, *inputs} - known.keys()):
        names = ", ".join(known) or "none"
        message = f"{name}: there is no parameter {strange[0]!r}; it has {names}"
        raise BlockRefused(message, name)
    values = {}
    for one in wanted:
        where = f"{name}, line {one.line}: {one.name}"
        kind = _TYPES.get(one.type, one.type)
        if one.type == "geometry":
            if one.name not in inputs or one.name in given:
                raise BlockRefused(f"{where} takes another block as an input", name, one.line)
        elif one.name in inputs:
            raise BlockRefused(f"{where} is no input, it takes {kind}", name, one.line)
        elif one.name not in given:
            if one.default is blocks.REQUIRED:
                raise BlockRefused(f"{where} has to be given", name, one.line)
        else:
            value = _converted(one.type, given[one.name])
            if value is None:
                got = f"{type(given[one.name]).__name__} {str(given[one.name])[:60]!r}"
                raise BlockRefused(f"{where} must be {kind}, got {got}", name, one.line)
            values[one.name] = value
    return values


def _converted(wanted: str, value: Any) -> Any:
    """A value as a parameter of this type, or None."""
    kind = type(value)
    if wanted == "int":
        fits = kind in {int, float} and abs(value) < 1 << 53 and value == int(value)
        return int(value) if fits else None
    if wanted == "float":
        return float(value) if kind in {int, float} else None
    if wanted == "tuple":
        return tuple(value) if kind in {tuple, list} else None
    return value if kind.__name__ == wanted else None
