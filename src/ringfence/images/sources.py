"""Sources that an image is built from: known by hash, from wherever they can be had."""

from __future__ import annotations

import os
import posixpath
import shutil
import tarfile
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ringfence.errors import ConfigurationError, ImageNotBuilt
from ringfence.images.cache import hash_file

__all__ = ["Source", "check_given", "download", "extract", "obtain", "unpack"]

_PATIENCE = 60.0
_PIECE = 1 << 20


@dataclass(frozen=True)
class Source:
    """An archive.

    Attributes:
        name: what it is called on the command line: ``--source NAME=PATH``.
        file: the file's own name.
        sha256: its hashes, in hexadecimal: whoever hands it over, it is one of these or none.
            There are several where a distribution packs it anew.
        size: its bytes; no more are read.
        folder: the folder that it unpacks to.
        addresses: where its authors publish it; none if they publish it in another form.
        package: the source package of Debian and its relatives that holds the same file, as
            ``(release, name)``.
    """

    name: str
    file: str
    sha256: tuple[str, ...]
    size: int
    folder: str
    addresses: tuple[str, ...]
    package: tuple[str, str]


Fetch = Callable[[Source, Path], None]
"""Puts a source's file into a folder under its own name, or raises OSError with the reason."""


def obtain(source: Source, downloads: Path, given: Path | None, ways: Sequence[Fetch]) -> Path:
    """The archive, checked.

    Args:
        source: what is wanted.
        downloads: where archives are kept.
        given: a file of the caller's, which is then the only one that will do.
        ways: how to get it, in this order.

    Raises:
        ConfigurationError: the given file is another one.
        ImageNotBuilt: nobody has it.
    """
    if given is not None:
        check_given(source, given)
        return given
    path = downloads / source.file
    if path.is_file() and hash_file(path) in source.sha256:
        return path
    refused = []
    for fetch in ways:
        path.unlink(missing_ok=True)
        try:
            fetch(source, downloads)
            if not path.is_file():
                raise OSError(f"it brought no {source.file}")
            if hash_file(path) not in source.sha256:
                raise OSError("it brought a file with another hash")
        except OSError as error:
            refused.append(f"  {getattr(fetch, 'title', 'elsewhere')}: {error}")
            continue
        return path
    path.unlink(missing_ok=True)
    raise ImageNotBuilt(
        f"{source.file} cannot be had:\n"
        + "\n".join(refused)
        + f"\nFetch it yourself ({_elsewhere(source)}) and pass --source {source.name}=PATH."
    )


def check_given(source: Source, given: Path) -> None:
    """Raise ConfigurationError unless a file of the caller's is the archive."""
    if not given.is_file():
        raise ConfigurationError(f"--source {source.name}={given}: there is no such file")
    if hash_file(given) not in source.sha256:
        raise ConfigurationError(
            f"--source {source.name}={given}: this is not {source.file} (its SHA-256 is not "
            f"{' or '.join(source.sha256)})"
        )


def _elsewhere(source: Source) -> str:
    if source.addresses:
        return source.addresses[0]
    release, package = source.package
    return f"it is in the source package {package} of Debian's {release}"


def download(source: Source, folder: Path) -> None:
    """From where its authors publish it.

    Raises:
        OSError: from none of the addresses.
    """
    why = "it has no address"
    for address in source.addresses:
        try:
            _download(address, folder / source.file, source.size)
        except OSError as error:  # urllib's own are among them
            why = f"{address}: {getattr(error, 'reason', error)}"
        else:
            return
    raise OSError(why)


def _download(address: str, path: Path, most: int) -> None:
    with (
        urllib.request.urlopen(address, timeout=_PATIENCE) as answer,  # noqa: S310 - a constant of the recipe
        path.open("wb") as file,
    ):
        left = most
        while piece := answer.read(min(_PIECE, left + 1)):
            left -= len(piece)
            if left < 0:
                raise OSError(f"it is more than {most:,} bytes")
            file.write(piece)


download.title = "its authors' site"  # type: ignore[attr-defined]


def unpack(archive: Path, source: Source, work: Path) -> Path:
    """The folder with a source's files in it, unpacked anew.

    Raises:
        ImageNotBuilt: the archive holds something else.
    """
    folder = work / source.folder
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with tarfile.open(archive) as tar:
            extract(tar, tar.getmembers(), work)
    except (tarfile.TarError, OSError) as error:
        raise ImageNotBuilt(f"{archive} cannot be unpacked: {error}") from error
    if not folder.is_dir():
        raise ImageNotBuilt(f"{archive} holds no {source.folder}")
    return folder


def extract(tar: tarfile.TarFile, members: list[tarfile.TarInfo], folder: Path) -> None:
    """Unpack members of an archive that was known by its hash; the files are this user's.

    Raises:
        tarfile.TarError, OSError: it is damaged, or there is no room.
    """
    if hasattr(tarfile, "data_filter"):
        tar.extractall(folder, members, filter="data")
        return
    for member in members:  # Python before 3.11.4, which lacks PEP 706
        if _leads_out(member):
            raise tarfile.TarError(f"{member.name!r} leads out of the folder, or is no file")
        member.uid, member.gid, member.uname, member.gname = os.geteuid(), os.getegid(), "", ""
    tar.extractall(folder, members)  # noqa: S202 - looked at above


def _leads_out(member: tarfile.TarInfo) -> bool:
    if not (member.isfile() or member.isdir() or member.issym() or member.islnk()):
        return True
    places = [member.name]
    if member.issym():
        places.append(posixpath.join(posixpath.dirname(member.name), member.linkname))
    elif member.islnk():
        places.append(member.linkname)
    return any(posixpath.normpath(place).startswith(("/", "..")) for place in places)
