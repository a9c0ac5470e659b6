"""Where the matching ``Lib/test`` is, and what of it one test module needs."""

from __future__ import annotations

import re
import shutil
import sys
import sysconfig
import tarfile
from functools import cache
from pathlib import Path

from ringfence.images.cache import ImageCache
from ringfence.images.sources import download, extract, obtain
from ringfence.images.wasi.recipe import CPYTHON

__all__ = ["Suite", "SuiteMissing"]

_WORD = re.compile(r"[\w.\-]+")
_IMPORT = re.compile(r"\b(?:from\s+test\s+import\s+([\w, ]+)|test\.(\w+))")
_ALWAYS = ("__init__.py", "support")
# What no test module reads, or what is a word in every other one.
_NEVER = frozenset({"__main__.py", "__pycache__", "regrtest.py", "crashers", "leakers"})


class SuiteMissing(Exception):
    """There is no ``Lib/test`` that fits an engine's interpreter."""


class Suite:
    """The tests of one CPython.

    Args:
        folder: its ``Lib/test``.
        version: of the CPython that it belongs to.
    """

    def __init__(self, folder: Path, version: str) -> None:
        if not (folder / "test_grammar.py").is_file() or not (folder / "support").is_dir():
            raise SuiteMissing(
                f"{folder} does not hold CPython's tests. Some distributions leave them out or "
                "pack them apart (Debian: libpython3-testsuite); use a CPython that has them, such "
                "as pyenv's: make cpython-tests ENGINE=native PYTHON=…"
            )
        self.folder, self.version = folder, version

    @classmethod
    def of(cls, engine: str) -> Suite:
        """The one that matches what an engine runs.

        Raises:
            SuiteMissing: it is not on this machine.
            ringfence.ImageNotBuilt: the sources cannot be had.
        """
        if engine == "native":
            version = ".".join(map(str, sys.version_info[:3]))
            return cls(Path(sysconfig.get_path("stdlib")) / "test", version)
        return cls(_unpacked(), CPYTHON.folder.removeprefix("Python-"))

    def modules(self) -> list[str]:
        """The names of all test modules and packages."""
        return sorted(
            path.stem
            for path in self.folder.glob("test_*")
            if (path.is_dir() and (path / "__init__.py").is_file()) or path.suffix == ".py"
        )

    def files(self, module: str) -> dict[str, bytes]:
        """What a guest needs for ``module``: by the path that it has beneath the scratch folder.

        The package's frame, the module with all that it imports from ``test``, and each file or
        folder beside it whose name stands in one of those. Other packages of tests are brought as
        they are if it names them: they lend data.
        """
        wanted: set[str] = set()
        waiting = [*_ALWAYS, self._entry(module)]
        while waiting:
            name = waiting.pop()
            if name in wanted:
                continue
            wanted.add(name)
            waiting += self._named_in(name)
        wanted |= self._packages() & self._words_of(self._entry(module))
        return {
            f"test/{path.relative_to(self.folder).as_posix()}": path.read_bytes()
            for name in sorted(wanted)
            for path in _regular(self.folder / name)
        }

    def _entry(self, module: str) -> str:
        return module if (self.folder / module).is_dir() else f"{module}.py"

    @cache  # noqa: B019 - one suite lives as long as the program
    def _named_in(self, name: str) -> frozenset[str]:
        entries = self._entries()
        found: set[str] = set()
        for path in _regular(self.folder / name):
            if path.suffix != ".py":
                continue
            text = path.read_text("utf-8", errors="replace")
            if name != "support":
                found |= entries & set(_WORD.findall(text))
                found |= {f"{word}.py" for word in _WORD.findall(text)} & {
                    entry for entry in entries if not entry.startswith("test_")
                }
            for several, one in _IMPORT.findall(text):
                for word in (*several.replace(",", " ").split(), one):
                    if word and (self.folder / self._entry(word)).exists():
                        found.add(self._entry(word))
        return frozenset(found - _NEVER)

    def _words_of(self, name: str) -> set[str]:
        sources = [path for path in _regular(self.folder / name) if path.suffix == ".py"]
        return {
            word
            for path in sources
            for word in _WORD.findall(path.read_text("utf-8", errors="replace"))
        }

    @cache  # noqa: B019 - as above
    def _packages(self) -> frozenset[str]:
        """The test modules that are folders: others use what lies in them."""
        return frozenset(path.name for path in self.folder.glob("test_*") if path.is_dir())

    @cache  # noqa: B019 - as above
    def _entries(self) -> frozenset[str]:
        """What lies beside the tests, without the test modules and packages themselves."""
        return frozenset(
            path.name
            for path in self.folder.iterdir()
            if not (path.name.startswith("test_") and (path.is_dir() or path.suffix == ".py"))
        )


def _regular(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    return [
        path
        for path in sorted(place.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".exe"
    ]


def _unpacked() -> Path:
    """``Lib/test`` of the archive that the image is built from, in the user's cache."""
    images = ImageCache()
    archive = obtain(CPYTHON, images.make_private("downloads"), None, (download,))
    home = images.make_private("tests")
    folder = home / CPYTHON.sha256[0][:24]
    if folder.is_dir():
        return folder
    prefix = f"{CPYTHON.folder}/Lib/test/"
    staging = home / f".new-{folder.name}"
    shutil.rmtree(staging, ignore_errors=True)
    with tarfile.open(archive) as tar:
        extract(tar, [one for one in tar if one.name.startswith(prefix)], staging)
    (staging / prefix).rename(folder)
    shutil.rmtree(staging)
    return folder
