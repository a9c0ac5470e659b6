"""PocketPy with a loader: how it is prepared, given scripts, and called. Runs in the jail only."""

from __future__ import annotations

import functools
import math
import struct
from typing import Any, Final, NamedTuple

from ringfence._engines.pocketpy.binding import (
    BOOL,
    EXECUTE,
    FLOAT,
    INT,
    STR,
    VALUE,
    Library,
    address_of,
    allocated,
    hidden,
)
from ringfence._engines.pocketpy.guest_text import EMPTIED, JSON, MATH, RECORDS, REFUSED, TAKEN
from ringfence._engines.pocketpy.window import MOST_ARGUMENTS

__all__ = ["Interpreter", "Raised", "Rows"]

_MOST_TEXT: Final = 500
_MOST_GARBAGE: Final = 4 << 20
_MOST_TRACE: Final = 20
_TOO_DEEP: Final = "maximum recursion depth exceeded"
_ERRORS: Final = {"TypeError": 43, "ValueError": 45, "NameError": 49}
_FLOATS: Final = FLOAT.to_bytes(2, "little")


class Raised(Exception):
    """A script raised an exception.

    Attributes:
        kind: its type.
        message: what it says.
        trace: the lines that name files.
        limit: the bound that was reached, if it was one of the interpreter's own.
    """

    def __init__(self, kind: str, message: str, trace: str = "", limit: str = "") -> None:
        super().__init__(message)
        self.kind, self.message, self.trace, self.limit = kind, message, trace, limit


class Rows(NamedTuple):
    """How calls are made.

    Attributes:
        kinds: ``d`` or ``q`` for each argument; ``t`` where all of a call are JSON.
        width: numbers that each returns.
        whole: whether they are no floats.
    """

    kinds: str
    width: int
    whole: bool


