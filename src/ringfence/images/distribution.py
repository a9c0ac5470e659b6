"""Images as distributions: a wheel with the part of one that is the same for every machine.

Whoever cannot build an image installs it as any package, and makes the rest from it. Such a
distribution is data alone: it is found by its metadata, and nothing of it is imported. Native code
in it is a file like others, and whoever loads it knows its hash from elsewhere.
The format: https://packaging.python.org/specifications/binary-distribution-format/
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from ringfence.errors import EngineFailure, ImageNotUsable
from ringfence.wheels.record import write_record

__all__ = ["InstalledImage", "find_installed", "project_of", "write_wheel"]

_MANIFEST = "manifest.json"
_TAG = "py3-none-any"
_LEVEL = 6  # a higher one takes five times as long, for a hundredth of the size


def project_of(kind: str) -> str:
    """What the distribution of an image is called, as ``pip install`` takes it."""
    return f"ringfence-image-{kind}"


def _package_of(kind: str) -> str:
    return project_of(kind).replace("-", "_")


# --- writing ---------------------------------------------------------------------------------


def write_wheel(
    folder: Path, kind: str, key: str, version: str, files: Mapping[str, bytes]
) -> Path:
    """Write the wheel of an image; from the same files the same bytes (with the same zlib).

    Args:
        folder: where; made if it is not there. A wheel of that name in it is replaced.
        kind: what the image is called.
        key: names everything that the files depend on.
        version: of Ringfence, and so of the wheel.
        files: what it holds, by name.

    Returns:
        the wheel.

    Raises:
        EngineFailure: it cannot be written there.
    """
    package = _package_of(kind)
    info = f"{package}-{version}.dist-info"
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    manifest = json.dumps({"key": key, "files": hashes}, indent=1).encode()
    content = {f"{package}/{name}": data for name, data in files.items()}
    content[f"{package}/{_MANIFEST}"] = manifest
    content[f"{info}/METADATA"] = _metadata(kind, version).encode()
    content[f"{info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: ringfence {version}\nRoot-Is-Purelib: true\nTag: {_TAG}\n"
    ).encode()
    record = write_record(content, info)
    target = folder / f"{package}-{version}-{_TAG}.whl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Beside its place, so that nobody ever sees half of it.
        with tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as staging:
            path = Path(staging, target.name)
            with zipfile.ZipFile(path, "w") as archive:
                for name, data in sorted(content.items()):
                    _add(archive, name, data)
                _add(archive, f"{info}/RECORD", record)  # the last, as the format asks
            path.replace(target)
    except OSError as error:
        raise EngineFailure(f"{target} cannot be written: {error.strerror}") from error
    return target


def _metadata(kind: str, version: str) -> str:
    lines = (
        "Metadata-Version: 2.1",
        f"Name: {project_of(kind)}",
        f"Version: {version}",
        f"Summary: The image {kind} of Ringfence {version}, built",
        "Requires-Python: >=3.11",
        f"Requires-Dist: ringfence[{kind}]=={version}",
        "",
        f"`ringfence image build {kind}` makes native code for this machine from it.",
        "The licences of what is in it lie beside it.",
        "",
    )
    return "\n".join(lines)


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name)  # 1980-01-01
    entry.create_system = 3  # Unix, wherever it is written
    entry.external_attr = 0o100644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, data, compresslevel=_LEVEL)


# --- finding ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InstalledImage:
    """The distribution of an image that is installed for this interpreter.

    Attributes:
        project: what it is called.
        version: the one that it says it has.
        key: names everything that its files depend on.
        folder: where they are.
        hashes: SHA-256 of each, in hexadecimal, by its name.
    """

    project: str
    version: str
    key: str
    folder: Path
    hashes: Mapping[str, str] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.project} {self.version}"

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """Some of its files, each checked.

        Raises:
            ImageNotUsable: one is not there, or is not what was published.
        """
        files = {}
        for name in names:
            path = self.folder / name
            try:
                data = path.read_bytes()
            except OSError as error:
                raise self._refuse(f"{path} cannot be read ({error.strerror})") from error
            if hashlib.sha256(data).hexdigest() != self.hashes.get(name):
                raise self._refuse(f"{path} is not the file that was published")
            files[name] = data
        return files

    def _refuse(self, what: str) -> ImageNotUsable:
        return _refuse(self.project, self.version, what)


def _refuse(project: str, version: str, what: str) -> ImageNotUsable:
    return ImageNotUsable(
        f"the image that is installed as {project} {version} is damaged: {what}; install it again "
        f"(pip install --force-reinstall --no-deps {project}=={version}), or remove it"
    )


def find_installed(kind: str) -> InstalledImage | None:
    """The distribution of an image, of whatever version; None where there is none.

    Raises:
        ImageNotUsable: it is damaged.
    """
    project = project_of(kind)
    try:
        found = metadata.distribution(project)
    except metadata.PackageNotFoundError:
        return None
    folder = Path(str(found.locate_file(_package_of(kind))))
    path = folder / _MANIFEST
    try:
        manifest = json.loads(path.read_text("utf-8"))
        key, hashes = str(manifest["key"]), dict(manifest["files"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _refuse(project, found.version, f"{path} is no manifest of an image") from error
    return InstalledImage(project, found.version, key, folder, hashes)
