"""What may be declared to cross between host and guest: a closed set of annotations.

:func:`validator_for` turns an annotation into a :class:`Validator` once, when something is
registered. What is outside the set is refused there and then, wherever it is nested: an annotation
is code that runs on a guest's bytes (pydantic's ``ImportString`` imports what they name, a
``FilePath`` tells which files exist), so nothing is accepted because it happens to work.

Values are checked strictly. ``"1"`` is no int, ``True`` is no int, a list is no tuple. The only
value that changes its type is an int where a float is asked for, besides what cannot cross as
itself: members of an ``Enum`` are named by value, instances of the host's classes by their fields.
"""

from __future__ import annotations

import collections.abc
import enum
import types
import typing
from collections.abc import Iterable
from typing import Any, Generic, TypeVar, overload

from ringfence.errors import ConfigurationError, ValidationFailed
from ringfence.runtime.checks import containers, declared, plain, unions
from ringfence.runtime.checks.arrays import array_check
from ringfence.runtime.checks.check import Check, Mismatch, type_name
from ringfence.runtime.checks.constraints import constrained, read_metadata
from ringfence.runtime.checks.fields import declared_fields

__all__ = ["ALLOWED", "Validator", "validator_for"]

T = TypeVar("T")

ALLOWED = (
    "None, bool, int, float, complex, str, bytes, date, time, datetime, timedelta, Decimal, "
    "Fraction, UUID, list, tuple, set, frozenset, dict, Sequence, Mapping, Literal, Enum, Optional "
    "and unions, Any, NewType, Annotated with bounds or lengths, dataclasses, TypedDict, "
    "NamedTuple, pydantic models, NumPy arrays and scalars"
)
"""The closed set, as error messages list it."""

_BARE: dict[object, tuple[type, ...]] = {
    list: (list,),
    set: (set,),
    frozenset: (frozenset,),
    collections.abc.Sequence: (list, tuple),
    collections.abc.MutableSequence: (list,),
    collections.abc.Collection: (list, tuple, set, frozenset),
    collections.abc.Iterable: (list, tuple, set, frozenset),
    collections.abc.Set: (set, frozenset),
    collections.abc.MutableSet: (set,),
}
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_HINTS = {
    "builtins": "take one of the types below instead",
    "collections": "take dict, list or a class with declared fields instead",
    "os": "a path of the guest's means nothing on the host",
    "pathlib": "a path of the guest's means nothing on the host",
    "pydantic": "pydantic's own types convert, open or import what a guest names",
    "pydantic_core": "take str instead",
    "re": "a guest's pattern can run for hours",
}


class Validator(Generic[T]):
    """Checks values against one annotation. Immutable; any number of threads may use it.

    Attributes:
        annotation: what it was made from.
        where: how messages name the value as a whole.
        text: the annotation as messages and signatures show it.
        declarations: one line for each class of the host's in it, for documentation: its name and
            its fields.
        run: the check itself. It raises :class:`Mismatch` or RecursionError, which
            :meth:`failure` turns into the error to raise.
    """

    __slots__ = ("annotation", "declarations", "run", "text", "where")

    def __init__(
        self, annotation: object, where: str, check: Check, declarations: tuple[str, ...]
    ) -> None:
        self.annotation = annotation
        self.where = where
        self.text = check.text
        self.declarations = declarations
        self.run = check.run

    def __call__(self, value: object) -> T:
        """The value that was meant.

        Raises:
            ValidationFailed: it does not match. Stops at the first mismatch and names its path.
        """
        return self.check(value, self.where)

    def check(self, value: object, where: str) -> T:
        """As a call, naming the value ``where`` in the error."""
        try:
            return self.run(value)  # type: ignore[no-any-return]
        except (Mismatch, RecursionError) as error:
            raise self.failure(error, where) from error.__cause__

    def failure(self, error: Mismatch | RecursionError, where: str) -> ValidationFailed:
        """What to raise for an error of :attr:`run`."""
        if isinstance(error, RecursionError):
            error = Mismatch(self.text, got="a value nested too deeply")
        return error.failed(where)

    def __repr__(self) -> str:
        return f"Validator({self.text})"


