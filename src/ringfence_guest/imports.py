"""What the modules of a plugin may import: a list, which stands between them and the import system.

This is policy, for people who read what a plugin says about itself. The walls are the engine's:
whatever a plugin reaches in its own process, it reaches nothing else by it.

- The modules of the plugin have builtins of their own: their ``import`` asks the list, and they
  have no ``open``, ``input`` or ``breakpoint``.
- Modules of the standard library reach them as views, without the modules that stand in them:
  ``random._os`` is not there.
- ``builtins.__import__`` asks the list too, unless a library calls it, so that finding the real
  builtins does not help. Code of a library is code from a file; an audit hook (PEP 578), which
  cannot be taken away again, keeps a plugin from making code that says it is from one.

What is left is to walk to a module that is loaded already, from object to object. It is not
imported, and what it can do is what the walls let it do.
"""

from __future__ import annotations

import builtins
import sys
import types
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NoReturn

__all__ = ["ImportList"]

_REFUSED = {
    "open": "a plugin has no files: it gets arguments and returns a value",
    "input": "a plugin has no input: it gets arguments",
    "breakpoint": "there is no debugger here",
}
_LEFT_OUT = frozenset(
    {"display", "progress", "HostFunctionError", "exit", "quit", "help", "copyright", "credits",
     "license"}
)  # fmt: skip
_OF_THE_INTERPRETER = frozenset({"_strptime", "warnings"})
"""What CPython's own C code imports in the name of whoever called it."""

_MAKES_CODE = frozenset({"code.__new__", "compile", "marshal.loads"})
_OF_THE_MODULE = frozenset(
    {"__builtins__", "__cached__", "__file__", "__loader__", "__path__", "__spec__"}
)


class ImportList:
    """The imports of a plugin's modules.

    Args:
        own: the plugin's own top-level modules.
        standard: modules of the standard library, each with what is below it.
        packages: top-level modules of the packages that it was granted.
    """

    def __init__(
        self, own: Collection[str], standard: Collection[str], packages: Collection[str]
    ) -> None:
        self._own, self._standard = frozenset(own), frozenset(standard)
        self._packages = frozenset(packages)
        self._import = builtins.__import__
        self._views: dict[str, types.ModuleType] = {}
        self.builtins: dict[str, Any] = {
            name: value for name, value in vars(builtins).items() if name not in _LEFT_OUT
        }
        self.builtins["__import__"] = self.import_for_plugin
        for name, reason in _REFUSED.items():
            self.builtins[name] = _refusal(name, reason)

    def install(self) -> None:
        """Stand at the shared ``__import__`` too, and where code is made."""
        real, own = self._import, self.import_for_plugin

        def import_for_whoever_calls(
            name: str,
            globals: Mapping[str, Any] | None = None,  # noqa: A002 - the names of __import__
            locals: Mapping[str, Any] | None = None,  # noqa: A002
            fromlist: Sequence[str] = (),
            level: int = 0,
        ) -> Any:
            if _is_a_library(sys._getframe(1).f_code.co_filename):
                return real(name, globals, locals, fromlist, level)
            return own(name, globals, locals, fromlist, level)

        vars(builtins)["__import__"] = import_for_whoever_calls
        sys.addaudithook(_audit)

    def import_for_plugin(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002
        locals: Mapping[str, Any] | None = None,  # noqa: A002
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> Any:
        """``__import__`` of a plugin's modules."""
        absolute = _absolute(name, globals, level)
        self._check(absolute)
        wanted = tuple(fromlist or ())
        module = self._import(absolute, None, None, wanted, 0)
        root = absolute.partition(".")[0]
        if root not in self._own and root not in self._packages:
            return self._view(module)
        for attribute in wanted:
            value = module.__dict__.get(attribute)
            if isinstance(value, types.ModuleType):
                self._check(value.__name__)
        return module

    def _check(self, name: str) -> None:
        if not self._allows(name):
            raise ImportError(
                f"a plugin may not import {name!r}; it may import its own modules, "
                f"{', '.join(sorted(self._packages)) or 'no package'}, and of the standard library "
                f"{', '.join(sorted(self._standard))}",
                name=name,
            )

    def _allows(self, name: str) -> bool:
        root = name.partition(".")[0]
        if root in self._own or root in self._packages or name in _OF_THE_INTERPRETER:
            return True
        while name:
            if name in self._standard:
                return True
            name = name.rpartition(".")[0]
        return False

    def _view(self, module: types.ModuleType) -> types.ModuleType:
        """The module without what else stands in it. Each import brings it up to date."""
        top, left = self._new_view(module), [module]
        done: set[int] = set()
        while left:
            one = left.pop()
            if id(one) in done:
                continue
            done.add(id(one))
            seen = self._new_view(one).__dict__
            for key, value in list(one.__dict__.items()):
                if not isinstance(value, types.ModuleType):
                    if key not in seen and key not in _OF_THE_MODULE:
                        seen[key] = value
                elif self._allows(value.__name__):
                    seen.setdefault(key, self._new_view(value))
                    left.append(value)
        return top

    def _new_view(self, module: types.ModuleType) -> types.ModuleType:
        name = module.__name__
        view = self._views.get(name)
        if view is None:
            view = self._views[name] = types.ModuleType(name, module.__doc__)
        return view


def _is_a_library(name: object) -> bool:
    """Whether code with this filename is from a file of Python's, of a package's, or of ours."""
    return type(name) is str and (name[:1] != "<" or name.startswith("<frozen "))


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _MAKES_CODE or _is_a_library(sys._getframe(1).f_code.co_filename):
        return
    # compile(source, filename): code may be made of text, and say that it is.
    if event != "compile" or _is_a_library(arguments[1]):
        raise PermissionError(f"{event}: a plugin makes no code that is named like a library's")


def _absolute(name: str, namespace: Mapping[str, Any] | None, level: int) -> str:
    """The absolute name of what an import statement asks for."""
    if type(name) is not str or type(level) is not int or level < 0:
        raise TypeError("the name of a module is a text, and its level a number from 0")
    if not level:
        return name
    package = (namespace or {}).get("__package__")
    if type(package) is not str or not package:
        raise ImportError("attempted relative import with no known parent package")
    parts = package.split(".")
    if level > len(parts):
        raise ImportError("attempted relative import beyond top-level package")
    base = ".".join(parts[: len(parts) - level + 1])
    return f"{base}.{name}" if name else base


def _refusal(name: str, reason: str) -> Callable[..., NoReturn]:
    def refused(*_: object, **__: object) -> NoReturn:
        raise PermissionError(f"{name}(): {reason}")

    refused.__name__ = refused.__qualname__ = name
    return refused
