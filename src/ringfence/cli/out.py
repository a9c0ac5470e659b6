"""``ringfence run --out``: the files that a program left, written beneath a folder.

Their names are the guest's: see :class:`ringfence.system.beneath.Beneath`.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ringfence.cli.escape import escape_line
from ringfence.errors import ConfigurationError, RingfenceError
from ringfence.model import Limits
from ringfence.sandbox import Sandbox
from ringfence.system.beneath import Beneath

__all__ = ["Kept", "OutFolder", "why_not_portable"]

# learn.microsoft.com, "Naming Files, Paths, and Namespaces": devices, with any extension.
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\..*)?",
    re.IGNORECASE | re.DOTALL,
)
_FORBIDDEN = re.compile('[<>:"|?*\\\\]')
_MOST_LINES = 20


def why_not_portable(name: str) -> str | None:
    """Why a relative path should not be written on people's disks, for people; None when it may."""
    for part in name.split("/"):
        if _DEVICE.fullmatch(part):
            return "names a device on Windows"
        if _FORBIDDEN.search(part) or part[-1] in ". ":
            return "is no name on Windows"
    return None


@dataclass
class Kept:
    """What was written, and what was not.

    Attributes:
        written: name -> bytes.
        refused: escaped name -> why it was not written.
        lost: why there was nothing to write from; empty otherwise.
    """

    written: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    lost: str = ""

    def as_json(self) -> dict[str, Any]:
        """The same, under the same names."""
        return {"written": self.written, "refused": self.refused, "lost": self.lost or None}

    def lines(self) -> Iterator[str]:
        """For people: what is not as they may expect."""
        if self.lost:
            yield self.lost
        for name, reason in itertools.islice(self.refused.items(), _MOST_LINES):
            yield f"not written: {escape_line(name)!s}: {reason}"
        if len(self.refused) > _MOST_LINES:
            yield f"not written: {len(self.refused) - _MOST_LINES:,} more; --json lists all"


class OutFolder:
    """The folder that files are written to.

    Args:
        path: an existing folder, or one to make.
        limits: those of the guest: what is written is bounded by ``disk`` and ``files``.

    Raises:
        ConfigurationError: it cannot be made, or the guest would have no files.
    """

    def __init__(self, path: str, limits: Limits) -> None:
        if not limits.disk:
            raise ConfigurationError("--out: with disk=0 the program can leave no files")
        self._path = Path(path)
        self._most = int(limits.disk)
        try:
            self._path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"--out: cannot make the folder {path!r}: {error.strerror}"
            ) from None

    def keep(self, box: Sandbox, given: Mapping[str, bytes]) -> Kept:
        """Write what is in the scratch folder of a sandbox, without what was given and is the same.

        What cannot be written is told, not raised.
        """
        kept = Kept()
        if not box.alive:
            kept.lost = "the guest has ended, and its files with it: nothing was written"
            return kept
        try:
            sizes, kept.refused = box.files.listing()
        except RingfenceError as error:
            kept.lost = f"{error}: nothing was written"
            return kept
        left = self._most
        alike: set[str] = set()
        for name in sizes:
            reason = why_not_portable(name)
            if name.casefold() in alike:
                reason = "differs from another file by case only"
            alike.add(name.casefold())
            if reason is None:
                try:
                    content = box.files[name]
                    left -= len(content)
                    if left < 0:
                        reason = f"is more than disk={self._most:,} bytes in all"
                    elif given.get(name) != content:
                        self._write(name, content)
                        kept.written[name] = len(content)
                except KeyError:
                    reason = "is not there any more"
                except RingfenceError as error:
                    reason = escape_line(getattr(error, "reason", str(error)))
                except OSError as error:
                    reason = f"cannot be written: {error.strerror}"
            if reason is not None:
                kept.refused[escape_line(name, 8_192)] = reason
        return kept

    def _write(self, name: str, content: bytes) -> None:
        with contextlib.closing(Beneath(self._path)) as folder:
            folder.write(name, content)
