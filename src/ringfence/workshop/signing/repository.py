"""What a workshop signs and serves: releases, in the metadata of The Update Framework.

::

    repository = Repository.create("workshop", offline="root-keys")
    repository.publish(bundle)
    Client("plugins", root=repository.root, fetch=repository.serve).install("ridged-mountains", …)

Its folder is private. In it: ``keys`` (the online keys: of targets, snapshot and timestamp),
``public`` (what is served: ``metadata/…`` and ``targets/…``, nothing secret), a lock, and for the
moment of a publication its journal. The keys of root are elsewhere.
"""

from __future__ import annotations

import copy
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Root, Signed, Timestamp

from ringfence.errors import (
    AlreadyPublished,
    ConfigurationError,
    ReleaseNotFound,
    ReleaseRevoked,
    WorkshopNotUsable,
)
from ringfence.plugins.bundle import Bundle
from ringfence.workshop.signing import keys
from ringfence.workshop.signing.authoring import (
    ROLES,
    Expiry,
    Made,
    MetadataFull,
    State,
    blank_state,
    make_metadata,
    sign,
)
from ringfence.workshop.signing.journal import Journal
from ringfence.workshop.signing.private_folder import FileIdentity, PrivateFolder
from ringfence.workshop.signing.release import Release, Status, read_releases
from ringfence.workshop.signing.trust import (
    RootChain,
    accept_snapshot,
    accept_targets,
    named_targets,
    verify,
)

__all__ = ["Repository"]

_PUBLIC = "public"
_SETTINGS = "settings.json"
_METADATA = re.compile(r"(?:[1-9]\d{0,8}\.(?:root|snapshot|targets)|timestamp)\.json")
_VERSIONED = re.compile(r"([1-9]\d{0,8})\.(snapshot|targets)\.json")
_TARGET = re.compile(r"[a-z0-9-]{1,64}/[0-9a-f]{64}\.[a-z0-9-]{1,64}-[0-9.]{5,20}\.zip")
_KEPT = 16  # versions of snapshot and targets, for clients that are in the middle of a refresh
_LONGEST_REASON = 500
_LATE = 0.25  # of root's time: from then on the operator is told each day
_log = logging.getLogger("ringfence.workshop")
_SHARES: Mapping[Status, float] = {"published": 0.90, "yanked": 0.95, "revoked": 0.99}
"""How much of the bytes that clients take of targets may be used to say so. Whoever fills a
workshop does not keep others from revoking; the end is for new dates and keys."""


