"""The servers that were configured: the project's ``.mcp.json`` and the user's own file, merged."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ringfence.errors import ConfigurationError
from ringfence.mcp.broker.names import SERVER_NAME_RULE, is_server_name
from ringfence.mcp.broker.selves import MARK_HEADER, starts_ringfence
from ringfence.mcp.guest.identifiers import identifier

__all__ = [
    "PROJECT_FILE",
    "Configuration",
    "ServerEntry",
    "read_configuration",
    "user_configuration_file",
]

PROJECT_FILE = ".mcp.json"
_LARGEST = 1 << 20
_MOST_SERVERS = 200
_MOST_ARGS = 1_000
_LONGEST = 32 << 10
_HTTP_TYPES = frozenset({"http", "streamable-http", "streamable_http", "streamableHttp"})

Origin = Literal["user", "project"]


@dataclass(frozen=True)
class ServerEntry:
    """One server of a configuration. What is secret in it is never shown: repr leaves it out.

    Attributes:
        name: what it is called, see :data:`ringfence.mcp.broker.names.SERVER_NAME_RULE`.
        transport: ``stdio`` for a program that is started, ``http`` for an address.
        origin: the user's file, or the project's: that one runs only what the user approved.
        source: the file.
        command: the program; empty over http.
        args: its arguments.
        env: what it gets besides the few variables that every server gets. Texts here and in all
            the others may refer to secrets (``${env:NAME}``, ``${file:PATH}``, ``${NAME}``,
            ``${NAME:-default}``), which are looked up when the server starts, and kept nowhere.
        url: over http, where it is.
        headers: over http, what is sent with each request.
        cwd: the folder it starts in. If the entry does not say, that of its file: no program of a
            user's server is looked for in a project.
        fingerprint: a hash of exactly what would be started: name, command, arguments, folder, the
            environment or the headers as they are written, and the folder of the file, which its
            references to files begin in.
    """

    name: str
    transport: Literal["stdio", "http"]
    origin: Origin
    source: Path
    command: str = ""
    args: tuple[str, ...] = field(default=(), repr=False)
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    url: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: str = ""
    fingerprint: str = field(init=False)

    def __post_init__(self) -> None:
        exact = [
            self.name,
            self.transport,
            self.command,
            list(self.args),
            sorted(self.env.items()),
            self.url,
            sorted(self.headers.items()),
            self.cwd,
            str(self.source.parent),
        ]
        text = json.dumps(exact, ensure_ascii=True, separators=(",", ":"))
        object.__setattr__(self, "fingerprint", hashlib.sha256(text.encode()).hexdigest())


@dataclass(frozen=True)
class Configuration:
    """What was read.

    Attributes:
        servers: by the order of the files, the user's first.
        warnings: what was left out, and why; a line each.
    """

    servers: tuple[ServerEntry, ...] = ()
    warnings: tuple[str, ...] = ()


def user_configuration_file() -> Path:
    """Where this user's servers are: ``$XDG_CONFIG_HOME/ringfence/mcp.json``, or ``~/.config``.

    Raises:
        ConfigurationError: nobody knows where this user's files belong.
    """
    folder = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    if folder.is_absolute():  # the specification: others are ignored
        return folder / "ringfence" / "mcp.json"
    try:
        return Path.home() / ".config" / "ringfence" / "mcp.json"
    except RuntimeError:
        raise ConfigurationError(
            "this user has no home folder with a configuration; set XDG_CONFIG_HOME"
        ) from None


def read_configuration(project: Path | None, user: Path | None) -> Configuration:
    """Read the servers of both files. Nothing is started, and no secret is looked up.

    An entry that cannot be used is left out with a warning; a file that is not there has none.

    Args:
        project: a ``.mcp.json``: ``{"mcpServers": {name: {"command", "args", "env", "cwd"}}}``,
            or ``{"type": "http", "url", "headers"}``.
        user: the same form, or TOML with ``[servers.NAME]``, where its name ends in ``.toml``.

    Raises:
        ConfigurationError: a file cannot be read, is not of this form, is the user's and others can
            write it, or the project's has another server under the name of one of the user's, or
            under one that guests would import as the same module. Names of the user's that are
            disabled or left out are the user's all the same.
    """
    warnings: list[str] = []
    own = _entries(user, "user", warnings) if user is not None else {}
    theirs = _entries(project, "project", warnings) if project is not None else {}
    modules = {_module(name): name for name in own}
    for name, other in list(theirs.items()):
        like = name if name in own else modules.get(_module(name))
        if like is None or other is None:
            continue
        ours = own[like]
        if ours is None:
            warnings.append(
                f"{other.source}: server {name} is left out: {like} is the name of one of yours "
                "that is disabled or cannot be used"
            )
        elif like != name or _what_starts(ours) != _what_starts(other):
            raise ConfigurationError(
                f"server {like!r} is in {ours.source} and, as something else, in {other.source}: a "
                f"project cannot replace a server of yours{'' if like == name else _likeness(name)}"
                "; rename one of the two"
            )
        del theirs[name]
    servers = [one for one in (*own.values(), *theirs.values()) if one is not None]
    return Configuration(tuple(servers), tuple(warnings))


def _module(name: str) -> str:
    """What guests import a server as, where case makes no difference."""
    return identifier(name, "server").casefold()


def _likeness(name: str) -> str:
    return f", and guests would import {name!r} as the same module"


def _what_starts(entry: ServerEntry) -> tuple[object, ...]:
    return (
        entry.transport,
        entry.command,
        entry.args,
        dict(entry.env),
        entry.url,
        dict(entry.headers),
    )


def _entries(path: Path, origin: Origin, warnings: list[str]) -> dict[str, ServerEntry | None]:
    """The servers of a file by their names; None for one that is disabled or cannot be used."""
    path = path.absolute()
    found = _read(path, origin)
    if found is None:
        return {}
    servers = found.get("mcpServers", found.get("servers", {}))
    if not isinstance(servers, dict) or len(servers) > _MOST_SERVERS:
        raise ConfigurationError(
            f"{path}: mcpServers is a table of at most {_MOST_SERVERS} servers by their names"
        )
    entries: dict[str, ServerEntry | None] = {}
    for name, written in servers.items():
        try:
            if not is_server_name(name):
                raise ConfigurationError(f"a name is {SERVER_NAME_RULE}")
            entries[name] = None
            if isinstance(written, dict) and written.get("disabled") is True:
                continue
            entries[name] = _entry(name, written, origin, path)
        except ConfigurationError as error:
            warnings.append(f"{path}: server {_shown(name)} is left out: {error}")
    return entries


def _entry(name: str, written: object, origin: Origin, path: Path) -> ServerEntry:
    if not isinstance(written, dict):
        raise ConfigurationError("it is no table")
    kind = written.get("type", "http" if "url" in written and "command" not in written else "stdio")
    if kind in _HTTP_TYPES:
        url = _text(written.get("url"), "url")
        if not url.startswith(("http://", "https://", "${")):
            raise ConfigurationError("url: an address of http or https")
        headers = _texts(written.get("headers", {}), "headers")
        if any(one.lower() == MARK_HEADER for one in headers):
            raise ConfigurationError(f"headers: {MARK_HEADER} is the broker's own")
        return ServerEntry(name, "http", origin, path, url=url, headers=headers)
    if kind == "sse":
        raise ConfigurationError("sse: that transport is of the past; use its address of type http")
    if kind != "stdio":
        raise ConfigurationError(f"type {_shown(kind)}: stdio or http")
    command = _text(written.get("command"), "command")
    args = written.get("args", [])
    if not isinstance(args, list) or len(args) > _MOST_ARGS:
        raise ConfigurationError("args: a list of texts")
    arguments = tuple(_text(one, "args", empty=True) for one in args)
    if starts_ringfence(command, arguments):
        raise ConfigurationError("it is ringfence mcp: the broker does not start itself")
    return ServerEntry(
        name,
        "stdio",
        origin,
        path,
        command=command,
        args=arguments,
        env=_texts(written.get("env", {}), "env"),
        cwd=str(path.parent / Path(_text(written.get("cwd", "."), "cwd")).expanduser()),
    )


def _text(value: object, what: str, *, empty: bool = False) -> str:
    if not isinstance(value, str) or not (empty or value) or len(value) > _LONGEST:
        raise ConfigurationError(f"{what}: a text of at most {_LONGEST} characters")
    if "\0" in value or any("\ud800" <= one <= "\udfff" for one in value):
        raise ConfigurationError(f"{what}: a character that no program can be given")
    return value


def _texts(value: object, what: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ConfigurationError(f"{what}: texts by their names")
    for name in value:
        if not name or "=" in name or any(one <= " " or one > "~" for one in name):
            raise ConfigurationError(f"{what}: {_shown(name)} is no name")
    return {name: _text(one, f"{what}.{name}", empty=True) for name, one in value.items()}


def _read(path: Path, origin: Origin) -> dict[str, Any] | None:
    try:
        # A project may have a pipe there, or a link to a terminal: it is not waited for.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ConfigurationError(f"{path} is no file")
            if origin == "user" and (
                status.st_uid not in {os.geteuid(), 0} or status.st_mode & 0o022
            ):
                raise ConfigurationError(
                    f"{path} can be written by others, and says what is started as you: "
                    "chmod go-w it, if it is yours"
                )
            data = file.read(_LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > _LARGEST:
        raise ConfigurationError(f"{path} has more than {_LARGEST} bytes")
    try:
        if path.suffix == ".toml":
            found = tomllib.loads(data.decode())
        else:
            found = json.loads(data, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, ValueError) else "it is too deep"
        raise ConfigurationError(f"{path} is not what it should be: {why}") from None
    if not isinstance(found, dict):
        raise ConfigurationError(f"{path} is no table")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A table, in which two programs cannot read two things."""
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("the same name is in it twice")
    return table


def _shown(value: object) -> str:
    return ascii(value)[:80]
