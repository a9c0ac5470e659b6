"""The parameters of a host function: read once from its signature, bound at every call."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ringfence.errors import ConfigurationError, ValidationFailed
from ringfence.runtime.annotations import Validator, validator_for
from ringfence.runtime.checks.check import Mismatch, bounded, describe
from ringfence.runtime.checks.fields import type_hints

__all__ = ["Parameters", "Signature", "read_signature"]

_WHOLE = "args"
_MAX_TEXT = 300
_MAX_DEFAULT = 40
_SHOWN_DEFAULTS = (type(None), bool, int, float, str)
_Parameter = inspect.Parameter
_BY_POSITION = (_Parameter.POSITIONAL_ONLY, _Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME = (_Parameter.POSITIONAL_OR_KEYWORD, _Parameter.KEYWORD_ONLY)
_VARIABLE = (_Parameter.VAR_POSITIONAL, _Parameter.VAR_KEYWORD)


class Parameters:
    """What may be passed to a function. Immutable; any number of threads may use it.

    Args:
        parameters: of the signature, without those that the host has bound.
        checks: the validator of each, by name.
        reserved: names that ``**kwargs`` must not take: the host has bound them (``partial``).
    """

    def __init__(
        self,
        parameters: Sequence[_Parameter],
        checks: Mapping[str, Validator[Any]],
        reserved: frozenset[str],
    ) -> None:
        fixed = [p for p in parameters if p.kind not in _VARIABLE]
        variable = {p.kind: checks[p.name] for p in parameters if p.kind in _VARIABLE}
        positional = [p.name for p in fixed if p.kind in _BY_POSITION]
        self._required = tuple(p.name for p in fixed if p.default is p.empty)
        self._positional = tuple(checks[name] for name in positional)
        self._named = {p.name: checks[p.name] for p in fixed if p.kind in _BY_NAME}
        self._checks = {p.name: checks[p.name] for p in fixed}
        self._position = {name: index for index, name in enumerate(positional)}
        self._rest = variable.get(_Parameter.VAR_POSITIONAL)
        self._others = variable.get(_Parameter.VAR_KEYWORD)
        self._reserved = reserved
        self._text = _text(parameters, checks, None)
        self._runs = tuple(check.run for check in self._positional)
        # Without names, from `_enough` to `_most` positional arguments are neither too few nor
        # too many.
        self._most = len(positional)
        by_name_only = set(self._required) - set(positional)
        self._enough = self._most + 1 if by_name_only else len(self._required)

    def bind(
        self, args: Sequence[Any], kwargs: Mapping[Any, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments as the function gets them; what was left out stays out.

        Raises:
            ValidationFailed: too many, too few, unknown, or not as annotated: the first of these.
        """
        count, most = len(args), self._most
        if count > most and self._rest is None:
            expected = f"at most {most} positional argument{'' if most == 1 else 's'}"
            raise ValidationFailed(_WHOLE, expected, str(count))
        bound: list[Any] = []
        try:
            for run, value in zip(self._runs, args):  # noqa: B905 - `strict` costs a tenth of a call
                bound.append(run(value))
        except (Mismatch, RecursionError) as error:
            failed = self._positional[len(bound)]
            raise failed.failure(error, failed.where) from error.__cause__
        if not kwargs and self._enough <= count <= most:
            return tuple(bound), {}
        if self._rest is not None:
            bound += self._bind_rest(self._rest, args[most:])
        given = {name: self._bind_name(name, value, count) for name, value in kwargs.items()}
        for name in self._required:
            by_name = name in given and name in self._named
            if not by_name and self._position.get(name, count) >= count:
                missing = self._checks[name]
                raise ValidationFailed(missing.where, missing.text, "nothing")
        return tuple(bound), given

    def _bind_rest(self, check: Validator[Any], values: Sequence[Any]) -> list[Any]:
        return [check.check(value, f"{check.where}[{i}]") for i, value in enumerate(values)]

    def _bind_name(self, name: object, value: object, count: int) -> Any:
        if type(name) is str:
            check = self._named.get(name)
            if check is not None:
                if self._position.get(name, count) >= count:
                    return check(value)
                got = "one by position and one by name"
                raise ValidationFailed(check.where, "one value", got)
            if self._others is not None and name not in self._reserved:
                where = f"{_WHOLE}[{bounded(repr(name[:_MAX_DEFAULT]), _MAX_DEFAULT)}]"
                return self._others.check(value, where)
        got = f"an unknown argument {describe(name)}"
        raise ValidationFailed(_WHOLE, bounded(self._text, _MAX_TEXT), got)


