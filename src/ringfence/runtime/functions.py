"""Host functions: what the host lends to the guest.

Everything about a function that can be wrong is found when it is registered. What is called, on
which thread and under which deadline, is the shells' business; a :class:`HostFunction` only knows
what the guest may pass and what may go back.
"""

from __future__ import annotations

import builtins
import datetime
import functools
import inspect
import keyword
import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import CoroutineType
from typing import Any, overload

from ringfence.errors import ConfigurationError, PolicyNotEnforceable, ValidationFailed
from ringfence.runtime.annotations import Validator
from ringfence.runtime.checks.check import bounded, describe, type_name
from ringfence.runtime.parameters import Parameters, read_signature

__all__ = ["HostFunction", "host_function", "register"]

_MAX_DOC = 4_000
_MAX_NAME = 100
_TAKEN = frozenset({*dir(builtins), "display", "progress", "HostFunctionError"})
"""The builtins, and what every guest is lent besides."""


@dataclass(frozen=True)
class HostFunction:
    """A function that guests may call. Made by :func:`host_function` or :func:`register`.

    Attributes:
        name: what the guest calls it.
        function: the host's callable.
        is_async: it returns an awaitable; the guest awaits it too, and it can be cancelled.
        threaded: it runs on a thread of its own, which is abandoned when its time is over.
        timeout: seconds that one call may take; None for what the limits of the turn allow.
        doc: its docstring and the fields of the host's classes in its signature, for ``help()``.
        signature: for example ``(query: str, limit: int = 5) -> list[str]``. Of defaults, only
            None, numbers and text up to 40 characters are shown.
        parameters: what the guest may pass.
        result: the validator of what it returns; None if that is not annotated, then anything that
            can cross goes.
    """

    name: str
    function: Callable[..., Any]
    is_async: bool
    threaded: bool
    timeout: float | None
    doc: str
    signature: str
    parameters: Parameters = field(repr=False, compare=False)
    result: Validator[Any] | None = field(repr=False, compare=False)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function as the host itself would: nothing is checked."""
        return self.function(*args, **kwargs)

    def bind(
        self, args: list[Any], kwargs: Mapping[Any, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Check what a guest passed.

        Returns:
            The arguments to call ``function`` with.

        Raises:
            ValidationFailed: they do not match. The message is bounded, and holds nothing but what
                was declared to the guest and what the guest sent.
            Exception: whatever a class of the host's raised while it was built, other than
                ValueError and AssertionError. It is to be treated as if the function had raised it.
        """
        return self.parameters.bind(args, kwargs)

    def check_result(self, value: object) -> Any:
        """Check what the function returned.

        Returns:
            What is to cross: ``value``, its instances of declared classes as records of the
            declared fields.

        Raises:
            ValidationFailed: it is not what the function's return annotation says. The host's
                mistake: the guest must see no more of it than ``HostFunctionError``.
        """
        if isinstance(value, CoroutineType):
            value.close()
            expected = self.result.text if self.result is not None else "a value"
            raise ValidationFailed(
                "result", expected, "a coroutine (declare the function with `async def`)"
            )
        return value if self.result is None else self.result(value)

    def declaration(self) -> dict[str, Any]:
        """What the guest is told: plain data, keys ``name``, ``async``, ``doc``, ``signature``."""
        return {
            "name": self.name,
            "async": self.is_async,
            "doc": self.doc,
            "signature": self.signature,
        }


_Timeout = float | datetime.timedelta | None


@overload
def host_function(
    function: Callable[..., Any],
    *,
    name: str | None = None,
    threaded: bool = False,
    timeout: _Timeout = None,
) -> HostFunction: ...
@overload
def host_function(
    function: None = None,
    *,
    name: str | None = None,
    threaded: bool = False,
    timeout: _Timeout = None,
) -> Callable[[Callable[..., Any]], HostFunction]: ...
def host_function(
    function: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    threaded: bool = False,
    timeout: _Timeout = None,
) -> HostFunction | Callable[[Callable[..., Any]], HostFunction]:
    """Declare a host function with options; a plain function needs none of this.

    As a call, ``host_function(query, threaded=True)``, or as a decorator, with or without options.

    Args:
        function: annotated; ``def``, ``async def``, a bound method, a ``functools.partial`` or an
            object with an annotated ``__call__``.
        name: what the guest calls it; default: the function's own name.
        threaded: run it on a thread of its own, so that a call that takes too long can be left
            behind. For ``def`` only.
        timeout: seconds (or a timedelta) for one call; default: none of its own.

    Raises:
        ConfigurationError: the function, its name, an annotation or an option is wrong.
        PolicyNotEnforceable: a timeout for a function that runs on the caller's thread, where
            nothing can stop it.
    """
    if function is None:
        return functools.partial(_declare, name=name, threaded=threaded, timeout=timeout)
    return _declare(function, name=name, threaded=threaded, timeout=timeout)


