"""MicroPython in an instance: how it is started, given scripts, called and asked what came of it.

Its exports are those of MicroPython's port to WebAssembly, as ``ports/webassembly`` has them: a
value crosses as twelve bytes, a kind and two numbers (``proxy_c.h``). What is read from its memory
is a guest's: every place and length is checked, and what it means is for the guest alone.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from ringfence._engines.micro.guest_text import LENT_MATH, SETUP, TAKEN
from ringfence.model.evaluation import GuestErrorInfo, Script
from ringfence.wasm.embedded import EmbeddedCode, EmbeddedInstance, Frozen, Stopped

__all__ = [
    "INBOX", "MOST_ARGUMENTS", "MOST_ROWS", "MOST_WIDTH", "Booted", "Call", "Interpreter", "Raised",
    "Shape", "boot",
]  # fmt: skip

MOST_ARGUMENTS: Final = 14
"""Arguments that a call can have."""

MOST_ROWS: Final = 256
"""Calls that are made together."""

MOST_WIDTH: Final = 1024
"""Numbers that a call can return; more go through records."""

INBOX: Final = 1 << 20
"""Bytes of a script, or of arguments as text."""

_OWN_HEAP: Final = 128 << 10  # what the loader and its buffers take of the heap
_FRAME: Final = 32  # bytes of the smallest frame, of a function without arguments and variables
_VALUE: Final = 12  # bytes of a value that crosses
_STATIC: Final = 256 << 10  # more than what is there before anything is allocated
_FRAMES: Final = 8 << 10  # words of the stack of frames, all of which loading may use
_HOLE: Final = 32 << 10  # for texts of exceptions; less than any heap could be enlarged by
_MOST_GATHERED: Final = 16 << 20
_FIRST: Final = 1024  # below it nothing is ever allocated
_ROOM: Final = 1024
_SPARE_PAGES: Final = 32 << 20
_EXCEPTION: Final = -1
_MOST_TEXT: Final = 500
_OWN_FILES: Final = ('  File "<call>"', '  File "<stdin>"', '  File "<string>"')
_RESULT = struct.Struct("<iII")
_WORD = struct.Struct("<I")
_OWN_FRAME: Final = 56  # bytes of the frame that calls a script's function without arguments
_GO = struct.Struct("<9i")
_MARK = struct.Struct("<i")
_NUMBER = struct.Struct("<iii")
_FUNCTIONS = ("load", "prepare", "lock", "adapt", "column", "collect")
_KINDS: Final = {"d": 1, "q": 2}  # see ``adapt`` in :mod:`.guest_text`


class Shape(NamedTuple):
    """What an interpreter is started with.

    Attributes:
        memory: bytes of the heap that scripts have.
        records: bytes of the buffer for records.
    """

    memory: int
    records: int

    @property
    def gathered(self) -> int:
        """Bytes for the records of calls that are made together."""
        return max(self.records, min(4 * self.records, _MOST_GATHERED))


class Raised(Exception):
    """The guest raised an exception. Guest text."""

    def __init__(self, info: GuestErrorInfo) -> None:
        super().__init__(info.message)
        self.info = info


class Booted(NamedTuple):
    """An interpreter that has its loader, and no script yet.

    Attributes:
        state: its memory.
        shape: what it was started with.
        control: where results of single calls go, and texts of the start.
        arguments: where the arguments of single calls go.
        inbox: where text for the guest goes, :data:`INBOX` bytes. Below lies everything that a call
            may change, but for records.
        records: where the guest packs the records of a call.
        gathered: where those of calls that are made together go, one after another.
        mark: where it notes which call it makes, and which is the first that it has not made.
        floats: where it puts the numbers that calls return.
        whole_numbers: the same, if they are no floats.
        frames: where the end of the stack of frames is noted.
        first_frame: where that stack begins.
        interrupt: what to write where, so that what runs raises ``KeyboardInterrupt``.
        functions: the loader's, by name, as numbers.
    """

    state: Frozen
    shape: Shape
    control: int
    arguments: int
    inbox: int
    records: int
    gathered: int
    mark: int
    floats: int
    whole_numbers: int
    frames: int
    first_frame: int
    interrupt: tuple[tuple[int, bytes], ...]
    functions: dict[str, int]


class Call(NamedTuple):
    """What calls a script's function.

    Attributes:
        number: of it in the guest.
        columns: where the first argument of each call goes, the second, …, eight bytes each.
    """

    number: int
    columns: tuple[int, ...]


class Interpreter:
    """An interpreter in an instance of its own."""

    def __init__(self, instance: EmbeddedInstance, booted: Booted) -> None:
        self.instance = instance
        self.booted = booted

    # --- values ----------------------------------------------------------------------------

    def result(self, place: int) -> tuple[int, int, int]:
        """The kind and the numbers at a place.

        Raises:
            Raised: it is an exception.
            Stopped: its text is not where a text can be.
        """
        kind, first, second = _RESULT.unpack(self.instance.view(place, _VALUE))
        if kind == _EXCEPTION:
            raise self.take_exception(first, second)
        return kind, first, second

    def take_exception(self, size: int, address: int) -> Raised:
        """The exception whose text is there; the text is given back."""
        if address < _FIRST:
            raise Stopped("the text of its exception is longer than there is room for", "memory")
        try:
            text = bytes(self.instance.view(address, min(size, _HOLE))).decode("utf-8", "replace")
        except IndexError as error:
            raise Stopped(str(error), None) from None
        self.instance.call("free", address)
        return _parse_exception(text)

    def limit_frames(self, most: int, count: int) -> None:
        """Let calls have so many frames of their own, beside that which makes them.

        Args:
            most: frames of the smallest size; a function with many variables takes several.
            count: arguments of the calls.
        """
        place = self.booted.frames
        own = _OWN_FRAME + _WORD.size * 2 * count
        size = min(own + most * _FRAME, _FRAMES * _WORD.size)
        end = self.booted.first_frame + size
        _WORD.pack_into(self.instance.view(place, _WORD.size), 0, end)

    def go(self, call: Call, end: int, size: int = 0) -> None:
        """Make calls 0 to ``end``, with the arguments that are where ``call`` says; or one, with
        ``size`` bytes of text.

        Raises:
            Stopped: one did not come to its end.
        """
        booted, instance = self.booted, self.instance
        _GO.pack_into(instance.view(booted.arguments, _GO.size), 0, 3, 0, 0, 3, end, 0, 3, size, 0)
        instance.call("proxy_c_to_js_call", call.number, 3, booted.arguments, booted.control)

    def raised(self) -> Raised | None:
        """What one of the calls of :meth:`go` raised; :attr:`mark` is which, and none was made
        after it.
        """
        try:
            self.result(self.booted.control)
        except Raised as error:
            return error
        return None

    def interrupt(self) -> None:
        """Have what runs raise ``KeyboardInterrupt``; in the middle of a call."""
        for place, data in self.booted.interrupt:
            self.instance.view(place, len(data))[:] = data

    @property
    def mark(self) -> int:
        """The call that was begun last; a guest's word."""
        number: int = _MARK.unpack(self.instance.view(self.booted.mark, _MARK.size))[0]
        return number

    @property
    def stopped_at(self) -> int:
        """The first call that was not made, because there was no room for its records; a guest's
        word.
        """
        place = self.booted.mark + _MARK.size
        number: int = _MARK.unpack(self.instance.view(place, _MARK.size))[0]
        return number

    # --- the loader ------------------------------------------------------------------------

    def tell(self, text: bytes) -> int:
        """Put text where the guest reads it; gives its length."""
        self.instance.view(self.booted.inbox, len(text))[:] = text
        return len(text)

    def ask(self, function: str, *numbers: int) -> tuple[int, int, int]:
        """Call a function of the loader's.

        Raises:
            Raised: it, or what it loaded, raised.
            Stopped: it did not come to its end.
        """
        booted = self.booted
        packed = b"".join([_NUMBER.pack(3, number, 0) for number in numbers])
        self.instance.view(booted.arguments, len(packed))[:] = packed
        self.instance.call(
            "proxy_c_to_js_call",
            booted.functions[function],
            len(numbers),
            booted.arguments,
            booted.control,
        )
        return self.result(booted.control)

    def load(self, script: Script) -> int:
        """Run a script's text, and find its function; gives the number of it.

        Raises:
            Raised, Stopped: it did not come to its end, or is too long.
        """
        text = f"{script.name}\0{script.entry}\0{script.source}".encode()
        if len(text) > INBOX:
            raise Stopped(f"its text has {len(text):,} bytes, more than {INBOX:,}", "memory")
        return self.ask("load", self.tell(text))[1]

    def adapt(
        self,
        function: int,
        kinds: str | None,
        *,
        width: int,
        whole_numbers: bool,
        record: int = 0,
    ) -> Call:
        """What calls a script's function, and where its arguments go.

        Args:
            function: its number.
            kinds: ``d`` or ``q`` for each argument; None: all of a call are text.
            width: numbers that it returns.
            whole_numbers: whether they are no floats.
            record: bytes of a record, if they leave records; else 0.

        Raises:
            Raised, Stopped: there is no memory for it.
        """
        numbers = [_KINDS[kind] for kind in kinds or ()]
        bits = sum(kind << 2 * i for i, kind in enumerate(numbers)) if kinds is not None else -1
        number = self.ask("adapt", function, bits, width, int(whole_numbers), record)[1]
        columns = [self.ask("column", kind, i)[1] for i, kind in enumerate(numbers)]
        if any(place + 8 * MOST_ROWS > self.instance.size for place in columns):
            raise Stopped("it says that its columns are where no memory is", None)
        return Call(number, tuple(columns))


