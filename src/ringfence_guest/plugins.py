"""A plugin, as its guest has it: loaded from its source under a list of imports, then called."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ringfence_guest.functions import InjectedModules
from ringfence_guest.imports import ImportList
from ringfence_guest.interrupts import Interrupts
from ringfence_guest.state import SessionState

__all__ = ["call_hook", "load", "restore_state", "save_state"]

_MAPPED = 16 << 20
_TOUCHED = 4 << 20


class _Plugin:
    """What was loaded; there is one in a guest."""

    def __init__(self, module: Any, functions: dict[str, tuple[Callable[..., Any], Any]]) -> None:
        self.module, self.functions = module, functions
        self.state = SessionState(module.__dict__, {}, Interrupts())


_loaded: list[_Plugin] = []


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
    for finder in sys.meta_path:
        if isinstance(finder, InjectedModules):
            finder.builtins = allowed.builtins
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
    _loaded[:] = [_Plugin(module, functions)]
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


def save_state(limit: int) -> list[Any]:
    """The variables of the entry module: see :meth:`SessionState.save`."""
    return _loaded[0].state.save(limit)


def restore_state(payload: bytes) -> list[Any]:
    """Set them, in a guest that has loaded the same plugin."""
    return _loaded[0].state.restore(payload)


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
    system (M_MMAP_THRESHOLD in mallopt(3)): what is freed after that stays in the heap.
    """
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return
    try:
        block = numpy.empty(_MAPPED, "u1")
        del block
        numpy.ones(_TOUCHED, "u1")
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
