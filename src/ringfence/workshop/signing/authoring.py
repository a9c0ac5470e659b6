"""What metadata a workshop makes of its releases, and for how long it holds; without any I/O."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Role, Root, Snapshot, Targets, Timestamp

from ringfence.errors import ConfigurationError, WorkshopError, WorkshopNotUsable
from ringfence.workshop.signing.keys import ONLINE
from ringfence.workshop.signing.release import Release, read_releases
from ringfence.workshop.signing.trust import (
    MOST_METADATA,
    SIGNED_AT,
    MetadataFiles,
    accept_snapshot,
    accept_targets,
    stamp,
    verify,
)

__all__ = [
    "ROLES",
    "Expiry",
    "Made",
    "MetadataFull",
    "State",
    "blank_state",
    "make_metadata",
    "sign",
]

ROLES = (Root.type, *ONLINE)
"""All that there are."""

_log = logging.getLogger("ringfence.workshop")
_NEARLY = 0.75  # of what fits: the operator is told

_S = TypeVar("_S", Root, Timestamp, Snapshot, Targets)


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """For how long each role's metadata holds. Without the workshop, plugins load for
    ``timestamp`` after the last refresh; a revocation is known everywhere by then.
    """

    root: timedelta = timedelta(days=365)
    targets: timedelta = timedelta(days=90)
    snapshot: timedelta = timedelta(days=14)
    timestamp: timedelta = timedelta(days=7)

    def __post_init__(self) -> None:
        for role in ROLES:
            if not timedelta(minutes=1) <= getattr(self, role) <= timedelta(days=3_650):
                raise ConfigurationError(
                    f"metadata of {role} may hold for a minute to ten years, not "
                    f"{getattr(self, role)}"
                )

    @classmethod
    def read(cls, path: Path, data: bytes) -> Expiry:
        """Of a repository's settings.

        Raises:
            WorkshopNotUsable: they are damaged.
        """
        try:
            seconds = json.loads(data)["expiry in seconds"]
            return Expiry(**{role: timedelta(seconds=seconds[role]) for role in ROLES})
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise WorkshopNotUsable(
                f"{path} is damaged: {error}; restore it from a backup"
            ) from error

    def write(self) -> bytes:
        """As a repository's settings."""
        seconds = {role: getattr(self, role).total_seconds() for role in ROLES}
        return json.dumps({"format": 1, "expiry in seconds": seconds}).encode()


@dataclass(frozen=True)
class State:
    """What a workshop has signed: metadata of all roles that fits together, and what it says."""

    root: Root
    targets: Targets
    snapshot: Snapshot
    timestamp: Timestamp
    releases: Mapping[tuple[str, str], Release]


@dataclass(frozen=True)
class Made:
    """New metadata.

    Attributes:
        before: files that nobody looks for before the timestamp names them: name and bytes.
        timestamp: the file that makes them known.
        snapshot_version, targets_version: the newest.
    """

    before: Sequence[tuple[str, bytes]]
    timestamp: bytes
    snapshot_version: int
    targets_version: int


def blank_state(expires: datetime, threshold: int) -> State:
    """Where a workshop begins: version 1 of everything, without keys and releases."""
    roles = {role: Role([], threshold if role == Root.type else 1) for role in ROLES}
    root = Root(expires=expires, roles=roles)
    return State(root, Targets(), Snapshot(), Timestamp(), {})


class MetadataFull(WorkshopError):
    """Signed metadata would be larger than what clients take, or than what may be used of that."""


def sign(signed: _S, signers: Sequence[CryptoSigner], share: float = 1.0) -> bytes:
    """A file of metadata with signatures of all of these keys.

    Args:
        signed: what it says.
        signers: the keys.
        share: how much it may have of the bytes that clients take.

    Raises:
        MetadataFull: it is larger.
    """
    metadata = Metadata(signed)
    for signer in signers:
        metadata.sign(signer, append=True)
    data = metadata.to_bytes()
    most = int(MOST_METADATA[signed.type] * share)
    if len(data) > most:
        kept = "" if share == 1.0 else f" ({most:,} for this: the rest is kept for revocations)"
        raise MetadataFull(
            f"the workshop is full: {signed.type}.json would have {len(data):,} bytes, and "
            f"clients take {MOST_METADATA[signed.type]:,}{kept}. Nothing was changed"
        )
    if len(data) > MOST_METADATA[signed.type] * _NEARLY:
        _log.warning(
            "%s.json has %s bytes, and clients take %s: the workshop is full soon",
            signed.type, f"{len(data):,}", f"{MOST_METADATA[signed.type]:,}",
        )  # fmt: skip
    return data


def make_metadata(
    state: State,
    releases: Sequence[Release] | bytes,
    signers: Callable[[str], Sequence[CryptoSigner]],
    expiry: Expiry,
    now: datetime,
    *,
    step: int = 1,
    share: float = 1.0,
) -> Made:
    """Sign releases, a snapshot and a timestamp; a client of ``state.root`` would believe them.

    Args:
        state: what there is; its root is the one to sign for.
        releases: all of them; or the file of targets as it is, to be left so.
        signers: role -> its keys.
        expiry: for how long what is signed holds.
        now: the time.
        step: by how much versions grow.
        share: how much the file of targets may have of the bytes that clients take.

    Raises:
        MetadataFull: it would have more.
    """
    files = []
    if isinstance(releases, bytes):
        targets_data, targets_version = releases, state.targets.version
    else:
        targets_version = state.targets.version + step
        entries = {one.path: one.to_target() for one in releases}
        targets = Targets(targets_version, None, now + expiry.targets, entries)
        targets_data = sign(targets, signers(Targets.type), share)
        files.append((f"{targets_version}.targets.json", targets_data))
    meta = {"targets.json": _named(targets_version, targets_data)}
    snapshot = Snapshot(state.snapshot.version + step, None, now + expiry.snapshot, meta)
    snapshot_data = sign(snapshot, signers(Snapshot.type))
    files.append((f"{snapshot.version}.snapshot.json", snapshot_data))
    timestamp = Timestamp(
        state.timestamp.version + step,
        None,
        now + expiry.timestamp,
        _named(snapshot.version, snapshot_data),
        {SIGNED_AT: stamp(now)},
    )
    timestamp_data = sign(timestamp, signers(Timestamp.type))
    _check(state.root, MetadataFiles(timestamp_data, snapshot_data, targets_data))
    return Made(files, timestamp_data, snapshot.version, targets_version)


def _check(root: Root, files: MetadataFiles) -> None:
    """Nothing is handed out that a client would refuse."""
    timestamp = verify(root, Timestamp, files.timestamp)
    snapshot = accept_snapshot(root, timestamp, files.snapshot)
    read_releases(accept_targets(root, snapshot, files.targets))


def _named(version: int, data: bytes) -> MetaFile:
    """How a file of metadata is named by another."""
    return MetaFile(version, len(data), {"sha256": hashlib.sha256(data).hexdigest()})