class Repository:
    """The signed releases of a workshop, and the online keys that sign them.

    Each change is one step: it is on the disk as a whole or not at all, also when the process is
    killed in the middle, and the next one to look finishes or forgets it. Changes wait for each
    other, in this process and in others. What is read is verified before it is signed again.

    Made by :meth:`create` and :meth:`open`.
    """

    def __init__(
        self, folder: PrivateFolder, expiry: Expiry, clock: Callable[[], datetime]
    ) -> None:
        self._folder = folder
        self._keys = folder.folder("keys")
        self._public = folder.folder(_PUBLIC).path
        self._journal = Journal(folder, _PUBLIC)
        self._expiry = expiry
        self._clock = clock
        self._known: tuple[tuple[FileIdentity | None, ...], State] | None = None
        self._told: datetime | None = None

    # --- making and opening ------------------------------------------------------------------

    @classmethod
    def create(
        cls,
        folder: str | os.PathLike[str],
        *,
        offline: str | os.PathLike[str] | None = None,
        root_keys: int = 3,
        threshold: int = 2,
        expiry: Expiry | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Self:
        """A new repository, with keys of its own.

        Args:
            folder: where; must not have one.
            offline: the folder that the keys of root are written to; None is ``offline`` in
                ``folder``. Take them from there to a place that no service can read: they are
                needed only to rotate keys, and once a year to renew root.
            root_keys: how many keys of root are made.
            threshold: how many of them must sign a new root.
            expiry: for how long what is signed holds.
            clock: tells the time, aware of its zone.

        Raises:
            ConfigurationError: a threshold that cannot be met.
            WorkshopNotUsable: there is one already, or a folder cannot be written to.
        """
        if not 1 <= threshold <= root_keys <= 16:
            raise ConfigurationError(
                f"threshold must be from 1 to root_keys, and root_keys at most 16; got "
                f"{threshold} of {root_keys}"
            )
        private = PrivateFolder(folder)
        made = cls(private, expiry or Expiry(), clock)
        apart = made._offline(offline, create=True)
        with private.locked():
            private.sweep()
            made._keys.sweep()
            made._journal.recover()
            if made._exists():
                raise WorkshopNotUsable(f"{private.path} has a repository already; open it")
            made._found(apart, root_keys, threshold)
        return made

    @classmethod
    def open(
        cls,
        folder: str | os.PathLike[str],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Self:
        """The repository in a folder. What was begun and not finished is finished or forgotten.

        Raises:
            WorkshopNotUsable: there is none, or it is damaged.
            NotTrusted: what is in it was not signed with its keys.
        """
        private = PrivateFolder(folder, create=False)
        found = private.read(_SETTINGS, 1 << 16)
        if found is None:
            raise WorkshopNotUsable(f"{private.path} has no repository; create one")
        opened = cls(private, Expiry.read(private.path / _SETTINGS, found[0]), clock)
        with private.locked():
            opened._recover()
        return opened

    # --- changing ----------------------------------------------------------------------------

    def publish(self, bundle: Bundle) -> Release:
        """Sign a bundle as a release. Publishing the same bytes again changes nothing.

        Returns:
            The release as it is signed.

        Raises:
            AlreadyPublished: the version is there, with other bytes.
            WorkshopNotUsable: the disk is full, for example. It may have happened nevertheless, or
                be finished by the next one to look; to publish again says so, and is harmless.
            WorkshopError: no more releases fit into signed metadata, a tenth of which is kept for
                withdrawing.
        """
        release = Release.of_bundle(bundle)
        with self._changing() as current:
            there = current.releases.get((release.name, release.version))
            if there is not None:
                if there.sha256 == release.sha256:
                    return there
                raise AlreadyPublished(
                    f"{release.name} {release.version} was published with other bytes, and a "
                    "release never changes; give this one another version"
                )
            target = (f"targets/{release.served_path}", bundle.pack())
            releases = [*current.releases.values(), release]
            self._sign(current, releases, before=[target], share=_SHARES["published"])
            return release

    def yank(self, name: str, version: str, reason: str) -> Release:
        """Have a release chosen for no new install; where it is installed it loads.

        Raises:
            ReleaseNotFound: there is none.
            ReleaseRevoked: it is revoked, which is stronger; reinstate it first.
        """
        return self._change(name, version, "yanked", reason)

    def revoke(self, name: str, version: str, reason: str) -> Release:
        """Have a release loaded nowhere, as soon as a client refreshes.

        Where the workshop is full, the reason is left out: that it is revoked always fits.

        Raises:
            ReleaseNotFound: there is none.
        """
        return self._change(name, version, "revoked", reason)

    def reinstate(self, name: str, version: str) -> Release:
        """Take a yank or a revocation back.

        Raises:
            ReleaseNotFound: there is none.
        """
        return self._change(name, version, "published", "")

    def refresh(self) -> None:
        """Sign snapshot and timestamp anew, and targets when half of their time is over.

        To be called well within the shortest expiry, for example every day. Root is not signed
        here, where its keys are not: in the last quarter of its time a warning is logged each day.
        """
        with self._changing() as current:
            half = self._clock() + self._expiry.targets / 2
            changed = current.releases.values() if current.targets.expires < half else None
            self._sign(current, None if changed is None else list(changed))
            self._warn_of(current.root)

    def _warn_of(self, root: Root) -> None:
        """Tell the operator, once a day, that only a person with root's keys can keep this up."""
        now = self._clock()
        late = root.expires - now < self._expiry.root * _LATE
        if late and (self._told is None or now - self._told >= timedelta(days=1)):
            self._told = now
            _log.warning(
                "the root of this workshop expires on %s, and nobody trusts it after that; renew "
                "it with: ringfence workshop rotate, where the keys of root are",
                f"{root.expires:%Y-%m-%d}",
            )

    def rotate(self, *roles: str, offline: str | os.PathLike[str] | None = None) -> None:
        """Replace the keys of roles by new ones, and sign all of theirs anew; renews root.

        Clients follow the new root from the one they have, and forget what only the old keys had
        signed: that is how they recover from keys that were stolen. The files of online keys that
        are no more are removed; remove those of root where you keep them.

        Args:
            roles: ``root``, ``targets``, ``snapshot``, ``timestamp``; none only renews root.
            offline: the folder with enough of the keys of root; new ones are written there. None
                is ``offline`` in the repository's.

        Raises:
            ConfigurationError: there is no such role.
            WorkshopNotUsable: there are not enough keys of root in the folder.
        """
        for role in roles:
            if role not in ROLES:
                raise ConfigurationError(f"the roles are {', '.join(ROLES)}, not {role!r}")
        apart = self._offline(offline, create=False)
        with self._changing() as current:
            apart.sweep()
            old = current.root
            signers = keys.find_signers(apart, old, Root.type)
            new = copy.deepcopy(old)
            new.version = old.version + 1
            new.expires = self._clock() + self._expiry.root
            for role in dict.fromkeys(roles):
                made = self._replace_keys(new, role, apart if role == Root.type else self._keys)
                signers += made if role == Root.type else []
            root = sign(new, signers)
            after = [(f"metadata/{new.version}.root.json", root)]
            self._sign(replace(current, root=new), list(current.releases.values()), root=after)
            self._forget_keys(new)

    # --- reading -----------------------------------------------------------------------------

    @property
    def root(self) -> bytes:
        """The newest root: what clients are given to trust, by another way than fetching it."""
        with self._folder.locked():
            self._journal.recover()
            return self._read(f"metadata/{self._newest_root()}.root.json")

    def releases(self) -> Mapping[tuple[str, str], Release]:
        """All that is signed: ``(name, version)`` -> release."""
        with self._changing() as current:
            return current.releases

    def expires(self) -> Mapping[str, datetime]:
        """When each role's metadata expires; that of root needs its keys to be renewed."""
        with self._changing() as current:
            parts: Sequence[Signed] = (
                current.root, current.targets, current.snapshot, current.timestamp,
            )  # fmt: skip
            return {part.type: part.expires for part in parts}

    def metadata_file(self, name: str) -> bytes:
        """A file of metadata that is served, as ``timestamp.json`` or ``3.root.json``.

        Raises:
            FileNotFoundError: there is none.
        """
        return self._served("metadata", name, _METADATA)

    def target_file(self, path: str) -> bytes:
        """A packed bundle that is served, by :attr:`Release.served_path`.

        Raises:
            FileNotFoundError: there is none.
        """
        return self._served("targets", path, _TARGET)

    def serve(self, path: str) -> bytes:
        """What is at ``metadata/…`` or ``targets/…``: it is a client's ``fetch``.

        Raises:
            FileNotFoundError: nothing.
        """
        kind, _, rest = path.partition("/")
        if kind == "metadata":
            return self.metadata_file(rest)
        if kind == "targets":
            return self.target_file(rest)
        raise FileNotFoundError(path)

    # --- inside ------------------------------------------------------------------------------

    def _found(self, apart: PrivateFolder, root_keys: int, threshold: int) -> None:
        """Sign the first root, and metadata without releases."""
        self._folder.write(_SETTINGS, self._expiry.write())
        blank = blank_state(self._clock() + self._expiry.root, threshold)
        root = blank.root
        signers = [keys.new_signer() for _ in range(root_keys)]
        for signer in signers:
            keys.keep_key(apart, signer)
            root.add_key(signer.public_key, Root.type)
        for role in keys.ONLINE:
            self._replace_keys(root, role, self._keys)
        first = [("metadata/1.root.json", sign(root, signers))]
        self._sign(blank, [], root=first, step=0)
        self._forget_keys(root)

    def _replace_keys(self, root: Root, role: str, folder: PrivateFolder) -> list[CryptoSigner]:
        """New keys for a role, as many as it had; their files are written."""
        had = list(root.roles[role].keyids)
        made = [keys.new_signer() for _ in had or [role]]
        for key_id in had:
            root.revoke_key(key_id, role)
        for signer in made:
            keys.keep_key(folder, signer)
            root.add_key(signer.public_key, role)
        return made

    def _forget_keys(self, root: Root) -> None:
        """Remove the files of online keys that root does not name."""
        for key_id in keys.unknown_keys(self._keys, root.keys):
            keys.forget_key(self._keys, key_id)

    def _change(self, name: str, version: str, status: Status, reason: str) -> Release:
        if len(reason) > _LONGEST_REASON or not reason.isprintable():
            raise ConfigurationError(
                f"a reason is one line of at most {_LONGEST_REASON} characters"
            )
        with self._changing() as current:
            there = current.releases.get((name, version))
            if there is None:
                raise ReleaseNotFound(f"there is no release {name} {version}")
            if status == "yanked" and there.status == "revoked":
                raise ReleaseRevoked(name, version, there.reason)
            changed = replace(there, status=status, reason=reason)
            try:
                self._put(current, there, changed, _SHARES[status])
            except MetadataFull:
                if status != "revoked":
                    raise
                changed = replace(changed, reason="")
                self._put(current, there, changed, 1.0)
            return changed

    def _put(self, current: State, there: Release, changed: Release, share: float) -> None:
        if changed != there:
            releases = {**current.releases, (there.name, there.version): changed}
            self._sign(current, list(releases.values()), share=share)

    def _sign(
        self,
        current: State,
        releases: list[Release] | None,
        *,
        before: Sequence[tuple[str, bytes]] = (),
        root: Sequence[tuple[str, bytes]] = (),
        step: int = 1,
        share: float = 1.0,
    ) -> None:
        """Sign releases, snapshot and timestamp anew, and put all in place as one step.

        Args:
            current: what is there; its root is the one to sign for.
            releases: all of them; None leaves targets as they are.
            before: files that must be there first.
            root: the file of a new root.
            step: by how much versions grow.
            share: how much targets may have of the bytes that clients take.

        Raises:
            MetadataFull: they would have more.
        """
        if releases is None:
            name = f"metadata/{current.targets.version}.targets.json"
            made = self._make(current, self._read(name), step, share)
        else:
            made = self._make(current, releases, step, share)
        files = [(f"metadata/{name}", data) for name, data in made.before]
        last = ("metadata/timestamp.json", made.timestamp)
        self._journal.commit([*before, *files, *root, last])
        self._prune(made.snapshot_version, made.targets_version)

    def _make(
        self, current: State, releases: list[Release] | bytes, step: int, share: float
    ) -> Made:
        def signers(role: str) -> list[CryptoSigner]:
            return keys.find_signers(self._keys, current.root, role)

        return make_metadata(
            current, releases, signers, self._expiry, self._clock(), step=step, share=share
        )

    @contextmanager
    def _changing(self) -> Iterator[State]:
        """What is there, while nobody else changes it."""
        with self._folder.locked():
            yield self._recover()

    def _recover(self) -> State:
        """Finish or forget what was begun; what is there then. Only while it is locked."""
        self._folder.sweep()
        self._keys.sweep()
        self._journal.recover()
        if not self._exists():
            raise WorkshopNotUsable(f"{self._folder.path} has no repository; create one")
        known = self._known
        if known is None or known[0] != self._identities(known[1]):
            current = self._read_current()
            self._known = known = (self._identities(current), current)
        return known[1]

    def _read_current(self) -> State:
        """What was committed last, verified from the first root on."""
        chain = RootChain(self._read("metadata/1.root.json"))
        for version in range(2, self._newest_root() + 1):
            chain.extend(self._read(f"metadata/{version}.root.json"))
        self._forget_keys(chain.root)
        timestamp = verify(chain.root, Timestamp, self._read("metadata/timestamp.json"))
        version = timestamp.snapshot_meta.version
        snapshot = accept_snapshot(
            chain.root, timestamp, self._read(f"metadata/{version}.snapshot.json")
        )
        version = named_targets(snapshot).version
        targets = accept_targets(
            chain.root, snapshot, self._read(f"metadata/{version}.targets.json")
        )
        return State(chain.root, targets, snapshot, timestamp, read_releases(targets))

    def _identities(self, current: State) -> tuple[FileIdentity | None, ...]:
        """Which files it was read from, and whether there is a newer root."""
        return tuple(
            _identity(self._public / "metadata" / name)
            for name in (
                "timestamp.json",
                f"{current.snapshot.version}.snapshot.json",
                f"{current.targets.version}.targets.json",
                f"{current.root.version}.root.json",
                f"{current.root.version + 1}.root.json",
            )
        )

    def _prune(self, snapshot: int, targets: int) -> None:
        """Remove versions that no client asks for any more."""
        oldest = {"snapshot": snapshot - _KEPT, "targets": targets - _KEPT}
        for path in (self._public / "metadata").iterdir():
            found = _VERSIONED.fullmatch(path.name)
            if found and int(found[1]) < oldest[found[2]]:
                try:
                    path.unlink()
                except OSError as error:
                    raise WorkshopNotUsable(
                        f"{path} is not needed any more and cannot be removed: {error.strerror}; "
                        "what was to be signed is signed"
                    ) from error

    def _exists(self) -> bool:
        return (self._public / "metadata" / "1.root.json").exists()

    def _newest_root(self) -> int:
        version = 1
        while (self._public / "metadata" / f"{version + 1}.root.json").exists():
            version += 1
        return version

    def _read(self, path: str) -> bytes:
        """A file of metadata that must be there."""
        try:
            return (self._public / path).read_bytes()
        except OSError as error:
            raise WorkshopNotUsable(
                f"{self._public / path} cannot be read: {error.strerror}; restore the repository's "
                "folder from a backup"
            ) from error

    def _served(self, kind: str, path: str, pattern: re.Pattern[str]) -> bytes:
        """A file that is served, once what was begun is finished."""
        if not pattern.fullmatch(path):
            raise FileNotFoundError(path)
        if self._journal.pending:
            with self._folder.locked():
                self._journal.recover()
        return (self._public / kind / path).read_bytes()

    def _offline(self, offline: str | os.PathLike[str] | None, *, create: bool) -> PrivateFolder:
        """The folder of the keys of root, which must not be one that is served.

        Raises:
            ConfigurationError: it is below the folder that is served.
        """
        path = self._folder.path / "offline" if offline is None else Path(offline)
        if path.resolve().is_relative_to(self._public.resolve()):
            raise ConfigurationError(f"offline={path} would be served to everybody")
        return PrivateFolder(path, create=create)


def _identity(path: Path) -> FileIdentity | None:
    try:
        return FileIdentity.of(path.lstat())
    except OSError:  # it is read next, which says why it cannot be
        return None
