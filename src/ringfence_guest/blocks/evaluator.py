"""Evaluates instances of block scripts, one after the other, each under budgets of its own.

What a script is given is in the namespace that all scripts share as their built-in names; the
budgets of the running instance are put there too. Ticks are counted by an iterator in C. Records
are numbers on one list, packed when a few instances have ended: a number that cannot be packed is
met then, too late to say in which line. So what goes wrong there is run once more, alone, with a
``draw`` that looks at each record. A script whose records are all of one kind and
colour puts only what differs onto the list.
"""

from __future__ import annotations
import __future__

from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import chain, compress, repeat
from struct import Struct
from struct import error as StructError  # noqa: N812 - it is a class
from types import CodeType, TracebackType
from typing import Any, NamedTuple

from ringfence_guest.blocks.language import lent_names
from ringfence_guest.blocks.primitives import make_checking, make_primitives
from ringfence_guest.blocks.rounds import Round
from ringfence_guest.protocol.geometry import RECORD_SIZE, Verdict

__all__ = ["BlockEvaluator", "Budget"]

_FLAGS = __future__.annotations.compiler_flag  # annotations are for the host to read
_NUMBERS = 7  # of a record
_SEGMENT = 256
_AT_ONCE = 128
_MOST_MESSAGE = 500
_MOST_TEXT = 1 << 20
_Pack = Callable[..., None]


class Budget(NamedTuple):
    """What one instance may use."""

    steps: int
    recursion: int
    primitives: int


_Failure = tuple[Verdict, str, str, int]
"""Verdict, type, message, line."""
_INPUT_FAILED: _Failure = (Verdict.ERROR, "InputFailed", "", 0)


