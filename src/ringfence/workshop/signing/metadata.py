"""The signed metadata that a client has: fetched, kept in its folder, verified.

The files are kept as they were served, in one file that is replaced as a whole. They are verified
from the pinned root on whenever they are read; what came of that is remembered as long as the file
is the same one. Whether it has expired is for who uses it to ask (:meth:`Trusted.check_time`).
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime

from tuf.api.metadata import Root, Snapshot, Timestamp

from ringfence.errors import MetadataExpired, NotTrusted, WorkshopUnreachable
from ringfence.workshop.signing import trust
from ringfence.workshop.signing.clock import BACK
from ringfence.workshop.signing.fetching import Fetch, fetch_bounded
from ringfence.workshop.signing.private_folder import FileIdentity, PrivateFolder
from ringfence.workshop.signing.records import Metadata

__all__ = ["KnownMetadata"]

_FILE = "metadata.json"
_MOST_FILE = 64 << 20


class KnownMetadata:
    """The metadata of one workshop, in a client's folder.

    Args:
        folder: the client's.
        root: the pinned one.
        fetch: gets what is served.
        patience: seconds that one file may take.

    Raises:
        NotTrusted: ``root`` is no root.
    """

    def __init__(self, folder: PrivateFolder, root: bytes, fetch: Fetch, patience: float) -> None:
        trust.RootChain(root)
        self._folder = folder
        self._root = root
        self._fetch = fetch
        self._patience = patience
        self._trusted: tuple[FileIdentity, trust.Trusted] | None = None

    def current(self) -> trust.Trusted:
        """The state at hand, verified; expired or not.

        Raises:
            MetadataExpired: there is none yet.
            NotTrusted: what is kept is not what was signed.
        """
        identity = self._folder.identity(_FILE)
        known = self._trusted
        if known is None or known[0] != identity:
            found = self._folder.read(_FILE, _MOST_FILE)
            if found is None:
                raise MetadataExpired("the metadata", "there is none yet; refresh")
            kept = Metadata.read(_FILE, found[0])
            if not kept.files:
                raise MetadataExpired("the metadata", "there is no whole set yet; refresh")
            trusted = self._chain(kept).verify(trust.MetadataFiles(**kept.files))
            self._trusted = known = (found[1], trusted)
        return known[1]

    def refresh(self, now: datetime) -> None:
        """Fetch what the workshop signed last. Only while the folder is locked.

        Raises:
            NotTrusted: it is not signed, older than what was seen, or does not fit together.
            MetadataExpired: it has expired.
            WorkshopUnreachable: something did not arrive.
        """
        kept, chain = self._start()
        known = chain.version
        kept = self._follow_roots(kept, chain)
        trust.check_expiry(chain.root, now)
        try:
            kept = self._follow_timestamp(kept, chain.root)
        except NotTrusted:
            before = chain.version  # have keys been replaced since we looked for a new root?
            kept = self._follow_roots(kept, chain)
            if chain.version == before:
                raise
            kept = self._follow_timestamp(kept, chain.root)
        assert kept.seen is not None
        timestamp = trust.verify(chain.root, Timestamp, kept.seen)
        trust.check_expiry(timestamp, now)
        signed = trust.signed_at(timestamp)
        if signed is not None and now < signed - BACK:
            raise NotTrusted(
                "the clock",
                f"this machine says {now:%Y-%m-%d %H:%M} UTC, and the workshop signed its "
                f"timestamp on {signed:%Y-%m-%d %H:%M}; set the clock",
            )
        if known == chain.version and kept.seen == kept.files.get("timestamp"):
            try:
                trusted = self.current()
            except NotTrusted:
                pass  # what was kept is damaged: fetched anew
            else:
                trusted.check_time(now)
                return
        snapshot_data, snapshot = self._follow_snapshot(kept, chain.root, timestamp)
        trust.check_expiry(snapshot, now)
        targets_data = self._follow_targets(kept, snapshot)
        files = trust.MetadataFiles(kept.seen, snapshot_data, targets_data)
        chain.verify(files).check_time(now)
        whole = {
            "timestamp": files.timestamp, "snapshot": files.snapshot, "targets": files.targets
        }  # fmt: skip
        if whole != kept.files:
            self._folder.write(_FILE, replace(kept, files=whole).write())

    def _start(self) -> tuple[Metadata, trust.RootChain]:
        """What is kept, as far as it can be believed, and the chain to its newest root."""
        try:
            found = self._folder.read(_FILE, _MOST_FILE)
            kept = Metadata() if found is None else Metadata.read(_FILE, found[0])
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
        self._folder.write(_FILE, kept.write())
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
            self._folder.write(_FILE, kept.write())
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
