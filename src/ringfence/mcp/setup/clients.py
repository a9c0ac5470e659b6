"""Clients of MCP that are known: where each keeps its servers, and how it writes them down.

Where the files are and what is in them was read in the clients' own documentation; docs/mcp.md says
when. Windows is left out, since Ringfence's guests are Linux's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ringfence.errors import ConfigurationError

__all__ = ["CLIENTS", "Client", "Form", "Homes", "Place", "find_clients"]

Scope = Literal["user", "project"]


@dataclass(frozen=True)
class Form:
    """How a client writes a server down.

    Attributes:
        path: the keys that lead to the table of servers.
        language: what the file is written in; ``json`` may hold comments.
        stdio: (member, value) that each server has that is a command.
        urls: (member that holds a server's address, what is behind it).
        headers: the member that holds an address' headers.
        references: patterns of references that a broker reads in the same way.
        unbraced: whether ``$NAME`` is a reference, beside ``${NAME}``.
    """

    path: tuple[str, ...] = ("mcpServers",)
    language: Literal["json", "toml"] = "json"
    stdio: tuple[tuple[str, str], ...] = ()
    urls: tuple[tuple[str, Literal["http", "sse", "typed"]], ...] = (("url", "typed"),)
    headers: str = "headers"
    references: tuple[str, ...] = ()
    unbraced: bool = False


@dataclass(frozen=True)
class Homes:
    """The folders that places are below.

    Attributes:
        home: the user's.
        xdg: XDG's folder of configurations.
        configuration: where applications with windows keep theirs: the same on Linux.
        project: the project's folder, or None where no project is meant.
        codex: Codex' own folder.
    """

    home: Path
    xdg: Path
    configuration: Path
    project: Path | None = None
    codex: Path | None = None

    @classmethod
    def here(cls, project: Path | None = None) -> Homes:
        """Those of this user.

        Raises:
            ConfigurationError: this user has no home folder, or the system is Windows.
        """
        if sys.platform.startswith("win"):
            raise ConfigurationError(
                "where clients on Windows keep their servers is not known here"
            )
        try:
            home = Path.home()
        except RuntimeError:
            raise ConfigurationError("this user has no home folder; set HOME") from None
        told = Path(os.environ.get("XDG_CONFIG_HOME", ""))
        xdg = told if told.is_absolute() else home / ".config"
        apple = home / "Library" / "Application Support"
        configuration = apple if sys.platform == "darwin" else xdg
        codex = os.environ.get("CODEX_HOME")
        return cls(home, xdg, configuration, project, Path(codex) if codex else None)


@dataclass(frozen=True)
class Place:
    """A file that a client reads its servers from.

    Attributes:
        client: whose.
        scope: whether it is for all that the user does, or for one project.
        path: of the file, which need not be there.
    """

    client: Client
    scope: Scope
    path: Path


@dataclass(frozen=True)
class Client:
    """A client of MCP.

    Attributes:
        name: what it is called on the command line.
        title: what people call it.
        form: how it writes servers down.
        user: the parts of its user's file below a folder of :class:`Homes`.
        project: the same of its project's file; None where it has none.
        traces: folders that show that it is installed, as ``user``; none: the user's file's folder.
        restart: what to do for the change to be seen.
    """

    name: str
    title: str
    form: Form
    user: tuple[str, ...]
    project: tuple[str, ...] | None = None
    traces: tuple[tuple[str, ...], ...] = ()
    restart: str = "start it again"

    def places(self, homes: Homes) -> list[Place]:
        """Its files: the user's, and the project's where one is meant."""
        found = [Place(self, "user", _below(homes, self.user))]
        if self.project is not None and homes.project is not None:
            found.append(Place(self, "project", homes.project.joinpath(*self.project)))
        return found

    def is_here(self, homes: Homes) -> bool:
        """Whether anything shows that this user has it."""
        user = _below(homes, self.user)
        traces = [_below(homes, one) for one in self.traces] or [user.parent]
        return user.exists() or any(one.is_dir() for one in traces)


def _below(homes: Homes, parts: tuple[str, ...]) -> Path:
    first, *rest = parts
    if first == "codex":
        return (homes.codex or homes.home / ".codex").joinpath(*rest)
    folders = {"home": homes.home, "xdg": homes.xdg, "configuration": homes.configuration}
    return folders[first].joinpath(*rest)


_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
_STDIO = (("type", "stdio"),)

CLIENTS: Sequence[Client] = (
    Client(
        "claude-desktop",
        "Claude Desktop",
        Form(),
        ("configuration", "Claude", "claude_desktop_config.json"),
        restart="quit it altogether, and start it again",
    ),
    Client(
        "claude-code",
        "Claude Code",
        Form(stdio=_STDIO, references=(_VARIABLE, rf"{_VARIABLE}:-[^}}]*")),
        ("home", ".claude.json"),
        (".mcp.json",),
        traces=(("home", ".claude"),),
        restart="start a new session",
    ),
    Client(
        "cursor",
        "Cursor",
        Form(references=(rf"env:{_VARIABLE}",)),
        ("home", ".cursor", "mcp.json"),
        (".cursor", "mcp.json"),
        restart="nothing: it reads the file again",
    ),
    Client(
        "vscode",
        "VS Code",
        Form(path=("servers",), stdio=_STDIO, references=(rf"env:{_VARIABLE}",)),
        ("configuration", "Code", "User", "mcp.json"),
        (".vscode", "mcp.json"),
        restart="run “MCP: List Servers” and start it there",
    ),
    Client(
        "windsurf",
        "Windsurf",
        Form(
            urls=(("serverUrl", "http"), ("url", "typed")),
            references=(rf"env:{_VARIABLE}",),
        ),
        ("home", ".codeium", "windsurf", "mcp_config.json"),
        restart="press Refresh beside its MCP servers",
    ),
    Client(
        "cline",
        "Cline",
        Form(),
        (
            *("configuration", "Code", "User", "globalStorage", "saoudrizwan.claude-dev"),
            *("settings", "cline_mcp_settings.json"),
        ),
        restart="nothing: it reads the file again",
    ),
    Client(
        "gemini-cli",
        "Gemini CLI",
        Form(
            urls=(("httpUrl", "http"), ("url", "sse")),
            references=(_VARIABLE,),
            unbraced=True,
        ),
        ("home", ".gemini", "settings.json"),
        (".gemini", "settings.json"),
    ),
    Client(
        "codex",
        "Codex",
        Form(
            path=("mcp_servers",),
            language="toml",
            urls=(("url", "http"),),
            headers="http_headers",
        ),
        ("codex", "config.toml"),
        (".codex", "config.toml"),
        restart="start a new session",
    ),
    Client(
        "zed",
        "Zed",
        Form(path=("context_servers",), stdio=(("source", "custom"),)),
        ("xdg", "zed", "settings.json"),
        (".zed", "settings.json"),
        restart="nothing: it reads the file again",
    ),
)
"""All that are known."""


def find_clients(names: Sequence[str], homes: Homes) -> list[Client]:
    """The clients of these names; without any, all that this user has.

    Raises:
        ConfigurationError: there is none of a name.
    """
    known = {one.name: one for one in CLIENTS}
    for name in names:
        if name not in known:
            raise ConfigurationError(f"no client {name!r} is known; these are: {', '.join(known)}")
    return [known[name] for name in names] or [one for one in CLIENTS if one.is_here(homes)]
