"""Ed25519 keys as private files: one file for each, named by its key id.

The four roles have keys of their own. Those of root sign other keys, seldom and by hand; they are
kept apart from those that a running service signs with, and best on another machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Root

from ringfence.errors import WorkshopNotUsable
from ringfence.workshop.signing.private_folder import PrivateFolder

__all__ = ["ONLINE", "find_signers", "forget_key", "keep_key", "new_signer", "unknown_keys"]

ONLINE = ("targets", "snapshot", "timestamp")
"""The roles whose keys a service holds."""

_MOST = 4_096
_FILE = re.compile(r"[0-9a-f]{64}\.pem")


def new_signer() -> CryptoSigner:
    """A new key."""
    return CryptoSigner.generate_ed25519()


def keep_key(folder: PrivateFolder, signer: CryptoSigner) -> None:
    """Write a key's file, for this user alone.

    Raises:
        WorkshopNotUsable: it cannot be written.
    """
    folder.write(_name(signer.public_key.keyid), signer.private_bytes)


def forget_key(folder: PrivateFolder, key_id: str) -> None:
    """Remove a key's file, if it is there."""
    folder.remove(_name(key_id))


def find_signers(folder: PrivateFolder, root: Root, role: str) -> list[CryptoSigner]:
    """The keys of a role that are in a folder: enough of them to sign for it.

    Raises:
        WorkshopNotUsable: there are not enough, or a file is damaged or open to others.
    """
    wanted = root.roles[role]
    found = [_read(folder, key_id) for key_id in wanted.keyids if _is_key_id(key_id)]
    signers = [signer for signer in found if signer is not None]
    if len(signers) < wanted.threshold:
        raise WorkshopNotUsable(
            f"{folder.path} has {len(signers)} of the {wanted.threshold} keys that {role} needs; "
            f"put the files of {wanted.threshold} there, from where they are kept"
        )
    return signers


def unknown_keys(folder: PrivateFolder, known: Iterable[str]) -> list[str]:
    """Ids of keys that are in a folder and not among the known."""
    ids = [name.removesuffix(".pem") for name in folder.names() if _FILE.fullmatch(name)]
    return [key_id for key_id in ids if key_id not in set(known)]


def _read(folder: PrivateFolder, key_id: str) -> CryptoSigner | None:
    found = folder.read(_name(key_id), _MOST, private=True)
    if found is None:
        return None
    path = folder.path / _name(key_id)
    try:
        key = load_pem_private_key(found[0], None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise WorkshopNotUsable(f"{path} is no private key: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise WorkshopNotUsable(f"{path} is not an Ed25519 key, which all of a workshop's are")
    signer = CryptoSigner(key)
    if signer.public_key.keyid != key_id:
        raise WorkshopNotUsable(f"{path} is another key than its name says")
    return signer


def _is_key_id(text: str) -> bool:
    return _FILE.fullmatch(_name(text)) is not None


def _name(key_id: str) -> str:
    return f"{key_id}.pem"
