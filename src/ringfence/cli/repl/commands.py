"""The commands that begin with ``%``: about the session, not for the guest."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from ringfence.cli.displays import DisplayKeeper
from ringfence.cli.escape import escape, escape_line
from ringfence.cli.repl.lines import Command
from ringfence.cli.repl.session import Session
from ringfence.displays.folder import DisplayFolder
from ringfence.errors import ConfigurationError
from ringfence.model.limits import LIMIT_NAMES
from ringfence.system.opening import FLAGS

__all__ = ["NAMES", "Commands", "Leave"]

_MOST_LINES = 1_000
_PAGE_TITLE = "Displays"


class Leave(Exception):
    """``%quit``."""


class _Entry(NamedTuple):
    usage: str
    help: str


_ENTRIES: Mapping[str, _Entry] = {
    "help": _Entry("%help", "this list"),
    "vars": _Entry("%vars", "the variables: name, type, bytes, what they look like"),
    "files": _Entry(
        "%files [get NAME PATH | put PATH [NAME] | rm NAME]",
        "the guest's working folder: list it, copy a file out or in, remove one",
    ),
    "save": _Entry(
        "%save FILE [--key KEYFILE]",
        "save the variables, sealed with this user's key or with what is in KEYFILE",
    ),
    "restore": _Entry(
        "%restore FILE [--key KEYFILE]",
        "a fresh guest with the variables of a save, instead of this one",
    ),
    "displays": _Entry(
        "%displays FOLDER", "keep what was displayed and what will be, as files and as a page"
    ),
    "limits": _Entry("%limits", "what bounds the guest, and what enforces it"),
    "reset": _Entry("%reset", "a fresh guest: no variables, the files as they were given"),
    "quit": _Entry("%quit", "leave; so does Ctrl-D"),
}

NAMES = tuple(_ENTRIES)
"""Of all commands, without ``%``."""


class Commands:
    """Carries commands out.

    Args:
        session: whose.
        keeper: where displays go at first.
    """

    def __init__(self, session: Session, keeper: DisplayKeeper) -> None:
        self._session = session
        self.keeper = keeper
        self._does: Mapping[str, Callable[[tuple[str, ...]], None]] = {
            "help": self._help,
            "vars": self._vars,
            "files": self._files,
            "save": self._save,
            "restore": self._restore,
            "displays": self._displays,
            "limits": self._limits,
            "reset": self._reset,
            "quit": self._quit,
        }

    def run(self, command: Command) -> None:
        """Do it.

        Raises:
            Leave: it was ``%quit``.
            ConfigurationError: there is no such command, or its words are wrong.
            RingfenceError: it cannot be done.
        """
        does = self._does.get(command.name)
        if does is None:
            raise ConfigurationError(
                f"there is no command %{escape_line(command.name)}; %help lists them"
            )
        does(command.words)

    # --- about the session -----------------------------------------------------------------

    def _help(self, words: tuple[str, ...]) -> None:
        _expect("help", not words)
        for entry in _ENTRIES.values():
            _say(f"{entry.usage}\n    {entry.help}")

    def _quit(self, words: tuple[str, ...]) -> None:
        _expect("quit", not words)
        raise Leave

    def _reset(self, words: tuple[str, ...]) -> None:
        _expect("reset", not words)
        self._session.reset()
        _say("a fresh guest")

    def _limits(self, words: tuple[str, ...]) -> None:
        _expect("limits", not words)
        box = self._session.box
        for name in LIMIT_NAMES:
            value = getattr(box.limits, name)
            if value is not None:
                figure = f"{value:g} s" if isinstance(value, float) else f"{value:,}"
                _say(f"{name:<10} {figure:>12}  {box.enforced.get(name, 'the engine')}")

    def _vars(self, words: tuple[str, ...]) -> None:
        _expect("vars", not words)
        variables = self._session.box.variables()
        for number, variable in enumerate(variables.values()):
            if number == _MOST_LINES:
                _say(f"… and {len(variables) - number:,} more")
                break
            size = "" if variable.size is None else f"{variable.size:,}"
            name, kind = escape_line(variable.name), escape_line(variable.type)
            _say(f"{name:<15} {kind:<12} {size:>10}  {escape_line(variable.summary)}")

    def _displays(self, words: tuple[str, ...]) -> None:
        _expect("displays", len(words) == 1)
        box = self._session.box
        keeper = DisplayKeeper(
            DisplayFolder(words[0]), title=_PAGE_TITLE, size=int(box.limits.display)
        )
        for display in box.displays:
            keeper.keep(display)
        page = keeper.finish()
        self.keeper.close()
        self.keeper = keeper
        if page is not None:
            _say(f"{page} shows {keeper.number:,}")

    # --- states ------------------------------------------------------------------------------

    def _save(self, words: tuple[str, ...]) -> None:
        path, key = _state_words("save", words)
        _tell(self._session.save(key, lambda data: _write(path, data)), f"saved {path}: ")

    def _restore(self, words: tuple[str, ...]) -> None:
        path, key = _state_words("restore", words)
        _tell(self._session.restore(_read(path), key), "restored in a fresh guest: ")

    # --- files -------------------------------------------------------------------------------

    def _files(self, words: tuple[str, ...]) -> None:
        files = self._session.box.files
        try:
            match words:
                case ():
                    sizes, refused = files.listing()
                    for name, size in sizes.items():
                        _say(f"{size:>12,}  {escape_line(name, 8_192)}")
                    for name, reason in refused.items():
                        _say(f"{'-':>12}  {escape_line(name, 8_192)}: {reason}")
                case ("get", name, path):
                    content = files[name]
                    _say(f"{_write(path, content)}: {len(content):,} bytes")
                case ("put", path, *rest) if len(rest) <= 1:
                    name = rest[0] if rest else Path(path).name
                    content = _read(path)
                    files[name] = content
                    _say(f"{name}: {len(content):,} bytes")
                case ("rm", name):
                    del files[name]
                case _:
                    _expect("files", False)
        except KeyError as error:
            raise ConfigurationError(
                f"the guest has no file {error.args[0]!r}; %files lists them"
            ) from None


def _expect(name: str, fits: bool) -> None:
    if not fits:
        raise ConfigurationError(f"write {_ENTRIES[name].usage}")


def _state_words(name: str, words: tuple[str, ...]) -> tuple[str, bytes | None]:
    match words:
        case (path,):
            return path, None
        case (path, "--key", key) | ("--key", key, path):
            return path, _read(key)
        case _:
            _expect(name, False)
            raise AssertionError  # the line before has raised


def _say(line: str) -> None:
    sys.stdout.write(escape(line) + "\n")


def _tell(lines: tuple[str, ...], before: str) -> None:
    for number, line in enumerate(lines):
        _say(escape_line(line if number else before + line, 8_192))


# --- the host's files, named by the person ------------------------------------------------------


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"cannot read {path!r}: {_reason(error)}") from None


def _write(path: str, data: bytes) -> Path:
    """A whole file or none; nobody else may read it."""
    target = Path(path)
    draft = target.with_name(f".{secrets.token_hex(8)}")
    try:
        if target.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | FLAGS, 0o600)
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(data)
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"cannot write {path!r}: {_reason(error)}") from None
    return target


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
