"""What an operator decides about the MCP server: options, then the environment, then ``mcp.toml``.

Each field is the variable ``RINGFENCE_MCP_NAME`` in capitals, and a key of ``mcp.toml``.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, Self, get_args

from ringfence.errors import ConfigurationError
from ringfence.mcp.broker.selves import MARK_VARIABLE
from ringfence.model import FULL_WALLS, Limits, Policy, WallSet
from ringfence.model.limits import parse_duration, parse_size

__all__ = ["LEVELS", "PREFIX", "Level", "McpSettings", "Sampling", "configuration_folder"]

PREFIX = "RINGFENCE_MCP_"

Sampling = Literal["off", "client", "model"]
Level = Literal["full", "landlock", "seccomp"]

_LANDLOCK = frozenset({"landlock", "seccomp"})
_SECCOMP = frozenset({"seccomp"})

LEVELS: Mapping[Level, tuple[WallSet, ...]] = {
    "full": FULL_WALLS,
    "landlock": (*FULL_WALLS, _LANDLOCK),
    "seccomp": (*FULL_WALLS, _LANDLOCK, _SECCOMP),
}
"""The sets of walls that a level accepts, strongest first."""

_ENGINES = ("auto", "native", "wasi")
_TIMES = frozenset(
    {"session_seconds", "timeout", "most_timeout", "queue_seconds", "approval_seconds", "heartbeat"}
)
_COUNTS = frozenset({"max_sessions", "all_sessions", "running", "queue", "pool", "shown"})
_SIZES = frozenset({"memory", "output", "display", "value", "request_bytes", "resource_bytes"})
_LISTS = frozenset({"allow", "approved", "packages", "names", "origins"})
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "engine": _ENGINES,
    "level": get_args(Level),
    "sampling": get_args(Sampling),
}
_SWITCHES = frozenset({"enabled", "tools"})
_PATHS = frozenset({"config", "user_config"})
_MOST_FILE = 1 << 20
_STORE = re.compile(r"(?:sqlite|postgresql)(?:\+\w+)?://|none\Z")


def configuration_folder() -> Path:
    """The user's configuration of Ringfence: ``$XDG_CONFIG_HOME/ringfence``."""
    given = os.environ.get("XDG_CONFIG_HOME")
    home = Path(given) if given and Path(given).is_absolute() else Path.home() / ".config"
    return home / "ringfence"


@dataclass(frozen=True, kw_only=True)
class McpSettings:
    """The settings of one MCP server. Made by :meth:`read`.

    Attributes:
        config: the project's ``.mcp.json``; None takes the one in the working directory, if any.
        user_config: the user's file of servers; None takes ``mcp.json`` beside ``mcp.toml``.
        allow: patterns of other servers' tools that guests may call. Empty allows none.
        approved: patterns of destructive tools that need nobody's approval.
        tools: whether other servers are started at all.
        sampling: who answers ``llm.ask`` in a guest: nobody, the client's model, or a configured
            one.
        enabled: whether anything is run.
        engine: ``auto``, ``native`` or ``wasi``; a caller may name another only with ``auto``.
        level: the weakest walls that are accepted: ``full``; ``landlock`` does without namespaces;
            ``seccomp`` without Landlock as well. Below ``full`` guests have neither threads nor
            files.
        packages: what a run may ask for. A run that asks for nothing has the standard library.
        store: the service's database, for the audit log and for keys: ``sqlite:///PATH``,
            ``postgresql://…``, or ``none``. None is the service's own default.
        max_sessions: sessions that one client may have at once.
        all_sessions: the same, of all clients together.
        session_seconds: how long an unused session is kept.
        timeout: seconds of a run that asks for none.
        most_timeout: seconds that a run may ask for.
        running: runs at once; a quarter more are kept for clients that have none running.
        queue: runs that may wait for a place.
        queue_seconds: how long one may wait.
        pool: guests that are kept warm.
        memory: of a guest, beyond its image; bytes.
        output: what a run may print; bytes.
        display: what a run may show; bytes.
        value: what a run may return, and of each value that goes to or comes from a tool; bytes.
        shown: characters of text in an answer; the structured result has all.
        approval_seconds: how long a person may think about a question.
        heartbeat: seconds between signs of life of a run.
        request_bytes: of one message of a client.
        resource_bytes: of one file that is read as a resource.
        names: host names that HTTP requests may name, beside addresses and localhost.
        origins: of web pages that may ask over HTTP.

    Raises:
        ConfigurationError: by :meth:`read`: a value is not what it should be, or nobody knows it.
    """

    config: Path | None = None
    user_config: Path | None = None
    allow: tuple[str, ...] = ()
    approved: tuple[str, ...] = ()
    tools: bool = True
    sampling: Sampling = "off"
    enabled: bool = True
    engine: str = "auto"
    level: Level = "full"
    packages: tuple[str, ...] = ()
    store: str | None = None
    max_sessions: int = 8
    all_sessions: int = 64
    session_seconds: float = 1_800.0
    timeout: float = 30.0
    most_timeout: float = 300.0
    running: int = 8
    queue: int = 32
    queue_seconds: float = 10.0
    pool: int = 2
    memory: int = 256 << 20
    output: int = 1 << 20
    display: int = 8 << 20
    value: int = 16 << 20
    shown: int = 20_000
    approval_seconds: float = 120.0
    heartbeat: float = 5.0
    request_bytes: int = 4 << 20
    resource_bytes: int = 4 << 20
    names: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()

    @classmethod
    def read(
        cls,
        given: Mapping[str, Any] | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        file: Path | None = None,
    ) -> Self:
        """The settings; what is said nowhere has its default.

        Args:
            given: options, by field; they go before everything.
            environment: in place of the process's.
            file: in place of the user's ``mcp.toml``.

        Raises:
            ConfigurationError: a value is wrong; the message names it and where it was said.
        """
        environment = os.environ if environment is None else environment
        file = configuration_folder() / "mcp.toml" if file is None else file
        values = {name: _parsed(name, value, str(file)) for name, value in _of_file(file).items()}
        names = {one.name for one in fields(cls)}
        for variable, text in environment.items():
            if variable.startswith(PREFIX) and variable != MARK_VARIABLE:
                name = variable.removeprefix(PREFIX).lower()
                if name not in names:
                    raise ConfigurationError(f"{variable}: there is no such setting")
                values[name] = _parsed(name, text, variable)
        for name, value in (given or {}).items():
            values[name] = _parsed(name, value, f"--{name.replace('_', '-')}")
        settings = cls(**values)
        if settings.timeout > settings.most_timeout:
            raise ConfigurationError(
                f"timeout={settings.timeout:g} is more than most_timeout={settings.most_timeout:g}"
            )
        return settings

    @property
    def engines(self) -> tuple[str, ...]:
        """What a run may name."""
        return _ENGINES if self.engine == "auto" else (self.engine,)

    @property
    def policy(self) -> Policy:
        """The walls that are accepted; nothing is granted."""
        return Policy(walls=LEVELS[self.level])

    @property
    def limits(self) -> Limits:
        """Of a guest: its longest run, which each run narrows. Host functions may take as long as a
        person may think, and twice as long again as the run itself. Without namespaces nobody
        counts a guest's threads and scratch files: below ``full`` it has none.
        """
        limits = Limits(
            wall=self.most_timeout,
            cpu=self.most_timeout,
            host_wall=self.most_timeout * 2 + self.approval_seconds,
            memory=self.memory,
            output=self.output,
            display=self.display,
            value=self.value,
            calls=10_000,
        )
        return limits if self.level == "full" else limits.replace(threads=0, disk=0)


