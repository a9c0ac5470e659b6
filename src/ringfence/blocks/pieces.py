"""The memory of rounds: two pieces, so that one is checked while the other is filled."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ringfence.blocks.collecting import Told, collect
from ringfence.blocks.port import Chunk
from ringfence.runtime.arena import Arena
from ringfence_guest.protocol.geometry import Layout

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Checked", "Piece", "Pieces"]


class Checked:
    """A chunk and the places of what is not sound in it, now or soon.

    Attributes:
        size: how many instances it has.
    """

    def __init__(self, size: int, future: Future[tuple[Chunk, np.ndarray[Any, Any]]]) -> None:
        self.size, self._future = size, future

    @classmethod
    def of(cls, chunk: Chunk, unsound: Any = ()) -> Checked:
        """One that is there."""
        future: Future[tuple[Chunk, np.ndarray[Any, Any]]] = Future()
        future.set_result((chunk, unsound))
        return cls(len(chunk.verdicts), future)

    def result(self) -> tuple[Chunk, np.ndarray[Any, Any]]:
        """Wait for it."""
        return self._future.result()


class Piece:
    """One arena, lent to one guest, and the check of what was last written to it."""

    def __init__(self, arena: Arena, threads: Pieces) -> None:
        self.arena = arena
        self._threads = threads
        self._checked: Checked | None = None

    def wait(self) -> None:
        """Until nobody looks at it any more."""
        if self._checked is not None:
            self._checked.result()
            self._checked = None

    def check(
        self, data: memoryview, layout: Layout, told: Told | None, *, at: int = 0, now: bool
    ) -> Checked:
        """Copy and check what was written; on another thread unless it is wanted ``now``."""
        if now or told is None:
            return Checked.of(*collect(data, layout, told, at))
        future = self._threads.pool().submit(collect, data, layout, told, told.done)
        self._checked = Checked(told.done, future)
        return self._checked


class Pieces:
    """Two pieces, by turns."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._pool: ThreadPoolExecutor | None = None

    def pool(self) -> ThreadPoolExecutor:
        """The thread that checks."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="ringfence-blocks")
        return self._pool

    def next(self, layout: Layout) -> Piece:
        """A piece that nobody looks at, of the size of a layout at least, with its first parts
        zero.
        """
        piece = self._pieces.pop(0) if len(self._pieces) > 1 else None
        if piece is not None:
            piece.wait()
        if piece is None or len(piece.arena) < layout.size:
            piece = Piece(Arena.of(layout.size, guest_writes=True), self)
        self._pieces.append(piece)
        piece.arena[: layout.records] = bytes(layout.records)
        return piece

    def renew(self) -> None:
        """Forget them: they were lent to a guest that has ended."""
        for piece in self._pieces:
            piece.wait()
        self._pieces.clear()

    def close(self) -> None:
        """Forget them, and end the thread."""
        self.renew()
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
