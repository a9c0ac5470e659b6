"""What an interpreter has installed: a catalogue of distributions, read from their files.

Nothing of the interpreter or of its packages runs. The catalogue follows the database of installed
distributions (https://packaging.python.org/specifications/recording-installed-packages/) and the
older ``.egg-info`` layout that Debian and ``setup.py develop`` still write. ``.pth`` files (the
``site`` module's documentation) are read for the directories that they name; their ``import`` lines
are never executed.
"""

from __future__ import annotations

import csv
import difflib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from packaging.utils import NormalizedName, canonicalize_name

from ringfence.errors import PackageNotAvailable

__all__ = ["Catalogue", "Installed", "path_lines", "recorded"]

_METADATA_NAME: Final = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*?)"
    r"(?:-(?P<version>\d[^-]*))?(?:-py\d+(?:\.\d+)?(?:-[\w.-]+)?)?\.(?:dist|egg)-info"
)


@dataclass(frozen=True)
class Installed:
    """One installed distribution.

    Attributes:
        name: normalised (PEP 503).
        metadata: its ``.dist-info`` or ``.egg-info``, a directory or (old) a single file.
        folder: the directory on the module search path that holds the metadata.
    """

    name: NormalizedName
    metadata: str
    folder: str

    def read(self, name: str) -> str | None:
        """Returns the metadata file called *name*, None if there is none."""
        try:
            return Path(self.metadata, name).read_text(encoding="utf-8", errors="surrogateescape")
        except (FileNotFoundError, NotADirectoryError):
            return None

    @cached_property
    def header(self) -> dict[str, list[str]]:
        """The fields of the core metadata, by their names in lower case."""
        text = self.read("METADATA") or self.read("PKG-INFO")
        if text is None and Path(self.metadata).is_file():
            text = Path(self.metadata).read_text(encoding="utf-8", errors="surrogateescape")
        fields: dict[str, list[str]] = {}
        for line in (text or "").split("\n\n", 1)[0].splitlines():
            name, colon, value = line.partition(":")
            if colon and not line[0].isspace():
                fields.setdefault(name.lower(), []).append(value.strip())
        return fields

    @property
    def version(self) -> str:
        """The version as written; ``"0"`` when the metadata states none."""
        return self.header.get("version", ["0"])[0]

    @property
    def requires(self) -> list[str]:
        """The requirements as written."""
        if self.metadata.endswith(".egg-info"):
            # The sections of requires.txt become markers there; few installations have any left.
            from importlib.metadata import Distribution

            return Distribution.at(self.metadata).requires or []
        return self.header.get("requires-dist", [])

    @property
    def is_debian(self) -> bool:
        """Whether it looks like the work of Debian's package builder."""
        return self.metadata.endswith(".egg-info") and self.folder.endswith("/dist-packages")

    @property
    def extras(self) -> list[str]:
        """The extras that it offers."""
        return self.header.get("provides-extra", [])

    @property
    def top_level(self) -> list[str]:
        """The top-level modules as the build tool stated them; empty if it did not."""
        return (self.read("top_level.txt") or "").split()

    def __str__(self) -> str:
        return f"{self.header.get('name', [self.name])[0]} {self.version}"


