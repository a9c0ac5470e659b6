"""What the options of ``ringfence run`` ask for, as the arguments of a sandbox."""

from __future__ import annotations

import io
import os
import sys
import tokenize
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ringfence.errors import ConfigurationError
from ringfence.model import Limits, Policy
from ringfence.model.limits import LIMIT_NAMES

__all__ = [
    "Source",
    "limits_from",
    "option_of",
    "policy_from",
    "read_files",
    "read_source",
    "stdin_for",
]

_OPTIONS: Mapping[str, str] = {
    "wall": "--timeout",
    "host_wall": "--timeout",
    "cpu": "--cpu",
    "memory": "--memory",
    "threads": "--threads",
    "disk": "--disk",
}
_SIZES = frozenset({"output", "display", "value", "memory", "disk"})
_TIMES = frozenset({"wall", "host_wall", "cpu"})


def option_of(limit: str) -> str:
    """The option that sets a limit: ``--memory``, ``--limit output=…``."""
    return _OPTIONS.get(limit, f"--limit {limit}=…")


@dataclass(frozen=True)
class Source:
    """A guest's program.

    Attributes:
        code: its text.
        name: what tracebacks call it; never a path of the host.
    """

    code: str
    name: str


def read_source(file: str | None, code: str | None) -> Source:
    """The program: a file's, standard input's (``-``), or the one on the command line.

    Raises:
        ConfigurationError: none or two were given, or the file cannot be read.
    """
    if (file is None) == (code is None):
        raise ConfigurationError("name one program: a FILE, - for standard input, or -c CODE")
    if code is not None:
        return Source(code, "<string>")
    assert file is not None
    if file == "-":
        return Source(_decode(sys.stdin.buffer.read(), "standard input"), "<stdin>")
    return Source(_decode(_read(file, "FILE"), file), Path(file).name)


def _read(path: str, what: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigurationError(f"{what}: cannot read {path!r}: {reason}") from None


def _decode(data: bytes, what: str) -> str:
    """Source text in the encoding that its first lines declare (PEP 263)."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return io.TextIOWrapper(io.BytesIO(data), encoding).read()
    except (SyntaxError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{what} is not Python source: {error}") from None


@dataclass
class _Chosen:
    values: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, value: Any) -> None:
        if value is not None:
            self.values[name] = value


def limits_from(
    *,
    memory: str | None = None,
    timeout: float | None = None,
    cpu: float | None = None,
    threads: int | None = None,
    disk: str | None = None,
    others: Sequence[str] = (),
) -> Limits:
    """The limits; what is not given has its default.

    Args:
        memory: a size.
        timeout: seconds, for ``wall`` and ``host_wall``.
        cpu: seconds.
        threads: how many.
        disk: a size.
        others: ``NAME=VALUE``, for any limit.

    Raises:
        ConfigurationError: a value is not what it should be.
    """
    chosen = _Chosen()
    chosen.add("memory", memory)
    chosen.add("wall", timeout)
    chosen.add("host_wall", timeout)
    chosen.add("cpu", cpu)
    chosen.add("threads", threads)
    chosen.add("disk", disk)
    for text in others:
        chosen.add(*_named_limit(text))
    try:
        return Limits(**chosen.values)
    except ConfigurationError as error:
        name = str(error).partition("=")[0]
        if name in _OPTIONS and name in chosen.values:
            raise ConfigurationError(f"{option_of(name)}: {error}") from None
        raise


def _named_limit(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or name not in LIMIT_NAMES:
        raise ConfigurationError(
            f"--limit {text!r}: write NAME=VALUE, where NAME is one of {', '.join(LIMIT_NAMES)}"
        )
    if name in _SIZES:
        return name, value
    try:
        return name, float(value) if name in _TIMES else int(value)
    except ValueError:
        kind = "a number of seconds" if name in _TIMES else "a whole number"
        raise ConfigurationError(f"--limit {name}: {value!r} is not {kind}") from None


def policy_from(*, read: Sequence[str] = (), walls: Sequence[str] = ()) -> Policy:
    """The policy: ``read`` are paths, ``walls`` are sets written ``landlock+seccomp``.

    Raises:
        ConfigurationError: a path does not exist, a wall is unknown.
    """
    chosen: dict[str, Any] = {}
    if read:
        chosen["read"] = [os.path.abspath(path) for path in read]  # noqa: PTH100 - keeps links
    if walls:
        chosen["walls"] = [_wall_set(text) for text in walls]
    return Policy(**chosen)


def _wall_set(text: str) -> frozenset[str]:
    return frozenset(filter(None, text.replace(",", "+").split("+")))


def read_files(entries: Sequence[str]) -> dict[str, bytes]:
    """Copies for the guest's scratch folder: ``PATH`` or ``NAME=PATH`` -> name and content.

    Raises:
        ConfigurationError: a file cannot be read.
    """
    files: dict[str, bytes] = {}
    for entry in entries:
        name, sign, path = entry.partition("=")
        if not sign:
            name, path = Path(entry).name, entry
        if name in files:
            raise ConfigurationError(f"--file: two files would be called {name!r}")
        files[name] = _read(path, "--file")
    return files


def stdin_for(limits: Limits) -> str | Callable[[], str]:
    """This command's standard input for the guest: line by line from a terminal, else in one piece.

    Raises:
        ConfigurationError: it is not text, or more than ``limits.value``.
    """
    if sys.stdin.isatty():
        return sys.stdin.readline
    most = int(limits.value)
    data = sys.stdin.buffer.read(most + 1)
    if len(data) > most:
        raise ConfigurationError(
            f"--stdin: standard input has more than value={most:,} bytes; raise it with "
            f"{option_of('value')}"
        )
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"--stdin: standard input is not UTF-8 text: {error}") from None
