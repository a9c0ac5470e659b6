"""Installs plugins from a workshop, and verifies them on every load.

::

    client = Client("plugins", root=root, fetch=workshop.HttpFetch("https://workshop.example"))
    client.install("ridged-mountains", consent=ask)
    bundle = client.load("ridged-mountains")      # offline as well, until the metadata expires

A client believes the root that it is given, and what the keys that this root names have signed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from tuf.api.metadata import Root, Snapshot, Timestamp

from ringfence.errors import (
    BundleRefused,
    ConfigurationError,
    ConsentNeeded,
    MetadataExpired,
    NotTrusted,
    ReleaseNotFound,
    ReleaseRevoked,
    WorkshopUnreachable,
)
from ringfence.plugins.bundle import Bundle
from ringfence.workshop.signing import trust
from ringfence.workshop.signing.fetching import Fetch, fetch_bounded
from ringfence.workshop.signing.private_folder import FileIdentity, PrivateFolder
from ringfence.workshop.signing.records import (
    Installed,
    Kept,
    Metadata,
    read_moment,
    write_moment,
)
from ringfence.workshop.signing.release import MOST_BUNDLE, Release, version_key

__all__ = ["Client", "Escalation"]

_METADATA = "metadata.json"
_INSTALLED = "installed.json"
_CLOCK = "clock"
_BUNDLES = "bundles"
_MOST_FILE = 64 << 20
_MOST_MEMORY = 32 << 20  # bytes of bundles whose files are kept in memory
_NOTED_EVERY = timedelta(minutes=10)
_BACK = timedelta(minutes=5)  # what a clock that is set right may lose


@dataclass(frozen=True, slots=True)
class Escalation:
    """What a release asks for beyond what a person agreed to.

    Attributes:
        release: what is to be installed; ``release.packages`` and ``release.grants`` are all that
            it asks for.
        before: the version that is installed; None where there is none.
        packages: those that nobody agreed to yet.
        grants: those that nobody agreed to yet.
    """

    release: Release
    before: str | None
    packages: tuple[str, ...]
    grants: tuple[str, ...]


class Client:
    """The plugins that one user has from one workshop.

    Several clients, in one process or many, may share a folder: what changes it waits for each
    other, and what reads it sees whole files. A client may be used from several threads.

    Args:
        folder: where plugins and signed metadata are kept; made, and private to this user.
        root: the root of the workshop, as bytes. It is what everything else is believed by, so it
            must come another way than ``fetch``: with the application, or from a person.
        fetch: gets what is at ``metadata/…`` and ``targets/…``; see :data:`Fetch`.
        clock: tells the time, aware of its zone.
        patience: seconds that one file may take to arrive.

    Raises:
        NotTrusted: ``root`` is no root.
        WorkshopNotUsable: the folder is a link, another user's, or open to others.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        root: bytes,
        fetch: Fetch,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        patience: float = 60.0,
    ) -> None:
        trust.RootChain(root)
        self._root = root
        self._fetch = fetch
        self._clock = clock
        self._patience = patience
        self._folder = PrivateFolder(folder)
        self._bundles = self._folder.folder(_BUNDLES)
        self._mutex = threading.Lock()
        self._trusted: tuple[FileIdentity, trust.Trusted] | None = None
        self._plugins: tuple[FileIdentity, Installed] | None = None
        self._newest: tuple[FileIdentity, datetime] | None = None
        self._unpacked: OrderedDict[str, Bundle] = OrderedDict()
        self._unpacked_bytes = 0

    # --- what needs the workshop -------------------------------------------------------------

    def refresh(self) -> None:
        """Get what the workshop signed last: new releases, yanks, revocations, keys.

        All of it is taken over, or nothing but new roots and the memory of what was seen.

        Raises:
            NotTrusted: it is not signed, older than what was seen, or does not fit together.
            MetadataExpired: what the workshop serves has expired.
            WorkshopUnreachable: something did not arrive.
        """
        with self._folder.locked():
            self._folder.sweep()
            self._bundles.sweep()
            self._refresh()

    def install(
        self,
        name: str,
        version: str | None = None,
        *,
        consent: Callable[[Escalation], bool] | None = None,
    ) -> Release:
        """Refresh, and install a release; it becomes the one that is loaded by name alone.

        Other versions of the plugin stay, and load by their version.

        Args:
            name: of the plugin.
            version: which; None is the newest that is neither yanked nor revoked. A yanked one is
                installed when it is named.
            consent: asked when the release asks for packages or grants that nobody agreed to for
                this plugin; without it nobody agrees. What was agreed to is remembered until the
                plugin is removed.

        Returns:
            What is signed about it.

        Raises:
            ReleaseNotFound: there is none.
            ReleaseRevoked: it is revoked.
            ConsentNeeded: nobody agreed.
            NotTrusted: what was served is not what was signed. Nothing was installed.
            WorkshopUnreachable: something did not arrive.
        """
        if version is not None:
            version_key(version)
        self.refresh()
        trusted = self._current()
        release = _choose(trusted, name) if version is None else _named(trusted, name, version)
        return self._install(release, consent)

    def update(self, name: str, *, consent: Callable[[Escalation], bool] | None = None) -> Release:
        """Refresh, and install the newest release of a plugin, if it is newer than the current.

        Also away from a version that was revoked, but never to an older one.

        Returns:
            The release that is current now.

        Raises:
            ReleaseNotFound: the plugin is not installed.
            ConsentNeeded, NotTrusted, WorkshopUnreachable: as :meth:`install` does; what was
                current is so still.
        """
        self.refresh()
        trusted = self._current()
        kept = self._kept(name)
        newest = _newest(trusted, name)
        if newest is None or version_key(newest.version) <= version_key(kept.current):
            return _named(trusted, name, kept.current, revoked=True)
        return self._install(newest, consent)

    # --- what does not -----------------------------------------------------------------------

    def load(self, name: str, version: str | None = None) -> Bundle:
        """A plugin's files, verified now.

        On every call, with no memory of an earlier one: that the clock was not set back; that
        none of root, timestamp, snapshot and targets has expired; that the release is in signed
        metadata and not revoked; that it was installed with the same hash; that the bytes on the
        disk have the signed length and SHA-256; that the manifest says what the release says.

        Remembered in memory, as long as the file they come from is the same one (device, inode,
        size, time of modification and of change): that signatures, versions and hashes of the
        metadata hold from the pinned root on; the list of what is installed. And, by the SHA-256
        that was just computed: the files that these bytes unpack to.

        Args:
            name: of the plugin.
            version: which of those that are installed; None is the current one.

        Raises:
            ReleaseNotFound: it is not installed.
            ReleaseRevoked: the workshop took it back.
            MetadataExpired: nobody knows whether it did; refresh.
            NotTrusted: something is not what was signed, or the clock was set back.
            WorkshopNotUsable: a file is a link, or open to others.
        """
        kept = self._kept(name)
        wanted = kept.current if version is None else version
        noted = kept.versions.get(wanted)
        if noted is None:
            have = ", ".join(sorted(kept.versions, key=version_key))
            raise ReleaseNotFound(f"{name} {wanted} is not installed; of {name} there is {have}")
        release = _named(self._current(), name, wanted)
        if release.sha256 != noted:
            raise NotTrusted(
                f"{name} {wanted}",
                "the workshop signs other bytes than those that were installed, and a release "
                "never changes; tell who keeps the workshop",
            )
        return self._read(release)

    def installed(self) -> Mapping[str, Release]:
        """Name -> the current release of every plugin that is installed, in whatever status.

        Raises:
            MetadataExpired, NotTrusted: as :meth:`load` does.
        """
        plugins = self._all_installed().plugins
        if not plugins:
            return MappingProxyType({})
        trusted = self._current()
        return MappingProxyType(
            {
                name: _named(trusted, name, kept.current, revoked=True)
                for name, kept in plugins.items()
            }
        )

    def versions(self, name: str) -> tuple[str, ...]:
        """The versions of a plugin that are installed, oldest first; empty if none is."""
        kept = self._all_installed().plugins.get(name)
        return () if kept is None else tuple(sorted(kept.versions, key=version_key))

    def available(self) -> Mapping[tuple[str, str], Release]:
        """All releases that the metadata at hand has: ``(name, version)`` -> release.

        Raises:
            MetadataExpired, NotTrusted: as :meth:`load` does.
        """
        return self._current().releases

    def outdated(self) -> Mapping[str, Release]:
        """Name -> the release that :meth:`update` would install, of the metadata at hand."""
        plugins = self._all_installed().plugins
        if not plugins:
            return MappingProxyType({})
        trusted = self._current()
        found = {}
        for name, kept in plugins.items():
            newest = _newest(trusted, name)
            if newest is not None and version_key(newest.version) > version_key(kept.current):
                found[name] = newest
        return MappingProxyType(found)

    def remove(self, name: str, version: str | None = None) -> None:
        """Remove a plugin and the consent to it, or one version of it.

        With the current version removed, the newest that is left is current.

        Raises:
            ReleaseNotFound: it is not installed.
        """
        with self._folder.locked():
            installed = self._all_installed()
            kept = self._kept(name)
            left = {} if version is None else dict(kept.versions)
            if version is not None and left.pop(version, None) is None:
                raise ReleaseNotFound(f"{name} {version} is not installed")
            plugins = {other: one for other, one in installed.plugins.items() if other != name}
            if left:
                current = kept.current if kept.current in left else max(left, key=version_key)
                plugins[name] = replace(kept, current=current, versions=left)
            self._keep_installed(Installed(plugins))

    def accept_clock(self) -> None:
        """Take this machine's clock for right, though an earlier time than before.

        For a person to decide, after a clock that was ahead was set right. What has expired by
        the new time is refused as before.
        """
        with self._folder.locked():
            self._folder.write(_CLOCK, write_moment(self._clock()))

    # --- inside: refreshing ------------------------------------------------------------------

    def _refresh(self) -> None:
        now = self._now()
        self._note_time(now)
        kept, chain = self._start()
        kept = self._follow_roots(kept, chain)
        trust.check_expiry(chain.root, now)
        kept = self._follow_timestamp(kept, chain.root)
        assert kept.seen is not None
        timestamp = trust.verify(chain.root, Timestamp, kept.seen)
        trust.check_expiry(timestamp, now)
        signed = trust.signed_at(timestamp)
        if signed is not None and now < signed - _BACK:
            raise NotTrusted(
                "the clock",
                f"this machine says {now:%Y-%m-%d %H:%M} UTC, and the workshop signed its "
                f"timestamp on {signed:%Y-%m-%d %H:%M}; set the clock",
            )
        snapshot_data, snapshot = self._follow_snapshot(kept, chain.root, timestamp)
        trust.check_expiry(snapshot, now)
        targets_data = self._follow_targets(kept, snapshot)
        files = trust.MetadataFiles(kept.seen, snapshot_data, targets_data)
        chain.verify(files).check_time(now)
        whole = {
            "timestamp": files.timestamp, "snapshot": files.snapshot, "targets": files.targets
        }  # fmt: skip
        if whole != kept.files:
            self._folder.write(_METADATA, replace(kept, files=whole).write())

    def _start(self) -> tuple[Metadata, trust.RootChain]:
        """What is kept, as far as it can be believed, and the chain to its newest root."""
        try:
            found = self._folder.read(_METADATA, _MOST_FILE)
            kept = Metadata() if found is None else Metadata.read(_METADATA, found[0])
            return kept, self._chain(kept)
        except NotTrusted:  # damaged: as if it was not there
            return Metadata(), trust.RootChain(self._root)

    def _chain(self, kept: Metadata) -> trust.RootChain:
        """From the pinned root along those that are kept."""
        chain = trust.RootChain(self._root)
        for data in kept.roots:
            if trust.version_of_root(data) > chain.version:  # the pinned one may be newer
                chain.extend(data)
        return chain

    def _follow_roots(self, kept: Metadata, chain: trust.RootChain) -> Metadata:
        """Take new roots over, each signed by the one before (5.3)."""
        roots = list(kept.roots)
        for _ in range(trust.MOST_ROOTS):
            try:
                data = self._get(f"metadata/{chain.version + 1}.root.json", "root")
            except FileNotFoundError:
                break
            chain.extend(data)
            roots.append(data)
        if len(roots) == len(kept.roots):
            return kept
        kept = replace(kept, roots=tuple(roots))
        self._folder.write(_METADATA, kept.write())
        return kept

    def _follow_timestamp(self, kept: Metadata, root: Root) -> Metadata:
        """Take a newer timestamp over (5.4), and remember that it was seen.

        What the keys of this root did not sign is forgotten: with stolen keys somebody could have
        signed a version that no honest one reaches (5.3.11, fast-forward).
        """
        seen: list[tuple[bytes, Timestamp]] = []
        for data in (kept.seen, kept.files.get("timestamp")):
            with contextlib.suppress(NotTrusted):
                seen += [] if data is None else [(data, trust.verify(root, Timestamp, data))]
        fetched = self._get_named("metadata/timestamp.json", "timestamp")
        new = trust.accept_timestamp(root, [old for _, old in seen], fetched)
        for data, old in seen:
            if old.version == new.version:
                fetched = data  # the one that was seen, not another of the same version
                break
        if fetched != kept.seen:
            kept = replace(kept, seen=fetched)
            self._folder.write(_METADATA, kept.write())
        return kept

    def _follow_snapshot(
        self, kept: Metadata, root: Root, timestamp: Timestamp
    ) -> tuple[bytes, Snapshot]:
        """The snapshot that the timestamp names (5.5)."""
        seen = None
        data = kept.files.get("snapshot")
        if data is not None:
            with contextlib.suppress(NotTrusted):
                return data, trust.accept_snapshot(root, timestamp, data)
            with contextlib.suppress(NotTrusted):
                seen = trust.verify(root, Snapshot, data)
        version = timestamp.snapshot_meta.version
        data = self._get_named(f"metadata/{version}.snapshot.json", "snapshot")
        return data, trust.accept_snapshot(root, timestamp, data, seen)

    def _follow_targets(self, kept: Metadata, snapshot: Snapshot) -> bytes:
        """The targets that the snapshot names (5.6); the caller verifies them."""
        named = trust.named_targets(snapshot)
        data = kept.files.get("targets")
        if data is not None and trust.is_named(named, data):
            return data
        return self._get_named(f"metadata/{named.version}.targets.json", "targets")

    def _get(self, path: str, role: str) -> bytes:
        return fetch_bounded(self._fetch, path, trust.MOST_METADATA[role], self._patience)

    def _get_named(self, path: str, role: str) -> bytes:
        """A file that must be there."""
        try:
            return self._get(path, role)
        except FileNotFoundError:
            raise WorkshopUnreachable(f"{path}: the workshop does not have it") from None

    # --- inside: installing ------------------------------------------------------------------

    def _install(self, release: Release, consent: Callable[[Escalation], bool] | None) -> Release:
        self._ask(release, consent)
        self._fetch_bundle(release)
        with self._folder.locked():
            installed = self._all_installed()
            kept = installed.plugins.get(release.name)
            before = Kept(release.version, {}, frozenset(), frozenset()) if kept is None else kept
            if before.versions.get(release.version, release.sha256) != release.sha256:
                raise NotTrusted(
                    f"{release.name} {release.version}",
                    "other bytes were installed as this release, and a release never changes; "
                    "tell who keeps the workshop, or remove the plugin first",
                )
            after = Kept(
                release.version,
                {**before.versions, release.version: release.sha256},
                before.packages | frozenset(release.packages),
                before.grants | frozenset(release.grants),
            )
            self._fetch_bundle(release)  # if somebody removed it in the meantime
            self._keep_installed(Installed({**installed.plugins, release.name: after}))
        return release

    def _ask(self, release: Release, consent: Callable[[Escalation], bool] | None) -> None:
        """Have a person agree to what nobody agreed to."""
        kept = self._all_installed().plugins.get(release.name)
        packages, grants = (frozenset(), frozenset()) if kept is None else (
            kept.packages, kept.grants
        )  # fmt: skip
        escalation = Escalation(
            release,
            None if kept is None else kept.current,
            tuple(one for one in release.packages if one not in packages),
            tuple(one for one in release.grants if one not in grants),
        )
        if not escalation.packages and not escalation.grants:
            return
        if consent is None or consent(escalation) is not True:
            raise ConsentNeeded(
                release.name, release.version, escalation.packages, escalation.grants
            )

    def _fetch_bundle(self, release: Release) -> None:
        """Have the bytes of a release on the disk, verified."""
        try:
            self._read(release)
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
        self._bundles.write(_file(release), data)

    def _keep_installed(self, installed: Installed) -> None:
        """Write it down, and remove bundles that nothing needs."""
        self._folder.write(_INSTALLED, installed.write())
        wanted = {f"{one}.zip" for one in installed.bundles()}
        for name in self._bundles.names():
            if name not in wanted:
                self._bundles.remove(name)

    # --- inside: loading ---------------------------------------------------------------------

    def _current(self) -> trust.Trusted:
        """The signed state at hand, not expired."""
        now = self._now()
        identity = self._folder.identity(_METADATA)
        known = self._trusted
        if known is None or known[0] != identity:
            found = self._folder.read(_METADATA, _MOST_FILE)
            if found is None:
                raise MetadataExpired("the metadata", "there is none yet; refresh")
            kept = Metadata.read(_METADATA, found[0])
            if not kept.files:
                raise MetadataExpired("the metadata", "there is no whole set yet; refresh")
            trusted = self._chain(kept).verify(trust.MetadataFiles(**kept.files))
            self._trusted = known = (found[1], trusted)
        self._note_time(now)
        known[1].check_time(now)
        return known[1]

    def _all_installed(self) -> Installed:
        identity = self._folder.identity(_INSTALLED)
        if identity is None:
            return Installed()
        known = self._plugins
        if known is None or known[0] != identity:
            found = self._folder.read(_INSTALLED, _MOST_FILE)
            if found is None:
                return Installed()
            self._plugins = known = (found[1], Installed.read(_INSTALLED, found[0]))
        return known[1]

    def _kept(self, name: str) -> Kept:
        kept = self._all_installed().plugins.get(name)
        if kept is None:
            raise ReleaseNotFound(f"no plugin {ascii(name)[:80]} is installed")
        return kept

    def _read(self, release: Release) -> Bundle:
        """The bundle of a release, from the disk."""
        found = self._bundles.read(_file(release), MOST_BUNDLE)
        if found is None:
            raise ReleaseNotFound(
                f"the bundle of {release.name} {release.version} is gone from "
                f"{self._bundles.path}; install it again"
            )
        return self._verified(release, found[0])

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

    # --- inside: time ------------------------------------------------------------------------

    def _now(self) -> datetime:
        """The time, unless the clock was set back: that would bring what has expired to life."""
        now = self._clock()
        if now.tzinfo is None:
            raise ConfigurationError("clock must tell a time that is aware of its zone")
        newest = self._newest_time()
        if newest is not None and now < newest - _BACK:
            raise NotTrusted(
                "the clock",
                f"this machine says {now:%Y-%m-%d %H:%M} UTC, and it was {newest:%Y-%m-%d %H:%M} "
                "already; set the clock, or, if it is right now, call accept_clock()",
            )
        return now

    def _newest_time(self) -> datetime | None:
        identity = self._folder.identity(_CLOCK)
        known = self._newest
        if identity is None or (known is not None and known[0] == identity):
            return None if identity is None or known is None else known[1]
        found = self._folder.read(_CLOCK, 64)
        if found is None:
            return None
        self._newest = (found[1], read_moment(_CLOCK, found[0]))
        return self._newest[1]

    def _note_time(self, now: datetime) -> None:
        """Remember that it was so late; written every ten minutes at most."""
        newest = self._newest_time()
        if newest is None or now >= newest + _NOTED_EVERY:
            self._folder.write(_CLOCK, write_moment(now))