def boot(code: EmbeddedCode, shape: Shape) -> Booted:
    """Start an interpreter, with its loader.

    Raises:
        Stopped: it could not be started.
    """
    size = shape.memory + shape.records + shape.gathered
    instance = EmbeddedInstance(code, size + _SPARE_PAGES)
    try:
        return _boot(instance, shape)
    finally:
        instance.close()


def _boot(instance: EmbeddedInstance, shape: Shape) -> Booted:
    call = instance.call
    call("emscripten_stack_init")
    call("__wasm_call_ctors")
    call("mp_js_init", _FRAMES, shape.memory + _OWN_HEAP)
    call("proxy_c_init")
    control = call("malloc", 4096)
    arguments = call("malloc", _ROOM)
    hole = call("malloc", _HOLE)
    inbox = call("malloc", INBOX)
    records = call("malloc", max(shape.records, 16))
    gathered = call("malloc", max(shape.gathered, 16))
    if not control < arguments < hole < inbox < records < gathered:
        raise Stopped("there is no memory for its buffers", "memory")
    draft = Booted(
        Frozen(0, 0, ()), shape, control, arguments, inbox, records, gathered,
        0, 0, 0, 0, 0, (), {},
    )  # fmt: skip
    interpreter = Interpreter(instance, draft)
    names = ", ".join(_FUNCTIONS)
    given = f"places, {MOST_ROWS}, {MOST_WIDTH}, {LENT_MATH!r}, {TAKEN!r}"
    places = (
        f"places = [{inbox}, {INBOX}, {records}, {shape.records}, {gathered}, {shape.gathered}]"
    )
    _execute(interpreter, f"{SETUP}\n{places}\n{names} = make({given})\n")
    _execute(interpreter, "mark, floats, whole_numbers = places[6:]")
    main = _import(interpreter, "__main__")
    functions = {name: _attribute(interpreter, main, name) for name in _FUNCTIONS}
    mark, floats, whole_numbers = (
        _attribute(interpreter, main, name) for name in ("mark", "floats", "whole_numbers")
    )
    _execute(interpreter, f"del make, places, mark, floats, whole_numbers, {names}\n")
    instance.limit(instance.size)
    _fill(instance)
    call("free", hole)
    frames = _find_frames(instance, control)
    return draft._replace(
        interrupt=_find_interrupt(instance),
        state=instance.freeze(),
        functions=functions,
        frames=frames,
        first_frame=_WORD.unpack(instance.view(frames, _WORD.size))[0] - _FRAMES * _WORD.size,
        mark=mark,
        floats=floats,
        whole_numbers=whole_numbers,
    )


