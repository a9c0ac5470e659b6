"""What a wrapper takes and gives, read from a tool's schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ringfence.mcp.guest.identifiers import distinct, identifier
from ringfence.mcp.guest.literals import literal, shown
from ringfence.mcp.guest.schema_types import Inline, Type, required_of
from ringfence.mcp.guest.seen import SeenTool

__all__ = ["Parameter", "Signature", "read_signature"]

_MOST = 60
_LONGEST_KEY = 200
_LONGEST_DOC = 300


@dataclass(frozen=True)
class Parameter:
    """One argument.

    Attributes:
        key: as the schema names it.
        name: as Python does.
        type: its type.
        required: whether it has to be given.
        doc: what it is for, in one line; may be empty.
    """

    key: str
    name: str
    type: Type
    required: bool
    doc: str

    @property
    def left_out_as_none(self) -> bool:
        """Whether None stands for not giving it; not where None is a value of its own."""
        return not (self.type.nullable or self.type.anything)

    def annotation(self) -> str:
        """The type, with the None that stands for not giving it."""
        plain = self.required or not self.left_out_as_none
        return str(self.type) if plain else f"{self.type} | None"


@dataclass(frozen=True)
class Signature:
    """What a wrapper takes and gives.

    Attributes:
        parameters: those that are required first.
        more: whether the tool takes arguments that it does not name.
        returns: the type of its result.
    """

    parameters: tuple[Parameter, ...]
    more: bool
    returns: Type

    def pieces(self, any_word: str, left_out: str) -> Iterator[str]:
        """The parameters in source text.

        Args:
            any_word: how ``Any`` is written.
            left_out: what stands for an argument that was not given, where None is a value.
        """
        star = False
        for one in self.parameters:
            if one.required:
                yield f"{one.name}: {one.annotation()}"
                continue
            if not star:
                yield "*"
                star = True
            default = "None" if one.left_out_as_none else left_out
            yield f"{one.name}: {one.annotation()} = {default}"
        if self.more:
            yield f"**_more: {any_word}"


def read_signature(tool: SeenTool, inputs: Inline, outputs: Inline, name: str) -> Signature:
    """The signature of a tool's wrapper.

    Args:
        tool: whose.
        inputs: writes the types of the arguments.
        outputs: writes the types of the result.
        name: what its classes begin with.
    """
    schema = tool.input_schema
    properties = schema.get("properties")
    named: dict[str, Any] = {}
    if isinstance(properties, Mapping):
        named = {key: part for key, part in properties.items() if isinstance(key, str)}
    required = required_of(schema)
    for key in sorted(required - named.keys()):
        named[key] = {}
    kept = [key for key in named if len(key) <= _LONGEST_KEY]
    kept.sort(key=lambda key: key not in required)
    more = len(kept) > _MOST or len(kept) < len(named) or bool(schema.get("additionalProperties"))
    kept = kept[:_MOST]
    names = distinct(identifier(key, "argument") for key in kept)
    parameters = tuple(
        Parameter(
            key,
            python,
            inputs.of(named[key], f"{name}{python[:1].upper()}{python[1:]}"),
            key in required,
            _doc(named[key]),
        )
        for key, python in zip(kept, names, strict=True)
    )
    if tool.output_schema is None:
        return Signature(parameters, more, Type((outputs.words["Any"],)))
    return Signature(parameters, more, outputs.of(tool.output_schema, f"{name}Result"))


def _doc(part: object) -> str:
    if not isinstance(part, Mapping):
        return ""
    said = part.get("description")
    text = shown(said, _LONGEST_DOC) if isinstance(said, str) else ""
    if "default" in part:
        default = part["default"]
        if type(default) in {str, int, bool} and len(literal(default)) <= 60:
            text = f"{text} (default: {literal(default)})".strip()
    return text
