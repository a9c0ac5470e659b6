"""Which CPython runs the guests, and which files of the host it needs to start.

An interpreter is described by running it once, isolated (``-I -S``), on
:mod:`~ringfence._engines.native.probe`. Nothing of its packages runs: no ``.pth`` file, no
``sitecustomize``.

How a jail shows an interpreter: in an empty tree, bind ``os.path.realpath(p)`` read-only at ``p``
for every ``p`` in :attr:`Interpreter.paths`, creating missing parents as plain directories (where
the host has a symbolic link, ``/lib`` for example, the tree has a directory: no link is needed);
then cover every directory in :attr:`Interpreter.masks` with an empty one (a tmpfs, before packages
that live below it are bound). Start it as ``[executable, "-I", "-S", ...]``, with ``library_path``
joined by colons in ``LD_LIBRARY_PATH`` when it is not empty.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from ringfence._engines.native.elf import MalformedElf
from ringfence._engines.native.shared_libraries import Loader
from ringfence.errors import InterpreterNotUsable

__all__ = ["Interpreter", "describe_interpreter", "loader_for"]

OLDEST: Final = (3, 11)
NEWEST: Final = (3, 14)

_PROBE: Final = Path(__file__).with_name("probe.py")
_PROBE_SECONDS: Final = 20.0
_PROBE_OUTPUT: Final = 1 << 20

# Loaded by glibc itself when a thread ends (pthread_exit) or a backtrace is asked for.
_LOADED_BY_GLIBC: Final = ("libgcc_s.so.1",)
# Extension modules that are no use to a guest and would bring a window system or NIS with them.
_LEFT_OUT: Final = ("_tkinter.", "nis.", "_test", "_ctypes_test.", "_xx", "xx")
# Parts of the standard library that no guest needs. `tkinter` stays: an empty directory in its
# place would import as a namespace package instead of raising ImportError.
_HIDDEN: Final = ("dist-packages", "ensurepip", "idlelib", "lib2to3", "test", "turtledemo")

_SETTING: Final = "python="
_ADVICE: Final = f"pass {_SETTING} the path of a CPython 3.{OLDEST[1]} to 3.{NEWEST[1]}"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One CPython and the files that it needs.

    Attributes:
        python: how the host reaches it (a virtual environment's ``python``, for example); what
            messages name and what ``-m pip`` belongs to.
        executable: the program itself, outside of any virtual environment, without symbolic links.
        version: major, minor, micro.
        implementation: always ``"cpython"``.
        abi: cache tag and ABI flags, ``"cpython-313"`` or ``"cpython-313t"``.
        stdlib: the directory of the standard library. ``masks`` lie inside it.
        dynload: the directory of its extension modules, None if all of them are built in.
        masks: directories inside ``stdlib`` to cover with an empty one. ``site-packages`` is among
            them wherever it lies inside.
        libraries: shared libraries of the program and of the extension modules in ``dynload``,
            and the dynamic loader itself.
        library_path: what ``LD_LIBRARY_PATH`` must hold in the jail, usually nothing.
        site: directories in which packages are looked up, in order; some may not exist.
        suffixes: file name endings of extension modules, in order of preference.
        multiarch: the triplet in the names of system directories, None where there is none.
        markers: the environment for dependency specifiers (PEP 508), as sorted pairs.
        key: a digest over all of this and over the state of the executable's file.
    """

    python: str
    executable: str
    version: tuple[int, int, int]
    implementation: Literal["cpython"]
    abi: str
    stdlib: str
    dynload: str | None
    masks: tuple[str, ...]
    libraries: tuple[str, ...]
    library_path: tuple[str, ...]
    site: tuple[str, ...]
    suffixes: tuple[str, ...]
    multiarch: str | None
    markers: tuple[tuple[str, str], ...]
    key: str

    @property
    def paths(self) -> tuple[str, ...]:
        """Everything to make visible so that the interpreter starts, without packages."""
        outside = self.dynload is not None and not is_below(self.dynload, self.stdlib)
        extra = (self.dynload,) if self.dynload is not None and outside else ()
        return (self.executable, self.stdlib, *extra, *self.libraries)

    def __str__(self) -> str:
        return f"CPython {'.'.join(map(str, self.version))} at {self.python}"


