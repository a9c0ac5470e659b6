"""Packages of npm's registry, without npm: which registry this machine uses, and their archives.

npm's own order is followed: the environment, the user's ``.npmrc``, the machine's; a registry that
is set for a package's scope goes before one for all. Where none is set, npm itself is asked for its
default, if it is there. The ``.npmrc`` of the current folder is not read: it is whoever's folder
that is. Credentials are not read either. https://docs.npmjs.com/cli/configuring-npm/npmrc
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ringfence.errors import ConfigurationError

__all__ = ["archive_address", "find_registry"]

_PATIENCE = 30.0
_MACHINE = ("/etc/npmrc", "/usr/etc/npmrc", "/usr/local/etc/npmrc")
_VARIABLE = re.compile(r"\$\{([^}]+)\}")


def find_registry(scope: str, environment: Mapping[str, str] = os.environ) -> str:
    """The address of the registry that this machine takes packages of a scope from.

    Args:
        scope: with its ``@``.
        environment: of this process.

    Raises:
        ConfigurationError: what is set is no address, or nothing is set and npm is not installed.
    """
    settings = {
        name.lower().removeprefix("npm_config_"): value
        for name, value in environment.items()
        if name.lower().startswith("npm_config_") and value
    }
    files = [settings.get("userconfig") or str(Path(environment.get("HOME") or "~") / ".npmrc")]
    files += [settings["globalconfig"]] if "globalconfig" in settings else list(_MACHINE)
    levels = [settings, *(_read(Path(file).expanduser(), environment) for file in files)]
    for name in (f"{scope}:registry", "registry"):
        for level in levels:
            if level.get(name):
                return _checked(level[name])
    return _checked(_default(environment))


def _default(environment: Mapping[str, str]) -> str:
    """What npm answers."""
    npm = shutil.which("npm", path=environment.get("PATH"))
    if npm is None:
        raise ConfigurationError(
            "this machine names no registry of npm's: install npm, set NPM_CONFIG_REGISTRY to the "
            "registry's address, or pass --source PATH"
        )
    try:
        done = subprocess.run(
            [npm, "config", "get", "registry"],
            cwd="/",  # the settings of a project are not asked for
            env=dict(environment),
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ConfigurationError(
            f"npm does not tell its registry ({error}); set NPM_CONFIG_REGISTRY, or pass "
            "--source PATH"
        ) from error
    return done.stdout.strip()


def _read(path: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The lines ``name=value`` of a file that may not be there."""
    try:
        text = path.read_text("utf-8", "replace")
    except (OSError, RuntimeError):
        return {}
    found = {}
    for line in text.splitlines():
        name, sign, value = line.partition("=")
        if sign and not name.lstrip().startswith((";", "#")):
            value = _VARIABLE.sub(lambda match: environment.get(match[1], ""), value)
            found[name.strip()] = value.strip().strip("\"'")
    return found


def _checked(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            f"npm's registry is set to {address!r}, which is no address of the form https://…; "
            "mend it (npm config set registry …), or pass --source PATH"
        )
    return address.rstrip("/") + "/"


def archive_address(registry: str, name: str, version: str) -> str:
    """Where a registry has the archive of a package.

    Args:
        registry: from :func:`find_registry`.
        name: with its scope.
        version: exactly.
    """
    return f"{registry}{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
