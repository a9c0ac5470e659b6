"""A Windows of the tests' own: Wine, and the CPython that was compiled for it (``make windows``).

    with require() as windows:
        done = windows.run(["-m", "pytest", "tests/windows"])

Its disk C and its registry are a copy in a temporary folder, its processes are seen by no other
Wine, and end with the block. Only ``%LOCALAPPDATA%\\ringfence`` is kept from one time to the next,
in the user's cache: what is built there takes minutes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path, PureWindowsPath
from types import TracebackType
from typing import IO, Self

import pytest

from ringfence.errors import RingfenceError
from ringfence.images.cache import ImageCache
from scripts.windows_python.build import Made, find
from scripts.windows_python.wine import Prefix, windows_path

__all__ = ["ROOT", "Windows", "found", "require", "why_not"]

ROOT = Path(__file__).resolve().parents[2]

_PATIENCE = 300.0


def found() -> Windows | None:
    """The one that was made for these sources, to be used in a ``with`` block."""
    made = _made()
    return made if isinstance(made, Windows) else None


def why_not() -> str | None:
    """Why there is none; None where there is one."""
    made = _made()
    return None if isinstance(made, Windows) else made


def require() -> Windows:
    """The same; skips the test where there is none, or fails it where there has to be one."""
    made = _made()
    if isinstance(made, Windows):
        return made
    if os.environ.get("RINGFENCE_REQUIRE_WINDOWS"):
        pytest.fail(f"Windows: {made}")
    pytest.skip(f"Windows: {made}")


def _made() -> Windows | str:
    try:
        cache = ImageCache()
        made = find(cache)
        if made is not None:
            local = cache.make_private("windows", "local") / "ringfence"
            local.mkdir(exist_ok=True)
            return Windows(made, local)
    except RingfenceError as error:
        return str(error)
    return "it was not made: make windows"


class Windows:
    """A Windows. Use it in a ``with`` block.

    Args:
        made: what it consists of.
        local: the folder that is kept.
    """

    def __init__(self, made: Made, local: Path) -> None:
        self._made = made
        self._local = local
        self._stack = ExitStack()
        self._prefix: Prefix | None = None

    def __enter__(self) -> Self:
        with self._stack as stack:
            folder = Path(tempfile.mkdtemp(prefix="ringfence-windows-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            self._prefix = Prefix.copied(self._made.wine, folder / "prefix")
            for place in self.disk.glob("users/*/AppData/Local"):
                (place / "ringfence").symlink_to(self._local)
            stack.enter_context(self._prefix.running())
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._stack.close()  # ends every process
        self._prefix = None

    # --- paths -----------------------------------------------------------------------------

    @property
    def python(self) -> str:
        """The interpreter, as it is called on Windows."""
        return windows_path(self._program)

    @property
    def _program(self) -> Path:
        return self._made.python / "python.exe"

    @property
    def disk(self) -> Path:
        """Where its disk C is."""
        return self._own.folder / "drive_c"

    @staticmethod
    def path(here: Path) -> str:
        """What a path of this machine is called on Windows."""
        return windows_path(here)

    def here(self, there: str) -> Path:
        """Where an absolute path of Windows is on this machine. Names are taken as they are."""
        path = PureWindowsPath(there)
        homes = {"c:": self.disk, "z:": Path("/")}
        return homes[path.drive.lower()].joinpath(*path.parts[1:])

    # --- programs --------------------------------------------------------------------------

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Of a program: what Wine needs, where these sources are, and what else it is told."""
        own = {
            "PYTHONPATH": ";".join(windows_path(path) for path in (ROOT / "src", ROOT)),
            "PYTHONIOENCODING": "utf-8",  # of what is read here
        }
        return self._own.environment({**own, **(more or {})})

    def start(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | IO[bytes] = subprocess.PIPE,
        stderr: int | IO[bytes] = subprocess.PIPE,
    ) -> subprocess.Popen[bytes]:
        """Start the interpreter.

        Args:
            arguments: its own.
            environment: more variables.
            cwd: the folder that it works in; by default these sources'.
            stdin: what it reads.
            stdout: what it writes to.
            stderr: what it writes its errors to.
        """
        return subprocess.Popen(
            self._own.command(self._program, arguments),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env=self.environment(environment),
            cwd=cwd or ROOT,
        )

    def run(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = _PATIENCE,
    ) -> subprocess.CompletedProcess[str]:
        """Run the interpreter to its end. Of its exit code only the lowest byte is seen here.

        Args:
            arguments: its own.
            environment: more variables.
            cwd: the folder that it works in; by default these sources'.
            timeout: seconds, after which it is ended.

        Raises:
            subprocess.TimeoutExpired: it was ended; says what it had written.
        """
        # Files: a pipe would stay open as long as any process that it started runs.
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            program = self.start(
                arguments, environment=environment, cwd=cwd, stdout=output, stderr=errors
            )
            try:
                program.wait(timeout)
            except subprocess.TimeoutExpired as error:
                error.stdout, error.stderr = _text(output).encode(), _text(errors).encode()
                raise
            finally:
                program.kill()
                program.wait()
            return subprocess.CompletedProcess(
                arguments, program.returncode, _text(output), _text(errors)
            )

    @property
    def _own(self) -> Prefix:
        if self._prefix is None:
            raise RuntimeError("use it in a with block")
        return self._prefix


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace").replace("\r\n", "\n")
