"""Checking what the caller passed, before anything starts."""

from __future__ import annotations

import inspect
import keyword
import mmap
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from ringfence.errors import ConfigurationError
from ringfence.model import Limits, Policy, Wheel
from ringfence_guest.protocol.file_names import why_not_a_name

__all__ = [
    "check_call",
    "check_code",
    "check_content",
    "check_file_name",
    "check_filename",
    "check_files",
    "check_inputs",
    "check_limits",
    "check_modules",
    "check_packages",
    "check_policy",
    "check_python",
    "check_stdin",
    "turn_limits",
]

_PER_SANDBOX = ("memory", "threads", "disk", "files")
_TAKEN = frozenset({"__main__", "host", "ringfence", "ringfence_guest"}) | sys.stdlib_module_names


def check_code(code: object, what: str = "code") -> str:
    """Source text."""
    if not isinstance(code, str):
        raise ConfigurationError(f"{what} must be text, not {type(code).__name__}")
    if "\0" in code:
        raise ConfigurationError(f"{what} holds a NUL character, which Python refuses")
    return code


def check_filename(filename: object) -> str | None:
    """What tracebacks call the code."""
    if filename is None:
        return None
    if not isinstance(filename, str) or not filename or "\0" in filename:
        raise ConfigurationError(f"filename={filename!r} is not a name for the code")
    return filename


def check_call(args: object, kwargs: object) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional and named arguments of a call."""
    if type(args) is tuple and not kwargs and type(kwargs) is dict:
        return args, kwargs
    if isinstance(args, str | bytes) or not isinstance(args, Iterable):
        raise ConfigurationError(f"args={args!r} must be a list of positional arguments")
    if kwargs is None:
        return tuple(args), {}
    if not isinstance(kwargs, Mapping):
        raise ConfigurationError("kwargs must map names to values")
    return tuple(args), {_check_identifier(name, "kwargs"): v for name, v in kwargs.items()}


def check_python(python: object) -> str | None:
    """The path of an interpreter, or None for the host's own."""
    if python is None:
        return None
    path = os.fspath(python) if isinstance(python, os.PathLike) else python
    if not isinstance(path, str) or "\0" in path:
        raise ConfigurationError(f"python={python!r} is not the path of a CPython")
    return path


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


def turn_limits(
    limits: Limits | None, sandbox: Limits, of: str = "sandbox", *, counts: bool = False
) -> Limits:
    """The limits of one turn: the sandbox's, or others that differ only per turn.

    Args:
        limits: what the caller gave.
        sandbox: those that hold.
        of: whose they are: a sandbox's, or a pool's, whose guests have theirs already.
        counts: whether its guests count instructions, so that ``fuel`` may differ as well.
    """
    if limits is None:
        return sandbox
    limits = check_limits(limits)
    for name in _PER_SANDBOX:
        if getattr(limits, name) != getattr(sandbox, name):
            raise ConfigurationError(
                f"limits: {name} belongs to the {of} and cannot change for one "
                + ("turn; use box.limits" if of == "sandbox" else "sandbox; use pool.limits")
                + ".replace(wall=…)"
            )
    for name in ("steps",) if counts else ("fuel", "steps"):
        if getattr(limits, name) != getattr(sandbox, name):
            raise ConfigurationError(
                f"limits: {name} must be given when the {of} is made, which then counts; it may "
                f"have another for each {'turn' if of == 'sandbox' else 'sandbox'}"
            )
    return limits


def check_packages(packages: object) -> tuple[tuple[str, ...], tuple[Wheel, ...]]:
    """Names of packages, and wheels with their hashes; each as given.

    Raises:
        ConfigurationError: one is neither.
        WheelRefused: a wheel is not there, or is not the file that it should be.
    """
    if isinstance(packages, str) or not isinstance(packages, Sequence | set | frozenset):
        raise ConfigurationError(f'packages={packages!r} must be a list, such as ["numpy"]')
    names: list[str] = []
    wheels: list[Wheel] = []
    for entry in packages:
        if isinstance(entry, Wheel):
            wheels.append(entry)
        elif isinstance(entry, os.PathLike) or (isinstance(entry, str) and entry.endswith(".whl")):
            wheels.append(Wheel(entry))
        elif isinstance(entry, str) and entry.strip():
            names.append(entry)
        else:
            raise ConfigurationError(f"packages: {entry!r} is not the name of a package")
    if not wheels:
        return tuple(names), ()
    from ringfence.wheels.assembly import identify  # what reads wheels is for those who have some

    return tuple(names), tuple(map(identify, wheels))


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
        if not isinstance(name, str):
            raise ConfigurationError(f"modules: {name!r} is not the name of a module")
        parts = [_check_identifier(part, f"modules: {name!r}") for part in name.split(".")]
        if parts[0] in _TAKEN:
            raise ConfigurationError(
                f"modules: the name {name!r} is taken: {parts[0]} is a module of Python or ours"
            )
        checked[name] = check_code(source, f"modules: the source of {name!r}")
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
        if inspect.iscoroutinefunction(stdin):
            raise ConfigurationError(
                "stdin: the function is async; it must be a plain one that returns the next line"
            )
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
        path = check_file_name(name)
        checked[path] = check_content(path, content)
    folders = {str(folder) for path in checked for folder in PurePosixPath(path).parents} - {"."}
    for path in sorted(folders & checked.keys()):
        raise ConfigurationError(f"files: {path!r} cannot be a file and a folder")
    total = sum(-(-len(content) // mmap.PAGESIZE) * mmap.PAGESIZE for content in checked.values())
    if total > int(limits.disk or 0) or len(checked) + len(folders) > limits.files:
        raise ConfigurationError(
            f"files: {len(checked)} files and {len(folders)} folders of {total} bytes, in whole "
            f"pages, do not fit in files={limits.files}, disk={limits.disk}"
        )
    return checked


def check_file_name(name: object) -> str:
    """The name of a file in the scratch folder: a relative path."""
    problem = why_not_a_name(name) if isinstance(name, str) else "is not a relative path"
    if problem is not None:
        raise ConfigurationError(f"files: {name!r} {problem}")
    assert isinstance(name, str)
    return name


def check_content(name: str, content: object) -> bytes:
    """What a file will hold."""
    if isinstance(content, str):
        raise ConfigurationError(f"files: {name!r} must be bytes; encode the text first")
    if not isinstance(content, bytes | bytearray | memoryview):
        raise ConfigurationError(f"files: {name!r} must be bytes, not {type(content).__name__}")
    return bytes(content)
