"""Compiling the packages of an image once, so that no guest has to do it when it imports them.

Source text is compiled and nothing else: no code of a package runs. The byte code goes where
imports look for it, as the kind that is not compared with its source again, which is read-only
beside it.
PEP 552, PEP 3147.
"""

from __future__ import annotations

import importlib.util
import os
import struct
from collections.abc import Callable, Iterator
from importlib import _bootstrap_external

__all__ = ["compile_packages"]

_LEFT_OUT = ("test", "tests")  # which are large, and nobody imports
_LENGTHS = struct.Struct("<II")


def compile_packages(folder: str, send: Callable[[bytes], object], most: int) -> None:
    """Compile the modules beneath a folder.

    Args:
        folder: where they are, and are imported from.
        send: is given an entry of an archive for each, as the module's ``mount`` reads them.
        most: bytes of source text to compile; what is beyond is left to those who import it.
    """
    for path in _modules(folder):
        with open(path, "rb") as file:
            source = file.read()
        most -= len(source)
        if most < 0:
            return
        try:
            code = compile(source, path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
            continue  # whoever imports it is told
        digest = importlib.util.source_hash(source)
        data = _bootstrap_external._code_to_hash_pyc(code, digest, False)  # type: ignore[attr-defined]
        name = importlib.util.cache_from_source(path).encode()
        send(_LENGTHS.pack(len(name), len(data)) + name + data)


def _modules(folder: str) -> Iterator[str]:
    folders = []
    for name in sorted(os.listdir(folder)):
        path = f"{folder}/{name}"
        if os.path.isdir(path):
            if name not in _LEFT_OUT:
                folders.append(path)
        elif name.endswith(".py"):
            yield path
    for inner in folders:
        yield from _modules(inner)