def _find_interrupt(instance: EmbeddedInstance) -> tuple[tuple[int, bytes], ...]:
    """What MicroPython's own export for that writes, which is undone again."""
    before = bytes(instance.view(0, _STATIC))
    instance.call("mp_sched_keyboard_interrupt")
    after = bytes(instance.view(0, _STATIC))
    instance.rewind(before)
    size = _WORD.size
    return tuple(
        (place, after[place : place + size])
        for place in range(0, _STATIC, size)
        if before[place : place + size] != after[place : place + size]
    )


def _find_frames(instance: EmbeddedInstance, end: int) -> int:
    """Where MicroPython notes the end of its stack of frames: between its start and its top, which
    are the same while nothing runs (``mp_state_thread_t`` in ``py/mpstate.h``).
    """
    size = _FRAMES * _WORD.size
    words = memoryview(bytes(instance.view(0, min(end, _STATIC)))).cast("I")
    found = [
        (index + 1) * _WORD.size
        for index in range(len(words) - 2)
        if words[index] == words[index + 2] != 0 and words[index + 1] == words[index] + size
    ]
    if len(found) != 1:
        raise Stopped("its stack of frames cannot be found", None)
    return found[0]


def _fill(instance: EmbeddedInstance) -> None:
    """Leave nothing that the heap could be enlarged with."""
    size = instance.size
    while size >= 8:
        if not instance.call("malloc", size):
            size //= 2