class Interpreter:
    """The interpreter, and what scripts find in it.

    Args:
        path: of the library.
        locked: whether scripts lose what they have no use for; off for tests of the jail.
    """

    def __init__(self, path: str, *, locked: bool = True) -> None:
        self._library = library = Library(path)
        self._locked = locked
        self._functions: list[Any] = []
        self._lent: list[tuple[bytes, Any]] = []
        self._records = memoryview(b"")
        self._settled = 0
        self._records_type = -1  # until there are any
        self._room, self._arguments = library.room(MOST_ARGUMENTS + 1)
        self._packers = functools.lru_cache(64)(struct.Struct)
        self._kept = library.newmodule(hidden("kept"))  # what lies here is never collected
        self._prelude = library.newmodule(hidden("prelude"))
        self._limiter = self._find("sys", "setrecursionlimit")
        self._seeder = self._find("random", "seed")
        self._prepare_modules()

    def _find(self, module: str, name: str) -> Any:
        """A copy of what a module has, which it keeps alive."""
        found = self._library.getdict(self._module(module), self._library.name(name.encode()))
        assert found is not None
        return self._copy_of(found)

    def _module(self, name: str) -> int:
        """A module, by its name."""
        library = self._library
        module = library.getmodule(name.encode()) or library.getmodule(hidden(name))
        if module is None:
            raise RuntimeError(f"PocketPy has no module {name}")
        return module

    def _copy_of(self, value: int) -> Any:
        buffer, place = self._library.room(1)
        self._library.copy(place, value)
        return buffer

    def _keep(self, value: int) -> None:
        """Keep something from being collected."""
        name = f"kept{len(self._functions) + len(self._lent)}".encode()
        self._library.setdict(self._kept, self._library.name(name), value)

    def _prepare_modules(self) -> None:
        library = self._library
        self._run(MATH, "<math>", self._module("math"))
        self._run(JSON, "<json>", self._module("__main__"))
        library.bind(library.newmodule(b"struct"), "pack_into", self._pack_into)
        self._run(RECORDS, "<records>", self._kept)
        library.bind(self._kept, "refuse", self._refuse)
        if not self._locked:
            return
        for name in EMPTIED:
            module = self._module(name)
            kept = library.name(f"module_{name}".encode())
            library.setdict(self._kept, kept, module)
            for inner in library.names(module):
                if not inner.startswith(b"__"):
                    library.deldict(module, library.name(inner))
        builtins = self._module("builtins")
        for name in TAKEN:
            library.deldict(builtins, library.name(name.encode()))

    # --- before scripts --------------------------------------------------------------------

    def use_records(self, records: memoryview) -> None:
        """Where the next call leaves its records."""
        self._records = records

    def prepare(self, text: str, records: int) -> None:
        """Run the prelude.

        Args:
            text: of it.
            records: bytes that a call may leave.

        Raises:
            Raised: it did not come to its end.
        """
        library, prelude = self._library, self._prelude
        self._run(f"records = Records({records})", "<records>", self._kept)
        made = library.getdict(self._kept, library.name(b"records"))
        assert made is not None
        self._records_type = library.type_of(made)
        library.setdict(prelude, library.name(b"records"), made)
        self._run("doubles = None", "<records>", prelude)
        for module in ("math", "struct"):
            library.setdict(prelude, library.name(module.encode()), self._module(module))
        self._run(text, "<prelude>", prelude)
        names = library.getdict(prelude, library.name(b"__all__"))
        items = None if names is None else library.items(names)
        if names is not None and items is None:
            raise Raised("TypeError", "__all__ must be a list of names")
        begin, count = items or (0, 0)
        for place in range(begin, begin + VALUE * count, VALUE):
            name = library.tostr(place) if library.type_of(place) == STR else b""
            value = library.getdict(prelude, library.name(name))
            if value is None:
                raise Raised("NameError", f"__all__ names {name.decode('utf-8', 'replace')!r}")
            self._keep(value)
            self._lent.append((name, self._copy_of(value)))

    def lock(self) -> None:
        """Let scripts import nothing."""
        if self._locked:
            self._library.hide_modules()

    # --- scripts ---------------------------------------------------------------------------

    def load(self, name: str, entry: str, source: str) -> int:
        """Run a script, and find its function; gives the number of it.

        Raises:
            Raised: it did not come to its end, or has no such function.
        """
        library = self._library
        number = len(self._functions)
        self._functions.append(None)
        module = library.newmodule(hidden(f"script{number}"))
        place = self._arguments
        library.newstr(place, name.encode())
        library.setdict(module, library.name(b"__name__"), place)
        library.setdict(module, library.name(b"math"), self._module("math"))
        if self._locked:
            refuse = library.getdict(self._kept, library.name(b"refuse"))
            assert refuse is not None
            library.copy(place, refuse)
            for taken in REFUSED:
                library.setdict(module, library.name(taken.encode()), place)
        for lent, value in self._lent:
            library.setdict(module, library.name(lent), address_of(value))
        self._run(source, name, module)
        found = library.getdict(module, library.name(entry.encode()))
        if found is None or not library.callable(found):
            raise Raised("NameError", f"there is no function {entry!r} in it")
        self._keep(found)
        self._functions[number] = self._copy_of(found)
        return number

    def skip(self) -> None:
        """Leave out a script; its number stays free."""
        self._functions.append(None)

    def seed(self, number: int) -> None:
        """Begin random numbers of this guest's own."""
        self._library.set_whole(self._arguments, number)
        self._call(address_of(self._seeder), 1)

    def limit_frames(self, frames: int) -> None:
        """Let calls have so many frames, one in another."""
        library = self._library
        library.set_whole(self._arguments, frames + 1)
        self._call(address_of(self._limiter), 1)

    def call(self, function: int, rows: Rows, columns: memoryview, count: int, at: int) -> None:
        """Make one call whose arguments are numbers.

        Args:
            function: its number.
            rows: what the arguments are.
            columns: of them, ``count`` in each.
            count: calls of the piece.
            at: which one.

        Raises:
            Raised: it did.
        """
        library, place = self._library, self._arguments
        for index, kind in enumerate(rows.kinds):
            begin = 8 * (index * count + at)
            (number,) = struct.unpack_from(kind, columns, begin)
            if kind == "d":
                library.set_floating(place + VALUE * index, number)
            else:
                library.set_whole(place + VALUE * index, number)
        self._call(address_of(self._functions[function]), len(rows.kinds))

    def call_with_text(self, function: int, text: bytes) -> None:
        """Make one call whose arguments are a list, as JSON.

        Raises:
            Raised: it did.
        """
        library = self._library
        stack = library.peek(0)
        if not library.json_loads(text):
            raise _parse(library.take_exception(stack))
        items = library.items(library.retval())
        assert items is not None
        library.copy(self._arguments, *items)
        self._call(address_of(self._functions[function]), items[1])

    def _call(self, function: int, count: int) -> None:
        library = self._library
        stack = library.peek(0)
        if not library.call(function, count, self._arguments):
            raise _parse(library.take_exception(stack))

    def _run(self, text: str, name: str, module: int) -> None:
        library = self._library
        stack = library.peek(0)
        if not library.exec(text.encode(), name.encode(), EXECUTE, module):
            raise _parse(library.take_exception(stack))

    def settle(self) -> None:
        """Collect what calls have left, if it is much: PocketPy itself counts objects, not bytes,
        and the next call has to pay for what is not collected.
        """
        if allocated() > self._settled + _MOST_GARBAGE:
            self._library.gc_collect()
            self._settled = allocated()

    # --- results ---------------------------------------------------------------------------

    def result(self, rows: Rows) -> bytes:
        """The numbers that a call has returned, packed.

        Raises:
            Raised: they are none, or too few or many.
        """
        value = self._library.retval()
        if rows.width == 1:
            return struct.pack("q" if rows.whole else "d", self._number(value, whole=rows.whole))
        items = self._library.items(value)
        if items is None:
            kind = self._library.text_of_type(value)
            raise Raised("TypeError", f"{rows.width} numbers are needed, not {kind}")
        if items[1] != rows.width:
            raise Raised("ValueError", f"{rows.width} numbers are needed, not {items[1]}")
        return self._pack_items("q" if rows.whole else "d", *items)

    def count(self, most: int) -> int:
        """The number of records that a call says it has left.

        Raises:
            Raised: it is no such number, or more than fit.
        """
        number = self._number(self._library.retval(), whole=False)
        if not math.isfinite(number) or number < 0 or number != int(number):
            raise Raised("ValueError", f"{number!r} is no number of records")
        if number > most:
            raise Raised("records", f"{number:g} records: at most {most} fit", "", "records")
        return int(number)

    def _number(self, value: int, *, whole: bool) -> Any:
        library = self._library
        kind = library.type_of(value)
        if kind == INT:
            return library.whole(value) if whole else float(library.whole(value))
        if kind == BOOL:
            return int(library.truth(value)) if whole else float(library.truth(value))
        if kind == FLOAT and not whole:
            return library.floating(value)
        wanted = "a whole number" if whole else "a number"
        raise Raised("TypeError", f"{wanted} is needed, not {library.text_of_type(value)}")

    def _pack_items(self, kind: str, begin: int, count: int) -> bytes:
        raw = memoryview(self._library.bytes_of(begin, count))
        if kind == "d" and raw.cast("H")[:: VALUE // 2].tobytes() == _FLOATS * count:
            return raw.cast("d")[1 :: VALUE // 8].tobytes()
        places = range(begin, begin + VALUE * count, VALUE)
        numbers = [self._number(place, whole=kind == "q") for place in places]
        return struct.pack(f"{count}{kind}", *numbers)

    # --- what scripts can call -------------------------------------------------------------

    def print_to(self, write: Any) -> None:
        """Hand over what is printed."""
        self._library.print_to(write)

    def _raise(self, kind: str, message: str) -> bool:
        return self._library.exception(_ERRORS[kind], b"%s", message.encode()[:_MOST_TEXT])

    def _refuse(self, _count: int, _arguments: int) -> bool:
        return self._raise("NameError", "not available in a script")

    def _pack_into(self, count: int, arguments: int) -> bool:
        """``struct.pack_into(format, records, offset, *numbers)``, as Python has it; one list of
        floats may stand for all numbers.
        """
        library = self._library
        raw = memoryview(library.bytes_of(arguments, count))  # few calls: each takes its time
        types = raw.cast("H")[:: VALUE // 2]
        if count < 4 or types[:3].tolist() != [STR, self._records_type, INT]:
            return self._raise("TypeError", "pack_into(format, records, offset, *numbers)")
        offset = raw.cast("q")[2 * VALUE // 8 + 1]
        values = range(arguments + 3 * VALUE, arguments + count * VALUE, VALUE)
        try:
            packer = self._packers(library.tostr(arguments))
            if not 0 <= offset <= len(self._records) - packer.size:
                raise ValueError(f"no room for {packer.size} bytes at {offset}")
            floats = types[3:].tobytes() == _FLOATS * (count - 3)
            items = library.items(values[0]) if count == 4 else None
            if floats and packer.format == f"<{count - 3}d":
                numbers = raw.cast("d")[3 * VALUE // 8 + 1 :: VALUE // 8]
                self._records[offset : offset + packer.size] = numbers.tobytes()
            elif items is None:
                packer.pack_into(self._records, offset, *map(self._any_number, values))
            elif packer.format == f"<{items[1]}d":
                self._records[offset : offset + packer.size] = self._pack_items("d", *items)
            else:
                begin, size = items
                places = range(begin, begin + VALUE * size, VALUE)
                packer.pack_into(self._records, offset, *map(self._any_number, places))
        except Raised as raised:
            return self._raise(raised.kind, raised.message)
        except (struct.error, ValueError, OverflowError) as error:
            return self._raise("ValueError", str(error))
        library.newnone(library.retval())
        return True

    def _any_number(self, value: int) -> Any:
        return self._number(value, whole=self._library.type_of(value) == INT)


def _parse(text: str) -> Raised:
    """An exception from what PocketPy prints of it: lines of a trace, then type and message."""
    trace: list[str] = []
    lines = text.split("\n")
    at = 0
    if lines[0].startswith("Traceback"):
        at = 1
        while at < len(lines) and lines[at].startswith("  "):
            if lines[at].startswith('  File "'):
                trace.append(lines[at][:_MOST_TEXT])
            at += 1
    kind, _, message = "\n".join(lines[at:]).partition(":")
    message = message.removeprefix(" ")[:_MOST_TEXT]
    if len(trace) > _MOST_TRACE:
        half = _MOST_TRACE // 2
        trace = [*trace[:half], "  …", *trace[-half:]]
    limit = "recursion" if kind == "RecursionError" and message == _TOO_DEEP else ""
    return Raised(kind[:100] or "Exception", message, "\n".join(trace), limit)
