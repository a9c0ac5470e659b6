"""A bundle: a plugin as one file, or as a folder; pure Python and its manifest, nothing else.

A packed bundle is a zip archive whose files are stored as they are, in the order of their names,
without times: the same files are the same bytes, on every machine, and its SHA-256 names them.
Nothing in it is compressed, so that no bundle is larger than it looks.

What comes from outside is hostile: the wheel reader's strict archive rules hold
(:mod:`ringfence.wheels.archive`), and then those of :func:`check_files`.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Self

from ringfence.errors import BundleRefused
from ringfence.plugins.manifest import MANIFEST, MOST_MANIFEST, Manifest, read_manifest
from ringfence.system.opening import FLAGS
from ringfence.wheels import archive
from ringfence.wheels.defect import Defect, shown

__all__ = ["MOST_BYTES", "MOST_FILES", "Bundle"]

MOST_BYTES = 4 << 20
"""Bytes of all files of a bundle."""

MOST_FILES = 500
"""Files of a bundle."""

_SUFFIXES = frozenset({".py", ".pyi", ".toml", ".json", ".csv", ".txt", ".md", ".typed"})
_LONGEST_NAME = 200
_MOST_DEPTH = 8
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first that a zip archive can say
_NATIVE = (b"\x7fELF", b"MZ", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\0asm")


@dataclass(frozen=True, eq=False)
class Bundle:
    """A plugin's files, checked: whatever it was made from was parsed here. Immutable.

    Attributes:
        manifest: what the plugin says about itself.
        files: relative path -> bytes, the manifest's own file among them.
    """

    manifest: Manifest
    files: Mapping[str, bytes]

    @classmethod
    def of_files(cls, files: Mapping[str, bytes]) -> Self:
        """A bundle of these files.

        Raises:
            BundleRefused: they are no bundle.
        """
        ordered = {name: bytes(files[name]) for name in sorted(files)}
        check_files(ordered)
        manifest = read_manifest(ordered[MANIFEST])
        bundle = cls(manifest, MappingProxyType(ordered))
        if manifest.entry not in bundle.modules:
            raise BundleRefused(MANIFEST, f"plugin.entry: there is no module {manifest.entry!r}")
        return bundle

    @classmethod
    def of_folder(cls, folder: str | os.PathLike[str]) -> Self:
        """A bundle of a folder's files. Hidden files, ``__pycache__`` and bytecode are left out;
        links are not followed, they are refused.

        Raises:
            BundleRefused: it is no bundle, or cannot be read.
        """
        return cls.of_files(_read_folder(Path(folder)))

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """The bundle that was packed as ``data``; only bytes that :meth:`pack` makes are one.

        Raises:
            BundleRefused: it is no bundle.
        """
        if len(data) > MOST_BYTES * 2:
            raise BundleRefused("", f"it has {len(data):,} bytes, and may have {MOST_BYTES * 2:,}")
        try:
            files = archive.unpack(data)
        except Defect as defect:
            raise BundleRefused("", str(defect)) from defect
        bundle = cls.of_files(files)
        if bundle.pack() != data:
            raise BundleRefused("", "it was not packed by `ringfence workshop pack`: other bytes")
        return bundle

    def pack(self) -> bytes:
        """It as one file; the same files are the same bytes."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
            for name, data in self.files.items():
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.create_system = 3
                entry.external_attr = (stat.S_IFREG | 0o644) << 16
                packed.writestr(entry, data)
        return target.getvalue()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bundle) and self.files == other.files

    def __hash__(self) -> int:
        return hash(self.sha256)

    @cached_property
    def sha256(self) -> str:
        """Names the content: of :meth:`pack`, in hexadecimal."""
        return hashlib.sha256(self.pack()).hexdigest()

    @cached_property
    def modules(self) -> Mapping[str, str]:
        """Dotted name -> source of its modules; a package is named by its folder."""
        found = {}
        for name, data in self.files.items():
            if name.endswith(".py"):
                dotted = name.removesuffix(".py").replace("/", ".")
                found[dotted.removesuffix(".__init__")] = data.decode()
        return MappingProxyType(found)


def check_files(files: Mapping[str, bytes]) -> None:
    """Refuse what no bundle has.

    Raises:
        BundleRefused: too many, too large, a name that is not one place everywhere, two names that
            are one somewhere, a file that is neither Python nor plain text, no manifest.
    """
    if MANIFEST not in files:
        raise BundleRefused("", f"it has no {MANIFEST}")
    if len(files) > MOST_FILES:
        raise BundleRefused("", f"it has {len(files):,} files, and may have {MOST_FILES}")
    total = sum(map(len, files.values()))
    if total > MOST_BYTES:
        raise BundleRefused("", f"its files are {total:,} bytes, and may be {MOST_BYTES:,}")
    try:
        archive.check_apart(files)
        for name in files:
            archive.check_name(name)
    except Defect as defect:
        raise BundleRefused("", str(defect)) from defect
    for name, data in files.items():
        _check_file(name, data)


def _check_file(name: str, data: bytes) -> None:
    parts = name.split("/")
    suffix = Path(name).suffix
    if len(name) > _LONGEST_NAME or len(parts) > _MOST_DEPTH:
        raise BundleRefused(shown(name), "its name is too long, or too deep")
    if not name.isascii():
        raise BundleRefused(shown(name), "names of files must be ASCII")
    if suffix not in _SUFFIXES and not (parts[-1].isupper() and "." not in parts[-1]):
        kinds = ", ".join(sorted(_SUFFIXES))
        raise BundleRefused(shown(name), f"a bundle has Python and plain text only: {kinds}")
    if data.startswith(_NATIVE) or b"\0" in data:
        raise BundleRefused(shown(name), "it is no text; native code and binaries are refused")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise BundleRefused(shown(name), f"it is not UTF-8: {error.reason}") from None
    if suffix == ".py":
        names = [*parts[:-1], parts[-1].removesuffix(".py")]
        if not all(part.isidentifier() for part in names):
            raise BundleRefused(shown(name), "a module's name must be one that can be imported")


def _read_folder(root: Path) -> dict[str, bytes]:
    """The files below a folder, bounded while they are read."""
    files: dict[str, bytes] = {}
    total = 0

    def visit(folder: Path, prefix: str) -> None:
        nonlocal total
        for entry in sorted(os.scandir(folder), key=lambda one: one.name):
            name = prefix + entry.name
            if entry.name.startswith(".") or entry.name == "__pycache__":
                continue
            if entry.is_symlink():
                raise BundleRefused(shown(name), "it is a link; a bundle has files only")
            if entry.is_dir(follow_symlinks=False):
                if name.count("/") >= _MOST_DEPTH:
                    raise BundleRefused(shown(name), "its folders are too deep")
                visit(Path(entry.path), f"{name}/")
            elif not entry.is_file(follow_symlinks=False):
                raise BundleRefused(shown(name), "it is no ordinary file")
            elif not entry.name.endswith((".pyc", ".pyo")):
                data = _read(Path(entry.path), MOST_MANIFEST if name == MANIFEST else MOST_BYTES)
                total += len(data)
                if total > MOST_BYTES or len(files) >= MOST_FILES:
                    raise BundleRefused(
                        "", f"it may have {MOST_FILES} files with {MOST_BYTES:,} bytes, not more"
                    )
                files[name] = data

    try:
        visit(root, "")
    except OSError as error:
        raise BundleRefused("", f"it cannot be read: {error}") from error
    return files


def _read(path: Path, most: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | FLAGS)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, which Path cannot open
        return file.read(most + 1)
