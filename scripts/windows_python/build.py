"""Making everything, each part once, in the user's cache."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ringfence.images.cache import ImageCache
from ringfence.images.debian import Apt
from ringfence.images.wasi.recipe import CPYTHON
from scripts.windows_python import tls, wheels
from scripts.windows_python.compiling import Compiler
from scripts.windows_python.modules import Interpreter
from scripts.windows_python.recipe import python_key, tree_key
from scripts.windows_python.sources import fetch
from scripts.windows_python.tls import fetch_openssl
from scripts.windows_python.wine import Prefix, Wine, fetch_wine, find_wine

__all__ = ["Made", "find", "make"]

Say = Callable[[str], None]

_NOT_NEEDED = ("ensurepip", "idlelib", "test", "tkinter", "turtledemo", "__pycache__")
"""Of the standard library."""
_CHECK = """
import asyncio, ctypes, decimal, select, socket, sqlite3, ssl, subprocess, uuid, zlib, zoneinfo
import httpx, hypothesis, numpy, psutil, pydantic, pytest, rich, typer, wasmtime, websockets
print("ok")
"""


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
    with cache.locked("windows"):
        wine = find_wine(cache)
        if wine is None:
            say("fetching Wine")
            wine = fetch_wine(cache)
        home = cache.make_private("windows")
        lines = wheels.requirements()
        key = python_key(tls.requirements())
        tree = home / f"tree-{tree_key(key, lines)}"
        if not tree.is_dir():
            with tempfile.TemporaryDirectory(prefix=".new-", dir=home) as scratch:
                python = home / f"python-{key}"
                if not python.is_dir():
                    _compile(cache, wine, Path(scratch), python, say)
                _install(wine, Path(scratch), python, lines, tree, say)
        return Made(tree, wine)


def _compile(cache: ImageCache, wine: Wine, scratch: Path, target: Path, say: Say) -> None:
    """The interpreter and its standard library."""
    work = cache.make_private("build", target.name)
    shutil.rmtree(work)
    work = cache.make_private("build", target.name)
    say("fetching CPython's sources")
    folders = fetch(cache, work)
    apt = Apt(cache.make_private("downloads") / "apt")
    openssl = fetch_openssl(apt, work)
    prefix = Prefix.copied(wine, work / "prefix")
    staging = scratch / target.name
    staging.mkdir()
    say("compiling CPython for Windows")
    Interpreter(folders, openssl, apt, Compiler(work), staging).make(prefix)
    library = folders[CPYTHON.name] / "Lib"
    shutil.copytree(library, staging / "Lib", ignore=shutil.ignore_patterns(*_NOT_NEEDED))
    staging.rename(target)
    shutil.rmtree(work)


def _install(wine: Wine, scratch: Path, python: Path, lines: str, target: Path, say: Say) -> None:
    """A copy of it that shares its files, with packages, which was seen to run."""
    staging = scratch / target.name
    shutil.copytree(python, staging, copy_function=os.link)
    say("fetching packages for Windows")
    packages = staging / "Lib" / "site-packages"
    shutil.rmtree(packages, ignore_errors=True)
    wheels.install(lines, packages, scratch)
    say("trying it")
    prefix = Prefix.copied(wine, scratch / "prefix")
    with prefix.running():
        prefix.check(staging / "python.exe", ["-c", _CHECK], "trying it")
    staging.rename(target)