class Catalogue:
    """The distributions that an interpreter finds, the first on its search path winning.

    Args:
        folders: the directories of packages, in order; absent ones are passed over.
    """

    def __init__(self, folders: Iterable[str]) -> None:
        self.folders: list[str] = []
        """Where packages are looked up: the directories, and those that ``.pth`` files add."""
        self.watched: list[str] = []
        """Files and directories whose change makes this catalogue out of date."""
        self._found: dict[NormalizedName, Installed] = {}
        for folder in folders:
            self.watched.append(folder)
            if folder in self.folders:
                continue
            names = _listed(folder)
            if names is None:
                continue
            self.folders.append(folder)
            self._add(folder, names)
            for name in names:
                if name.endswith(".pth"):
                    self._follow(f"{folder}/{name}", folder)

    def _follow(self, pth: str, folder: str) -> None:
        self.watched.append(pth)
        for target in path_lines(pth, folder):
            if target in self.folders:
                continue
            self.watched.append(target)
            names = _listed(target)
            if names is not None:
                self.folders.append(target)
                self._add(target, names)

    def _add(self, folder: str, names: Iterable[str]) -> None:
        # A .dist-info is newer than an .egg-info of the same distribution beside it.
        for name in sorted(names, key=lambda n: not n.endswith(".dist-info")):
            match = _METADATA_NAME.fullmatch(name)
            if match is not None:
                key = canonicalize_name(match["name"])
                self._found.setdefault(key, Installed(key, f"{folder}/{name}", folder))

    def find(self, name: str) -> Installed | None:
        """Returns the distribution of that name in any spelling, None if there is none."""
        return self._found.get(canonicalize_name(name))

    def providing(self, module: str) -> list[Installed]:
        """Returns the distributions that bring the top-level *module*, in order of their names."""
        return [self._found[name] for name in sorted(self._modules.get(module, ()))]

    def close_to(self, name: str) -> list[str]:
        """Returns up to three names of distributions and modules that look like *name*."""
        known = {str(key): str(key) for key in self._found}
        known |= {module.lower(): module for module in self._modules}
        matches = difflib.get_close_matches(name.lower(), sorted(known), n=3, cutoff=0.75)
        return list(dict.fromkeys(known[match] for match in matches))

    @cached_property
    def _modules(self) -> dict[str, set[NormalizedName]]:
        modules: dict[str, set[NormalizedName]] = {}
        for name, installed in self._found.items():
            for module in _top_level(installed):
                modules.setdefault(module, set()).add(name)
        return modules


def _listed(folder: str) -> list[str] | None:
    """Returns the names in *folder*; None where an import would pass over it too."""
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None


def _top_level(installed: Installed) -> set[str]:
    """Returns the top-level modules: as the build tool stated them, and from the list of files."""
    modules = set(installed.top_level)
    for entry in recorded(installed) or ():
        first, _, rest = entry.partition("/")
        if rest and first.isidentifier():
            modules.add(first)
        elif not rest and entry.endswith((".py", ".so")) and not entry.startswith("__editable__"):
            modules.add(first.partition(".")[0])
    return modules or {installed.name.replace("-", "_")}


def recorded(installed: Installed) -> list[str] | None:
    """Returns what was installed, relative to the distribution's directory, or None if unknown.

    Entries outside of that directory (scripts, manual pages) are left out, and so are byte code
    and the distribution's own metadata. ``RECORD`` is what installers write today;
    ``installed-files.txt`` what pip wrote beside an ``.egg-info``.
    """
    record = installed.read("RECORD")
    if record is not None:
        try:
            entries = [row[0] for row in csv.reader(record.splitlines()) if row]
        except csv.Error as error:
            raise PackageNotAvailable(
                f"{installed}: {installed.metadata}/RECORD is damaged ({error}); reinstall it"
            ) from error
        base = installed.folder
    else:
        listed = installed.read("installed-files.txt")
        if listed is None:
            return None
        entries = listed.splitlines()
        base = installed.metadata
    inside: dict[str, None] = {}
    for entry in entries:
        path = f"{base}/{entry}" if entry[:1] not in "./" else ""
        if not path or "/../" in path or "//" in path:
            path = os.path.normpath(os.path.join(base, entry))
        if not path.startswith(f"{installed.folder}/"):
            continue
        if path.startswith(f"{installed.metadata}/") or "/__pycache__/" in path:
            continue
        inside[path[len(installed.folder) + 1 :]] = None
    return list(inside)


def path_lines(pth: str, folder: str) -> list[str]:
    """Returns the directories that a ``.pth`` file in *folder* adds, absolute, as far as readable.

    Lines that begin with ``import`` are code for ``site``: they are not looked at.
    """
    text = Path(pth).read_text(encoding="utf-8", errors="surrogateescape")
    lines = (line.strip() for line in text.splitlines())
    return [
        os.path.realpath(os.path.join(folder, line))
        for line in lines
        if line and not line.startswith(("#", "import ", "import\t"))
    ]
