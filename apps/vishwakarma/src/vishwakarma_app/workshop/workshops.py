"""The workshops that a person has added: for each its address, its root, and what it signed."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ringfence.workshop import HttpFetch
from ringfence.workshop.signing import Client, Fetch
from vishwakarma_app.errors import ExtensionRefused
from vishwakarma_app.storage import replacing

__all__ = ["AddedWorkshop", "Workshops", "data_folder"]

_FILE = "workshop.json"
_CLIENT = "client"
_LARGEST_ROOT = 1 << 20


def data_folder() -> Path:
    """Where a person's workshops are: below ``$XDG_DATA_HOME``, or ``~/.local/share``.

    See https://specifications.freedesktop.org/basedir-spec/latest/ : what is no absolute path is
    ignored.
    """
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    base = given if given.is_absolute() else Path.home() / ".local" / "share"
    return base / "vishwakarma" / "workshops"


@dataclass(frozen=True)
class AddedWorkshop:
    """A workshop that a person has added.

    Attributes:
        url: where it is.
        client: what is installed from it, verified on every load.
    """

    url: str
    client: Client


class Workshops:
    """All of them. Several processes may use one folder at once.

    Args:
        folder: where they are kept; made when the first is added, private to this user.
        connect: gets files from an address.
        clock: tells the time, aware of its zone.
    """

    def __init__(
        self,
        folder: Path,
        *,
        connect: Callable[[str], Fetch] = HttpFetch,
        clock: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC),
    ) -> None:
        self._folder, self._connect, self._clock = folder, connect, clock
        self._known: dict[str, AddedWorkshop] = {}
        self._fetches: list[Fetch] = []

    def close(self) -> None:
        """End all connections."""
        for one in self._fetches:
            if isinstance(one, HttpFetch):
                one.close()

    def add(self, url: str, root: bytes) -> AddedWorkshop:
        """Add a workshop, once what it signed has been verified with its root.

        Args:
            url: where it is, ``https://workshop.example``.
            root: its root, as bytes: from a person, and not from that address.

        Raises:
            ConfigurationError: that is no address.
            NotTrusted: that is no root, or what is there is signed by somebody else.
            WorkshopUnreachable: it does not answer.
            ExtensionRefused: it was added already.
        """
        url = _normal(url)
        if any(one.url == url for one in self):
            raise ExtensionRefused(f"{url} was added already; `vishwakarma ext list` shows it")
        if len(root) > _LARGEST_ROOT:
            raise ExtensionRefused(f"a root has at most {_LARGEST_ROOT} bytes, not {len(root)}")
        folder = self._folder / hashlib.sha256(url.encode()).hexdigest()[:24]
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            self._client(folder, url, root).refresh()
            with replacing(folder / _FILE) as file:  # last: without it there is no workshop here
                os.fchmod(file.fileno(), 0o600)  # whatever the umask: see _read
                file.write(json.dumps({"url": url, "root": root.decode()}).encode())
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return self[url]

    def forget(self, url: str) -> None:
        """Drop a workshop that nothing is installed from.

        Raises:
            ExtensionRefused: there is none, or something is.
        """
        known = self[url]
        if names := known.client.names():
            raise ExtensionRefused(
                f"{known.url}: {', '.join(names)} comes from there; remove that first"
            )
        del self._known[known.url]
        folder = self._folder / hashlib.sha256(known.url.encode()).hexdigest()[:24]
        (folder / _FILE).unlink()
        shutil.rmtree(folder, ignore_errors=True)

    def __iter__(self) -> Iterator[AddedWorkshop]:
        """By their addresses.

        Raises:
            ExtensionRefused: a file is not as it was written, or others could write it.
        """
        found = {}
        for path in self._folder.glob(f"*/{_FILE}"):
            url, root = _read(path)
            found[url] = self._known.get(url) or AddedWorkshop(
                url, self._client(path.parent, url, root)
            )
        self._known = found
        return iter([found[url] for url in sorted(found)])

    def __getitem__(self, url: str) -> AddedWorkshop:
        """The one at an address.

        Raises:
            ExtensionRefused: there is none.
        """
        wanted = _normal(url)
        for one in self:
            if one.url == wanted:
                return one
        raise ExtensionRefused(
            f"{wanted} was not added; `vishwakarma ext add URL --root FILE` does that"
        )

    def _client(self, folder: Path, url: str, root: bytes) -> Client:
        fetch = self._connect(url)
        self._fetches.append(fetch)
        return Client(folder / _CLIENT, root=root, fetch=fetch, clock=self._clock)


def _normal(url: str) -> str:
    """An address as it is written here.

    Raises:
        ConfigurationError: it is none.
    """
    fetch = HttpFetch(url)
    fetch.close()
    return fetch.url


def _read(path: Path) -> tuple[str, bytes]:
    """Address and root. Who can write them decides what is believed."""
    where = f"{path.parent.name}/{path.name}"
    for one in (path, path.parent, path.parent.parent):
        found = one.lstat()
        if found.st_uid != os.geteuid() or found.st_mode & 0o022 or one.is_symlink():
            raise ExtensionRefused(
                f"{one}: it is a link, or others could write to it; no workshop in it is believed. "
                "Look who did that, then remove it and add the workshop again"
            )
    try:
        with path.open("rb") as file:
            table = json.loads(file.read(4 * _LARGEST_ROOT))
        url, root = table["url"], table["root"]
        if not isinstance(url, str) or not isinstance(root, str):
            raise TypeError
        return _normal(url), root.encode()
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ExtensionRefused(
            f"{where}: it is damaged; remove its folder, and add the workshop again"
        ) from None