class OutOfBudget(BaseException):
    """An instance has used up what it may."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.name)
        self.verdict = verdict


class _Loaded(NamedTuple):
    """A script.

    Attributes:
        entry: its function.
        counts: whether anything in it ticks.
        width: how many numbers it puts onto the list for each record.
        tail: what makes a whole record of them.
    """

    entry: Callable[..., object]
    counts: bool
    width: int
    tail: tuple[Any, ...]


class BlockEvaluator:
    """The scripts of one publisher, and what they are evaluated with."""

    def __init__(self) -> None:
        self._scripts: list[_Loaded | _Failure] = []
        self._flat: list[Any] = []
        self._texts: list[str] = []
        self._lent = lent_names()
        self._lent["_turns"] = compress
        self._budget = Budget(1, 1, 1)
        self._depth = 1
        self._width, self._tail = _NUMBERS, ()
        self._kept: tuple[memoryview, ...] = ()
        self._base = 0  # what is on the list of others than the running instance
        self._quick = self._drawing(self._flat.extend)
        check = make_checking(self._draw_counted)
        self._checking = self._drawing(check)
        self._checking["_draw"] = lambda record: check(record + self._tail)
        self._lent["_call"] = self._make_call()
        self._lent |= self._quick

    def _drawing(self, draw: Callable[[Any], object]) -> dict[str, Any]:
        return {"_draw": draw, **make_primitives(draw, self._texts)}

    # --- loading -----------------------------------------------------------------------------

    def load(self, scripts: Sequence[Sequence[Any]]) -> None:
        """Take ``[source, function, width, meta]`` of each script; ``width`` is how many numbers
        of a record it gives, and ``meta`` the last number of all of them, where it does not give
        that. One that cannot be loaded keeps its place: its instances end with the error.
        """
        self._scripts = []
        for number, (source, function, width, meta) in enumerate(scripts):
            name = f"<block {number}>"
            names: dict[str, Any] = {"__builtins__": self._lent}
            self._begin()
            try:
                code: CodeType = compile(source, name, "exec", _FLAGS, dont_inherit=True)
                exec(code, names)
                counts = "_tick" in source or "_call" in source
                tail = (*repeat(0.0, _NUMBERS - 1 - width), meta) if width < _NUMBERS else ()
                self._scripts.append(_Loaded(names[function], counts, width, tail))
            except (Exception, OutOfBudget) as error:
                self._scripts.append((Verdict.ERROR, *_describe(error)))

    # --- budgets -----------------------------------------------------------------------------

    def _begin(self) -> None:
        ticks = chain.from_iterable(self._segments())
        lent = self._lent
        lent["_ticks"] = ticks
        lent["_tick"] = ticks.__next__

    def _segments(self) -> Iterator[Iterator[int]]:
        """The steps of an instance, a few hundred at a time; in between, look at what it drew."""
        left, _, primitives = self._budget
        flat, most = self._flat, primitives * self._width
        while left > 0:
            yield repeat(1, min(left, _SEGMENT))
            left -= _SEGMENT
            if len(flat) - self._base > most:
                raise OutOfBudget(Verdict.PRIMITIVES)
        raise OutOfBudget(Verdict.STEPS)

    def _make_call(self) -> Callable[..., Any]:
        lent = self._lent

        def call(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
            lent["_tick"]()
            if self._depth >= self._budget.recursion:
                raise OutOfBudget(Verdict.RECURSION)
            self._depth += 1
            try:
                return function(*args, **kwargs)
            finally:
                self._depth -= 1

        return call

    def _draw_counted(self, record: tuple[Any, ...]) -> None:
        if len(self._flat) >= self._budget.primitives * _NUMBERS:
            raise OutOfBudget(Verdict.PRIMITIVES)
        self._flat.extend(record)

    # --- evaluating --------------------------------------------------------------------------

    def evaluate(
        self,
        output: memoryview,
        which: bytes,
        columns: Sequence[Sequence[Any]],
        room: int,
        budget: Sequence[int],
        precise: bool,
    ) -> tuple[list[Any], int]:
        """Evaluate instances until all are, or there is no room for the next one.

        Args:
            output: see :class:`Layout`.
            which: the script of each instance, by its place: 32 bits each.
            columns: for each script, its parameters: the values of all its instances, in order.
            room: for how many records.
            budget: steps, frames, primitives.
            precise: look at each record when it is drawn.

        Returns:
            How many were evaluated, ``[index, type, message]`` of the first that failed, and all
            texts; and how many bytes of the output were used.
        """
        self._budget = Budget(*budget)
        self._lent |= self._checking if precise else self._quick
        if not self._kept or self._kept[0] is not output:
            self._kept = output, *self._kept[:1]  # mapped memory that will come again
        turn = Round(output, which, columns, room)
        count, scripts, index = turn.count, turn.scripts, 0
        self._flat.clear()
        self._texts.clear()
        while index < count:
            number = scripts[index]
            loaded = self._scripts[number]
            rows: Sequence[tuple[Any, ...] | None]
            if isinstance(loaded, _Loaded) and not precise and not turn.is_linked(number):
                index, rows = self._evaluate_many(turn, loaded, index)
            else:
                turn.counter[0] = index + 1
                rows = (turn.row(number),)
            for row in rows:  # those that have to be looked at alone
                turn.counter[0] = index + 1
                if not self._evaluate_one(turn, loaded, row, index, precise):
                    turn.counter[0] = count + 1
                    return [index, turn.errors, list(self._texts)], turn.size
                index += 1
        turn.counter[0] = count + 1
        return [count, turn.errors, list(self._texts)], turn.size

    def _evaluate_one(
        self, turn: Round, loaded: Any, row: tuple[Any, ...] | None, index: int, precise: bool
    ) -> bool:
        """Evaluate an instance; whether there was room for what it drew."""
        texts = self._texts
        written = len(texts)
        drawn = 0
        failure: _Failure | None = _INPUT_FAILED
        if row is not None:
            drawn, failure = (
                self._run(loaded, row, turn, precise)
                if isinstance(loaded, _Loaded)
                else (0, loaded)
            )
        if failure is not None:
            del texts[written:]
            turn.fail(index, failure)
            return True
        characters = _size(texts[written:])
        if drawn < 0 or (written and turn.characters + characters > _MOST_TEXT):
            del texts[written:]
            return False
        turn.characters += characters
        turn.succeed(index, drawn)
        return True

    def _evaluate_many(
        self, turn: Round, loaded: _Loaded, first: int
    ) -> tuple[int, Sequence[tuple[Any, ...] | None]]:
        """Evaluate instances of one script from ``first`` on, and write what they drew a few at a
        time; gives the first that is to be evaluated, and the arguments of some that have to be
        looked at alone: one has failed, or they have no room together.
        """
        flat, texts, counter = self._flat, self._texts, turn.counter
        entry, counts, begin = loaded.entry, loaded.counts, self._begin
        ends: list[int] = []
        self._width = width = loaded.width
        self._tail = loaded.tail
        most, enough = width * self._budget.primitives, width * _AT_ONCE
        number, index, stop = turn.scripts[first], first, turn.run_from(first)
        while index < stop:
            rows = turn.rows(number, min(_AT_ONCE, stop - index))
            size = drawn = 0
            before = said = len(texts)
            written = index
            for row in rows:
                index += 1
                counter[0] = index
                try:
                    if counts:
                        self._base = size
                        begin()
                    entry(*row)
                    drawn = len(flat)
                    sound = drawn - size <= most
                except KeyboardInterrupt:  # the end of the turn
                    raise
                except BaseException:
                    sound = False
                if not sound:
                    del flat[size:], texts[said:]
                    if not self._write(turn, loaded, written, ends, before):
                        return written, rows
                    return index - 1, rows[index - 1 - written :]
                ends.append(drawn)
                size = drawn
                if texts:
                    said = len(texts)
                if drawn >= enough:
                    if not self._write(turn, loaded, written, ends, before):
                        return written, rows
                    rows = rows[index - written :]
                    size, before, written = 0, said, index
                    ends.clear()
            if not self._write(turn, loaded, written, ends, before):
                return written, rows
            ends.clear()
        return index, []

    def _write(
        self, turn: Round, loaded: _Loaded, first: int, ends: list[int], before: int
    ) -> bool:
        """Write what instances drew, from ``first`` on; whether all of it could be. Then nothing of
        it is on the lists any more, and else nothing of it was written.

        Args:
            turn: where to.
            loaded: their script.
            first: the first of them.
            ends: where the numbers of each end on the list.
            before: texts that are of others.
        """
        flat, texts, width, end = self._flat, self._texts, loaded.width, turn.end
        if not ends:
            return True
        drawn = len(flat) // width
        fits = end + drawn <= turn.room
        characters = _size(texts[before:])
        if turn.characters + characters > _MOST_TEXT:
            fits = False
        if fits and drawn:
            try:
                self._pack(turn, loaded, drawn)
            except (StructError, TypeError, OverflowError):
                fits = False
        flat.clear()
        if fits:
            turn.characters += characters
            turn.succeed_all(first, [end + size // width for size in ends])
        else:
            del texts[before:]
        self._base = 0
        return fits

    def _pack(self, turn: Round, loaded: _Loaded, drawn: int) -> None:
        """Pack the list behind what there is.

        Raises:
            StructError: a number is none.
        """
        flat, width, end = self._flat, self._width, turn.end
        if drawn <= _AT_ONCE:
            _packing(width, drawn)(turn.records, end * RECORD_SIZE, *flat)
        else:
            _pack(turn.records, end, flat, width)
        if width < _NUMBERS:
            first = (end + 1) * _NUMBERS - 1
            if drawn == 1:
                turn.quads[first] = loaded.tail[-1]
            else:
                metas = array("Q", loaded.tail[-1:]) * drawn
                turn.quads[first : first + drawn * _NUMBERS : _NUMBERS] = metas

    def _run(
        self, loaded: Any, row: tuple[Any, ...], turn: Round, precise: bool
    ) -> tuple[int, _Failure | None]:
        """Evaluate one: how many records it drew (-1: there is no room), or how it failed."""
        flat = self._flat
        self._width = width = _NUMBERS if precise else loaded.width
        self._tail = loaded.tail
        self._base = 0
        if loaded.counts:
            self._begin()
        try:
            loaded.entry(*row)
            if not flat:
                return 0, None
            drawn = len(flat) // width
            if drawn > self._budget.primitives:
                raise OutOfBudget(Verdict.PRIMITIVES)
            if turn.end + drawn > turn.room:
                return -1, None
            self._pack(turn, loaded, drawn)
        except OutOfBudget as error:
            if error.verdict is Verdict.PRIMITIVES and not precise:
                return self._run_precisely(loaded, row, turn)
            return 0, (error.verdict, error.verdict.name.lower(), "", _line(error.__traceback__))
        except StructError as error:
            if not precise:
                return self._run_precisely(loaded, row, turn)
            return 0, (Verdict.ERROR, *_describe(error))
        except MemoryError as error:
            flat.clear()
            return 0, (Verdict.MEMORY, "memory", "", _line(error.__traceback__))
        except RecursionError as error:
            return 0, (Verdict.RECURSION, "recursion", "", _line(error.__traceback__))
        except KeyboardInterrupt:  # the end of the turn
            raise
        except BaseException as error:  # a script that was not checked finds SystemExit
            return 0, (Verdict.ERROR, *_describe(error))
        finally:
            flat.clear()
        return drawn, None

    def _run_precisely(
        self, loaded: Any, row: tuple[Any, ...], turn: Round
    ) -> tuple[int, _Failure | None]:
        self._flat.clear()
        self._lent |= self._checking
        try:
            return self._run(loaded, row, turn, True)
        finally:
            self._lent |= self._quick


def _size(texts: list[str]) -> int:
    return sum(map(len, texts))


def _pack(records: memoryview, place: int, flat: list[Any], width: int) -> None:
    """Pack numbers, ``width`` for each record, from the record at ``place`` on."""
    whole = _AT_ONCE * width
    pack, size = _packing(width, _AT_ONCE), _AT_ONCE * RECORD_SIZE
    count, first, offset = len(flat), 0, place * RECORD_SIZE
    while count - first >= whole:
        pack(records, offset, *flat[first : first + whole])
        first += whole
        offset += size
    if first < count:
        _packing(width, (count - first) // width)(records, offset, *flat[first:])


@cache  # made when one is needed: all of them are two megabytes of every image
def _packing(width: int, count: int) -> _Pack:
    one = "6dQ" if width == _NUMBERS else f"{width}d{RECORD_SIZE - 8 * width}x"
    return Struct("@" + one * count).pack_into


def _line(traceback: TracebackType | None) -> int:
    """The deepest line of a script, or 0."""
    line = 0
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename.startswith("<block "):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def _describe(error: BaseException) -> tuple[str, str, int]:
    """Type, message and line. Never raises: a script that was not checked has classes that lie."""
    try:
        line = _line(error.__traceback__)
        if isinstance(error, SyntaxError):
            line = error.lineno or 0
        line = line if line.__class__ is int and 0 <= line < 1 << 32 else 0
        return type(error).__name__[:100], str(error)[:_MOST_MESSAGE], line
    except Exception:
        return "Exception", "(cannot be described)", 0
