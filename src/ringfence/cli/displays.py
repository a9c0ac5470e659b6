"""What a guest displays: as a line for people, and in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ringfence.cli.escape import escape_line
from ringfence.displays.folder import DisplayFolder
from ringfence.model import Display, KeptDisplays

__all__ = ["DisplayKeeper", "describe_display"]

_MOST = 1_000


def describe_display(
    display: Display, kept: Sequence[Path], remedy: str = "--displays FOLDER"
) -> str:
    """``image/png, 23,456 bytes; kept as plots/display-1.png``; else ``remedy`` keeps it."""
    parts = []
    for kind, content in display.data.items():
        unit = "bytes" if isinstance(content, bytes) else "characters"
        parts.append(f"{escape_line(kind, 100)}, {len(content):,} {unit}")
    where = ", ".join(map(str, kept))
    return "; ".join(parts) + (f"; kept as {where}" if kept else f"; {remedy} keeps it")


class DisplayKeeper:
    """Numbers displays, and keeps them in a folder if there is one.

    Args:
        folder: where to; None for nowhere.
        title: of the page that shows them.
        size: how many bytes the page shows; of more, the last ones.
    """

    def __init__(self, folder: DisplayFolder | None, *, title: str, size: int) -> None:
        self._folder = folder
        self._title = title
        self._size = size
        self._shown = KeptDisplays()
        self._fresh = False
        self.number = 0

    def keep(self, display: Display) -> tuple[Path, ...]:
        """Number it, and write it; gives the files.

        Raises:
            ConfigurationError: it cannot be written.
        """
        self.number += 1
        if self._folder is None:
            return ()
        self._shown = self._shown.followed_by([display], most=_MOST, size=self._size)
        self._fresh = True
        return self._folder.keep(display)

    def finish(self) -> Path | None:
        """Write the page anew, if there is anything new to show; gives its path.

        Raises:
            ConfigurationError: it cannot be written.
        """
        if self._folder is None or not self._fresh:
            return None
        self._fresh = False
        return self._folder.finish(self._shown, title=self._title, first=self._shown.dropped)

    def close(self) -> None:
        """Let go of the folder. May be called again."""
        if self._folder is not None:
            self._folder.close()