def _of_file(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > _MOST_FILE:
            raise ConfigurationError(f"{file}: it is larger than any settings are")
        data = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{file}: cannot be read: {error}") from None
    unknown = sorted(set(data) - {one.name for one in fields(McpSettings)})
    if unknown:
        raise ConfigurationError(f"{file}: there is no setting {unknown[0]!r}")
    return data


def _parsed(name: str, value: Any, where: str) -> Any:
    try:
        return _value(name, value)
    except ConfigurationError as error:
        raise ConfigurationError(f"{where}: {error}") from None


def _value(name: str, value: Any) -> Any:
    if name in _SWITCHES:
        return _switch(name, value)
    if name in _LISTS:
        return _list(name, value)
    if name in _TIMES:
        return parse_duration(_number(value), name)
    if name in _SIZES:
        return parse_size(int(value) if _is_digits(value) else value, name)
    if name in _COUNTS:
        return _count(name, value)
    if name in _PATHS:
        if not isinstance(value, str | Path) or not str(value) or "\0" in str(value):
            raise ConfigurationError(f"{name}={value!r} is no path")
        return Path(value).expanduser()
    if name in _CHOICES and value not in _CHOICES[name]:
        raise ConfigurationError(f"{name}={value!r} must be one of {', '.join(_CHOICES[name])}")
    if not isinstance(value, str):
        raise ConfigurationError(f"{name}={value!r} must be text")
    if name == "store" and not _STORE.match(value):
        raise ConfigurationError(
            f"store={_without_password(value)!r} must be sqlite:///PATH, "
            "postgresql://USER@HOST/NAME or none"
        )
    return value


def _without_password(address: str) -> str:
    return re.sub(r"(?<=:)[^/@]*(?=@)", "…", address)


def _is_digits(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit()


def _number(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _count(name: str, value: Any) -> int:
    number = int(value) if _is_digits(value) else value
    least = 0 if name == "queue" else 1
    if type(number) is not int or not least <= number <= 1_000_000:
        raise ConfigurationError(f"{name}={value!r} must be a whole number from {least}")
    return number


def _switch(name: str, value: Any) -> bool:
    if isinstance(value, str):
        value = {"true": True, "1": True, "false": False, "0": False}.get(value.lower(), value)
    if type(value) is not bool:
        raise ConfigurationError(f"{name}={value!r} must be true or false")
    return value


def _list(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [one for one in re.split(r"[,\s]+", value) if one]
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise ConfigurationError(f"{name}={value!r} must be a list of texts")
    return tuple(value)
