"""What a client keeps between two starts: signed metadata, what is installed.

Each is one file, replaced as a whole, so that another client of the same folder never sees half of
it. A file that cannot be read is an error; nothing is guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ringfence.errors import NotTrusted
from ringfence.plugins.manifest import is_plugin_name, is_version

__all__ = ["Installed", "Kept", "Metadata"]

_SHA256 = re.compile(r"[0-9a-f]{64}")
_ROLES = ("timestamp", "snapshot", "targets")


@dataclass(frozen=True)
class Metadata:
    """Signed metadata as it was served. Verified when it is used, not when it is read.

    Attributes:
        roots: the roots after the pinned one, in order.
        seen: the newest timestamp that was ever seen, also if what it names never arrived; for
            the memory against rollback.
        files: role -> bytes, of ``timestamp``, ``snapshot`` and ``targets`` that fit together;
            empty before the first whole refresh.
    """

    roots: tuple[bytes, ...] = ()
    seen: bytes | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def read(cls, what: str, data: bytes) -> Self:
        """Of a file.

        Raises:
            NotTrusted: it was damaged.
        """
        try:
            table = json.loads(data)
            seen = table["seen"]
            files = {role: table["files"][role].encode() for role in _ROLES if table["files"]}
            return cls(
                tuple(root.encode() for root in table["roots"]),
                None if seen is None else seen.encode(),
                files,
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise NotTrusted(
                what, "it was tampered with, or is damaged; refresh, which gets it anew"
            ) from None

    def write(self) -> bytes:
        """For a file."""
        table = {
            "format": 1,
            "roots": [root.decode() for root in self.roots],
            "seen": None if self.seen is None else self.seen.decode(),
            "files": {role: data.decode() for role, data in self.files.items()},
        }
        return json.dumps(table).encode()


@dataclass(frozen=True)
class Kept:
    """The versions of a plugin that a client has.

    Attributes:
        current: the version that is loaded where none is named.
        versions: version -> SHA-256 of its bundle when it was installed.
        packages, grants: what a person agreed to.
    """

    current: str
    versions: Mapping[str, str]
    packages: frozenset[str]
    grants: frozenset[str]


@dataclass(frozen=True)
class Installed:
    """What a client has installed.

    Attributes:
        plugins: name -> its versions and the consent to it.
    """

    plugins: Mapping[str, Kept] = field(default_factory=dict)

    @classmethod
    def read(cls, what: str, data: bytes) -> Self:
        """Of a file.

        Raises:
            NotTrusted: it was damaged.
        """
        try:
            table = json.loads(data)["plugins"]
            return cls({_name(name): _kept(one) for name, one in table.items()})
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise NotTrusted(
                what,
                "it was tampered with, or is damaged; remove it and install anew what it should "
                "have had",
            ) from None

    def write(self) -> bytes:
        """For a file."""
        plugins = {
            name: {
                "current": kept.current,
                "versions": dict(kept.versions),
                "packages": sorted(kept.packages),
                "grants": sorted(kept.grants),
            }
            for name, kept in sorted(self.plugins.items())
        }
        return json.dumps({"format": 1, "plugins": plugins}, indent=1).encode()

    def bundles(self) -> frozenset[str]:
        """The SHA-256 of every bundle that is kept."""
        return frozenset(one for kept in self.plugins.values() for one in kept.versions.values())


def _kept(table: Any) -> Kept:
    versions = {_version(version): _hash(one) for version, one in table["versions"].items()}
    if table["current"] not in versions:
        raise ValueError
    return Kept(table["current"], versions, _texts(table["packages"]), _texts(table["grants"]))


def _name(text: str) -> str:
    if not is_plugin_name(text):
        raise ValueError
    return text


def _version(text: str) -> str:
    if not is_version(text):
        raise ValueError
    return text


def _hash(text: str) -> str:
    if not _SHA256.fullmatch(text):
        raise ValueError
    return text


def _texts(found: Any) -> frozenset[str]:
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise TypeError
    return frozenset(found)