def _named(trusted: trust.Trusted, name: str, version: str, *, revoked: bool = False) -> Release:
    """A release by name and version; a revoked one only where that is asked for."""
    release = trusted.releases.get((name, version))
    if release is None:
        raise ReleaseNotFound(f"the workshop signs no release {ascii(name)[1:-1]} {version}")
    if release.status == "revoked" and not revoked:
        raise ReleaseRevoked(name, version, release.reason)
    return release


def _newest(trusted: trust.Trusted, name: str) -> Release | None:
    """The newest release that is published."""
    found = [one for (of, _), one in trusted.releases.items() if of == name]
    published = [one for one in found if one.status == "published"]
    return max(published, key=lambda one: version_key(one.version), default=None)


def _choose(trusted: trust.Trusted, name: str) -> Release:
    """The newest release to install."""
    newest = _newest(trusted, name)
    if newest is not None:
        return newest
    others = sorted(
        (one for (of, _), one in trusted.releases.items() if of == name),
        key=lambda one: version_key(one.version),
    )
    if not others:
        raise ReleaseNotFound(f"the workshop has no plugin {ascii(name)[:80]}")
    if all(one.status == "revoked" for one in others):
        raise ReleaseRevoked(name, others[-1].version, others[-1].reason)
    yanked = ", ".join(one.version for one in others if one.status == "yanked")
    raise ReleaseNotFound(
        f"every release of {name} is yanked or revoked; one that is yanked can be installed by "
        f"its version: {yanked}"
    )


def _file(release: Release) -> str:
    return f"{release.sha256}.zip"


def _size(bundle: Bundle) -> int:
    return sum(map(len, bundle.files.values()))
