"""Data of a program to bytes and back: the only place that pickles, and it runs in guests.

A pickle holds no bytecode: functions and classes go by name, so it is portable from one Python to
another. It is loaded by guests only, which have nothing to lose to it.
"""

from __future__ import annotations

import importlib
import sys
import types
from _pickle import Pickler, Unpickler
from collections.abc import Callable
from io import BytesIO
from typing import Any, Literal

from ringfence_guest.definitions import Unportable

__all__ = ["Pickling", "load"]

_PROTOCOL = 5  # of Python 3.8
_MEMOIZE = b"\x94"
_FEW = 64
_LARGE = 1 << 20
_PLAIN = frozenset({int, str, float, bool, bytes, complex, type(None), tuple, frozenset, range})
_FLAT = frozenset({int, str, float, bool, bytes, complex, type(None), range})
_CONTAINERS = frozenset({list, dict, tuple, set, frozenset})
_SHARED = _CONTAINERS - _PLAIN
_BY_VALUE = frozenset({"datetime", "decimal", "fractions", "uuid", "zoneinfo"})
"""Modules of values: whether two variables have the same one, nobody can tell."""

_Role = Literal["alone", "shared", "module", "named"]

_NAMED = frozenset({"TypeVar", "TypeVarTuple", "ParamSpec", "NewType", "TypeAliasType"})


class _Sink:
    """A file that takes a bounded number of bytes."""

    def __init__(self, limit: int) -> None:
        self.parts: list[bytes] = []
        self._left, self._limit = limit, limit

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        self._left -= size
        if self._left < 0:  # before it is copied: it may be half of the memory
            self.parts.clear()
            raise Unportable(f"it takes more than value={self._limit:,} bytes")
        self.parts.append(bytes(data))
        return size


class Pickling:
    """Pickles variables, and remembers which of them share objects.

    Args:
        lent: id of what the host lends -> its name.
        is_defined: whether the source of a name of ``__main__`` is saved.
        limit: bytes that one variable may take.
    """

    def __init__(self, lent: dict[int, str], is_defined: Callable[[str], bool], limit: int) -> None:
        self._lent, self._is_defined, self._limit = lent, is_defined, limit
        self._roles: dict[type, _Role] = {}
        self._owner: dict[int, str] = {}
        self._seen: list[Any] = []  # what was made for a moment must not lend its id to another
        self._parent: dict[str, str] = {}

    def dump(self, values: dict[str, Any]) -> bytes:
        """The pickle of variables; raises whatever stands in the way."""
        name = next(iter(values))
        self._parent.setdefault(name, name)
        contents = list(values.values())
        data = self._dump_plain(name, contents)
        if data is not None:
            return data
        sink = _Sink(self._limit)
        if self._meet_containers(name, contents):
            Pickler(sink, _PROTOCOL).dump(contents)
        else:
            _Pickler(sink, self, name).dump(contents)
        return b"".join(sink.parts)

    def _dump_plain(self, name: str, contents: list[Any]) -> bytes | None:
        """The pickle of containers of containers of plain values, if it is no large one; None if it
        is, or if there is anything else: what is tried in vain must not take much memory.

        All that could be shared, or stand for something else, are the containers then: nobody has
        to look at each value on its way into the pickle, which takes far longer than to pickle it.
        """
        sink = _Sink(min(self._limit, _LARGE))
        pickler = _PlainPickler(sink, _PROTOCOL)
        try:
            pickler.dump(contents)
        except Exception:  # it is said again by who looks at each value
            return None
        data = b"".join(sink.parts)
        if data.count(_MEMOIZE) > _FEW + len(data) // _FEW:  # to copy that memo takes longer
            return data if self._meet_containers(name, contents) else None
        for value in [one for _, one in pickler.memo.copy().values()]:
            plain = type(value) in _PLAIN or value is complex or value is range
            if not plain and value is not contents:  # a container, or a bytearray
                self._meet(name, value)
        return data

    def _meet_containers(self, name: str, contents: list[Any]) -> bool:
        """Go through containers of plain values; False if there is anything else."""
        waiting: list[Any] = [contents]
        known: set[int] = set()
        try:
            while waiting:
                container = waiting.pop()
                for parts in _parts(container):
                    kinds = set(map(type, parts)) - _FLAT
                    if not kinds:
                        continue
                    if not kinds <= _CONTAINERS:
                        return False
                    for part in parts:
                        if type(part) in _CONTAINERS and id(part) not in known:
                            known.add(id(part))
                            waiting.append(part)
                            if type(part) in _SHARED:
                                self._meet(name, part)
        except RuntimeError:  # a thread of the program has changed one meanwhile
            return False
        return True

    def forget(self, name: str) -> None:
        """It could not be pickled: what it has, it does not share."""
        self._parent.pop(name, None)

    def groups(self, names: list[str]) -> list[list[str]]:
        """The names, those that share objects together."""
        groups: dict[str, list[str]] = {}
        for name in names:
            groups.setdefault(self._root(name), []).append(name)
        return list(groups.values())

    def _root(self, name: str) -> str:
        while self._parent.get(name, name) != name:
            name = self._parent[name]
        return name

    def _meet(self, name: str, value: Any) -> None:
        owner = self._owner.get(id(value))
        if owner is None or owner not in self._parent:
            self._owner[id(value)] = name
            self._seen.append(value)
        elif owner != name:
            one, other = self._root(owner), self._root(name)
            if one != other:
                self._parent[other] = one

    def refer(self, name: str, value: Any) -> Any:
        """What stands for a value in a pickle, or None: it is pickled."""
        kind = type(value)
        role = self._roles.get(kind)
        if role is None:
            role = self._roles[kind] = _role(kind)
        if role == "alone":
            return None
        lent = self._lent.get(id(value))
        if lent is not None:
            return ("host", lent)
        if role == "shared":
            self._meet(name, value)
        elif role == "module":
            return ("module", value.__name__)
        else:
            self._check(value)
        return None

    def _check(self, value: Any) -> None:
        if getattr(value, "__module__", None) != "__main__":
            return
        name = getattr(value, "__qualname__", None) or value.__name__
        if not self._is_defined(name):
            what = "class" if issubclass(type(value), type) else "function"
            raise Unportable(f"it needs the {what} {name}, which cannot be saved")


