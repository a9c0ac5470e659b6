"""What an attacker does: serves other bytes, and signs with keys that were stolen."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile

from tests.workshop.conftest import Shop

__all__ = ["Attacker", "Pieces"]

Pieces = bytes | Iterable[bytes]


class Attacker:
    """Stands between a workshop and its clients; can steal keys.

    ``served`` has what is served instead: bytes, a function that gives them or pieces, or None for
    "not found". Everything else is the workshop's.
    """

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.served: dict[str, bytes | Callable[[], Pieces] | None] = {}
        self.asked: list[str] = []
        self.stolen_keys: dict[str, list[CryptoSigner]] = {}

    def __call__(self, path: str) -> Pieces:
        self.asked.append(path)
        if path not in self.served:
            return self.shop.repository.serve(path)
        found = self.served[path]
        if found is None:
            raise FileNotFoundError(path)
        return found if isinstance(found, bytes) else found()

    # --- the workshop's files ----------------------------------------------------------------

    def copy(self) -> dict[str, bytes]:
        """All that the workshop serves now, by path."""
        public = self.shop.folder / "repo" / "public"
        return {
            path.relative_to(public).as_posix(): path.read_bytes()
            for path in public.rglob("*")
            if path.is_file()
        }

    def current(self, role: str) -> Metadata[Any]:
        """The newest metadata of a role."""
        metadata = self.copy()
        name = "timestamp.json"
        if role != "timestamp":
            versions = [
                int(path.split("/")[1].split(".")[0])
                for path in metadata
                if path.endswith(f".{role}.json")
            ]
            name = f"{max(versions)}.{role}.json"
        return Metadata.from_bytes(metadata[f"metadata/{name}"])

    # --- signing -----------------------------------------------------------------------------

    def stolen(self, role: str) -> list[CryptoSigner]:
        """The keys of a role, unless it was said which to use for it."""
        if role in self.stolen_keys:
            return self.stolen_keys[role]
        wanted = self.current("root").signed.roles[role].keyids
        folders = [self.shop.folder / "repo" / "keys", self.shop.offline]
        files = [folder / f"{key}.pem" for key in wanted for folder in folders]
        return [_signer(path) for path in files if path.exists()]

    def sign(self, metadata: Metadata[Any], signers: Sequence[CryptoSigner] | None = None) -> bytes:
        """Metadata, signed anew: with the stolen keys of its role, or with others."""
        metadata = copy.deepcopy(metadata)
        metadata.signatures.clear()
        for signer in self.stolen(metadata.signed.type) if signers is None else signers:
            metadata.sign(signer, append=True)
        return metadata.to_bytes()

    def serve_forged(
        self,
        *,
        targets: Metadata[Any] | None = None,
        snapshot: Metadata[Any] | None = None,
        timestamp: Metadata[Any] | None = None,
    ) -> None:
        """Serve changed metadata, and all above it signed so that it fits, one version later."""
        snapshot = self.current("snapshot") if snapshot is None else snapshot
        timestamp = self.current("timestamp") if timestamp is None else timestamp
        if targets is not None:
            data = self.sign(targets)
            self.served[f"metadata/{targets.signed.version}.targets.json"] = data
            snapshot.signed.meta["targets.json"] = named(targets.signed.version, data)
        snapshot.signed.version += 1
        data = self.sign(snapshot)
        self.served[f"metadata/{snapshot.signed.version}.snapshot.json"] = data
        timestamp.signed.snapshot_meta = named(snapshot.signed.version, data)
        timestamp.signed.version += 1
        self.served["metadata/timestamp.json"] = self.sign(timestamp)


def named(version: int, data: bytes) -> MetaFile:
    """How other metadata names a file."""
    return MetaFile(version, len(data), {"sha256": hashlib.sha256(data).hexdigest()})


def tamper(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Metadata whose signed part was changed without a key."""
    table = json.loads(data)
    change(table["signed"])
    return json.dumps(table).encode()


def _signer(path: Path) -> CryptoSigner:
    return CryptoSigner(load_pem_private_key(path.read_bytes(), None))
