"""Files on their way between a page and the server: kept without a name, bounded, and gone when
the page is closed.
"""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from dataclasses import dataclass
from typing import BinaryIO, cast

from vishwakarma_app.errors import VishwakarmaError

__all__ = ["LARGEST_UPLOAD", "Files", "Kept"]

LARGEST_UPLOAD = 1 << 30
"""Bytes of one file, as a model on disk may have."""
_MOST_FILES = 8


@dataclass(frozen=True)
class Kept:
    """A file, with the name that the person gave it: a text to show, and never a path."""

    name: str
    content: BinaryIO


class Files:
    """The files of one page, by tokens that nobody can guess."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def new(self, name: str) -> tuple[str, Kept]:
        """An empty file. When there are too many, the oldest one goes."""
        while len(self._kept) >= _MOST_FILES:
            self.drop(next(iter(self._kept)))
        token = secrets.token_urlsafe(16)
        kept = Kept(shown_name(name), cast(BinaryIO, tempfile.TemporaryFile()))  # noqa: SIM115 - it stays
        self._kept[token] = kept
        return token, kept

    def __getitem__(self, token: str) -> Kept:
        """The file with this token.

        Raises:
            VishwakarmaError: there is none, or none any more.
        """
        try:
            return self._kept[token]
        except KeyError:
            raise VishwakarmaError("this file is not here any more; choose it again") from None

    def rename(self, token: str, name: str) -> None:
        """Call a file something else."""
        self._kept[token] = Kept(shown_name(name), self[token].content)

    def drop(self, token: str) -> None:
        """Forget a file, if it is there."""
        kept = self._kept.pop(token, None)
        if kept is not None:
            kept.content.close()

    def close(self) -> None:
        """Forget all of them."""
        for token in list(self._kept):
            with contextlib.suppress(OSError):
                self.drop(token)


def shown_name(name: str) -> str:
    """The last part of a name, in one line, at most 200 characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one if one.isprintable() else "\ufffd" for one in last)[:200] or "unnamed"
