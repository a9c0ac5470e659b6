"""Which metadata is believed: the workflow of The Update Framework, without any I/O.

What a client does with each file of metadata, in the order of the specification's "detailed client
workflow" (TUF specification 1.0, section 5.3 root, 5.4 timestamp, 5.5 snapshot, 5.6 targets).
python-tuf parses, canonicalises, counts signatures and compares hashes. The order and the memory of
what was seen are here, because python-tuf's own client keeps them in a folder of links that only
one program may use, and takes the time from the machine.

Nothing here decides what happens to a file that is refused; it raises :class:`NotTrusted`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Root, Signed, Snapshot, Targets, Timestamp
from tuf.ngclient import UpdaterConfig

from ringfence.errors import MetadataExpired, NotTrusted
from ringfence.workshop.signing.release import Release, read_releases

__all__ = [
    "MOST_METADATA",
    "MOST_ROOTS",
    "SIGNED_AT",
    "MetadataFiles",
    "RootChain",
    "Trusted",
    "accept_snapshot",
    "accept_targets",
    "accept_timestamp",
    "check_expiry",
    "is_named",
    "named_targets",
    "signed_at",
    "stamp",
    "verify",
    "version_of_root",
]

_LIMITS = UpdaterConfig()

MOST_METADATA: Mapping[str, int] = {
    "root": _LIMITS.root_max_length,
    "timestamp": _LIMITS.timestamp_max_length,
    "snapshot": _LIMITS.snapshot_max_length,
    "targets": _LIMITS.targets_max_length,
}
"""Bytes of a file of metadata, by role: python-tuf's limits."""

MOST_ROOTS = _LIMITS.max_root_rotations
"""Rotations of root that are followed in one refresh."""

SIGNED_AT = "x-ringfence-signed-at"
"""The field of a timestamp in which the workshop says when it was signed; signed with the rest."""

_TIME = "%Y-%m-%dT%H:%M:%SZ"
_S = TypeVar("_S", Root, Timestamp, Snapshot, Targets)


@dataclass(frozen=True)
class MetadataFiles:
    """The files of one consistent state of the workshop, as they were served.

    Attributes:
        timestamp, snapshot, targets: their bytes.
    """

    timestamp: bytes
    snapshot: bytes
    targets: bytes


@dataclass(frozen=True)
class Trusted:
    """One consistent state of the workshop, verified; whether it has expired is asked each time.

    Attributes:
        releases: ``(name, version)`` -> what is signed about it.
        expires: role -> when it ends.
        signed: when the workshop signed its timestamp, as it says; None where it does not say.
        versions: role -> version of its metadata.
    """

    releases: Mapping[tuple[str, str], Release]
    expires: Mapping[str, datetime]
    signed: datetime | None
    versions: Mapping[str, int]

    def check_time(self, now: datetime) -> None:
        """Refuse it when any part of it has expired.

        Raises:
            MetadataExpired: it has.
        """
        role, end = min(self.expires.items(), key=lambda one: one[1])
        if now >= end:
            raise _expired(role, end)


class RootChain:
    """From the root that is pinned to the newest: each signed by the one before, and by itself.

    Args:
        pinned: the bytes of the root that is trusted because it came another way.

    Raises:
        NotTrusted: it is no root, or not signed by itself.
    """

    def __init__(self, pinned: bytes) -> None:
        root, data = _parse("the pinned root", Root, pinned)
        with _refusing("the pinned root"):
            root.signed.verify_delegate(Root.type, data, root.signatures)
        self._check_consistent("the pinned root", root.signed)
        self.root = root.signed

    @property
    def version(self) -> int:
        """Of the newest root."""
        return self.root.version

    def extend(self, data: bytes) -> None:
        """Take the next root (5.3.3 to 5.3.9).

        Raises:
            NotTrusted: it is not the next one, or not signed by enough keys of both.
        """
        what = f"{self.version + 1}.root.json"
        new, signed = _parse(what, Root, data)
        with _refusing(what):
            self.root.verify_delegate(Root.type, signed, new.signatures)
            new.signed.verify_delegate(Root.type, signed, new.signatures)
        if new.signed.version != self.version + 1:
            raise NotTrusted(
                what, f"it says that it is version {new.signed.version}: a root may not be left out"
            )
        self._check_consistent(what, new.signed)
        self.root = new.signed

    def verify(self, files: MetadataFiles) -> Trusted:
        """The state that these files are, all signatures, hashes and versions checked; not expiry.

        Raises:
            NotTrusted: something does not fit; names the file.
        """
        timestamp = verify(self.root, Timestamp, files.timestamp)
        snapshot = accept_snapshot(self.root, timestamp, files.snapshot)
        targets = accept_targets(self.root, snapshot, files.targets)
        parts: Sequence[Signed] = (self.root, timestamp, snapshot, targets)
        return Trusted(
            read_releases(targets),
            {part.type: part.expires for part in parts},
            signed_at(timestamp),
            {part.type: part.version for part in parts},
        )

    @staticmethod
    def _check_consistent(what: str, root: Root) -> None:
        if not root.consistent_snapshot:
            raise NotTrusted(what, "it does without consistent snapshots, which no workshop does")


def verify(root: Root, kind: type[_S], data: bytes) -> _S:
    """Metadata that enough keys of its role have signed.

    Raises:
        NotTrusted: it is none.
    """
    what = f"{kind.type}.json"
    found, signed = _parse(what, kind, data)
    with _refusing(what):
        root.verify_delegate(kind.type, signed, found.signatures)
    return found.signed


