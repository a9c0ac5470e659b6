"""Files of Debian's and its relatives' packages, through apt-get and the machine's own mirror.

Neither the machine's package lists nor its settings are changed, and no rights are needed: apt-get
is given lists and a cache of its own.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ringfence.images.sources import Source

__all__ = ["Apt"]

_LISTS = (Path("/etc/apt/sources.list"), Path("/etc/apt/sources.list.d"))
_ADDRESS = re.compile(r"\b(?:https?|file|mirror\+\w+)://\S+|\bfile:/\S+")
_KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_SHOWN = 300


class Apt:
    """apt-get with a state of its own.

    Args:
        state: a folder for its lists and its cache.
    """

    title = "apt-get source"

    def __init__(self, state: Path) -> None:
        self._state = state
        self._updated: set[str] = set()

    def __call__(self, source: Source, folder: Path) -> None:
        """Put a source package's file into ``folder``.

        Raises:
            OSError: it cannot be had so; says why.
        """
        release, package = source.package
        options = self._options(release)
        self._update(release, options)
        self._apt(["source", "--download-only", "--tar-only", package], options, folder)
        ending = source.file[source.file.index(".tar") :]
        for found in folder.glob(f"{package}_*.orig{ending}"):  # as Debian names its authors' file
            found.rename(folder / source.file)
        for beside in folder.glob(f"{package}_*.orig*"):
            beside.unlink()

    def unpack(self, packages: Sequence[str], folder: Path) -> None:
        """Unpack binary packages of this system's own release, which installs nothing.

        Raises:
            OSError: they cannot be had; says why.
        """
        options = self._state_options(self._state / "own")
        self._update("own", options)
        with tempfile.TemporaryDirectory(dir=self._state) as downloads:
            self._run("apt-get", ["--quiet", *options, "download", *packages], Path(downloads))
            for package in sorted(Path(downloads).glob("*.deb")):
                self._run("dpkg-deb", ["--extract", str(package), str(folder)], Path(downloads))

    def download(
        self, package: str, version: str, release: str, architecture: str, folder: Path
    ) -> None:
        """Put a binary package of any release, of one version, into ``folder``. Nothing is
        installed, and the system's own packages are not looked at.

        Raises:
            OSError: it cannot be had so; says why.
        """
        options = self._options(release, architecture)
        self._update(f"{release}-{architecture}", options)
        self._apt(["download", f"{package}:{architecture}={version}"], options, folder)

    def _options(self, release: str, architecture: str | None = None) -> list[str]:
        """For the source packages of a release, or for its binary ones of an architecture."""
        mirrors = _mirrors()
        if not mirrors:
            raise OSError("this system's package lists name no mirror of Debian")
        lists = self._state / (f"{release}-{architecture}" if architecture else release)
        options = self._state_options(lists)
        settings = [f"signed-by={_KEYS}"] if _KEYS.is_file() else []
        kind = "deb-src"
        if architecture:
            kind = "deb"
            settings.append(f"arch={architecture}")
            options += ["-o", f"APT::Architecture={architecture}"]
            options += ["-o", f"APT::Architectures={architecture}"]
            # Nothing of it is installed: the system's own packages need no reading.
            options += ["-o", "Dir::State::status=/dev/null"]
        signed = f"[{' '.join(settings)}] " if settings else ""
        text = "".join(f"{kind} {signed}{mirror} {release} main\n" for mirror in mirrors)
        (lists / "sources.list").write_text(text)
        own = f"Dir::Etc::sourcelist={lists / 'sources.list'}"
        return [*options, "-o", own, "-o", "Dir::Etc::sourceparts=-"]

    def _state_options(self, state: Path) -> list[str]:
        for part in ("lists/partial", "cache/archives/partial"):
            (state / part).mkdir(parents=True, exist_ok=True)
        return [
            *("-o", f"Dir::State::lists={state / 'lists'}"),
            *("-o", f"Dir::Cache={state / 'cache'}"),
            *("-o", "APT::Sandbox::User=root"),
        ]

    def _update(self, release: str, options: Sequence[str]) -> None:
        if release not in self._updated:
            self._apt(["update"], options, self._state)
            self._updated.add(release)

    def _apt(self, command: Sequence[str], options: Sequence[str], folder: Path) -> None:
        self._run("apt-get", ["--quiet", *options, *command], folder)

    def _run(self, name: str, arguments: Sequence[str], folder: Path) -> None:
        program = shutil.which(name)
        if program is None:
            raise OSError(f"this system has no {name}")
        done = subprocess.run(
            [program, *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise OSError(f"{name} failed: {done.stderr.strip()[-_SHOWN:]}")


def _mirrors() -> list[str]:
    """The mirrors of Debian that this machine is set up with; security updates are elsewhere."""
    texts = []
    for place in _LISTS:
        files = sorted(place.iterdir()) if place.is_dir() else [place]
        for file in files:
            if file.suffix in (".list", ".sources") and file.is_file():
                texts += file.read_text("utf-8", "replace").splitlines()
    found: dict[str, None] = {}
    for line in texts:
        if line.lstrip().startswith("#"):
            continue
        for address in _ADDRESS.findall(line):
            if address.rstrip("/").endswith("/debian"):
                found[address] = None
    return list(found)
