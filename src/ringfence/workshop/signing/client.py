"""Installs plugins from a workshop, and verifies them on every load.

::

    client = Client("plugins", root=root, fetch=workshop.HttpFetch("https://workshop.example"))
    client.install("ridged-mountains", consent=ask)
    bundle = client.load("ridged-mountains")      # offline as well, until the metadata expires

A client believes the root that it is given, and what the keys that this root names have signed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType

from ringfence.errors import ConsentNeeded, NotTrusted, ReleaseNotFound, ReleaseRevoked
from ringfence.plugins.bundle import Bundle
from ringfence.workshop.signing import trust
from ringfence.workshop.signing.bundles import KnownBundles
from ringfence.workshop.signing.clock import ForwardClock
from ringfence.workshop.signing.fetching import Fetch
from ringfence.workshop.signing.metadata import KnownMetadata
from ringfence.workshop.signing.private_folder import FileIdentity, PrivateFolder
from ringfence.workshop.signing.records import Installed, Kept
from ringfence.workshop.signing.release import Release, version_key

__all__ = ["Client", "Escalation"]

_INSTALLED = "installed.json"
_BUNDLES = "bundles"
_MOST_FILE = 64 << 20


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
        trust.RootChain(root)  # before anything is made
        self._folder = PrivateFolder(folder)
        self._clock = ForwardClock(self._folder, clock)
        self._metadata = KnownMetadata(self._folder, root, fetch, patience)
        self._bundles = KnownBundles(self._folder.folder(_BUNDLES), fetch, patience)
        self._plugins: tuple[FileIdentity, Installed] | None = None

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
            self._metadata.refresh(self._clock.now())

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
        return self._bundles.read(release)

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

    def names(self) -> tuple[str, ...]:
        """The plugins that are installed, also while nothing else can be said about them because
        what the workshop signed has expired.
        """
        return tuple(sorted(self._all_installed().plugins))

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
            self._clock.accept()

    # --- inside: refreshing ------------------------------------------------------------------

    # --- inside: installing ------------------------------------------------------------------

    def _install(self, release: Release, consent: Callable[[Escalation], bool] | None) -> Release:
        self._ask(release, consent)
        self._bundles.have(release)
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
            self._bundles.have(release)  # if somebody removed it in the meantime
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

    def _keep_installed(self, installed: Installed) -> None:
        """Write it down, and remove bundles that nothing needs."""
        self._folder.write(_INSTALLED, installed.write())
        self._bundles.keep_only(installed.bundles())

    # --- inside: loading ---------------------------------------------------------------------

    def _current(self) -> trust.Trusted:
        """The signed state at hand, not expired."""
        now = self._clock.now()
        trusted = self._metadata.current()
        trusted.check_time(now)
        return trusted

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
