"""The packages that the tests need on Windows: in the versions of the lock, and by its hashes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from packaging.markers import Marker

from ringfence.errors import ImageNotBuilt
from scripts.windows_python.recipe import LOCK, MATHEMATICS, OWN_MATHEMATICS, VERSION

__all__ = ["install", "requirements"]

WANTED = frozenset(
    {
        "annotated-doc",
        "annotated-types",
        "anyio",
        "attrs",
        "certifi",
        "click",
        "colorama",
        "h11",
        "httpcore",
        "httpx",
        "hypothesis",
        "idna",
        "iniconfig",
        "markdown-it-py",
        "mdurl",
        "numpy",
        "packaging",
        "pluggy",
        "prompt-toolkit",
        "psutil",
        "pydantic",
        "pydantic-core",
        "pygments",
        "pytest",
        "pytest-timeout",
        "rich",
        "shellingham",
        "sniffio",
        "sortedcontainers",
        "typer",
        "typing-extensions",
        "typing-inspection",
        "tzdata",
        "wasmtime",
        "wcwidth",
        "websockets",
    }
)
_ENTRY = re.compile(
    r"(?P<pin>(?P<name>[a-z0-9-]+)==\S+)(?: ; (?P<marker>[^\\]+?))?"
    r"(?P<hashes>(?: \\\n {4}--hash=sha256:[0-9a-f]{64})+)\n"
)
_THERE = {
    "implementation_name": "cpython",
    "os_name": "nt",
    "platform_machine": "AMD64",
    "platform_python_implementation": "CPython",
    "platform_system": "Windows",
    "python_full_version": f"{VERSION}.5",
    "python_version": VERSION,
    "sys_platform": "win32",
}


def requirements(wanted: Collection[str] = WANTED) -> str:
    """The lines of the lock that are for there, without markers: pip would ask this machine.

    Raises:
        ImageNotBuilt: the lock lacks one.
    """
    found: dict[str, str] = {}
    for entry in _ENTRY.finditer(LOCK.read_text("utf-8")):
        marker = entry["marker"]
        if entry["name"] in wanted and (marker is None or _holds(marker, _THERE)):
            found[entry["name"]] = f"{entry['pin']}{entry['hashes']}\n"
    if missing := set(wanted) - found.keys():
        raise ImageNotBuilt(f"{LOCK.name} has no {', '.join(sorted(missing))} for Windows")
    return "".join(found[name] for name in sorted(found))


def _holds(marker: str, where: Mapping[str, str]) -> bool:
    return Marker(marker).evaluate(dict(where))


def install(lines: str, target: Path, scratch: Path) -> Path:
    """Install them into a folder, with this machine's pip; returns the folder.

    Raises:
        ImageNotBuilt: one cannot be had.
    """
    file = scratch / f"{target.name}.txt"
    file.write_text(lines)
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--target", str(target), "--no-compile", "--no-deps", "--only-binary=:all:"),
        *("--platform=win_amd64", "--implementation=cp", f"--python-version={VERSION}"),
        *("--require-hashes", "--requirement", str(file)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ImageNotBuilt(f"packages for Windows cannot be had: {last}")
    before, after = f"{MATHEMATICS}.dll".encode(), OWN_MATHEMATICS.encode()
    for path in (target / "numpy").rglob("*.pyd"):
        path.write_bytes(path.read_bytes().replace(before, after))
    return target
