"""What the image is made of: every input, and the keys that name them."""

from __future__ import annotations

import hashlib
import json
import mmap
import platform
from pathlib import Path
from typing import NamedTuple

import ringfence_guest
from ringfence.images.sources import Source
from ringfence.wasm.engine import compiler_key

__all__ = [
    "CPYTHON",
    "KIND",
    "SOURCES",
    "SQLITE",
    "WORKERS",
    "ZIG",
    "ZLIB",
    "Library",
    "guest_files",
    "image_key",
    "interpreter_key",
    "module_key",
    "reactor_folder",
    "worker_file",
    "worker_folder",
]

KIND = "wasi"
"""What the image is called: ``ringfence image build wasi``."""

ZIG = "0.17.1"
"""The version of PyPI's ``ziglang``, the compiler."""

CPYTHON = Source(
    name="cpython",
    file="Python-3.13.5.tar.xz",
    sha256=("93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640",),
    size=22_856_016,
    folder="Python-3.13.5",
    addresses=("https://www.python.org/ftp/python/3.13.5/Python-3.13.5.tar.xz",),
    package=("trixie", "python3.13"),
)
ZLIB = Source(
    name="zlib",
    file="zlib-1.3.1.tar.gz",
    sha256=(
        "60dd315c07f616887caa029408308a018ace66e3d142726a97db164b3b8f69fb",  # Debian's
        "9a93b2b7dfdac77ceba5a558a580e74667dd6fede4585b91eefb60f03b72df23",
    ),
    size=1_600_000,
    folder="zlib-1.3.1",
    addresses=(
        "https://zlib.net/fossils/zlib-1.3.1.tar.gz",
        "https://github.com/madler/zlib/releases/download/v1.3.1/zlib-1.3.1.tar.gz",
    ),
    package=("trixie", "zlib"),
)
SQLITE = Source(
    name="sqlite",
    file="sqlite3-3.46.1.tar.xz",
    sha256=("d0cdd2ece271b29e7ce18095745d892517ee26d0f270065b3a25c2e9eb11639c",),
    size=8_456_776,
    folder="sqlite3-3.46.1",
    addresses=(),
    package=("trixie", "sqlite3"),
)
SOURCES = (CPYTHON, ZLIB, SQLITE)

_PAGE = 4096  # bytes, of the kernels that the workers' code is for

_STEPS_VERSION = 3
"""Raised when the steps of :mod:`ringfence.images.wasi.interpreter` do something else."""


class Library(NamedTuple):
    """Native code of the processes around the module.

    Attributes:
        file: its name.
        sha256: what :data:`ZIG` makes of it, whatever machine it runs on. It is not run behind the
            walls of the module, so it is not taken from a distribution that has another one.
    """

    file: str
    sha256: str


WORKERS = {
    "x86_64": Library(
        "worker-x86_64.so", "769c5671e8e0c24efd0588b9b3cf0ebd0eda04566e5d0f75d8fbb3deab4e2309"
    ),
    "aarch64": Library(
        "worker-aarch64.so", "a74643831f4838d059b6aceecfe93d2517cab1d9d82de9473d1896f8211c8603"
    ),
}
"""By the machine that it is for. Linux only."""


def reactor_folder() -> Path:
    """Where the C code of the module is."""
    return Path(__file__).parent / "reactor"


def worker_folder() -> Path:
    """Where the C code of the processes around it is."""
    return Path(__file__).parent / "worker"


def worker_file() -> str | None:
    """The file of the one of :data:`WORKERS` that is for this machine, if there is one."""
    found = WORKERS.get(platform.machine())
    fits = platform.system() == "Linux" and mmap.PAGESIZE == _PAGE
    return found.file if found and fits else None


def guest_files() -> dict[str, bytes]:
    """What runs inside, by the name it has below ``/ringfence``."""
    assert ringfence_guest.__file__ is not None
    home = Path(ringfence_guest.__file__).parent
    paths = sorted(home.rglob("*.py"))
    return {
        f"ringfence_guest/{path.relative_to(home).as_posix()}": path.read_bytes() for path in paths
    }


def interpreter_key() -> str:
    """Names what the interpreter is compiled from and with."""
    inputs = [_STEPS_VERSION, ZIG, *sorted(h for source in SOURCES for h in source.sha256)]
    return _digest(json.dumps(inputs).encode())


def module_key() -> str:
    """Names everything that the frozen module depends on; the same on every machine."""
    parts = [interpreter_key().encode()]
    for path in (*sorted(reactor_folder().iterdir()), *sorted(worker_folder().iterdir())):
        parts += (path.name.encode(), path.read_bytes())
    for name, data in guest_files().items():
        parts += (name.encode(), data)
    for module in sorted(Path(__file__).parent.glob("*.py")):
        parts += (module.name.encode(), module.read_bytes())
    return _digest(*parts)


def image_key() -> str:
    """Names everything that the image depends on: the module, what compiles it to native code, and
    this machine's processor and system.
    """
    parts = (module_key(), compiler_key(), platform.machine(), platform.system())
    return _digest(*(part.encode() for part in parts))


def _digest(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "little"))
        whole.update(part)
    return whole.hexdigest()[:24]
