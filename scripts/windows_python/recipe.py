"""What is made, of what, and the keys that name it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ringfence.images.sources import Source
from ringfence.images.wasi.recipe import CPYTHON, SQLITE, ZIG, ZLIB

__all__ = ["HOME", "LIBFFI", "LOCK", "SOURCES", "VERSION", "python_key", "tree_key"]

HOME = Path(__file__).parent
LOCK = HOME.parent.parent / "requirements" / "dev.lock"

VERSION = "3.13"
"""Of the interpreter; the same as the guests' of the engine ``wasi``."""

LIBFFI = Source(
    name="libffi",
    file="libffi-3.4.4.tar.gz",
    sha256=("d66c56ad259a82cf2a9dfc408b32bf5da52371500b84745f7fb8b645712df676",),
    size=1_362_394,
    folder="libffi-3.4.4",
    addresses=("https://github.com/libffi/libffi/releases/download/v3.4.4/libffi-3.4.4.tar.gz",),
    package=("bookworm", "libffi"),
)
SOURCES = (CPYTHON, ZLIB, SQLITE, LIBFFI)

MATHEMATICS = "api-ms-win-crt-math-l1-1-0"
OWN_MATHEMATICS = "crt-math-with-complex-type.dll"
"""Has what that library has, and what Wine's lacks of it; a name of the same length."""

_STEPS = ("build", "compiling", "freezing", "modules", "recipe", "sources", "sqlite", "tls")
"""The modules that the compiled interpreter depends on."""


def python_key(requirements: str) -> str:
    """Names the compiled interpreter.

    Args:
        requirements: what it is linked with, of the lock.
    """
    parts = [
        ZIG.encode(),
        requirements.encode(),
        *(hash_.encode() for source in SOURCES for hash_ in source.sha256),
    ]
    files = [HOME / f"{name}.py" for name in _STEPS]
    files += sorted([*HOME.glob("*.c"), *HOME.glob("*.h")])
    for path in files:
        parts += [path.name.encode(), path.read_bytes()]
    return _digest(parts)


def tree_key(python: str, requirements: str) -> str:
    """Names an interpreter with packages installed.

    Args:
        python: the interpreter's key.
        requirements: the packages, of the lock.
    """
    parts = [python.encode(), requirements.encode(), (HOME / "wheels.py").read_bytes()]
    return _digest(parts)


def _digest(parts: list[bytes]) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "little"))
        whole.update(part)
    return whole.hexdigest()[:16]