def _execute(interpreter: Interpreter, text: str) -> None:
    booted, data = interpreter.booted, text.encode() + b"\0"
    interpreter.tell(data)
    interpreter.instance.call("mp_js_do_exec", booted.inbox, len(data) - 1, booted.control)
    interpreter.result(booted.control)


def _import(interpreter: Interpreter, name: str) -> int:
    interpreter.tell(name.encode() + b"\0")
    interpreter.instance.call(
        "mp_js_do_import", interpreter.booted.inbox, interpreter.booted.control
    )
    return interpreter.result(interpreter.booted.control)[1]


def _attribute(interpreter: Interpreter, reference: int, name: str) -> int:
    booted = interpreter.booted
    interpreter.tell(name.encode() + b"\0")
    interpreter.instance.call("proxy_c_to_js_lookup_attr", reference, booted.inbox, booted.control)
    return interpreter.result(booted.control)[1]


def _parse_exception(text: str) -> Raised:
    """An exception from ``type``, a byte 4, and what MicroPython prints of it."""
    kind, _, trace = text.partition("\x04")
    message, frames = "", []
    lines = trace.splitlines()
    for index, entry in enumerate(lines):
        if entry.startswith('  File "') and ", line " in entry:
            if not entry.startswith(_OWN_FILES):
                frames.append(entry[:_MOST_TEXT])
        elif (entry.startswith(kind) and index) or index == len(lines) - 1:
            message = "\n".join(lines[index:]).removeprefix(kind).removeprefix(":").strip()
            break
    kept = frames if len(frames) <= 20 else [*frames[:10], "  …", *frames[-10:]]
    return Raised(GuestErrorInfo(kind[:100] or "Exception", message[:_MOST_TEXT], "\n".join(kept)))
