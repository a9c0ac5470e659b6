"""Annotations outside the closed set: refused when they are declared, wherever they are nested."""

import asyncio
import collections
import dataclasses
import enum
import os
import pathlib
import re
import threading
import typing
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Hashable, Iterator
from typing import Annotated, Any, Literal, Union

import annotated_types
import numpy as np
import numpy.typing as npt
import pydantic
import pytest

from ringfence.errors import ConfigurationError
from ringfence.runtime.annotations import ALLOWED, validator_for

T = typing.TypeVar("T")


class Thing:
    """An ordinary class."""


@dataclasses.dataclass
class Box(typing.Generic[T]):
    content: T


class Bits(enum.Flag):
    ONE = 1


class Callables(enum.Enum):
    LIST = (1, 2)


def refusal(annotation: object) -> str:
    with pytest.raises(ConfigurationError) as caught:
        validator_for(annotation, where="returns")
    return str(caught.value)


OUTSIDE = [
    (Thing, f"{__name__}.Thing", "declare its fields in a dataclass instead"),
    (bytearray, "bytearray", "take one of the types below instead"),
    (range, "range", "take one of the types below instead"),
    (type, "type", "code never crosses"),
    (type[int], "type[int]", "code never crosses"),
    (Callable, "collections.abc.Callable", "code never crosses"),
    (Callable[[int], str], "collections.abc.Callable[[int], str]", "code never crosses"),
    (pathlib.Path, "pathlib.Path", "a path of the guest's means nothing on the host"),
    (os.PathLike, "os.PathLike", "a path of the guest's means nothing on the host"),
    (re.Pattern, "re.Pattern", "a guest's pattern can run for hours"),
    (re.Pattern[str], "re.Pattern[str]", "a guest's pattern can run for hours"),
    (collections.OrderedDict, "collections.OrderedDict",
     "take dict, list or a class with declared fields instead"),
    (collections.deque, "collections.deque",
     "take dict, list or a class with declared fields instead"),
    (Iterator[int], "collections.abc.Iterator[int]",
     "take dict, list or a class with declared fields instead"),
    (Generator[int, None, None], "collections.abc.Generator[int, None, None]",
     "take dict, list or a class with declared fields instead"),
    (AsyncIterator[int], "collections.abc.AsyncIterator[int]",
     "take dict, list or a class with declared fields instead"),
    (Awaitable[int], "collections.abc.Awaitable[int]",
     "take dict, list or a class with declared fields instead"),
    (Hashable, "collections.abc.Hashable",
     "take dict, list or a class with declared fields instead"),
    (asyncio.Future, "_asyncio.Future", "declare its fields in a dataclass instead"),
    (threading.Thread, "threading.Thread", "declare its fields in a dataclass instead"),
    (Box[int], f"{__name__}.Box[int]",
     "generic classes are not supported, declare one for what it holds"),
    (typing.NoReturn, "NoReturn", "say which values it may be"),
    (typing.Self, "Self", "say which values it may be"),
    (5, "5", "say which values it may be"),
    ([int], "[<class 'int'>]", "say which values it may be"),
    (pydantic.SecretStr, "pydantic.types.SecretStr",
     "pydantic's own types convert, open or import what a guest names"),
    (pydantic.AnyUrl, "pydantic.networks.AnyUrl",
     "pydantic's own types convert, open or import what a guest names"),
    (pydantic.EmailStr, "pydantic.networks.EmailStr",
     "pydantic's own types convert, open or import what a guest names"),
    (pydantic.ImportString, "pydantic.types.ImportString",
     "pydantic's own types convert, open or import what a guest names"),
    (pydantic.Json, "pydantic.types.Json",
     "pydantic's own types convert, open or import what a guest names"),
    (pydantic.FilePath, "pathlib.Path", "a path of the guest's means nothing on the host"),
    (pydantic.DirectoryPath, "pathlib.Path", "a path of the guest's means nothing on the host"),
]  # fmt: skip


def of(generic: Any, *arguments: Any) -> Any:
    return generic[arguments]


WRAPPERS: list[Callable[[Any], Any]] = [
    lambda t: t,
    lambda t: of(list, t),
    lambda t: of(dict, str, t),
    lambda t: of(tuple, int, t),
    lambda t: of(Union, t, None),
    lambda t: of(Annotated, t, "documentation"),
    lambda t: typing.NewType("New", t),
]


@pytest.mark.parametrize(("annotation", "name", "hint"), OUTSIDE)
def test_outside_the_closed_set(annotation: Any, name: str, hint: str) -> None:
    assert refusal(annotation) == f"returns: {name}: cannot cross; {hint}. Allowed are: {ALLOWED}"


@pytest.mark.parametrize("wrap", WRAPPERS)
@pytest.mark.parametrize("annotation", [Thing, pathlib.Path, type[int], pydantic.SecretStr])
def test_wherever_it_is_nested(annotation: Any, wrap: Callable[[Any], Any]) -> None:
    assert ": cannot cross; " in refusal(wrap(annotation))


def special(cls: Any) -> Any:
    return cls()


