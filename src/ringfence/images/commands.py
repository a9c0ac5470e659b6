"""Running the programs of a build: their output goes to a log, their failure is an error."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from ringfence.errors import ImageNotBuilt

__all__ = ["Commands"]

_SHOWN = 15


class Commands:
    """Runs programs, and keeps what they print.

    Args:
        log: the file that their output is added to.
        environment: of every program, beside what makes this system find its own.
    """

    def __init__(self, log: Path, environment: Mapping[str, str] | None = None) -> None:
        self.log = log
        # What a builder has set for other builds (CFLAGS, MAKEFLAGS, PYTHONPATH) is not for this.
        kept = ("PATH", "HOME", "LANG", "TMPDIR", "http_proxy", "https_proxy", "SSL_CERT_FILE")
        self._environment = {name: os.environ[name] for name in kept if name in os.environ}
        self._environment |= environment or {}

    def run(
        self,
        step: str,
        command: Iterable[str | Path],
        *,
        folder: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Run a program to its end.

        Args:
            step: what it is for; for people.
            command: the program and its arguments.
            folder: where it runs.
            environment: more variables.

        Raises:
            ImageNotBuilt: it is not there, or it failed.
        """
        parts = [str(part) for part in command]
        with self.log.open("ab") as log:
            log.write(f"\n$ cd {folder}\n$ {' '.join(parts)}\n".encode())
            log.flush()
            try:
                done = subprocess.run(
                    parts,
                    cwd=folder,
                    env={**self._environment, **(environment or {})},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    check=False,
                )
            except OSError as error:
                raise ImageNotBuilt(f"{step}: {parts[0]}: {error.strerror}") from error
        if done.returncode:
            raise ImageNotBuilt(
                f"{step} failed ({Path(parts[0]).name} ended with {done.returncode}); the whole "
                f"log is {self.log}, and ends with:\n{self._last_lines()}"
            )

    def _last_lines(self) -> str:
        lines = self.log.read_text("utf-8", "replace").splitlines()[-_SHOWN:]
        return "\n".join(f"  {line}" for line in lines)
