"""The compiler: Zig, which PyPI has for every system, compiles C for WASI and for this machine."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ringfence.errors import ImageNotBuilt
from ringfence.images.debian import Apt
from ringfence.images.wasi.recipe import ZIG

__all__ = ["TARGET", "Toolchain", "find_build_python", "find_tcl", "find_zig"]

TARGET = "wasm32-wasi"

# Zig links the stack first as it is, and its driver refuses to be told so.
_CROSS = """#!/bin/sh
for part do
    shift
    case $part in
        -Wl,--stack-first | -Wl,--no-entry) ;;
        *) set -- "$@" "$part" ;;
    esac
done
exec '{zig}' cc -target {target} "$@"
"""
_PLAIN = "#!/bin/sh\nexec '{zig}' {command} \"$@\"\n"
_BUILD_PYTHON = (3, 13)
_TCLSH = ("tclsh", "tclsh8.6", "tclsh8.7", "tclsh9.0")


def find_zig() -> Path:
    """The compiler.

    Raises:
        ImageNotBuilt: it is not installed, or is another version.
    """
    try:
        found = version("ziglang")
    except PackageNotFoundError:
        found = "not installed"
    spec = importlib.util.find_spec("ziglang")
    if found != ZIG or spec is None or spec.origin is None:
        raise ImageNotBuilt(
            f"building this image needs the compiler of PyPI's ziglang {ZIG}, which is {found} "
            "here: pip install 'ringfence[build]'"
        )
    return Path(spec.origin).parent / "zig"


@dataclass(frozen=True)
class Toolchain:
    """The programs of a build.

    Attributes:
        cc: a C compiler for WASI.
        host_cc: a C compiler for this machine.
        ar: makes static libraries for both.
        ranlib: the same.
    """

    cc: Path
    host_cc: Path
    ar: Path
    ranlib: Path

    @classmethod
    def at(cls, folder: Path) -> Toolchain:
        """Write the programs into ``folder``.

        Raises:
            ImageNotBuilt: the compiler is not installed.
        """
        zig = find_zig()
        folder.mkdir(parents=True, exist_ok=True)
        texts = {
            "cc": _CROSS.format(zig=zig, target=TARGET),
            "host-cc": _PLAIN.format(zig=zig, command="cc"),
            "ar": _PLAIN.format(zig=zig, command="ar"),
            "ranlib": _PLAIN.format(zig=zig, command="ranlib"),
        }
        for name, text in texts.items():
            path = folder / name
            path.write_text(text)
            path.chmod(0o700)
        return cls(*(folder / name for name in texts))


def find_tcl(apt: Apt, folder: Path) -> dict[str, str]:
    """What must be in the environment of a program that calls ``tclsh``; SQLite's makefile does.

    Args:
        apt: fetches it where this system has none.
        folder: where it is then unpacked.

    Raises:
        ImageNotBuilt: it cannot be had.
    """
    path = os.environ.get("PATH", os.defpath)
    if any(shutil.which(name) for name in _TCLSH):
        return {"PATH": path}
    shutil.rmtree(folder, ignore_errors=True)
    try:
        apt.unpack(["tcl8.6", "libtcl8.6"], folder)
        library = next(folder.glob("usr/lib/**/libtcl8.6.so*"))
    except (OSError, StopIteration) as error:
        raise ImageNotBuilt(
            f"compiling SQLite needs tclsh, which this system does not have: {error}. Install it "
            "(the package tcl)"
        ) from error
    return {
        "PATH": f"{folder / 'usr' / 'bin'}{os.pathsep}{path}",
        "LD_LIBRARY_PATH": str(library.parent),
        "TCL_LIBRARY": str(folder / "usr" / "share" / "tcltk" / "tcl8.6"),
    }


def find_build_python() -> Path | None:
    """A CPython of this machine that is new enough to help to build its own kind, or None."""
    wanted = f"python{_BUILD_PYTHON[0]}.{_BUILD_PYTHON[1]}"
    candidates = [Path(sys.executable)]
    candidates += [Path(part) / wanted for part in os.environ.get("PATH", "").split(os.pathsep)]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates += sorted(pyenv.glob(f"versions/3.13*/bin/{wanted}"), reverse=True)
    for path in candidates:
        if path.is_file() and _version_of(path) == _BUILD_PYTHON:
            return path
    return None


def _version_of(python: Path) -> tuple[int, int] | None:
    ask = "import sys; print(*sys.version_info[:2], sys.implementation.name)"
    try:
        done = subprocess.run(
            [str(python), "-I", "-S", "-c", ask],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        major, minor, name = done.stdout.split()
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return (int(major), int(minor)) if name == "cpython" else None
