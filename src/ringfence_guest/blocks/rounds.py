"""A round: instances, the memory that they are written to, and what came of them so far."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import islice
from struct import Struct
from typing import Any

from ringfence_guest.protocol.geometry import RECORD_SIZE, Kind, Layout

__all__ = ["Round"]

_RECORD = Struct("<6dII")
_TEXT = int(Kind.TEXT)
_MOST_ERRORS = 1_000
_STRING = 4  # of the doubles of a text


class Round:
    """Where things are written, and the arguments of instances.

    Args:
        output: see :class:`Layout`.
        which: the script of each instance, by its place: 32 bits each.
        columns: for each script, its parameters: the values of all its instances, in order.
        room: for how many records.

    Attributes:
        count: how many instances there are.
        room: for how many records.
        scripts: the script of each.
        counter: its first item is one more than the place of the instance that runs.
        records: bytes.
        quads: the same, as whole numbers.
        end: how many records there are.
        characters: how many the texts have.
        errors: index, type and message of those that failed.
    """

    def __init__(
        self, output: memoryview, which: bytes, columns: Sequence[Sequence[Any]], room: int
    ) -> None:
        self.scripts = memoryview(which).cast("I")
        layout = Layout(len(self.scripts), room)
        self._layout = layout
        self.count, self.room = layout.count, room
        self.counter = output[:8].cast("Q")
        self._verdicts = output[layout.verdicts : layout.verdicts + layout.count]
        self._lines = output[layout.lines : layout.lines + 4 * layout.count].cast("I")
        self._ends = output[layout.ends : layout.ends + 8 * layout.count].cast("Q")
        self.records = output[layout.records :]
        self.quads = self.records.cast("Q")
        self.end = self.characters = 0
        self.errors: list[list[Any]] = []
        self._alone = len(columns) == 1
        self._linked = [any(_is_geometry(column) for column in one) for one in columns]
        self._rows = [_rows(one, self.scripts, number) for number, one in enumerate(columns)]

    @property
    def size(self) -> int:
        """Bytes that were written to."""
        return self._layout.records + self.end * RECORD_SIZE

    def run_from(self, index: int) -> int:
        """One more than the last of consecutive instances of one script."""
        scripts, stop = self.scripts, index + 1
        if self._alone:
            return self.count
        while stop < self.count and scripts[stop] == scripts[index]:
            stop += 1
        return stop

    def rows(self, number: int, count: int) -> list[tuple[Any, ...]]:
        """The arguments of the next instances of a script that has no others as inputs."""
        return list(islice(self._rows[number], count))

    def row(self, number: int) -> tuple[Any, ...] | None:
        """The arguments of the next instance of a script; None if an input of it has failed."""
        row = next(self._rows[number])
        if not self._linked[number]:
            return row
        found = tuple([self._geometry(one) if one.__class__ is _Link else one for one in row])
        return None if None in found else found

    def is_linked(self, number: int) -> bool:
        """Whether instances of a script may have others as inputs."""
        return self._linked[number]

    def _geometry(self, link: _Link) -> tuple[Any, ...] | None:
        """What another instance of this round has drawn, as a script sees it."""
        place = link.place
        if self._verdicts[place] != 1:
            return None
        begin = self._ends[place - 1] if place else 0
        data = self.records[begin * RECORD_SIZE : self._ends[place] * RECORD_SIZE]
        found, texts = [], 0
        for a, b, c, d, e, f, kind, color in _RECORD.iter_unpack(data):
            if kind == _TEXT:  # the place among its own
                e = float(texts)  # noqa: PLW2901
                texts += 1
            found.append((kind, color, a, b, c, d, e, f))
        return tuple(found)

    def succeed(self, index: int, drawn: int) -> None:
        """Note that an instance has drawn so many records, which are written."""
        self.end += drawn
        self._verdicts[index] = 1
        self._ends[index] = self.end

    def succeed_all(self, index: int, ends: Sequence[int]) -> None:
        """The same of several, given where the records of each end."""
        stop = index + len(ends)
        self._verdicts[index:stop] = b"\1" * len(ends)
        self._ends[index:stop] = array("Q", ends)
        self.end = ends[-1]

    def fail(self, index: int, failure: tuple[Any, str, str, int]) -> None:
        """Note how an instance has failed: verdict, type, message, line."""
        verdict, kind, message, line = failure
        self._verdicts[index], self._lines[index] = verdict, line
        self._ends[index] = self.end
        if len(self.errors) < _MOST_ERRORS:
            self.errors.append([index, kind, message])


class _Link:
    """Stands for what another instance of the round draws."""

    __slots__ = ("place",)

    def __init__(self, place: int) -> None:
        self.place = place


def _rows(columns: Sequence[Any], scripts: Sequence[int], number: int) -> Iterator[tuple[Any, ...]]:
    """The arguments of the instances of one script."""
    if not columns:
        return iter([()] * sum(1 for script in scripts if script == number))
    return zip(*map(_items, columns), strict=True)


def _is_geometry(column: Any) -> bool:
    return column.__class__ is tuple and column[0] == "g"


def _items(column: Any) -> Any:
    """The items of a column: numbers as ``(kind, bytes)``; geometry as ``("g", items)``, where a
    number is the place of the instance that has it; or a list.
    """
    if column.__class__ is not tuple:
        return column
    kind, data = column
    if kind == "g":
        return [_Link(one) if one.__class__ is int else one for one in data]
    return array(kind, data)