def accept_timestamp(root: Root, seen: Sequence[Timestamp], data: bytes) -> Timestamp:
    """A timestamp that was just fetched (5.4), its expiry aside.

    Args:
        root: the newest.
        seen: timestamps that were seen before, verified by this root.
        data: what was fetched.

    Raises:
        NotTrusted: it is not signed, or older than one that was seen.
    """
    new = verify(root, Timestamp, data)
    for old in seen:
        if new.version < old.version:
            raise NotTrusted(
                "timestamp.json",
                f"it is version {new.version}, and version {old.version} was seen before: somebody "
                "serves what is old. Nothing was taken over",
            )
        if new.snapshot_meta.version < old.snapshot_meta.version:
            raise NotTrusted(
                "timestamp.json",
                f"it names version {new.snapshot_meta.version} of snapshot.json, and version "
                f"{old.snapshot_meta.version} was seen before. Nothing was taken over",
            )
    return new


def accept_snapshot(
    root: Root, timestamp: Timestamp, data: bytes, seen: Snapshot | None = None
) -> Snapshot:
    """A snapshot that a timestamp names (5.5), its expiry aside.

    Args:
        root: the newest.
        timestamp: a verified one.
        data: what was fetched.
        seen: the one that was seen before, verified by this root.

    Raises:
        NotTrusted: it is not the one that is named, not signed, or takes something back.
    """
    _check_named("snapshot.json", timestamp.snapshot_meta, data)
    new = verify(root, Snapshot, data)
    _check_version("snapshot.json", timestamp.snapshot_meta, new)
    for name, old in seen.meta.items() if seen is not None else ():
        current = new.meta.get(name)
        if current is None or current.version < old.version:
            told = "does not name it" if current is None else f"names version {current.version}"
            raise NotTrusted(
                "snapshot.json",
                f"version {old.version} of {ascii(name)[1:-1][:80]} was seen before, and it {told}."
                " Nothing was taken over",
            )
    return new


def accept_targets(root: Root, snapshot: Snapshot, data: bytes) -> Targets:
    """Targets that a snapshot names (5.6), their expiry aside.

    Raises:
        NotTrusted: they are not those that are named, or not signed.
    """
    meta = named_targets(snapshot)
    _check_named("targets.json", meta, data)
    new = verify(root, Targets, data)
    _check_version("targets.json", meta, new)
    return new


def named_targets(snapshot: Snapshot) -> MetaFile:
    """What a snapshot says about targets.

    Raises:
        NotTrusted: nothing.
    """
    meta = snapshot.meta.get("targets.json")
    if meta is None:
        raise NotTrusted("snapshot.json", "it does not name targets.json")
    return meta


def is_named(meta: MetaFile, data: bytes) -> bool:
    """Whether it is the file that is meant."""
    try:
        _check_named("", meta, data)
    except NotTrusted:
        return False
    return True


def version_of_root(data: bytes) -> int:
    """The version that a root says it has; nobody has verified it.

    Raises:
        NotTrusted: it is no root.
    """
    return _parse("root.json", Root, data)[0].signed.version


def check_expiry(signed: Signed, now: datetime) -> None:
    """Refuse what has expired.

    Raises:
        MetadataExpired: it has.
    """
    if signed.is_expired(now):
        raise _expired(signed.type, signed.expires)


def signed_at(timestamp: Timestamp) -> datetime | None:
    """When the workshop signed it, as it says.

    Raises:
        NotTrusted: it says something that is no time.
    """
    text = timestamp.unrecognized_fields.get(SIGNED_AT)
    if text is None:
        return None
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except (TypeError, ValueError):
        raise NotTrusted("timestamp.json", f"its {SIGNED_AT} is no time") from None


def stamp(moment: datetime) -> str:
    """A moment as metadata has it."""
    return moment.astimezone(UTC).strftime(_TIME)


def _parse(what: str, kind: type[_S], data: bytes) -> tuple[Metadata[_S], bytes]:
    """Metadata, and the bytes that are signed; nobody has signed them yet."""
    if len(data) > MOST_METADATA[kind.type]:
        raise NotTrusted(what, f"it has more than {MOST_METADATA[kind.type]:,} bytes")
    with _refusing(what):
        found = Metadata[_S].from_bytes(data)
        if not isinstance(found.signed, kind):
            raise NotTrusted(what, f"it is metadata of another role: {found.signed.type}")
        if type(found.signed.version) is not int:
            raise NotTrusted(what, "its version is no whole number")
        return found, found.signed_bytes


def _check_named(what: str, meta: MetaFile, data: bytes) -> None:
    if not meta.hashes or meta.length is None:
        raise NotTrusted(what, "what names it does not say its hash and length")
    with _refusing(what):
        meta.verify_length_and_hashes(data)


def _check_version(what: str, meta: MetaFile, signed: Signed) -> None:
    if signed.version != meta.version:
        raise NotTrusted(what, f"it is version {signed.version}, and {meta.version} was named")


def _expired(role: str, end: datetime) -> MetadataExpired:
    remedy = (
        "only who keeps the workshop can sign a new one"
        if role == "root"
        else "refresh, which needs the workshop; if this is fresh from it, the workshop does not "
        "sign any more, or somebody holds back what it signs"
    )
    return MetadataExpired(f"{role}.json", f"it expired on {end:%Y-%m-%d %H:%M} UTC; {remedy}")


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    """Say it in our words."""
    try:
        yield
    except RepositoryError as error:
        reason = str(error) or "it cannot be read"
        if error.__cause__ is not None:
            reason += f" ({type(error.__cause__).__name__})"
        raise NotTrusted(what, reason[:300]) from error
    except (ValueError, TypeError, KeyError, AttributeError, json.JSONDecodeError) as error:
        raise NotTrusted(what, f"it is malformed: {type(error).__name__}") from error