@overload
def validator_for(
    annotation: type[T], *, where: str, declared: str | None = None, outgoing: bool = False
) -> Validator[T]: ...
@overload
def validator_for(
    annotation: object, *, where: str, declared: str | None = None, outgoing: bool = False
) -> Validator[Any]: ...
def validator_for(
    annotation: object, *, where: str, declared: str | None = None, outgoing: bool = False
) -> Validator[Any]:
    """The validator for ``annotation``.

    Args:
        annotation: resolved (no strings); see :data:`ALLOWED`.
        where: how messages name the value, for example ``"value"``.
        declared: how messages name the annotation itself; default: ``where``.
        outgoing: the value is the host's, on its way to the guest: instances of declared classes
            and members of enumerations are expected, and become records of their *declared* fields
            and plain values.

    Raises:
        ConfigurationError: the annotation, or something nested in it, is outside the closed set.
    """
    builder = _Builder(where if declared is None else declared, outgoing)
    try:
        check = builder.build(annotation)
    except RecursionError:
        raise builder.refuse(annotation, "refers to itself without end") from None
    builder.finish()
    return Validator(annotation, where, check, builder.declarations())


class _Builder:
    """Turns one annotation into checks; knows what it has seen, so that types may be recursive."""

    def __init__(self, where: str, outgoing: bool) -> None:
        self.where = where
        self.outgoing = outgoing
        self.classes: dict[type, Check] = {}
        self.aliases: dict[Any, Check] = {}
        self.unions: list[Check] = []

    def refuse(self, annotation: object, reason: str) -> ConfigurationError:
        return ConfigurationError(f"{self.where}: {_shown(annotation)}: {reason}")

    def outside(self, annotation: object) -> ConfigurationError:
        origin = typing.get_origin(annotation) or annotation
        if origin in (type, collections.abc.Callable):
            hint = "code never crosses"
        elif getattr(origin, "__parameters__", ()):
            hint = "generic classes are not supported, declare one for what it holds"
        elif not isinstance(origin, type):
            hint = "say which values it may be"
        else:
            module = origin.__module__.partition(".")[0]
            hint = _HINTS.get(module, "declare its fields in a dataclass instead")
        return self.refuse(annotation, f"cannot cross; {hint}. Allowed are: {ALLOWED}")

    def finish(self) -> None:
        for check in self.unions:
            unions.finish_union(check, lambda reason: ConfigurationError(f"{self.where}: {reason}"))

    def declarations(self) -> tuple[str, ...]:
        return tuple(
            f"{check.text}: {description}"
            for check in self.classes.values()
            if (description := _description(check))
        )

    def build(self, annotation: object) -> Check:
        found = self._single(annotation)
        if found is None:
            found = self._generic(annotation, typing.get_origin(annotation))
        if found is None:
            raise self.outside(annotation)
        return found

    def _single(self, annotation: Any) -> Check | None:
        if annotation is Any or annotation is object:
            return plain.ANYTHING
        if annotation is None:
            return plain.NONE
        if isinstance(annotation, (str, typing.ForwardRef)):
            raise self.refuse(annotation, "the name cannot be resolved")
        if isinstance(annotation, typing.TypeVar):
            raise self.refuse(annotation, "a type variable does not say which values it may be")
        if isinstance(annotation, typing.NewType):
            return self.build(annotation.__supertype__)
        if type(typing.get_origin(annotation) or annotation).__name__ == "TypeAliasType":
            return self._alias(annotation)
        array = array_check(annotation, lambda reason: self.refuse(annotation, reason))
        if array is not None or not isinstance(annotation, type):
            return array
        if annotation in _BARE or annotation in _MAPPINGS or annotation is tuple:
            return self._container(annotation, None)
        return self._class(annotation)

    def _alias(self, annotation: Any) -> Check:
        known = self.aliases.get(annotation)
        if known is not None:
            return known
        reference = self.aliases[annotation] = unions.alias(_shown(annotation))
        target = self.build(self._alias_value(annotation))
        if target is reference:
            raise self.refuse(annotation, "refers to itself with nothing in between")
        reference.children = (target,)
        self.aliases[annotation] = target
        return target

    def _alias_value(self, annotation: Any) -> Any:
        """What an alias stands for, its parameters replaced by what it was given."""
        origin = typing.get_origin(annotation) or annotation
        given = dict(zip(origin.__type_params__, typing.get_args(annotation), strict=False))
        value = origin.__value__
        used = getattr(value, "__parameters__", ())
        if not used:
            return value
        if not given.keys() >= set(used):
            raise self.refuse(annotation, "a type alias without what its parameters stand for")
        return value[tuple(given[parameter] for parameter in used)]

    def _class(self, cls: type) -> Check | None:
        if cls in plain.PLAIN:
            return plain.PLAIN[cls]
        known = self.classes.get(cls)
        if known is not None:
            return known
        if issubclass(cls, enum.Enum):
            check = self.classes[cls] = plain.enumeration(
                cls, outgoing=self.outgoing, refuse=lambda reason: self.refuse(cls, reason)
            )
            return check
        described = declared_fields(cls, lambda reason: self.refuse(cls, reason))
        if described is None:
            return None
        check = self.classes[cls] = declared.start(cls, described, outgoing=self.outgoing)
        checks = {
            item.name: self._field(cls, item.name, item.annotation, item.metadata)
            for item in described.fields
            if (item.sent if self.outgoing else item.accepted)
        }
        if self.outgoing:
            declared.finish_outgoing(check, cls, described, checks)
        else:
            declared.finish_incoming(check, described, checks)
        return check

    def _field(self, cls: type, name: str, annotation: Any, metadata: tuple[object, ...]) -> Check:
        where, self.where = self.where, f"{self.where}: {cls.__name__}.{name}"
        try:
            return self._annotated(annotation, annotation, metadata, in_model=True)
        finally:
            self.where = where

    def _annotated(
        self, shown: object, base: object, metadata: Iterable[object], *, in_model: bool = False
    ) -> Check:
        def refuse(reason: str) -> ConfigurationError:
            return self.refuse(shown, reason)

        def bounded(check: Check) -> Check:
            if not check.passes_through:
                return check if check is plain.NONE else constrained(check, wanted, refuse)
            if check not in self.unions:
                raise refuse("bounds on a type that is still being declared; put them inside it")
            return self._union(tuple(map(bounded, check.children)))

        check = self.build(base)
        wanted = read_metadata(metadata, refuse, in_model=in_model)
        return bounded(check) if wanted else check

    def _union(self, members: tuple[Check, ...]) -> Check:
        check = unions.union(members)
        self.unions.append(check)
        return check

    def _generic(self, annotation: object, origin: object) -> Check | None:
        arguments = typing.get_args(annotation)
        if origin is typing.Annotated:
            return self._annotated(annotation, arguments[0], arguments[1:])
        if origin in (typing.Union, types.UnionType):
            return self._union(tuple(self.build(member) for member in arguments))
        if origin is typing.Literal:
            return plain.literal(arguments, lambda reason: self.refuse(annotation, reason))
        # ``typing.List`` has no arguments, as ``list``; ``tuple[()]`` has none either.
        bare = not arguments and (origin is not tuple or annotation is typing.Tuple)  # noqa: UP006
        return self._container(origin, None if bare else arguments)

    def _container(self, origin: Any, arguments: tuple[Any, ...] | None) -> Check | None:
        """A container; ``arguments`` are None for one that may hold anything."""
        if not isinstance(origin, type):
            return None
        name = origin.__name__
        if origin in _BARE:
            if arguments is None:
                return containers.items_of(_BARE[origin], plain.ANYTHING, name)
            item = self.build(arguments[0])
            return containers.items_of(_BARE[origin], item, f"{name}[{item.text}]")
        if origin in _MAPPINGS:
            if arguments is None:
                return containers.mapping_of(plain.ANYTHING, plain.ANYTHING, name)
            key, value = self.build(arguments[0]), self.build(arguments[1])
            return containers.mapping_of(key, value, f"{name}[{key.text}, {value.text}]")
        return self._tuple(arguments) if origin is tuple else None

    def _tuple(self, arguments: tuple[Any, ...] | None) -> Check:
        if arguments is None:
            return containers.items_of((tuple,), plain.ANYTHING, "tuple")
        if len(arguments) == 2 and arguments[1] is ...:
            item = self.build(arguments[0])
            return containers.items_of((tuple,), item, f"tuple[{item.text}, ...]")
        items = tuple(map(self.build, arguments))
        return containers.fixed_tuple(items, f"tuple[{', '.join(i.text for i in items) or '()'}]")


def _shown(annotation: object) -> str:
    return type_name(annotation).replace("typing.", "")


def _description(check: Check) -> str:
    if check.values is not None:
        return f"one of {', '.join(repr(value) for _, value in check.values)}"
    if check.fields is None:
        return ""
    return ", ".join(
        f"{name}: {item.text}{'' if name in check.fields.required else ' (optional)'}"
        for name, item in check.fields.checks.items()
    )