@dataclass(frozen=True, slots=True)
class Signature:
    """What was read from a function.

    Attributes:
        parameters: what may be passed.
        result: the validator of what it returns; None if it is not annotated.
        text: ``(query: str, limit: int = 5) -> list[str]``.
        declarations: the host's classes that occur, a line each.
    """

    parameters: Parameters
    result: Validator[Any] | None
    text: str
    declarations: tuple[str, ...]


def read_signature(function: Callable[..., Any], name: str) -> Signature:
    """Read the signature of a host function.

    Parameters that the host has bound by name (``functools.partial``) are not the guest's to give,
    although Python would let it.

    Raises:
        ConfigurationError: a parameter has no annotation, or one outside the closed set.
    """
    reserved = _bound_by_host(function)
    found = [p for p in _signature(function, name).parameters.values() if p.name not in reserved]
    hints = _hints(function, name)
    checks = {p.name: _validator(p, hints, name) for p in found}
    result = None
    if "return" in hints:
        result = validator_for(
            hints["return"], where="result", declared=f"{name}(): its return value", outgoing=True
        )
    validators = [*checks.values(), *([result] if result is not None else [])]
    return Signature(
        Parameters(found, checks, reserved),
        result,
        _text(found, checks, result),
        tuple(dict.fromkeys(line for v in validators for line in v.declarations)),
    )


def _signature(function: Callable[..., Any], name: str) -> inspect.Signature:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        raise ConfigurationError(
            f"{name}(): its signature cannot be read; wrap it in a `def` with annotations"
        ) from None


def _bound_by_host(function: Callable[..., Any]) -> frozenset[str]:
    names: set[str] = set()
    while isinstance(function, functools.partial):
        names |= function.keywords.keys()
        function = function.func
    return frozenset(names)


def _hints(function: Any, name: str) -> dict[str, Any]:
    """The resolved annotations of the function that was written, under all that wraps it."""
    while isinstance(function, functools.partial):
        function = function.func
    if not inspect.isroutine(function):
        function = type(function).__call__
    function = inspect.unwrap(function)
    function = getattr(function, "__func__", function)
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None) or ()
    local = {}
    for variable, cell in zip(code.co_freevars if code else (), cells, strict=True):
        try:
            local[variable] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    return type_hints(function, lambda reason: ConfigurationError(f"{name}(): {reason}"), local)


def _validator(parameter: _Parameter, hints: dict[str, Any], name: str) -> Validator[Any]:
    declared = f"{name}(): parameter {parameter.name!r}"
    if parameter.name not in hints:
        if parameter.name in ("self", "cls"):
            raise ConfigurationError(
                f"{declared} has no annotation; register the method of an object: obj.{name}"
            )
        raise ConfigurationError(
            f"{declared} has no annotation, so nothing could be checked; "
            f"write what it takes, for example `{parameter.name}: str`"
        )
    star = "*" if parameter.kind is _Parameter.VAR_POSITIONAL else ""
    where = f"{_WHOLE}.{star}{parameter.name}"
    return validator_for(hints[parameter.name], where=where, declared=declared)


class _Shown:
    """Shows itself as the given text in the signature that ``inspect`` formats."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _text(
    parameters: Sequence[_Parameter],
    checks: Mapping[str, Validator[Any]],
    result: Validator[Any] | None,
) -> str:
    shown = [
        p.replace(annotation=_Shown(checks[p.name].text), default=_shown_default(p.default))
        for p in parameters
    ]
    returned = inspect.Signature.empty if result is None else _Shown(result.text)
    return str(inspect.Signature(shown, return_annotation=returned))


def _shown_default(default: Any) -> Any:
    if default is _Parameter.empty:
        return default
    text = repr(default) if type(default) in _SHOWN_DEFAULTS else "..."
    return _Shown(text if len(text) <= _MAX_DEFAULT else "...")
