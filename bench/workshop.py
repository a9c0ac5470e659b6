"""An installed plugin verified and loaded, beside what has to be done at least, and python-tuf."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface, Updater

from bench.plan import Plan
from bench.progress import Progress
from bench.rows import Row, Target, timing
from ringfence.cli.bench.timing import Subject, take_turns
from ringfence.plugins import Bundle
from ringfence.workshop.signing import Client, Release, Repository

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "Plugins of a workshop"
NOTE = (
    "A plugin of ten modules with 80 KiB, from a workshop of 100 releases. Every load looks at the "
    "clock, the expiry of four roles, the revocation, the SHA-256 of the bundle and its manifest; "
    "warm, signatures were verified before, by the same client. The floor reads the same files, "
    "hashes the bundle and parses the JSON, and believes all of it. python-tuf's own client starts "
    "from its cache, fetches the timestamp from memory, and checks the same bundle."
)
_RELEASES = 100
_MODULES = 10
_MANIFEST = """
[plugin]
name = "hills"
version = "1.{number}.0"
author = "ada"
entry = "hills.part0"

[spec]
name = "worldgen.terrain"
version = "1.0"
"""
_SITE = "https://workshop.example/"


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    progress.begin(GROUP, plan.load_rounds)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        repository = Repository.create(folder / "repository")
        *_, release = [repository.publish(_bundle(number)) for number in range(_RELEASES)]
        client = _client(folder, repository)
        client.install("hills")
        tuf = _TufClient(folder / "tuf", repository, release)
        tuf.start()
        found = take_turns(
            [
                Subject(name="warm", work=lambda: client.load("hills"), block=10),
                Subject(name="cold", work=lambda: _client(folder, repository).load("hills")),
                Subject(name="refresh", work=client.refresh),
                Subject(name="floor", work=lambda: _believe(folder / "client", release), block=10),
                Subject(name="tuf", work=tuf.start),
            ],
            plan.load_rounds,
            progress,
        )
    floor = found["floor"]
    return [
        timing(
            GROUP, "verify and load, warm", found["warm"], "ms",
            against=floor, to="floor", target=Target(2.0),
        ),
        timing(
            GROUP, "verify and load, by a new client", found["cold"], "ms",
            against=floor, to="floor",
        ),
        timing(
            GROUP, "refresh, nothing new", found["refresh"], "ms", against=floor, to="floor"
        ),
        timing(GROUP, "read, hash and parse the same files", floor, "ms", subject=False),
        timing(
            GROUP, "python-tuf's client, started anew", found["tuf"], "ms",
            against=floor, to="floor", subject=False,
        ),
    ]  # fmt: skip


def _bundle(number: int) -> Bundle:
    text = "def elevation(x, y, seed):\n    return x * 0.5 + y\n"
    files = {
        f"hills/part{part}.py": f"# {part}\n".encode() + text.encode() * 160
        for part in range(_MODULES)
    }
    manifest = _MANIFEST.format(number=number).encode()
    return Bundle.of_files({**files, "hills/__init__.py": b"", "plugin.toml": manifest})


def _client(folder: Path, repository: Repository) -> Client:
    return Client(folder / "client", root=repository.root, fetch=repository.serve)


def _believe(folder: Path, release: Release) -> None:
    """What any load has to do."""
    for name in ("metadata.json", "installed.json"):
        json.loads((folder / name).read_bytes())
    data = (folder / f"bundles/{release.sha256}.zip").read_bytes()
    if hashlib.sha256(data).hexdigest() != release.sha256:
        raise RuntimeError("another bundle")


class _Fetcher(FetcherInterface):
    """python-tuf's fetching, from a repository in the same process."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            yield self._repository.serve(url.removeprefix(_SITE))
        except FileNotFoundError:
            raise DownloadHTTPError(url, 404) from None


class _TufClient:
    """python-tuf's own client, with a cache."""

    def __init__(self, folder: Path, repository: Repository, release: Release) -> None:
        self._folder = folder
        self._fetcher = _Fetcher(repository)
        self._root = repository.root
        self._path = release.path

    def start(self) -> None:
        """A new one, that refreshes and checks the bundle that it has."""
        updater = Updater(
            str(self._folder),
            f"{_SITE}metadata/",
            str(self._folder / "bundles"),
            f"{_SITE}targets/",
            fetcher=self._fetcher,
            bootstrap=self._root,
        )
        found = updater.get_targetinfo(self._path)
        if found is None:
            raise RuntimeError("no such release")
        if updater.find_cached_target(found) is None:
            updater.download_target(found)
