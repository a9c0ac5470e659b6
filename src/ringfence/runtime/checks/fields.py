"""Which fields the host's own classes have: dataclasses, named tuples, ``TypedDict``s, models.

Everything that would let a guest say more than the declaration is refused when the class is first
seen: extra attributes, arbitrary types, constructors that the declaration does not describe.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
import typing
from collections.abc import Callable
from typing import Any, NamedTuple

from ringfence.errors import ConfigurationError

__all__ = ["Declared", "Field", "declared_fields", "type_hints"]

Refuse = Callable[[str], ConfigurationError]
_PYDANTIC = (2, 11)  # validation by the names of fields, whatever their aliases
_QUALIFIERS = ("Required", "NotRequired", "ReadOnly", "Final")


class Field(NamedTuple):
    """One field.

    ``accepted`` is False for a field that the class fills in itself (``init=False``), ``sent`` for
    one that never leaves the host (pydantic's ``exclude=True``).
    """

    name: str
    annotation: object
    required: bool
    metadata: tuple[object, ...] = ()
    accepted: bool = True
    sent: bool = True


class Declared(NamedTuple):
    """A class of the host's: what it is, its fields, and what builds it from their values."""

    kind: str
    fields: list[Field]
    build: Callable[[dict[str, Any]], Any]


def declared_fields(cls: type, refuse: Refuse) -> Declared | None:
    """The fields of ``cls`` if it is one of the four kinds of declared class, else None.

    Raises:
        ConfigurationError: it is, but in a form that would let a guest say more than it declares.
    """
    if _is_model(cls):
        return _model(cls, refuse)
    if dataclasses.is_dataclass(cls):
        if "__pydantic_fields__" in cls.__dict__:
            return _pydantic_dataclass(cls, refuse)
        return _dataclass(cls, refuse)
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return _named_tuple(cls, refuse)
    if issubclass(cls, dict) and hasattr(cls, "__required_keys__"):
        return _typed_dict(cls, refuse)
    return None


def type_hints(target: Any, refuse: Refuse, local: dict[str, Any] | None = None) -> dict[str, Any]:
    """``typing.get_type_hints`` with extras, or an error that says what to do."""
    try:
        return typing.get_type_hints(target, localns=local, include_extras=True)
    except NameError as error:
        raise refuse(
            f"the name {error.name!r} in its annotations cannot be resolved; define it at module "
            f"level, before this is declared"
        ) from None
    except (TypeError, SyntaxError, AttributeError) as error:
        raise refuse(f"its annotations cannot be resolved: {error}") from None


def _is_model(cls: type) -> bool:
    return any(
        base.__name__ == "BaseModel" and base.__module__ == "pydantic.main" for base in cls.__mro__
    )


def _dataclass(cls: Any, refuse: Refuse) -> Declared:
    if "__dataclass_fields__" not in cls.__dict__:
        raise refuse("it derives from a dataclass; decorate it with @dataclass as well")
    parameters = list(inspect.signature(cls.__init__).parameters)[1:]
    if set(parameters) != {item.name for item in dataclasses.fields(cls) if item.init}:
        raise refuse(
            f"its constructor takes ({', '.join(parameters)}), which its fields do not describe; "
            f"leave out init=False, InitVar and an __init__ of its own"
        )
    hints = type_hints(cls, refuse, {cls.__name__: cls})
    fields = [
        Field(
            item.name,
            _unqualified(hints[item.name])[0],
            item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING,
            accepted=item.init,
        )
        for item in dataclasses.fields(cls)
    ]
    return Declared("dataclass", fields, lambda values: cls(**values))


def _named_tuple(cls: Any, refuse: Refuse) -> Declared:
    hints = type_hints(cls, refuse, {cls.__name__: cls})
    if not hints.keys() >= set(cls._fields):
        raise refuse("a named tuple needs annotations; derive it from typing.NamedTuple")
    fields = [Field(name, hints[name], name not in cls._field_defaults) for name in cls._fields]
    return Declared("named tuple", fields, lambda values: cls(**values))


def _typed_dict(cls: Any, refuse: Refuse) -> Declared:
    fields = []
    for name, hint in type_hints(cls, refuse, {cls.__name__: cls}).items():
        annotation, qualifiers = _unqualified(hint)
        required = name in cls.__required_keys__
        if "Required" in qualifiers or "NotRequired" in qualifiers:
            required = "Required" in qualifiers
        fields.append(Field(name, annotation, required))
    return Declared("TypedDict", fields, lambda values: values)


def _unqualified(hint: object) -> tuple[object, set[str]]:
    """``NotRequired[int]`` as ``int`` and the names of what was taken off."""
    qualifiers: set[str] = set()
    while True:
        name = str(typing.get_origin(hint)).rpartition(".")[2]
        if name not in _QUALIFIERS:
            return hint, qualifiers
        qualifiers.add(name)
        (hint,) = typing.get_args(hint)


def _model(cls: Any, refuse: Refuse) -> Declared:
    _refuse_old_pydantic(refuse)
    if any(base.__name__ == "RootModel" for base in cls.__mro__):
        raise refuse("a RootModel has no fields; annotate with its root type")
    if not cls.__pydantic_complete__:
        try:
            cls.model_rebuild()
        except Exception as error:
            raise refuse(f"pydantic cannot complete it: {error}") from error
    return Declared("model", _pydantic_fields(cls, cls.model_config, refuse), _pydantic_build(cls))


def _pydantic_dataclass(cls: Any, refuse: Refuse) -> Declared:
    _refuse_old_pydantic(refuse)
    if any(info.init_var for info in cls.__pydantic_fields__.values()):
        raise refuse("it has an InitVar, which is no field of it")
    config = getattr(cls, "__pydantic_config__", None) or {}
    return Declared("dataclass", _pydantic_fields(cls, config, refuse), _pydantic_build(cls))


def _refuse_old_pydantic(refuse: Refuse) -> None:
    version = sys.modules["pydantic"].VERSION
    if tuple(map(int, version.split(".")[:2])) < _PYDANTIC:
        raise refuse(f"pydantic {version} is installed; models need 2.11 or newer")


def _pydantic_fields(cls: Any, config: Any, refuse: Refuse) -> list[Field]:
    if config.get("arbitrary_types_allowed"):
        raise refuse("arbitrary_types_allowed lets any object in")
    if config.get("extra") == "allow":
        raise refuse("extra='allow' lets a guest choose names of attributes")
    return [
        Field(
            name,
            info.annotation,
            info.is_required(),
            tuple(info.metadata),
            accepted=info.init is not False,
            sent=not info.exclude,
        )
        for name, info in cls.__pydantic_fields__.items()
    ]


def _pydantic_build(cls: Any) -> Callable[[dict[str, Any]], Any]:
    validate = cls.__pydantic_validator__.validate_python
    # The values have been checked strictly already; pydantic adds the class's own validators.
    return lambda values: validate(values, strict=False, by_alias=False, by_name=True)
