"""Displays as files in a folder.

Names are ours, never the guest's. Each file is made beside its place and moved there, by the
folder's descriptor: no link is followed, nothing outside the folder is written, and nobody sees
half a file.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from ringfence.displays import media
from ringfence.displays.page import check_displays, check_title, displays_page
from ringfence.errors import ConfigurationError
from ringfence.model import Display, KeptDisplays
from ringfence.system.beneath import Beneath

__all__ = ["DisplayFolder", "write_displays"]

_PAGE = "index.html"


def write_displays(
    displays: Iterable[Display],
    folder: str | os.PathLike[str],
    *,
    title: str = "Displays",
) -> tuple[Path, ...]:
    """Write displays as files that can be opened without running anything of the guest's.

    Each display has a file for each media type, ``display-1.png``, ``display-1.txt``, …; last comes
    ``index.html``, which shows them all (:func:`displays_page`). An image is one only if it begins
    like one; HTML and SVG are kept as text (``display-2-html.txt``), and shown, confined, by the
    page; whatever else there is ends in ``.bin``. Text files hold what the guest wrote, as UTF-8,
    control characters included: a terminal is not the place to print them.

    Args:
        displays: of a result (``result.displays``), of a sandbox (``box.displays``), or any others.
        folder: where to; made if it is missing. Regular files of the same names are replaced.
        title: the page's title.

    Returns:
        the files, in the order of the displays, the page last.

    Raises:
        ConfigurationError: an argument is wrong, or a file cannot be written: its name is taken by
            a link or by something else that is no file.
    """
    shown = displays if isinstance(displays, KeptDisplays) else check_displays(displays)
    check_title(title)
    with DisplayFolder(folder) as target:
        written = [path for display in shown for path in target.keep(display)]
        written.append(target.finish(shown, title=title))
    return tuple(written)


class DisplayFolder:
    """Takes displays one by one, as they come. Use it in a ``with`` block, or call :meth:`close`.

    Args:
        folder: made if it is missing; its parents too.

    Raises:
        ConfigurationError: it cannot be made.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        try:
            self._path = Path(folder)
        except TypeError:
            raise ConfigurationError(f"folder={folder!r} must be a path") from None
        self._names: dict[int, list[str]] = {}
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            self._folder = Beneath(self._path)
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"cannot make the folder {str(folder)!r} for displays: {_reason(error)}"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder. May be called again."""
        self._folder.close()

    def keep(self, display: Display) -> tuple[Path, ...]:
        """Write one display, a file for each media type.

        Raises:
            ConfigurationError: it cannot be written.
        """
        number = len(self._names) + 1
        names = self._names.setdefault(number - 1, [])
        for kind, content in display.data.items():
            if media.is_what_it_says(kind, content):
                name = f"display-{number}{media.SUFFIXES[kind]}"
            else:  # of an unknown type, or not of its type: no program opens it by itself
                other = sum(name.endswith(".bin") for name in names)
                name = f"display-{number}{f'-{other + 1}' if other else ''}.bin"
            self._write(name, media.as_bytes(content))
            names.append(name)
        return tuple(self._path / name for name in names)

    def finish(
        self, displays: Iterable[Display], *, title: str = "Displays", first: int = 0
    ) -> Path:
        """Write the page that shows them all, with links to the files that were written.

        Args:
            displays: those that were given to :meth:`keep`, in the same order.
            title: the page's title.
            first: how many of those that were given are left out at the beginning.

        Raises:
            ConfigurationError: it cannot be written.
        """
        files = {number - first: names for number, names in self._names.items()}
        page = displays_page(displays, title=title, files=files)
        self._write(_PAGE, page.encode("ascii"))
        return self._path / _PAGE

    def _write(self, name: str, data: bytes) -> None:
        try:
            # To replace what somebody else put there would follow no link; but it is not ours.
            what = self._folder.why_not_file(name)
            if what is not None:
                raise FileExistsError(errno.EEXIST, f"{what} of this name is there")
            self._folder.write(name, data)
        except OSError as error:
            raise ConfigurationError(
                f"cannot write {str(self._path / name)!r}: {_reason(error)}"
            ) from None


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
