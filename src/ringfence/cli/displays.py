"""What a guest displays (plots, tables), as lines for people and as files.

Names are ours, never the guest's. HTML and SVG are programs that the guest wrote: a browser that
opens such a file runs them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from ringfence.cli.escape import escape_line
from ringfence.errors import ConfigurationError
from ringfence.model import Display

__all__ = ["DisplayFolder", "describe_display"]

_SUFFIXES: Mapping[str, str] = MappingProxyType(
    {
        "text/plain": ".txt",
        "text/html": ".html",
        "text/markdown": ".md",
        "text/latex": ".tex",
        "image/png": ".png",
        "image/jpeg": ".jpg",
        "image/svg+xml": ".svg",
        "application/json": ".json",
    }
)


class DisplayFolder:
    """Keeps displays as ``display-1.png``, ``display-2.html``, …

    Args:
        path: an existing folder, or one to make.

    Raises:
        ConfigurationError: it cannot be made.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._number = 0
        try:
            self._path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"--displays: cannot make the folder {path!r}: {error.strerror}"
            ) from None

    def keep(self, display: Display) -> Sequence[Path]:
        """Write one display, a file for each media type; a file of that name is overwritten.

        Raises:
            ConfigurationError: it cannot be written.
        """
        self._number += 1
        kept: dict[Path, None] = {}
        for kind, content in display.data.items():
            path = self._path / f"display-{self._number}{_SUFFIXES.get(kind, '.bin')}"
            data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
            self._write(path, data)
            kept[path] = None
        return tuple(kept)

    def _write(self, path: Path, data: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(path, flags, 0o666), "wb") as file:
                file.write(data)
        except OSError as error:
            raise ConfigurationError(
                f"--displays: cannot write {str(path)!r}: {error.strerror}"
            ) from None


def describe_display(display: Display, kept: Sequence[Path]) -> str:
    """``image/png, 23,456 bytes; kept as plots/display-1.png``."""
    parts = []
    for kind, content in display.data.items():
        unit = "bytes" if isinstance(content, bytes) else "characters"
        parts.append(f"{escape_line(kind, 100)}, {len(content):,} {unit}")
    where = ", ".join(map(str, kept))
    return "; ".join(parts) + (f"; kept as {where}" if kept else "; --displays FOLDER keeps it")
