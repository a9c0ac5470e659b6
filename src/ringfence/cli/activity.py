"""A line on the terminal that says what takes so long: rich, and only when it takes long.

Nothing is drawn unless standard error is a terminal, and nothing in the first second; only after it
is rich imported. The line is taken away before anything else is written, so that the two never mix.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ringfence.cli.escape import escape_line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["Activity"]

PATIENCE = 1.0
"""Seconds before the line is drawn for the first time."""

_SILENCE = 0.25  # seconds without output before it is drawn again


class Activity:
    """Use it in a ``with`` block. Its methods may be called from one thread.

    Args:
        text: what is being done.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._fraction: float | None = None
        self._drawn: tuple[Progress, TaskID] | None = None
        self._begun = self._quiet_since = time.monotonic()
        self._changed = threading.Condition()
        self._ended = not sys.stderr.isatty() or os.environ.get("TERM") == "dumb"
        self._may_draw = True
        self._drawer: threading.Thread | None = None

    def __enter__(self) -> Self:
        if not self._ended:
            self._drawer = threading.Thread(target=self._draw, name="activity", daemon=True)
            self._drawer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        with self._changed:
            self._ended = True
            self._erase()
            self._changed.notify_all()
        if self._drawer is not None:
            self._drawer.join()

    def say(self, text: str, fraction: float | None = None) -> None:
        """What is being done now, and how much of it is done, from 0 to 1."""
        with self._changed:
            self._text, self._fraction = text, fraction
            if self._drawn is not None:
                self._update(*self._drawn)

    def make_room(self, at_line_start: bool) -> None:
        """Something was or will be written to the terminal: take the line away for a while.

        Args:
            at_line_start: whether what is written ends in a line end; if not, the line stays away.
        """
        with self._changed:
            self._may_draw = at_line_start
            self._quiet_since = time.monotonic()
            self._erase()

    def _draw(self) -> None:
        with self._changed:
            while not self._ended:
                due = max(self._begun + PATIENCE, self._quiet_since + _SILENCE) - time.monotonic()
                if self._drawn is None and self._may_draw and due <= 0:
                    self._start()
                self._changed.wait(due if due > 0 else _SILENCE)

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        task = progress.add_task("", start=False)
        self._drawn = progress, task
        self._update(progress, task)
        progress.start_task(task)
        progress.tasks[0].start_time = progress.get_time() - (time.monotonic() - self._begun)
        progress.start()

    def _update(self, progress: Progress, task: TaskID) -> None:
        total = None if self._fraction is None else 1.0
        description = escape_line(self._text, 60)
        progress.update(task, description=description, total=total, completed=self._fraction or 0.0)

    def _erase(self) -> None:
        if self._drawn is not None:
            self._drawn[0].stop()
            self._drawn = None
