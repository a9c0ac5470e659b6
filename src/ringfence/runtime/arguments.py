"""Checking what the caller passed, before anything starts."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ringfence.errors import ConfigurationError
from ringfence.model import Limits, Policy

__all__ = [
    "check_code",
    "check_files",
    "check_inputs",
    "check_limits",
    "check_modules",
    "check_packages",
    "check_policy",
    "check_stdin",
    "turn_limits",
]

_MAX_NAME = 255
_MAX_DEPTH = 16
_PER_SANDBOX = ("memory", "threads", "disk", "files")


def check_code(code: object) -> str:
    """Source text."""
    if not isinstance(code, str):
        raise ConfigurationError(f"code must be text, not {type(code).__name__}")
    if "\0" in code:
        raise ConfigurationError("code holds a NUL character, which Python refuses")
    return code


def check_limits(limits: object) -> Limits:
    """A :class:`Limits`, or the default."""
    if limits is None:
        return _DEFAULT_LIMITS
    if not isinstance(limits, Limits):
        raise ConfigurationError(f"limits must be ringfence.Limits(…), not {type(limits).__name__}")
    return limits


def check_policy(policy: object) -> Policy:
    """A :class:`Policy`, or the default."""
    if policy is None:
        return _DEFAULT_POLICY
    if not isinstance(policy, Policy):
        raise ConfigurationError(f"policy must be ringfence.Policy(…), not {type(policy).__name__}")
    return policy


_DEFAULT_LIMITS = Limits()
_DEFAULT_POLICY = Policy()


def turn_limits(limits: Limits | None, sandbox: Limits) -> Limits:
    """The limits of one turn: the sandbox's, or others that differ only per turn."""
    if limits is None:
        return sandbox
    limits = check_limits(limits)
    for name in _PER_SANDBOX:
        if getattr(limits, name) != getattr(sandbox, name):
            raise ConfigurationError(
                f"limits: {name} belongs to the sandbox and cannot change for one turn; "
                "use box.limits.replace(wall=…)"
            )
    for name in ("fuel", "steps"):
        if getattr(limits, name) != getattr(sandbox, name):
            raise ConfigurationError(f"limits: {name} must be given when the sandbox is made")
    return limits


def check_packages(packages: object) -> tuple[str, ...]:
    """Names of packages, sorted as given."""
    if isinstance(packages, str) or not isinstance(packages, Sequence | set | frozenset):
        raise ConfigurationError(f'packages={packages!r} must be a list, such as ["numpy"]')
    names = tuple(packages)
    for name in names:
        if not isinstance(name, str) or not name.strip():
            raise ConfigurationError(f"packages: {name!r} is not the name of a package")
    return names


def _check_identifier(name: object, what: str) -> str:
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise ConfigurationError(f"{what}: {name!r} is not a Python name")
    return name


def check_modules(modules: object) -> dict[str, str]:
    """Dotted name -> source text."""
    if modules is None:
        return {}
    if not isinstance(modules, Mapping):
        raise ConfigurationError("modules must map names to source text")
    checked = {}
    for name, source in modules.items():
        for part in str(name).split("."):
            _check_identifier(part, "modules")
        if name in ("__main__", "host"):
            raise ConfigurationError(f"modules: the name {name!r} is taken")
        checked[str(name)] = check_code(source)
    return checked


def check_inputs(inputs: object) -> dict[str, Any]:
    """Name -> value, to be set as variables of the guest."""
    if inputs is None:
        return {}
    if not isinstance(inputs, Mapping):
        raise ConfigurationError("inputs must map names to values")
    return {_check_identifier(name, "inputs"): value for name, value in inputs.items()}


def check_stdin(stdin: object) -> tuple[str | None, Callable[[], str] | None]:
    """(text, callback): stdin is a text, or a function that is called for each line."""
    if stdin is None:
        return None, None
    if isinstance(stdin, str):
        return stdin, None
    if callable(stdin):
        return None, stdin
    raise ConfigurationError("stdin must be text, or a function that returns the next line")


def check_files(files: object, limits: Limits) -> dict[str, bytes]:
    """Relative path -> content, to be there when the guest starts."""
    if files is None:
        return {}
    if not isinstance(files, Mapping):
        raise ConfigurationError("files must map relative paths to bytes")
    checked: dict[str, bytes] = {}
    for name, content in files.items():
        path = _check_relative(name)
        if isinstance(content, str):
            raise ConfigurationError(f"files: {path!r} must be bytes; encode the text first")
        if not isinstance(content, bytes | bytearray | memoryview):
            raise ConfigurationError(f"files: {path!r} must be bytes, not {type(content).__name__}")
        checked[path] = bytes(content)
    total = sum(map(len, checked.values()))
    if total > int(limits.disk or 0) or len(checked) > limits.files:
        raise ConfigurationError(
            f"files: {len(checked)} files of {total} bytes do not fit in files={limits.files}, "
            f"disk={limits.disk}"
        )
    return checked


def _check_relative(name: object) -> str:
    if not isinstance(name, str) or not name or "\0" in name or "\\" in name:
        raise ConfigurationError(f"files: {name!r} is not a relative path")
    parts = name.split("/")
    if (
        name.startswith("/")
        or len(parts) > _MAX_DEPTH
        or any(part in ("", ".", "..") or len(part.encode()) > _MAX_NAME for part in parts)
    ):
        raise ConfigurationError(f"files: {name!r} is not a relative path without '..'")
    return name
