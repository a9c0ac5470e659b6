"""A plugin, as its guest has it: loaded from its source under a list of imports, then called."""

from __future__ import annotations

import importlib
import inspect
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ringfence_guest.functions import InjectedModules
from ringfence_guest.imports import ImportList
from ringfence_guest.interrupts import Interrupts
from ringfence_guest.state import SessionState

__all__ = ["call_hook", "load", "rehearse", "restore_state", "save_state"]

_MAPPED = 16 << 20
_HAD = 12 << 20
_TOUCHED = 6 << 20
_HUGE = 2 << 20
_PAGE = 4096
_BEFORE = 64  # bytes: what malloc writes in front of two blocks, and what it rounds up
_SOURCE = (types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type)
_CONSTANT = frozenset({bool, int, float, complex, str, bytes, type(None)})


class _Plugin:
    """What was loaded; there is one in a guest."""

    def __init__(
        self,
        own: Sequence[str],
        given: Sequence[str],
        functions: dict[str, tuple[Callable[..., Any], list[str] | None]],
    ) -> None:
        self.own, self.functions = frozenset(own), functions
        # Those that were given: a look at all modules touches pages that guests share.
        known = {name: sys.modules.get(name) for name in given}
        self.loaded = {
            name: dict(module.__dict__)
            for name, module in known.items()
            if type(module) is types.ModuleType
        }
        self.members = {
            id(value): dict(vars(value))
            for namespace in self.loaded.values()
            for value in namespace.values()
            if isinstance(value, type)
        }

    def modules(self) -> dict[str, Any]:
        """The plugin's modules, by name, as far as they were imported."""
        return {
            name: module
            for name, module in list(sys.modules.items())
            if name.partition(".")[0] in self.own and type(module) is types.ModuleType
        }


_loaded: list[_Plugin] = []
_lent: list[Any] = []
"""Keeps the memory mapped in which the arguments will be."""
_padding: list[Any] = []
"""Never written to: up to a huge page of address space."""


def load(
    entry: str,
    own: Sequence[str],
    standard: Sequence[str],
    packages: Sequence[str],
    hooks: Mapping[str, int],
    seed: int,
) -> list[list[Any]]:
    """Load the plugin's entry module.

    Args:
        entry: its dotted name; its source was injected.
        own: the plugin's top-level modules.
        standard: what it may import of the standard library.
        packages: what it may import of packages.
        hooks: name of a hook -> how many arguments the host will give.
        seed: of the random numbers.

    Returns:
        ``[hook, parameters]`` for each that the module has: the names of the parameters that the
        function takes, or None if it takes any.

    Raises:
        TypeError: something that is called like a hook is no function of so many arguments.
    """
    allowed = ImportList(own, standard, packages)
    given: tuple[str, ...] = ()
    for finder in sys.meta_path:
        if isinstance(finder, InjectedModules):
            finder.builtins = allowed.builtins
            given = finder.names()
    _seed(seed)
    allowed.install()
    module = importlib.import_module(entry)
    functions, described = {}, []
    for name, count in hooks.items():
        function = module.__dict__.get(name)
        if function is None:
            continue
        if not callable(function):
            raise TypeError(f"{entry}.{name} is a {type(function).__name__}, and no function")
        parameters = _parameters(f"{entry}.{name}", function, count)
        functions[name] = (function, parameters)
        described.append([name, parameters])
    _loaded[:] = [_Plugin(own, given, functions)]
    _touch_heap()
    return described


def call_hook(name: str, arguments: Sequence[Any], parameters: Mapping[str, Any]) -> Any:
    """What the plugin's function returns for these arguments.

    Args:
        name: of the hook.
        arguments: in the order of the spec.
        parameters: of the plugin; those that the function does not take are left out.
    """
    function, taken = _loaded[0].functions[name]
    if taken is not None:
        parameters = {key: parameters[key] for key in taken if key in parameters}
    return function(*arguments, **parameters)


def rehearse(x: Any, size: int) -> Any:
    """What a call does, before the call comes: its arguments, some arithmetic, its result.

    Args:
        x: in the memory that the call's arguments will be in, which stays mapped.
        size: bytes of the result.
    """
    _lent[:] = [x]
    y = x * 2.0 + 1.0
    y[0] = y.sum()
    return sys.modules["numpy"].zeros(size, "u1") if size else y


