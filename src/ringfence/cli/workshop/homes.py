"""The workshops that a user installs from: each with the root that was pinned for it.

They are below ``$XDG_DATA_HOME/ringfence/workshops``, or what ``RINGFENCE_WORKSHOP_HOME`` says: a
folder each, with ``url``, ``root.json`` (which was compared by a person, and is believed), and what
is installed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.errors import ConfigurationError, WorkshopNotUsable

if TYPE_CHECKING:
    from ringfence.workshop import HttpFetch
    from ringfence.workshop.signing import Client

__all__ = ["HOME", "Home", "add_home", "all_homes", "choose_home"]

HOME = "RINGFENCE_WORKSHOP_HOME"
"""The environment variable that says where the workshops of this user are."""

_MOST_ROOT = 1 << 20
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Home:
    """A workshop that was added.

    Attributes:
        url: of it.
        folder: what is kept of it here.
        root: what was pinned.
    """

    url: str
    folder: Path
    root: bytes

    @contextlib.contextmanager
    def client(self) -> Iterator[Client]:
        """Installs from it, and verifies each load."""
        from ringfence.workshop import HttpFetch
        from ringfence.workshop.signing import Client

        with HttpFetch(self.url) as fetch:
            yield Client(self.folder / "installed", root=self.root, fetch=fetch)


def _place() -> Path:
    told = os.environ.get(HOME)
    if told:
        return Path(told)
    data = os.environ.get("XDG_DATA_HOME")
    return Path(data or Path.home() / ".local/share") / "ringfence" / "workshops"


def _folder(url: str) -> Path:
    return _place() / hashlib.sha256(url.encode()).hexdigest()[:16]


def all_homes() -> list[Home]:
    """All workshops that were added, by address.

    Raises:
        WorkshopNotUsable: what is kept of one cannot be read.
    """
    try:
        homes = [
            Home((one / "url").read_text("utf-8").strip(), one, (one / "root.json").read_bytes())
            for one in _place().iterdir()
            if (one / "url").is_file()
        ]
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise WorkshopNotUsable(f"{_place()} cannot be read: {error}") from error
    return sorted(homes, key=lambda home: home.url)


def choose_home(url: str | None) -> Home:
    """The workshop of an address, or the only one that was added.

    Raises:
        ConfigurationError: there is none, or more than one.
    """
    homes = all_homes()
    if url is not None:
        wanted = url.rstrip("/")
        for home in homes:
            if home.url == wanted:
                return home
        raise ConfigurationError(f"{url} was not added: ringfence workshop add {url}")
    if not homes:
        raise ConfigurationError("no workshop was added: ringfence workshop add URL --root FILE")
    if len(homes) > 1:
        known = ", ".join(home.url for home in homes)
        raise ConfigurationError(f"there are several workshops; say which, --workshop URL: {known}")
    return homes[0]


def add_home(url: str, root_file: Path | None, expected: str | None) -> Home:
    """Add a workshop, and pin its root.

    Args:
        url: of it.
        root_file: its root, which came by another way.
        expected: or the root's fingerprint, which did.

    Raises:
        ConfigurationError: it was added with another root; nothing tells whether it is the right
            one.
        WorkshopNotUsable: it cannot be kept.
        WorkshopError: it does not answer, or what it signs is not of that root.
    """
    from ringfence.workshop import HttpFetch

    if expected is not None and not _FINGERPRINT.fullmatch(expected.lower()):
        raise ConfigurationError("--fingerprint is 64 hexadecimal digits")
    with HttpFetch(url) as fetch:
        url = fetch.url
        root = _read(root_file) if root_file is not None else _fetch(fetch)
    got = hashlib.sha256(root).hexdigest()
    if expected is not None and expected.lower() != got:
        raise ConfigurationError(
            f"the root has the fingerprint {got}, and not the one that was expected: it is not "
            "that workshop's, or an older or newer root of it"
        )
    for home in all_homes():
        if home.url == url:
            if home.root == root:
                return home
            raise ConfigurationError(
                f"{url} was added with another root; remove {home.folder} to begin anew"
            )
    if root_file is None and expected is None:
        _ask(url, got)
    return _keep(Home(url, _folder(url), root))


def _keep(home: Home) -> Home:
    """Write it down, once its first metadata was verified."""
    try:
        home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with home.client() as client:
                client.refresh()
            (home.folder / "root.json").write_bytes(home.root)
            (home.folder / "url").write_text(home.url + "\n", "utf-8")
        except BaseException:
            shutil.rmtree(home.folder, ignore_errors=True)
            raise
    except OSError as error:
        raise WorkshopNotUsable(f"{home.folder} cannot be written: {error}") from error
    return home


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_ROOT)
    except OSError as error:
        raise ConfigurationError(f"--root: {error}") from error


def _fetch(fetch: HttpFetch) -> bytes:
    taken = bytearray()
    try:
        for piece in fetch("metadata/1.root.json"):
            taken += piece
            if len(taken) > _MOST_ROOT:
                raise ConfigurationError("what it has for a root is too large")
    except FileNotFoundError:
        raise ConfigurationError("there is no workshop at that address") from None
    return bytes(taken)


def _ask(url: str, got: str) -> None:
    """Have a person compare the fingerprint."""
    if not sys.stdin.isatty():
        raise ConfigurationError(
            f"nobody can say whether {url} is the workshop that you mean. Its root has the "
            f"fingerprint {got}; compare it with what its operator says, and give --fingerprint"
        )
    sys.stderr.write(
        f"The root of {url} has the fingerprint\n  {got}\n"
        "Compare it with what the workshop's operator says, elsewhere. Is it the same? [y/N] "
    )
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise ConfigurationError("nothing was added")
