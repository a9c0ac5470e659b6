"""Secrets that a configuration refers to: looked up when a server starts, and kept nowhere."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from ringfence.errors import ConfigurationError

__all__ = ["references", "resolved"]

_REFERENCE = re.compile(
    r"\$\{(?:env:(?P<env>[^}]*)|file:(?P<file>[^}]*)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"(?::-(?P<default>[^}]*))?)\}"
)
_LARGEST = 64 << 10


def references(text: str) -> list[str]:
    """The references in ``text``, as they are written."""
    return [found.group() for found in _REFERENCE.finditer(text)]


def resolved(text: str, environment: Mapping[str, str], folder: Path) -> str:
    """``text`` with what its references lead to; what is put in is not looked at again.

    ``${env:NAME}``, ``${NAME}`` and ``${NAME:-default}`` are of the environment, ``${file:PATH}``
    is a file's text without the line's end; its path is relative to ``folder``.

    Raises:
        ConfigurationError: a reference leads nowhere. It names the reference, never a value.
    """

    def value(found: re.Match[str]) -> str:
        name = found["env"] if found["env"] is not None else found["name"]
        if found["file"] is not None:
            return _text_of(found["file"], folder)
        given = environment.get(name)
        if found["default"] is not None:
            return given or found["default"]
        if given is None:
            raise ConfigurationError(f"the environment has no {name}, which ${{{name}}} refers to")
        return given

    done = _REFERENCE.sub(value, text)
    if "\0" in done:
        raise ConfigurationError("a zero byte, which no program and no header can be given")
    return done


def _text_of(path: str, folder: Path) -> str:
    written = f"${{file:{path}}}"
    try:
        place = folder / Path(path).expanduser()
        fd = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
                raise ConfigurationError(f"{written} is no file of at most {_LARGEST} bytes")
            text = os.read(fd, _LARGEST)
        finally:
            os.close(fd)
        return text.decode().rstrip("\r\n")
    except (OSError, RuntimeError, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, ConfigurationError):
            raise
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigurationError(f"{written} cannot be read: {why}") from None
