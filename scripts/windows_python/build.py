"""Making everything, each part once, in the user's cache."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from ringfence.images.cache import ImageCache
from ringfence.images.debian import Apt
from ringfence.images.wasi.recipe import CPYTHON
from scripts.windows_python import tls, wheels
from scripts.windows_python.compiling import Compiler, side_by_side
from scripts.windows_python.modules import Interpreter
from scripts.windows_python.recipe import python_key, tree_key
from scripts.windows_python.sources import fetch
from scripts.windows_python.wine import Prefix, Wine, fetch_wine, find_wine

__all__ = ["Made", "find", "make"]

Say = Callable[[str], None]

_NOT_NEEDED = ("ensurepip", "idlelib", "test", "tkinter", "turtledemo", "__pycache__")
"""Of the standard library."""
_IMPORTED = (
    "asyncio, ctypes, decimal, select, socket, sqlite3, ssl, subprocess, uuid, zlib, zoneinfo",
    "numpy, psutil, wasmtime",
    "hypothesis, pytest",
    "httpx, pydantic, rich, typer, websockets",
)
"""What is tried; it is compiled to byte code by that, which programs of tests then find."""


class Made(NamedTuple):
    """What tests need.

    Attributes:
        python: the folder of the interpreter, with packages installed.
        wine: runs it.
    """

    python: Path
    wine: Wine


def find(cache: ImageCache) -> Made | None:
    """What was made for these sources; None where something is missing."""
    wine = find_wine(cache)
    key = tree_key(python_key(tls.requirements()), wheels.requirements())
    python = cache.root / "windows" / f"tree-{key}"
    return Made(python, wine) if wine is not None and python.is_dir() else None


def make(cache: ImageCache, say: Say) -> Made:
    """Make what is missing: minutes.

    Raises:
        ImageNotBuilt: a step failed; says which, and why.
        ImageNotUsable: the cache is open to others.
    """
    home = cache.make_private("windows")
    apt = Apt(cache.make_private("downloads") / "apt")
    # Most of Wine's time is waiting: beside it, there is something to do.
    with cache.locked("windows"), ThreadPoolExecutor(1) as beside:
        found = find_wine(cache)
        if found is None:
            say("fetching Wine")
        wine = beside.submit(lambda: found or fetch_wine(cache, apt))
        lines = wheels.requirements()
        key = python_key(tls.requirements())
        tree = home / f"tree-{tree_key(key, lines)}"
        if not tree.is_dir():
            with tempfile.TemporaryDirectory(prefix=".new-", dir=home) as folder:
                scratch = Path(folder)
                packages = beside.submit(wheels.install, lines, scratch / "packages", scratch)
                python = home / f"python-{key}"
                if not python.is_dir():
                    _compile(cache, apt, wine, scratch, python, say)
                say("trying it")
                staging = _join(python, packages.result(), scratch / tree.name)
                _try(staging, Prefix.copied(wine.result(), scratch / "prefix"))
                staging.rename(tree)
        return Made(tree, wine.result())


def _compile(
    cache: ImageCache, apt: Apt, wine: Future[Wine], scratch: Path, target: Path, say: Say
) -> None:
    """The interpreter and its standard library."""
    work = cache.make_private("build", target.name)
    shutil.rmtree(work)
    work = cache.make_private("build", target.name)
    say("fetching CPython's sources")
    folders = fetch(cache, work)
    if wine.done():
        wine.result()  # or why there is none, before minutes are spent
    staging = scratch / target.name
    staging.mkdir()
    say("compiling CPython for Windows")
    interpreter = Interpreter(folders, apt, Compiler(work), staging)
    interpreter.make(lambda: Prefix.copied(wine.result(), work / "prefix"))
    library = folders[CPYTHON.name] / "Lib"
    shutil.copytree(library, staging / "Lib", ignore=shutil.ignore_patterns(*_NOT_NEEDED))
    staging.rename(target)
    shutil.rmtree(work)


def _join(python: Path, packages: Path, target: Path) -> Path:
    """A copy of an interpreter, which shares its files, with packages."""
    shutil.copytree(python, target, copy_function=os.link)
    place = target / "Lib" / "site-packages"
    shutil.rmtree(place, ignore_errors=True)
    packages.rename(place)
    return target


def _try(python: Path, prefix: Prefix) -> None:
    program = python / "python.exe"
    with prefix.running(), side_by_side() as threads:

        def run(names: str) -> None:
            prefix.check(program, ["-c", f"import {names}"], f"importing {names}")

        list(threads.map(run, _IMPORTED))  # raises what one of them raised
