"""Hook specs: what a host asks plugins for, as a class of annotated methods.

::

    class Terrain(HookSpec, name="worldgen.terrain", version="1.0"):
        \"\"\"The shape of a world.\"\"\"

        @hook(rule="first")
        def elevation(self, x: Array["float64", "h w"], y: Array["float64", "h w"], seed: int
                      ) -> Annotated[Array["float64", "h w"], Range(-11_000, 9_000), Unit("m")]:
            \"\"\"Metres above the sea.\"\"\"
            return np.zeros_like(x)

The body of a hook is the host's own answer where no plugin has one; a hook whose body is its
docstring alone has none. Plugins implement hooks as plain functions, called with the arguments in
their order.
"""

from __future__ import annotations

import builtins
import dis
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Literal, TypeVar

from ringfence.errors import ConfigurationError, ValidationFailed
from ringfence.plugins.arrays import ArrayType
from ringfence.plugins.fields import Field, Lengths, field_of, unit_of

__all__ = ["Case", "Hook", "HookSpec", "Rule", "hook"]

Rule = Literal["first", "all", "fold"]
"""How several plugins answer one hook: the first that does not return None; each for itself, by
name; or one after the other, each taking the result of the one before as an argument.
"""

_RULES = frozenset({"first", "all", "fold"})
_VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})")
_MARK = "__ringfence_hook__"
_Method = TypeVar("_Method", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Case:
    """A test case of a spec: a call that every plugin which implements the hook must answer.

    Attributes:
        hook: which.
        arguments: of the call, by name.
        title: what it is about, for people.
        check: is given the value that came back, and raises ``AssertionError`` or returns False
            where it is not right; None asks for no more than what the annotations say.
    """

    hook: str
    arguments: Mapping[str, Any]
    title: str = ""
    check: Callable[[Any], object] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Hook:
    """One hook of a spec.

    Attributes:
        name: of the hook.
        rule: how several plugins answer.
        fold: the argument that takes the result before, for the rule ``fold``; else empty.
        arguments: the names of its arguments, in order.
        optional: those that have a default, with it.
        doc: for the authors of plugins.
        signature: as text.
        units: argument, or ``return``, -> its unit.
        default: the host's own answer, given the arguments; None where there is none.
    """

    name: str
    rule: Rule
    fold: str
    arguments: tuple[str, ...]
    optional: Mapping[str, Any]
    doc: str
    signature: str
    units: Mapping[str, str]
    default: Callable[..., Any] | None
    accepts_none: bool
    _incoming: Mapping[str, Field] = field(repr=False)
    _returned: Field = field(repr=False)

    def check_arguments(self, given: Mapping[str, Any]) -> tuple[list[Any], Lengths]:
        """The arguments in their order, checked, and the lengths of their dimensions.

        Raises:
            ConfigurationError: one is missing, or nothing is called so.
            ValidationFailed: one is not what its annotation says.
        """
        if not isinstance(given, Mapping):
            raise ConfigurationError(f"{self.name}: its arguments are a mapping, not {given!r:.80}")
        unknown = given.keys() - set(self.arguments)
        missing = set(self.arguments) - given.keys() - self.optional.keys()
        if unknown or missing:
            what = "has no argument" if unknown else "needs the argument"
            raise ConfigurationError(
                f"{self.name}: it {what} {min(unknown or missing)!r}; it is {self.signature}"
            )
        lengths: Lengths = {}
        values = []
        for name in self.arguments:
            value = given[name] if name in given else self.optional[name]
            values.append(self._incoming[name](value, f"{self.name}: {name}", lengths))
        return values, lengths

    def check_returned(self, value: Any, lengths: Lengths) -> Any:
        """What a plugin returned.

        Raises:
            ValidationFailed: it is not what the annotation says; ``where`` names the part.
        """
        return self._returned(value, "return value", dict(lengths))


def hook(*, rule: Rule = "first", fold: str = "") -> Callable[[_Method], _Method]:
    """Make a method of a spec a hook.

    Args:
        rule: how several plugins answer it.
        fold: for the rule ``fold``: the argument that each plugin takes the result before in. Its
            annotation must be that of the return value.
    """
    if rule not in _RULES:
        raise ConfigurationError(f"rule={rule!r} must be one of {', '.join(sorted(_RULES))}")
    if bool(fold) != (rule == "fold"):
        raise ConfigurationError('fold= names the argument of the rule "fold", which needs one')

    def mark(method: _Method) -> _Method:
        setattr(method, _MARK, (rule, fold))
        return method

    return mark


class HookSpec:
    """What a host asks plugins for. Subclass it; see the module.

    Attributes:
        spec_name: dotted, as manifests name it.
        spec_version: ``(major, minor)``. Plugins written for the same major version and no later
            minor one are compatible: a minor version adds hooks, or arguments with a default at the
            end, and changes nothing.
        hooks: name -> hook.
        cases: what every plugin is tried with before it is published.
    """

    spec_name: ClassVar[str] = ""
    spec_version: ClassVar[tuple[int, int]] = (0, 0)
    hooks: ClassVar[Mapping[str, Hook]] = MappingProxyType({})
    cases: ClassVar[tuple[Case, ...]] = ()

    def __init_subclass__(cls, *, name: str, version: str, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        found = _VERSION.fullmatch(version)
        if found is None:
            raise ConfigurationError(f"{cls.__name__}: version={version!r} must be as 1.0")
        cls.spec_name = name
        cls.spec_version = int(found[1]), int(found[2])
        instance = cls()
        members = {key: one for base in reversed(cls.__mro__) for key, one in vars(base).items()}
        cls.hooks = MappingProxyType(
            {
                key: _read(instance, key, member)
                for key, member in members.items()
                if hasattr(member, _MARK)
            }
        )
        if not cls.hooks:
            raise ConfigurationError(f"{cls.__name__} has no hooks; mark its methods with @hook()")
        for case in cls.cases:
            if case.hook not in cls.hooks:
                raise ConfigurationError(f"{cls.__name__}: a case is for {case.hook!r}, no hook")
            try:
                cls.hooks[case.hook].check_arguments(case.arguments)
            except ValidationFailed as error:
                raise ConfigurationError(f"{cls.__name__}: case {case.title!r}: {error}") from None


def _read(instance: HookSpec, name: str, method: Any) -> Hook:
    """What a marked method says."""
    rule, fold = getattr(method, _MARK)
    where = f"{type(instance).__name__}.{name}"
    if name.startswith("_"):
        raise ConfigurationError(f"{where}: the name of a hook has no underscore in front")
    names = _Names({**vars(builtins), **method.__globals__})
    hints = typing.get_type_hints(method, localns=names, include_extras=True)
    bound = getattr(instance, name)
    signature = inspect.signature(bound)
    optional = {}
    for one in signature.parameters.values():
        if one.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
            raise ConfigurationError(f"{where}: {one.name}: arguments are plain ones")
        if one.name not in hints:
            raise ConfigurationError(f"{where}: {one.name} has no annotation")
        if one.default is not inspect.Parameter.empty:
            optional[one.name] = one.default
    if "return" not in hints:
        raise ConfigurationError(f"{where} has no annotation for what it returns")
    if fold and (fold not in hints or str(hints[fold]) != str(hints["return"])):
        raise ConfigurationError(
            f"{where}: fold={fold!r} must be an argument, annotated as what is returned"
        )
    returned = hints["return"]
    return Hook(
        name=name,
        rule=rule,
        fold=fold,
        arguments=tuple(signature.parameters),
        optional=MappingProxyType(optional),
        doc=inspect.getdoc(method) or "",
        signature=f"{name}{_shown(signature)}",
        units=MappingProxyType({key: unit_of(one) for key, one in hints.items() if unit_of(one)}),
        default=None if rule == "fold" or _is_empty(method) else bound,
        accepts_none=_accepts_none(returned),
        _incoming=MappingProxyType(
            {
                key: field_of(hints[key], f"{where}: {key}", outgoing=True)
                for key in signature.parameters
            }
        ),
        _returned=field_of(returned, f"{where}: return", outgoing=False),
    )


class _Text(str):
    """A text that shows itself without quotes."""

    __slots__ = ()
    __repr__ = str.__str__


def _shown(signature: inspect.Signature) -> str:
    """A signature as it was written."""

    def plain(annotation: Any) -> Any:
        return _Text(annotation) if isinstance(annotation, str | ArrayType) else annotation

    arguments = [
        one.replace(annotation=plain(one.annotation)) for one in signature.parameters.values()
    ]
    returned = plain(signature.return_annotation)
    return str(signature.replace(parameters=arguments, return_annotation=returned))


class _Names(dict[str, Any]):
    """The names that annotations may use. One that is none stands for its own text: linters take
    the quotes away from ``Array["float64", "n"]`` where annotations are not evaluated.
    """

    def __missing__(self, name: str) -> str:
        return name


def _accepts_none(annotation: Any) -> bool:
    if typing.get_origin(annotation) is typing.Annotated:
        return _accepts_none(typing.get_args(annotation)[0])
    return annotation in (None, type(None)) or type(None) in typing.get_args(annotation)


def _is_empty(method: Callable[..., Any]) -> bool:
    """Whether the body of a function does nothing: a docstring, ``...``, ``pass``."""
    done = [
        one for one in dis.get_instructions(method) if one.opname not in {"RESUME", "NOP", "CACHE"}
    ]
    names = [one.opname for one in done]
    if names not in (["LOAD_CONST", "RETURN_VALUE"], ["RETURN_CONST"]):
        return False
    return done[0].argval is None
