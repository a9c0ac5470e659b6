"""A wheel that a guest may import: a file of the caller's, for ``packages=``."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ringfence.errors import ConfigurationError

__all__ = ["Package", "Wheel"]

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Wheel:
    """A pure-Python wheel, by its path: an entry of ``packages=``.

    It is read when a sandbox is made, checked file by file against its own ``RECORD``, and lent
    read-only. Nothing of it is installed, and nothing of it runs outside of a guest.

    Attributes:
        path: of the ``.whl`` file on the host. Kept absolute.
        sha256: what its bytes must hash to, in hexadecimal, as an index or a lock file names it;
            None takes the file as it is.

    Raises:
        ConfigurationError: one of them is not what it should be.
    """

    path: str | os.PathLike[str]
    sha256: str | None = None

    def __post_init__(self) -> None:
        given: Any = self.path
        text = os.fspath(given) if isinstance(given, str | os.PathLike) else None
        if type(text) is not str or "\0" in text or not text.endswith(".whl"):
            raise ConfigurationError(f"Wheel: {given!r} is not the path of a .whl file")
        object.__setattr__(self, "path", os.path.abspath(text))  # noqa: PTH100 (text is what is kept)
        wanted: Any = self.sha256
        if wanted is None:
            return
        digest = wanted.lower() if type(wanted) is str else ""
        if _SHA256.fullmatch(digest) is None:
            raise ConfigurationError(
                f"Wheel: sha256={wanted!r} is no SHA-256: 64 hexadecimal digits"
            )
        object.__setattr__(self, "sha256", digest)

    @property
    def file(self) -> str:
        """``path``, as parsed: absolute."""
        return self.path  # type: ignore[return-value]

    @property
    def file_name(self) -> str:
        """The last part of the path, which names distribution, version and tags."""
        return Path(self.file).name


Package = str | os.PathLike[str] | Wheel
"""An entry of ``packages=``: a name, a wheel, or the path of one."""
