"""Fifty packages of other people, to be read: fetched once into the user's cache, by hash."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from ringfence.images.cache import ImageCache
from ringfence.plugins import analysis

HERE = Path(__file__).parent
PINS = HERE / "packages.txt"
_PIN = re.compile(r"^([a-z0-9-]+)==(\S+) --hash=sha256:([0-9a-f]{64})$", re.MULTILINE)
# What its author would leave out of a bundle.
_TESTS = re.compile(r"(^|/)(tests?|testing|conftest\.py)(/|$)|(^|/)test_[^/]*$")


class NotReached(Exception):
    """The registry does not give them; says why."""


@dataclass(frozen=True)
class Package:
    """A package that was fetched, and what its label says that it needs."""

    name: str
    wheel: Path
    grants: tuple[str, ...]
    packages: tuple[str, ...]

    def report(self, most_lines: int | None = None) -> analysis.Report:
        """Of all its modules, or of the first ones by name, up to a number of lines; the others
        are empty then, so that they are still its own.
        """
        files: dict[str, bytes] = {}
        lines = 0
        with zipfile.ZipFile(self.wheel) as archive:
            for name in sorted(archive.namelist()):
                if name.endswith(".py") and not _TESTS.search(name):
                    data = archive.read(name)
                    lines += data.count(b"\n")
                    left_out = most_lines is not None and bool(files) and lines > most_lines
                    files[name] = b"" if left_out else data
        return analysis.analyze_files(files, packages=self.packages, grants=self.grants)


def pins() -> dict[str, tuple[str, str]]:
    """Name -> version and SHA-256."""
    return {name: (version, digest) for name, version, digest in _PIN.findall(PINS.read_text())}


def labels() -> dict[str, dict[str, list[str]]]:
    """Name -> what it needs."""
    return tomllib.loads((HERE / "packages.toml").read_text())


def fetch() -> list[Package]:
    """All of them, in the order of their names.

    Raises:
        NotReached: one is not here and cannot be fetched.
    """
    folder = ImageCache().make_private("packages-to-read")
    if not _missing(folder):
        return _packages(folder)
    command = [sys.executable, "-I", "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]
    command += ["--ignore-requires-python", "--dest", str(folder), "--requirement", str(PINS)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    except subprocess.TimeoutExpired:
        raise NotReached("the registry did not answer in time") from None
    if done.returncode:
        raise NotReached((done.stderr.strip().splitlines() or ["pip failed"])[-1][:200])
    return _packages(folder)


def _found(folder: Path) -> dict[str, Path]:
    """SHA-256 -> wheel."""
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in folder.glob("*.whl")}


def _missing(folder: Path) -> set[str]:
    return {digest for _, digest in pins().values()} - _found(folder).keys()


def _packages(folder: Path) -> list[Package]:
    found, told = _found(folder), labels()
    return [
        Package(name, found[digest], tuple(told[name]["grants"]), tuple(told[name]["packages"]))
        for name, (_, digest) in sorted(pins().items())
    ]