def save_state(limit: int) -> list[Any]:
    """``[payload, names, lost]`` of each module: ``[name, ...]`` in front. Names are variables that
    hold data; functions, classes and modules come with the source.

    Args:
        limit: bytes of all payloads.
    """
    saved = []
    for name, module in _loaded[0].modules().items():
        state = _ModuleState(module, _loaded[0].loaded.get(name, {}))
        _, payload, names, lost = state.save(limit)
        limit -= len(payload)
        saved.append([name, payload, names, lost + state.left_out()])
    return saved


def restore_state(saved: Sequence[Sequence[Any]]) -> list[Any]:
    """Set the variables again, in a guest that has loaded the same plugin: ``[names, lost]``, each
    with its module.
    """
    restored: list[list[Any]] = []
    for name, payload in saved:
        module = importlib.import_module(name)
        names, lost = _ModuleState(module, {}).restore(payload)
        restored.append([name, names, lost])
    return restored


class _ModuleState(SessionState):
    """The variables of one module.

    Args:
        module: it.
        loaded: what its namespace was when it had been loaded.
    """

    def __init__(self, module: Any, loaded: Mapping[str, Any]) -> None:
        super().__init__(module.__dict__, {}, Interrupts())
        self._module, self._loaded = module, loaded

    def _variables(self) -> Iterator[tuple[Any, Any]]:
        for name, value in super()._variables():
            if not (isinstance(value, _SOURCE) and self._loaded.get(name) is value):
                yield name, value

    def left_out(self) -> list[list[str]]:
        """What a plugin may keep on its functions and classes, where nothing is saved."""
        found = []
        for name, value in self._namespace.items():
            if getattr(value, "__module__", None) != self._module.__name__:
                continue
            if isinstance(value, types.FunctionType):
                kept = value.__dict__
            elif isinstance(value, type):
                before = _loaded[0].members.get(id(value), {})
                kept = {
                    key: one
                    for key, one in vars(value).items()
                    if not hasattr(type(one), "__get__")
                    and (type(one) not in _CONSTANT or before.get(key) is not one)
                }
            else:
                continue
            found += [
                [f"{name}.{key}"[:200], type(one).__name__, "it is not a variable of the module"]
                for key, one in list(kept.items())[:100]
                if type(key) is str and key[:2] != "__"
            ]
        return found[:100]


def _parameters(where: str, function: Callable[..., Any], count: int) -> list[str] | None:
    try:
        signature = inspect.signature(function)
    except ValueError:  # of one that is written in C
        return []
    taken = signature.parameters.values()
    named = [one.name for one in taken if one.kind is inspect.Parameter.KEYWORD_ONLY]
    try:
        signature.bind(*range(count), **dict.fromkeys(named))
    except TypeError as error:
        raise TypeError(
            f"{where}{signature} cannot be called with the {count} arguments of the hook: {error}"
        ) from None
    takes_any = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in taken)
    return None if takes_any else named


def _touch_heap() -> None:
    """Have memory at hand for the arrays of the first call, which would wait for each page of it.

    To free a mapped block moves the size from which malloc maps, and what it gives back to the
    system (M_MMAP_THRESHOLD in mallopt(3)): what is freed after that stays in the heap. NumPy asks
    for huge pages for a block of this size: where it begins with one, it costs a few faults.
    """
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return
    try:
        block = numpy.empty(_MAPPED, "u1")
        del block
        block = numpy.empty(_HAD, "u1")
        begin = block.ctypes.data
        del block
        _padding[:] = [numpy.empty(max(0, -begin % _HUGE - _BEFORE), "u1")]
        numpy.empty(_HAD, "u1")[:_TOUCHED:_PAGE] = 0
    except MemoryError:  # its limit is small: so are its arrays
        pass


def _seed(seed: int) -> None:
    """Every guest begins with the same random numbers, where a program has not asked for others."""
    random = sys.modules.get("random")
    if random is not None:
        random.seed(seed)
    numpy: Any = sys.modules.get("numpy.random")
    if numpy is None:
        return
    numpy.seed(seed & 0xFFFFFFFF)
    fresh, asked = numpy.default_rng, [0]

    def default_rng(seed: Any = None) -> Any:
        if seed is None:
            asked[0] += 1
            seed = [base, asked[0]]
        return fresh(seed)

    base = seed
    default_rng.__doc__ = fresh.__doc__
    numpy.default_rng = default_rng
