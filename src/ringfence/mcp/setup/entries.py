"""What one client calls a server, as the broker would read it; or why that cannot be said.

A server is moved only if the broker would start exactly what the client starts, with no more tools
than the client shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ringfence.mcp.setup.clients import Form

__all__ = ["NotMovable", "for_broker", "own_entry"]

_HARMLESS = frozenset(
    {
        *("type", "transport", "description", "timeout", "startup_timeout_sec", "tool_timeout_sec"),
        # What the client lets it do unasked: a broker asks its own operator.
        *("trust", "alwaysAllow", "autoApprove", "source", "disabled", "enabled"),
    }
)
"""Members that change nothing of what is started or shown."""
_NARROWING = frozenset(
    {
        *("includeTools", "excludeTools", "enabled_tools", "disabled_tools"),
        *("disabledTools", "allowedTools", "tools"),
    }
)
"""Members that hide tools: a broker would show them."""
_REFERENCE = re.compile(r"\$\{([^}]*)\}")
_UNBRACED = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


class NotMovable(ValueError):
    """The broker cannot be told of this server as it stands; the message says why."""


def own_entry(form: Form, command: str, arguments: list[str]) -> dict[str, Any]:
    """Ringfence's own server, as a client writes it down."""
    return {**dict(form.stdio), "command": command, "args": arguments}


def for_broker(form: Form, entry: Any) -> dict[str, Any]:
    """A client's server as an entry of ``.mcp.json``, the broker's form.

    Raises:
        NotMovable: it would not be the same server there.
    """
    if not isinstance(entry, Mapping):
        raise NotMovable("it is no table")
    if entry.get("disabled") is True or entry.get("enabled") is False:
        raise NotMovable("it is switched off")
    if narrowing := sorted(_NARROWING & entry.keys()):
        raise NotMovable(f"{narrowing[0]} hides tools of it, which the broker would show")
    if "command" in entry:
        return _command(form, entry)
    return _address(form, entry)


def _command(form: Form, entry: Mapping[str, Any]) -> dict[str, Any]:
    if entry.get("type", "stdio") not in {"stdio", "local"}:
        raise NotMovable(f"its type is {entry['type']!r}")
    left = dict(entry)
    command = _text(form, left.pop("command"), "its command")
    arguments = left.pop("args", [])
    if not isinstance(arguments, list):
        raise NotMovable("its args are no list")
    moved: dict[str, Any] = {
        "command": command,
        "args": [_text(form, one, "an argument") for one in arguments],
    }
    environment = _texts(form, left.pop("env", None), "env")
    passed = left.pop("env_vars", [])  # Codex: names that are handed on
    if not isinstance(passed, list) or not all(isinstance(one, str) for one in passed):
        raise NotMovable("its env_vars are no list of names")
    environment.update({name: f"${{{name}}}" for name in passed})
    if environment:
        moved["env"] = environment
    if "cwd" in left:
        folder = _text(form, left.pop("cwd"), "its cwd")
        if not Path(folder).is_absolute():
            raise NotMovable("its cwd is not a whole path")
        moved["cwd"] = folder
    _no_more(left)
    return moved


def _address(form: Form, entry: Mapping[str, Any]) -> dict[str, Any]:
    member, kind = next((pair for pair in form.urls if pair[0] in entry), ("", ""))
    if not member:
        raise NotMovable("it has neither a command nor an address")
    if kind == "typed":
        kind = str(entry.get("type", entry.get("transport", "http")))
    if kind not in {"http", "streamable-http", "streamableHttp"}:
        raise NotMovable(f"it is reached by {kind!r}, which the broker does not speak")
    left = dict(entry)
    moved: dict[str, Any] = {"type": "http", "url": _text(form, left.pop(member), "its address")}
    headers = _texts(form, left.pop(form.headers, None), form.headers)
    bearer = left.pop("bearer_token_env_var", None)
    if bearer is not None:
        if not isinstance(bearer, str) or not _UNBRACED.fullmatch(f"${bearer}"):
            raise NotMovable("its bearer_token_env_var is no name")
        headers["Authorization"] = f"Bearer ${{{bearer}}}"
    if headers:
        moved["headers"] = headers
    _no_more(left)
    return moved


def _no_more(left: Mapping[str, Any]) -> None:
    if unknown := sorted(left.keys() - _HARMLESS):
        raise NotMovable(f"the broker has no {unknown[0]!r}")


def _texts(form: Form, value: Any, what: str) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise NotMovable(f"its {what} is no table")
    return {str(name): _text(form, one, f"{what}.{name}") for name, one in value.items()}


def _text(form: Form, value: Any, what: str) -> str:
    """A string whose references mean the same to the broker."""
    if not isinstance(value, str):
        raise NotMovable(f"{what} is no text")
    for found in _REFERENCE.findall(value):
        if not any(re.fullmatch(pattern, found) for pattern in form.references):
            raise NotMovable(f"{what} refers to ${{{found}}}, which the broker reads otherwise")
    if form.unbraced:
        return _UNBRACED.sub(r"${\1}", value)
    return value
