"""The namespace of a program: saved, restored, described. All of it happens in the guest.

A save holds data and source, no bytecode, so that another Python can restore it. Data is pickled:
functions and classes go by name, and a pickle is only ever loaded by another guest. The host
carries the bytes and never looks into them.

Each variable is pickled by itself to find those that cannot be. Variables that share an object are
then pickled together, so that they share it again; everything else is a part of its own, so that
what cannot be restored costs only itself.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any

from ringfence_guest.definitions import (
    Definition,
    Kept,
    Notebook,
    Unportable,
    class_body_names,
    is_class,
    unwrap,
)
from ringfence_guest.interrupts import Interrupts
from ringfence_guest.losses import describe_loss, listed
from ringfence_guest.pickling import Pickling
from ringfence_guest.protocol import codec
from ringfence_guest.protocol.namespaces import MAX_NAME, MAX_NAMES
from ringfence_guest.restoring import Restore
from ringfence_guest.summaries import name_of_type, printable, size_of, summarize

__all__ = ["SessionState"]

_FORMAT = 1
_FAR = 1 << 40
_RECURSION = 2_000  # whatever a program has set, which could overflow the stack of C
_ITS_OWN = frozenset(
    {"__builtins__", "__name__", "__doc__", "__package__", "__loader__", "__spec__",
     "__annotations__", "__annotate__", "__annotate_func__", "__conditional_annotations__"}
)  # fmt: skip
_NAMED_TYPES = frozenset({"typing", "typing_extensions"})


class SessionState:
    """The variables of a program.

    Args:
        namespace: that of ``__main__``.
        lent: what the host lends, by name.
        interrupts: says whether the host has interrupted the turn.
    """

    def __init__(
        self, namespace: dict[str, Any], lent: dict[str, Any], interrupts: Interrupts
    ) -> None:
        self._namespace, self._lent, self._interrupts = namespace, lent, interrupts
        self.notebook = Notebook()
        self.cells = 0

    def _variables(self) -> Iterator[tuple[Any, Any]]:
        """Everything that the program has bound, and nothing that was there before."""
        for name, value in list(self._namespace.items()):
            if name not in _ITS_OWN and not (name in self._lent and self._lent[name] is value):
                yield name, value

    def is_the_hosts(self, error: BaseException) -> bool:
        """Whether an exception is the end of the turn, and not what a value raised."""
        return isinstance(error, KeyboardInterrupt) and self._interrupts.raised

    def _count(self) -> int:
        count = sum(1 for _ in self._variables())
        if count > MAX_NAMES:
            raise ValueError(f"there are {count} variables; at most {MAX_NAMES} can be listed")
        return count

    # --- describing --------------------------------------------------------------------------

    def describe(self) -> list[list[Any]]:
        """``[name, type, size, summary]`` of each variable.

        Raises:
            ValueError: there are more than can be listed.
        """
        self._count()
        described = {}
        for name, value in self._variables():
            shown = _shown_name(name)
            text = summarize(value, self.is_the_hosts)
            described[shown] = [shown, name_of_type(value), size_of(value), text]
        return list(described.values())

    # --- saving ------------------------------------------------------------------------------

    def save(self, limit: int) -> list[Any]:
        """``[python, payload, names, lost]``.

        Args:
            limit: bytes that the payload may have.

        Raises:
            ValueError: there are more variables than can be listed.
            codec.ValueTooLarge: together they take more than ``limit``.
        """
        self._count()
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(_RECURSION)
        try:
            return _Save(self._variables(), self, limit).result()
        finally:
            sys.setrecursionlimit(before)

    # --- restoring ---------------------------------------------------------------------------

    def restore(self, payload: bytes) -> list[Any]:
        """Make the variables of a save anew: ``[names, lost]``."""
        size, view = int.from_bytes(payload[:4], "little"), memoryview(payload)
        content = codec.decode(view[4 : 4 + size], view[4 + size :], limit=_FAR)
        del payload, view  # it may be half of the memory
        form, cells, kept, parts = content
        if form != _FORMAT:
            raise ValueError(f"a save of form {form}; this guest restores form {_FORMAT}")
        self.cells = max(self.cells, cells)
        return Restore(self._namespace, self._lent, self).run(kept, parts)


def _shown_name(name: Any) -> str:
    return printable(name if type(name) is str else f"<{name_of_type(name)}>", MAX_NAME)


class _Save:
    """One save, from the variables to the payload."""

    def __init__(
        self, variables: Iterable[tuple[Any, Any]], state: SessionState, limit: int
    ) -> None:
        self._state, self._limit = state, limit
        self._values: dict[str, Any] = {}
        self._lost: dict[str, list[str]] = {}
        self._kept: list[Kept] = []
        self._defined: dict[str, Any] = {}
        self._data: dict[str, Any] = {}
        for name, value in variables:
            if type(name) is str and name.isidentifier() and len(name) <= MAX_NAME:
                self._values[name] = value
            else:
                self._lose(_shown_name(name), value, "its name is not one that Python can write")

    def _lose(self, name: str, value: Any, reason: str) -> None:
        self._lost[name] = [name, name_of_type(value), reason]

    def result(self) -> list[Any]:
        notebook = self._state.notebook
        notebook.read(self._values)
        for name, value in self._values.items():
            self._sort(name, value)
        self._kept.sort(key=lambda kept: notebook.order(kept.definition))
        for kept in self._kept:
            self._add_members(kept)
        parts = self._pickle()
        definitions = [[k.name, k.type, *k.definition] for k in self._kept]
        content = [_FORMAT, self._state.cells, definitions, parts]
        packed = codec.encode(content, limit=self._limit)
        payload = b"".join([len(packed.body).to_bytes(4, "little"), packed.body, *packed.blob])
        saved = {name for names, _, _ in parts for name in names}
        names = [name for name in self._values if name in self._defined or name in saved]
        lost = listed(self._lost.values())
        return [sys.version.split(maxsplit=1)[0], payload, names, lost]

    def _sort(self, name: str, value: Any) -> None:
        """Is it saved as source or as data?"""
        try:
            found = [Kept(name, name_of_type(value), d) for d in self._definitions(name, value)]
        except Unportable as error:
            self._lose(name, value, str(error))
            return
        except BaseException as error:  # a guest's object may raise anything when it is asked
            if self._state.is_the_hosts(error):
                raise
            self._lose(name, value, describe_loss(error))
            return
        if not found:
            self._data[name] = value
            return
        self._kept += found
        self._defined[name] = value

    def _definitions(self, name: str, value: Any) -> list[Definition]:
        """The statements that make the value; none if it is data.

        Raises:
            Unportable: it is neither.
        """
        notebook = self._state.notebook
        imports = notebook.imports(name, value)
        if imports or type(value) is types.ModuleType:
            return imports
        bottom = unwrap(value)
        if type(bottom) is types.FunctionType and _home(bottom) == "__main__":
            return self._function(name, value, bottom)
        if is_class(value) and _home(value) == "__main__":
            return self._class(name, value)
        if type(value).__module__ in _NAMED_TYPES and getattr(value, "__name__", None) == name:
            made = notebook.factory(name, value)
            if made is not None:
                return [made]
        if type(value) in (dict, list, tuple):
            made = notebook.lambdas(name, value)
            if made is not None:
                return [made]
        return []

    def _function(self, name: str, value: Any, bottom: types.FunctionType) -> list[Definition]:
        notebook = self._state.notebook
        if bottom.__code__.co_name == "<lambda>":
            made = notebook.lambdas(name, value)
            if made is None:
                raise Unportable("a lambda that is not the plain value of an assignment")
            return [made]
        if "<locals>" in bottom.__qualname__:
            raise Unportable("a function that another one made; its source needs that one's values")
        statement = notebook.function(value)
        if statement is None:
            raise Unportable("a function whose source is not that of a cell")
        defined = statement.names[0]
        if defined != name:
            if self._values.get(defined) is value:
                return []  # another name for it: a reference
            raise Unportable(f"its source defines {defined}, which is something else now")
        # A decorator that gave the function back has done what it does, and that is data.
        return [statement.stripped() if value is bottom else statement]

    def _class(self, name: str, value: type) -> list[Definition]:
        qualname = type.__getattribute__(value, "__qualname__")
        if "<locals>" in qualname:
            raise Unportable("a class that a function made; its source needs that one's values")
        if "." in qualname:
            return []  # within another class: a reference
        statement = self._state.notebook.klass(value)
        if statement is None:
            raise Unportable("a class whose source is not that of a cell")
        if qualname != name:
            if self._values.get(qualname) is value:
                return []
            raise Unportable(f"its source defines {qualname}, which is something else now")
        return [statement]

    def _add_members(self, kept: Kept) -> None:
        """What was set on a function or a class is data: ``f.calls``, ``A.count``."""
        value = self._defined[kept.name]
        contents: Any
        own: set[str] = set()
        if kept.definition.kind == "class" and type(value) in (type, _abc_meta()):
            contents = type.__getattribute__(value, "__dict__")
            own = class_body_names(kept.definition)
        elif kept.definition.kind == "function" and value is unwrap(value):
            contents = value.__dict__
        else:
            return
        for name, member in list(contents.items()):
            path = f"{kept.name}.{name}"
            if type(name) is not str or name.startswith("__") or name == "_abc_impl":
                continue
            if is_class(value) and _is_a_descriptor(member):
                self._look_at_method(path, member, kept.definition, own)
            else:
                self._data[path] = member

    def _look_at_method(
        self, path: str, member: Any, definition: Definition, own: set[str]
    ) -> None:
        code = getattr(member, "__code__", None) if type(member) is types.FunctionType else None
        if code is None or path.partition(".")[2] in own:
            return
        if code.co_filename.startswith("<cell "):
            self._lose(path, member, "it was set after the class was made")

    # --- data --------------------------------------------------------------------------------

    def _pickle(self) -> list[list[Any]]:
        """``[names, bytes]`` of each part."""
        own = {
            f"{kept.name}.{name}"
            for kept in self._kept
            if kept.definition.kind == "class"
            for name in class_body_names(kept.definition)
        }
        pickling = Pickling(self._lent(), self._is_defined, self._limit)
        single: dict[str, bytes] = {}
        for name, value in self._data.items():
            data = self._try(pickling, {name: value})
            if type(data) is bytes:
                single[name] = data
                continue
            pickling.forget(name)
            if name not in own:  # the body of the class makes it again
                self._lose(name, value, describe_loss(data))
        parts: list[list[Any]] = []
        for names in pickling.groups(list(single)):
            data = single[names[0]]
            if len(names) > 1:
                data = self._try(pickling, {name: self._data[name] for name in names})
            if type(data) is bytes:
                parts.append([names, [name_of_type(self._data[n]) for n in names], data])
            else:
                for name in names:
                    self._lose(name, self._data[name], describe_loss(data))
        if sum(len(data) for *_, data in parts) > self._limit:
            raise codec.ValueTooLarge(
                f"the variables take more than value={self._limit:,} bytes together; delete some, "
                "or raise Limits(value=…)"
            )
        return parts

    def _try(self, pickling: Pickling, values: dict[str, Any]) -> Any:
        """The bytes, or what was raised."""
        try:
            return pickling.dump(values)
        except BaseException as error:  # __reduce__ of a guest's object may do anything
            if self._state.is_the_hosts(error):
                raise
            return error

    def _lent(self) -> dict[int, str]:
        return {id(value): name for name, value in self._state._lent.items()}

    def _is_defined(self, name: str) -> bool:
        """Whether the source of this name of ``__main__`` is in the save."""
        return name.partition(".")[0] in self._defined


def _home(value: Any) -> Any:
    if is_class(value):
        return type.__getattribute__(value, "__module__")
    return value.__module__


def _abc_meta() -> type:
    found: type = sys.modules["abc"].ABCMeta
    return found


def _is_a_descriptor(member: Any) -> bool:
    return hasattr(type(member), "__get__")