def _role(kind: type) -> _Role:
    """How values of a type are treated."""
    if kind in _PLAIN or kind is types.BuiltinFunctionType or kind.__module__ in _BY_VALUE:
        return "alone"
    if kind is types.ModuleType:
        return "module"
    if kind is types.FunctionType or issubclass(kind, type) or kind.__name__ in _NAMED:
        return "named"
    numpy, enum = sys.modules.get("numpy"), sys.modules.get("enum")
    if (numpy is not None and issubclass(kind, numpy.dtype)) or (
        enum is not None and issubclass(kind, enum.Enum)
    ):
        return "alone"  # unrelated values have the same
    return "shared"


def _parts(container: Any) -> tuple[Any, ...]:
    """What a container has, in iterables that can be read twice."""
    if type(container) is dict:
        return container.keys(), container.values()
    return (container,)


class _Unplain(Exception):
    """There is something that is neither a plain value nor a container."""


class _PlainPickler(Pickler):
    """Pickles containers of plain values; raises where there is anything else. The pickler asks
    about what it does not know itself, so nothing here costs the usual values anything.
    """

    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        if kind is complex or kind is range or obj is complex or obj is range:
            return NotImplemented  # their values are pickled as calls of them
        raise _Unplain


class _Pickler(Pickler):
    def __init__(self, sink: _Sink, pickling: Pickling, name: str) -> None:
        super().__init__(sink, _PROTOCOL)
        self._pickling, self._name = pickling, name
        self._outer = True

    def persistent_id(self, obj: Any) -> Any:
        if self._outer:  # the list of the values is ours
            self._outer = False
            return None
        return None if type(obj) in _PLAIN else self._pickling.refer(self._name, obj)


class _Unpickler(Unpickler):
    def __init__(self, data: bytes, lent: dict[str, Any]) -> None:
        super().__init__(BytesIO(data))
        self._lent = lent

    def persistent_load(self, pid: Any) -> Any:
        kind, name = pid
        if kind == "module":
            return importlib.import_module(name)
        if name not in self._lent:
            raise Unportable(f"the host function {name} is not lent to this sandbox")
        return self._lent[name]

    def find_class(self, module: str, name: str) -> Any:
        try:
            return super().find_class(module, name)
        except ImportError:
            # Pythons move things to private parts of a module: pathlib._local is one of 3.13.
            public, _, last = module.rpartition(".")
            if not public or not last.startswith("_"):
                raise
            return super().find_class(public, name)


def load(data: bytes, lent: dict[str, Any]) -> list[Any]:
    """The values of a pickle, in order.

    Args:
        data: what :meth:`Pickling.dump` made.
        lent: what the host lends now, by name.
    """
    values: list[Any] = _Unpickler(data, lent).load()
    return values