def register(
    functions: Iterable[Callable[..., Any]] | Mapping[str, Callable[..., Any]],
) -> dict[str, HostFunction]:
    """The host functions of a sandbox, by the names that the guest calls them.

    Args:
        functions: functions, or :class:`HostFunction` objects; or a mapping of name to function.

    Raises:
        ConfigurationError: one of them cannot be lent, or two have the same name.
        PolicyNotEnforceable: see :func:`host_function`.
    """
    if isinstance(functions, Mapping):
        given = [_named(function, name) for name, function in functions.items()]
    elif isinstance(functions, Iterable):
        given = [_named(function, None) for function in functions]
    else:
        raise ConfigurationError(
            f"functions must be a list of functions, or a mapping of name to function, "
            f"not {_shown(functions)}"
        )
    found: dict[str, HostFunction] = {}
    for function in given:
        if function.name in found:
            raise ConfigurationError(
                f"two host functions are named {function.name!r}; "
                f"give one another name: ringfence.host_function(f, name=...)"
            )
        found[function.name] = function
    return found


def _named(function: Any, name: str | None) -> HostFunction:
    if not isinstance(function, HostFunction):
        return _declare(function, name=name, threaded=False, timeout=None)
    if name is None or name == function.name:
        return function
    return replace(function, name=_checked_name(name))


def _declare(function: Any, *, name: str | None, threaded: bool, timeout: _Timeout) -> HostFunction:
    if isinstance(function, HostFunction):
        raise ConfigurationError(f"{function.name}() is a host function already")
    _refuse_uncallable(function)
    name = _checked_name(_own_name(function) if name is None else name)
    inner = _innermost(function)
    if inspect.isgeneratorfunction(inner) or inspect.isasyncgenfunction(inner):
        raise ConfigurationError(f"{name}() is a generator; return a list instead")
    is_async = inspect.iscoroutinefunction(inner)
    if not isinstance(threaded, bool):
        raise ConfigurationError(
            f"{name}(): threaded must be True or False, not {_shown(threaded)}"
        )
    if is_async and threaded:
        raise ConfigurationError(
            f"{name}() is async: it can be cancelled and needs no thread; leave threaded out"
        )
    seconds = _checked_timeout(timeout, name)
    if seconds is not None and not (is_async or threaded):
        raise PolicyNotEnforceable(
            f"{name}(): a timeout cannot be enforced on a function that runs on the caller's "
            f"thread; make it `async def`, or register it with threaded=True"
        )
    signature = read_signature(function, name)
    return HostFunction(
        name,
        function,
        is_async,
        threaded,
        seconds,
        _documentation(function, signature.declarations),
        signature.text,
        signature.parameters,
        signature.result,
    )


def _shown(value: object) -> str:
    return type_name(value) if callable(value) else describe(value)


def _refuse_uncallable(function: object) -> None:
    if isinstance(function, type):
        raise ConfigurationError(
            f"{type_name(function)} is a class; a guest cannot hold an instance of it. "
            f"Write a function that returns what the guest needs"
        )
    if not callable(function):
        raise ConfigurationError(f"a host function must be callable, not {describe(function)}")


def _own_name(function: Any) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__name__", None)
    if not isinstance(name, str):
        raise ConfigurationError(
            f"an object of type {type_name(type(function))} has no name of its own; "
            f"give it one: ringfence.host_function(f, name=...)"
        )
    if name == "<lambda>":
        raise ConfigurationError(
            "a lambda has neither a name nor annotations; write a `def` with annotations"
        )
    return name


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not name.isidentifier() or len(name) > _MAX_NAME:
        raise ConfigurationError(
            f"the name of a host function must be an identifier, not {describe(name)}"
        )
    if unicodedata.normalize("NFKC", name) != name:
        raise ConfigurationError(
            f"{name!r} is not in NFKC, the form that Python gives to names in source code"
        )
    if keyword.iskeyword(name):
        raise ConfigurationError(f"{name!r} is a keyword; choose another name")
    if name == "_" or (name.startswith("__") and name.endswith("__")):
        raise ConfigurationError(
            f"{name!r} has a meaning of its own in Python; choose another name"
        )
    if name in _TAKEN:
        raise ConfigurationError(
            f"{name!r} is a builtin, which the guest needs itself; choose another name: "
            f"ringfence.host_function(f, name=...)"
        )
    return name


def _checked_timeout(timeout: object, name: str) -> float | None:
    if timeout is None:
        return None
    seconds = timeout.total_seconds() if isinstance(timeout, datetime.timedelta) else timeout
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise ConfigurationError(
            f"{name}(): timeout must be seconds or a timedelta, not {describe(timeout)}"
        )
    if not (math.isfinite(seconds) and seconds > 0):
        raise ConfigurationError(f"{name}(): timeout must be more than 0 seconds, not {seconds}")
    return float(seconds)


def _innermost(function: Any) -> Any:
    """What decides whether a call returns at once: under partials and objects with ``__call__``."""
    while isinstance(function, functools.partial):
        function = function.func
    return function if inspect.isroutine(function) else type(function).__call__


def _documentation(function: Any, declarations: tuple[str, ...]) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    doc = inspect.getdoc(function if inspect.isroutine(function) else type(function).__call__) or ""
    return bounded("\n\n".join(filter(None, [doc, "\n".join(declarations)])), _MAX_DOC)
