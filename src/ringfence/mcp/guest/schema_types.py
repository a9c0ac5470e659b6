"""JSON Schemas as Python types, for reading and for type checkers: nothing relies on them.

A schema is a server's and may be anything: what is not understood, too deep or too much is ``Any``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ringfence.mcp.guest.identifiers import distinct, identifier
from ringfence.mcp.guest.literals import literal
from ringfence.mcp.guest.vocabulary import WORDS, Vocabulary

__all__ = ["Field", "Inline", "Named", "Type", "TypedClass", "required_of"]

_MOST_NODES = 300
_DEEPEST = 6
_MOST_MEMBERS = 8
_MOST_LITERALS = 30
_LONGEST_LITERAL = 60
_MOST_FIELDS = 60
_LONGEST_KEY = 200
_SIMPLE = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


@dataclass(frozen=True)
class Type:
    """One or several alternatives, as source text; ``None`` among them is null."""

    members: tuple[str, ...]

    @property
    def nullable(self) -> bool:
        """Whether null is one of the values."""
        return "None" in self.members

    @property
    def anything(self) -> bool:
        """Whether nothing is known of the values."""
        return len(self.members) == 1 and self.members[0].rpartition(".")[2] == "Any"

    def __str__(self) -> str:
        return " | ".join(self.members)


@dataclass(frozen=True)
class Field:
    """One key of an object."""

    key: str
    type: Type
    required: bool


@dataclass(frozen=True)
class TypedClass:
    """An object with known keys, as a class of a module."""

    name: str
    fields: tuple[Field, ...]


class Inline:
    """Types for one line of text: objects are shown by their keys.

    Args:
        vocabulary: how the words are written.
        root: the schema that references lead into.
    """

    def __init__(self, vocabulary: Vocabulary, root: object) -> None:
        self.words = vocabulary
        self._root = root
        self._left = _MOST_NODES

    def of(
        self, schema: object, name: str, depth: int = 0, seen: frozenset[str] = frozenset()
    ) -> Type:
        """The type of a schema.

        Args:
            schema: a part of the root.
            name: what a class for it would be called.
            depth: how deep it lies.
            seen: the references that led to it.
        """
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST or not isinstance(schema, Mapping):
            return self._any()
        reference = schema.get("$ref")
        if reference is not None:
            if not isinstance(reference, str) or reference in seen:
                return self._any()
            found = _lookup(self._root, reference)
            return self.of(found, name, depth + 1, seen | {reference})
        if "const" in schema:
            return self._literals([schema["const"]]) or self._any()
        if isinstance(schema.get("enum"), list):
            said = self._literals(schema["enum"])
            if said is not None:
                return said
        for key in ("anyOf", "oneOf"):
            if isinstance(schema.get(key), list):
                return self._union(
                    self.of(one, name, depth + 1, seen) for one in schema[key][: _MOST_MEMBERS + 1]
                )
        every = schema.get("allOf")
        if isinstance(every, list):
            return self.of(every[0], name, depth + 1, seen) if len(every) == 1 else self._any()
        kinds = schema.get("type")
        if isinstance(kinds, list):
            return self._union(self._plain(kind, schema, name, depth, seen) for kind in kinds[:8])
        return self._plain(kinds, schema, name, depth, seen)

    def _plain(
        self, kind: object, schema: Mapping[str, Any], name: str, depth: int, seen: frozenset[str]
    ) -> Type:
        if kind == "null":
            return Type(("None",))
        if isinstance(kind, str) and kind in _SIMPLE:
            return Type((self.words[_SIMPLE[kind]],))
        if kind == "array":
            items = schema.get("items")
            of = self._any() if items is None else self.of(items, f"{name}Item", depth + 1, seen)
            return Type((f"{self.words['list']}[{of}]",))
        if kind == "object" or (kind is None and isinstance(schema.get("properties"), Mapping)):
            return Type((self._object(schema, name, depth, seen),))
        return self._any()

    def _object(
        self, schema: Mapping[str, Any], name: str, depth: int, seen: frozenset[str]
    ) -> str:
        properties = schema.get("properties")
        if isinstance(properties, Mapping) and 0 < len(properties) <= _MOST_FIELDS:
            fields = tuple(self._fields(schema, properties, name, depth, seen))
            if fields:
                return self._write(name, fields)
        values = schema.get("additionalProperties")
        of = self.of(values, f"{name}Value", depth + 1, seen)
        return f"{self.words['dict']}[{self.words['str']}, {of}]"

    def _fields(
        self,
        schema: Mapping[str, Any],
        properties: Mapping[Any, Any],
        name: str,
        depth: int,
        seen: frozenset[str],
    ) -> Iterator[Field]:
        required = required_of(schema)
        for key, part in properties.items():
            if isinstance(key, str) and len(key) <= _LONGEST_KEY:
                title = "".join(word[:1].upper() + word[1:] for word in key[:40].split("_"))
                of = self.of(part, name + title, depth + 1, seen)
                yield Field(key, of, key in required)

    def _write(self, name: str, fields: Sequence[Field]) -> str:
        """How an object with known keys is written."""
        del name
        shown = (f"{one.key!r}{'' if one.required else '?'}: {one.type}" for one in fields)
        return f"{{{', '.join(shown)}}}"

    def _any(self) -> Type:
        return Type((self.words["Any"],))

    def _union(self, types: Iterator[Type]) -> Type:
        members: list[str] = []
        for one in types:
            members += [member for member in one.members if member not in members]
        if not members or len(members) > _MOST_MEMBERS or self._any().members[0] in members:
            return self._any()
        nothing = [member for member in members if member == "None"]
        return Type((*(member for member in members if member != "None"), *nothing))

    def _literals(self, values: Sequence[Any]) -> Type | None:
        if not 0 < len(values) <= _MOST_LITERALS:
            return None
        shown: list[str] = []
        for value in values:
            if value is None:
                continue
            if (
                type(value) not in {str, int, bool}
                or len(text := literal(value)) > _LONGEST_LITERAL
            ):
                return None
            if text not in shown:
                shown.append(text)
        members = [f"{self.words['Literal']}[{', '.join(shown)}]"] if shown else []
        return Type((*members, *(["None"] if None in values else [])))


class Named(Inline):
    """Types for a module: objects with known keys become classes of it.

    Args:
        vocabulary: the module's.
        root: the schema that references lead into.
        classes: those of the module by name, in the order in which they are to be written.
        taken: the names of the module's functions.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        root: object,
        classes: dict[str, TypedClass],
        taken: frozenset[str],
    ) -> None:
        super().__init__(vocabulary, root)
        self._classes = classes
        self._taken = taken | WORDS

    def _write(self, name: str, fields: Sequence[Field]) -> str:
        name = identifier(name, "Fields")
        if name in self._taken or name in self._classes:
            (name,) = distinct([name], self._taken | self._classes.keys())
        self._classes[name] = TypedClass(name, tuple(fields))
        return name


def required_of(schema: Mapping[str, Any]) -> frozenset[str]:
    """The keys that an object must have."""
    required = schema.get("required")
    return frozenset(
        key for key in (required if isinstance(required, list) else ()) if isinstance(key, str)
    )


def _lookup(root: object, reference: str) -> object:
    """What a reference within the schema leads to; None where it leads nowhere, or out of it."""
    if not reference.startswith("#/") or len(reference) > _LONGEST_KEY:
        return None
    found = root
    for step in reference[2:].split("/"):
        if not isinstance(found, Mapping):
            return None
        found = found.get(step.replace("~1", "/").replace("~0", "~"))
    return found