def describe_interpreter(python: str | None = None) -> Interpreter:
    """Describes the interpreter for guests.

    Args:
        python: a path, or a name to find on ``PATH``; None means the interpreter that is running.
            In a virtual environment, packages come from the environment, and also from the system
            if the environment says so.

    Returns:
        The description; computed once for each state of the file, then remembered.

    Raises:
        InterpreterNotUsable: there is no such program, it does not run, or it is not a CPython of
            a version that is supported.
    """
    path = _locate(python)
    return _describe(path, _state(path), os.environ.get("LD_LIBRARY_PATH", ""))


def loader_for(interpreter: Interpreter) -> Loader:
    """Returns the dynamic loader as it behaves in a process of *interpreter*.

    Raises:
        InterpreterNotUsable: the program cannot be read as an ELF file.
    """
    path = os.environ.get("LD_LIBRARY_PATH", "")
    return _loader(interpreter.python, interpreter.executable, interpreter.multiarch, path)


def is_below(path: str, folder: str) -> bool:
    """Tells whether *path* is *folder* or lies in it; both are absolute and normal."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _locate(python: str | None) -> str:
    if python is None:
        if not sys.executable:
            raise InterpreterNotUsable(
                "this process does not know which Python it runs (sys.executable is empty, as in "
                f"an embedded interpreter); {_ADVICE}"
            )
        return os.path.abspath(sys.executable)
    if not python or "\0" in python:
        raise InterpreterNotUsable(f"{_SETTING}{python!r} is not a path; {_ADVICE}")
    found = python if "/" in python else shutil.which(python)
    if found is None:
        raise InterpreterNotUsable(f"{_SETTING}{python!r} is not on PATH; {_ADVICE}")
    path = os.path.abspath(found)
    try:
        regular = stat.S_ISREG(os.stat(path).st_mode)
    except OSError as error:
        raise InterpreterNotUsable(
            f"{_SETTING}{python!r} cannot be used: {error.strerror}; {_ADVICE}"
        ) from error
    if not regular or not os.access(path, os.X_OK):
        raise InterpreterNotUsable(f"{_SETTING}{python!r} is not an executable file; {_ADVICE}")
    return path


def _state(path: str) -> tuple[tuple[int, ...] | None, ...]:
    """What changes when the program, or the virtual environment around it, is replaced.

    Called for every sandbox, so three plain stat(2) calls and nothing more.
    """
    folder = os.path.dirname(path)
    above = os.path.dirname(folder)
    return _stamp(path), _stamp(f"{folder}/pyvenv.cfg"), _stamp(f"{above}/pyvenv.cfg")


def _stamp(path: str) -> tuple[int, ...] | None:
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


@lru_cache(maxsize=16)
def _describe(
    path: str, state: tuple[tuple[int, ...] | None, ...], library_path: str
) -> Interpreter:
    facts = _probe(path)
    _check(path, facts)
    executable = os.path.realpath(facts["executable"])
    multiarch = facts["multiarch"]
    loader = _loader(path, executable, multiarch, library_path)
    stdlib = os.path.realpath(facts["stdlib"])
    dynload = os.path.realpath(facts["dynload"]) if facts["dynload"] else None
    closure = loader.closure(_extension_modules(dynload), _LOADED_BY_GLIBC)
    libraries = {*loader.start_up.libraries, *closure.libraries}
    if loader.path is not None:
        libraries.add(loader.path)
    search = dict.fromkeys((*loader.start_up.search, *closure.search))
    site = tuple(dict.fromkeys(os.path.realpath(folder) for folder in facts["site"]))
    described: dict[str, Any] = {
        "python": path,
        "executable": executable,
        "version": tuple(facts["version"]),
        "implementation": "cpython",
        "abi": facts["abi"],
        "stdlib": stdlib,
        "dynload": dynload,
        "masks": _masks(stdlib, site),
        "libraries": tuple(sorted(libraries)),
        "library_path": tuple(search),
        "site": site,
        "suffixes": tuple(facts["suffixes"]),
        "multiarch": multiarch,
        "markers": tuple(sorted(facts["markers"].items())),
    }
    digest = hashlib.sha256(json.dumps([described, state], sort_keys=True).encode())
    return Interpreter(**described, key=digest.hexdigest())


def _loader(python: str, executable: str, multiarch: str | None, library_path: str) -> Loader:
    entries = [entry for entry in library_path.split(":") if os.path.isabs(entry)]
    try:
        return Loader(executable, multiarch=multiarch, library_path=entries)
    except (OSError, MalformedElf, ValueError) as error:
        raise InterpreterNotUsable(
            f"{_SETTING}{python!r} runs {executable}, which cannot be examined: {error}; {_ADVICE}"
        ) from error


def _probe(path: str) -> dict[str, Any]:
    """Runs *path* on the probe and returns what it said.

    The environment is passed on: version managers put scripts before interpreters, and those
    read it. ``-I`` keeps Python from doing so.
    """
    try:
        done = subprocess.run(
            [path, "-I", "-S", str(_PROBE)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=False,
            cwd="/",
        )
    except subprocess.TimeoutExpired as error:
        raise InterpreterNotUsable(
            f"{_SETTING}{path!r} did not answer within {_PROBE_SECONDS:g} s; {_ADVICE}"
        ) from error
    except OSError as error:
        raise InterpreterNotUsable(
            f"{_SETTING}{path!r} does not run: {error.strerror}; {_ADVICE}"
        ) from error
    if done.returncode != 0:
        raise InterpreterNotUsable(
            f"{_SETTING}{path!r} does not run as Python 3 (exit status {done.returncode}: "
            f"{_last_line(done.stderr)}); {_ADVICE}"
        )
    try:
        facts = json.loads(done.stdout[:_PROBE_OUTPUT])
    except ValueError as error:
        raise InterpreterNotUsable(
            f"{_SETTING}{path!r} is not a Python interpreter: it did not run the probe; {_ADVICE}"
        ) from error
    if not isinstance(facts, dict) or "implementation" not in facts:
        raise InterpreterNotUsable(
            f"{_SETTING}{path!r} is not a Python interpreter: it did not run the probe; {_ADVICE}"
        )
    return facts


def _last_line(output: bytes) -> str:
    lines = output[-2000:].decode(errors="backslashreplace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _check(path: str, facts: dict[str, Any]) -> None:
    version = ".".join(map(str, facts["version"]))
    if facts["implementation"] != "cpython":
        raise InterpreterNotUsable(
            f"{_SETTING}{path!r} is {facts['implementation']} {version}, not CPython; {_ADVICE}"
        )
    if not OLDEST <= tuple(facts["version"][:2]) <= NEWEST:
        age = "old" if tuple(facts["version"][:2]) < OLDEST else "new"
        raise InterpreterNotUsable(
            f"{_SETTING}{path!r} is CPython {version}, which is too {age}; {_ADVICE}"
        )


def _extension_modules(dynload: str | None) -> list[str]:
    if dynload is None:
        return []
    return sorted(
        str(file)
        for file in Path(dynload).iterdir()
        if ".so" in file.suffixes and not file.name.startswith(_LEFT_OUT)
    )


def _masks(stdlib: str, site: Iterable[str]) -> tuple[str, ...]:
    folders = {str(Path(stdlib, name)) for name in ("site-packages", *_HIDDEN)}
    folders.update(map(str, Path(stdlib).glob("config-*")))
    folders.update(folder for folder in site if is_below(folder, stdlib))
    return tuple(sorted(f for f in folders if Path(f).is_dir() and not Path(f).is_symlink()))
