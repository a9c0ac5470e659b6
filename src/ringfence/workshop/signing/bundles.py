"""The bundles that a client has: a file for each, named by its hash, verified when it is read."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Set as AbstractSet

from ringfence.errors import BundleRefused, NotTrusted, ReleaseNotFound, WorkshopUnreachable
from ringfence.plugins.bundle import Bundle
from ringfence.workshop.signing.fetching import Fetch, fetch_bounded
from ringfence.workshop.signing.private_folder import PrivateFolder
from ringfence.workshop.signing.release import MOST_BUNDLE, Release

__all__ = ["KnownBundles"]

_MOST_MEMORY = 32 << 20  # bytes of bundles whose files are kept in memory


class KnownBundles:
    """The bundles in a client's folder.

    Args:
        folder: of nothing else.
        fetch: gets what is served.
        patience: seconds that one bundle may take.
    """

    def __init__(self, folder: PrivateFolder, fetch: Fetch, patience: float) -> None:
        self._folder = folder
        self._fetch = fetch
        self._patience = patience
        self._mutex = threading.Lock()
        self._unpacked: OrderedDict[str, Bundle] = OrderedDict()
        self._unpacked_bytes = 0

    def sweep(self) -> None:
        """Remove what writers that were killed have left."""
        self._folder.sweep()

    def read(self, release: Release) -> Bundle:
        """The bundle of a release, from the disk: its bytes are hashed now.

        Raises:
            ReleaseNotFound: it is not there.
            NotTrusted: it is not what was signed.
        """
        found = self._folder.read(_file(release), MOST_BUNDLE)
        if found is None:
            raise ReleaseNotFound(
                f"the bundle of {release.name} {release.version} is gone from "
                f"{self._folder.path}; install it again"
            )
        return self._verified(release, found[0])

    def have(self, release: Release) -> None:
        """Have the bundle of a release on the disk, verified; it is fetched where it is not.

        Raises:
            NotTrusted: what was served is not what was signed.
            WorkshopUnreachable: it did not arrive.
        """
        try:
            self.read(release)
        except (NotTrusted, ReleaseNotFound):
            pass  # not there, or damaged: fetched
        else:
            return
        path = f"targets/{release.served_path}"
        try:
            data = fetch_bounded(self._fetch, path, release.length, self._patience)
        except FileNotFoundError:
            raise WorkshopUnreachable(f"{path}: the workshop does not have it") from None
        self._verified(release, data)
        self._folder.write(_file(release), data)

    def keep_only(self, wanted: AbstractSet[str]) -> None:
        """Remove the bundles whose SHA-256 is not among these."""
        for name in self._folder.names():
            if name.removesuffix(".zip") not in wanted:
                self._folder.remove(name)

    def _verified(self, release: Release, data: bytes) -> Bundle:
        """What these bytes unpack to, if they are those of the release."""
        what = f"{release.name} {release.version}"
        if len(data) != release.length or hashlib.sha256(data).hexdigest() != release.sha256:
            raise NotTrusted(
                what, "its bundle is not what the workshop signed; it was changed, or damaged on "
                "its way. Install it again"
            )  # fmt: skip
        with self._mutex:
            bundle = self._unpacked.get(release.sha256)
            if bundle is not None:
                self._unpacked.move_to_end(release.sha256)
        if bundle is None:
            try:
                bundle = Bundle.unpack(data)
            except BundleRefused as error:
                raise NotTrusted(what, f"it is signed, and no bundle: {error}") from error
            self._keep_unpacked(release.sha256, bundle)
        release.check(bundle)
        return bundle

    def _keep_unpacked(self, sha256: str, bundle: Bundle) -> None:
        with self._mutex:
            if sha256 not in self._unpacked:
                self._unpacked[sha256] = bundle
                self._unpacked_bytes += _size(bundle)
            while self._unpacked_bytes > _MOST_MEMORY:
                _, oldest = self._unpacked.popitem(last=False)
                self._unpacked_bytes -= _size(oldest)


def _file(release: Release) -> str:
    return f"{release.sha256}.zip"


def _size(bundle: Bundle) -> int:
    return sum(map(len, bundle.files.values()))