def shout(value: str) -> str:
    return value.upper()


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        (T, "~T: a type variable does not say which values it may be"),
        (list[T], "~T: a type variable does not say which values it may be"),  # type: ignore[valid-type]
        ("Nowhere", "'Nowhere': the name cannot be resolved"),
        (list["Nowhere"], "'Nowhere': the name cannot be resolved"),  # type: ignore[name-defined]  # noqa: F821
        (typing.List["Nowhere"],  # type: ignore[name-defined]  # noqa: F821, UP006
         "ForwardRef('Nowhere'): the name cannot be resolved"),
        (Bits, (f"{__name__}.Bits: flags combine into values that are no members; "
         "use set[...] of an Enum")),
        (Callables, (f"{__name__}.Callables: the value of Callables.LIST must be a str, int, float "
         "or bytes, not tuple of 2 items")),
        (enum.Enum, "enum.Enum: enum.Enum has no members"),
        (Literal[Bits.ONE],
         (f"Literal[<Bits.ONE: 1>]: a literal must be None, bool, int, str or bytes, not an object "
         f"of type '{__name__}.Bits'")),
        (collections.namedtuple("Old", "x y"),
         f"{__name__}.Old: a named tuple needs annotations; derive it from typing.NamedTuple"),
        (np.ndarray[tuple[Literal[3]], np.dtype[np.int8]],
         ("numpy.ndarray[tuple[Literal[3]], numpy.dtype[numpy.int8]]: the shape "
         "tuple[typing.Literal[3]] is not supported; write tuple[int, int] for two dimensions")),
        (np.floating, ("numpy.floating: use one of NumPy's own numbers, such as numpy.float64, "
         "or a Python type")),
    ],
)  # fmt: skip
def test_refused_with_a_reason_of_its_own(annotation: object, reason: str) -> None:
    assert refusal(annotation) == f"returns: {reason}"


@pytest.mark.parametrize(
    ("base", "metadata", "reason"),
    [
        (str, pydantic.BeforeValidator(shout),
         "its metadata pydantic.functional_validators.BeforeValidator is not supported"),
        (str, pydantic.AfterValidator(shout),
         "its metadata pydantic.functional_validators.AfterValidator is not supported"),
        (str, pydantic.PlainValidator(shout),
         "its metadata pydantic.functional_validators.PlainValidator is not supported"),
        (str, pydantic.WrapValidator(lambda value, handler: value),
         "its metadata pydantic.functional_validators.WrapValidator is not supported"),
        (Any, special(pydantic.InstanceOf),
         "its metadata pydantic.functional_validators.InstanceOf is not supported"),
        (Any, special(pydantic.SkipValidation),
         "its metadata pydantic.functional_validators.SkipValidation is not supported"),
        (Any, special(pydantic.ImportString),
         "its metadata pydantic.types.ImportString is not supported"),
        (str, special(pydantic.Json), "its metadata pydantic.types.Json is not supported"),
        (str, pydantic.StringConstraints(pattern="a"),
         "its metadata pydantic.types.StringConstraints is not supported"),
        (str, pydantic.Field(pattern="a"),
         "its metadata pydantic.Field(pattern) is not supported"),
        (int, pydantic.Field(default=3),
         "a Field(...) in Annotated may hold bounds and lengths, no default, no alias"),
        (int, pydantic.Field(alias="x"),
         "a Field(...) in Annotated may hold bounds and lengths, no default, no alias"),
        (int, pydantic.Strict(False),
         "values are always checked strictly; leave strict=False out"),
        (int, annotated_types.Predicate(bool),
         "its metadata annotated_types.Predicate is not supported"),
        (float, annotated_types.MultipleOf(0.5),
         ("its metadata annotated_types.MultipleOf (only of a positive int, on an int) is not "
         "supported")),
        (float, annotated_types.MultipleOf(5), "MultipleOf is for int, not for float"),
        (int, pydantic.AllowInfNan(False), "allow_inf_nan=False is for float, not for int"),
        (int, annotated_types.Len(1), "a length is for text, bytes and containers, not for int"),
        (Any, annotated_types.Len(1), "a length is for text, bytes and containers, not for Any"),
        (str, annotated_types.Ge(1), "ge=int 1 is no bound for str"),
        (Any, annotated_types.Ge(1), "ge=int 1 is no bound for object"),
        (int, annotated_types.Ge("1"), "ge=str '1' is no bound for int"),
        (float, annotated_types.Ge(True), "ge=bool True is no bound for float"),
        (int | str, annotated_types.Ge(1), "ge=int 1 is no bound for str"),
        (int, Thing(), f"its metadata {__name__}.Thing is not known"),
        (int, shout, "its metadata function is not known"),
        (int, 5, "its metadata int is not known"),
    ],
)  # fmt: skip
def test_metadata_that_runs_code_or_would_be_ignored(base: Any, metadata: Any, reason: str) -> None:
    message = refusal(list[Annotated[base, metadata]])
    assert message.startswith("returns: Annotated[")
    assert message.endswith(f": {reason}")


def test_where_and_what_is_declared_are_two_things() -> None:
    with pytest.raises(ConfigurationError, match=r"^f\(\): parameter 'x': bytearray: cannot cross"):
        validator_for(bytearray, where="args.x", declared="f(): parameter 'x'")


@pytest.mark.parametrize("scalar", [np.object_, np.void])
def test_arrays_of_objects(scalar: Any) -> None:
    assert refusal(of(np.ndarray, Any, of(np.dtype, scalar))).endswith(
        ": arrays of objects or records never cross; use a plain dtype"
    )
    assert refusal(of(npt.NDArray, scalar)).endswith(
        ": arrays of objects or records never cross; use a plain dtype"
    )
