"""A release: what the workshop signs of one version of a plugin.

Each is a target of The Update Framework's targets metadata. Its path is made from name and
version, and never read from a path: what a path could say about a file system, nobody asks.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, Self

from tuf.api.metadata import TargetFile, Targets

from ringfence.errors import ConfigurationError, NotTrusted
from ringfence.plugins.bundle import MOST_BYTES, Bundle
from ringfence.plugins.manifest import is_plugin_name, is_version

__all__ = ["MOST_BUNDLE", "Release", "Status", "read_releases", "version_key"]

Status = Literal["published", "yanked", "revoked"]

MOST_BUNDLE = 2 * MOST_BYTES
"""Bytes of a packed bundle."""

_STATUSES = frozenset(typing.get_args(Status))
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TEXTS = ("name", "version", "status", "reason", "kind", "spec")
_LISTS = ("packages", "grants")
_LONGEST = 2_000
_MOST_NAMES = 64


@dataclass(frozen=True, slots=True)
class Release:
    """What the workshop signed about one version of a plugin. It never changes but in status.

    Attributes:
        name: of the plugin.
        version: as people write it: ``1.2.0``.
        sha256: of the packed bundle, in hexadecimal.
        length: bytes of the packed bundle.
        status: ``published``; ``yanked`` (not chosen for new installs, what is installed loads);
            ``revoked`` (what is installed stops loading).
        reason: why it is yanked or revoked, the workshop's words; empty otherwise.
        kind: of the bundle, as its manifest says.
        spec: what it is written for, as ``worldgen.terrain 1.0``.
        packages: what it asks to import, from its manifest.
        grants: what else it asks for, from its manifest.
    """

    name: str
    version: str
    sha256: str
    length: int
    status: Status = "published"
    reason: str = ""
    kind: str = "plugin"
    spec: str = ""
    packages: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()

    @classmethod
    def of_bundle(cls, bundle: Bundle) -> Self:
        """The release that publishes a bundle."""
        manifest = bundle.manifest
        return cls(
            name=manifest.name,
            version=manifest.version_text,
            sha256=bundle.sha256,
            length=len(bundle.pack()),
            kind=manifest.kind,
            spec=str(manifest.spec),
            packages=manifest.packages,
            grants=manifest.grants,
        )

    @property
    def path(self) -> str:
        """Of the target, in signed metadata."""
        return f"{self.name}/{self.name}-{self.version}.zip"

    @property
    def served_path(self) -> str:
        """Of the file, below ``targets/``: with its hash, as consistent snapshots are served."""
        return f"{self.name}/{self.sha256}.{self.name}-{self.version}.zip"

    def to_target(self) -> TargetFile:
        """It as signed metadata has it."""
        custom = {key: getattr(self, key) for key in _TEXTS}
        custom |= {key: list(getattr(self, key)) for key in _LISTS}
        return TargetFile(self.length, {"sha256": self.sha256}, self.path, {"custom": custom})

    @classmethod
    def of_target(cls, path: str, target: TargetFile) -> Self:
        """What signed metadata says at a path.

        Raises:
            NotTrusted: it is signed, and no release that this version of Ringfence knows.
        """
        try:
            return cls._of_target(path, target)
        except ValueError as error:
            shown = ascii(path)[:120]
            raise NotTrusted(
                f"targets.json, {shown}",
                f"it is signed, and no release: {error}; a newer Ringfence may know it",
            ) from None

    @classmethod
    def _of_target(cls, path: str, target: TargetFile) -> Self:
        custom: Any = target.custom
        if not isinstance(custom, dict) or custom.keys() != {*_TEXTS, *_LISTS}:
            raise ValueError("its custom part has other fields")
        texts = {key: _text(key, custom[key]) for key in _TEXTS}
        lists = {key: _names(key, custom[key]) for key in _LISTS}
        if not is_plugin_name(texts["name"]) or not is_version(texts["version"]):
            raise ValueError("its name or version is none")
        if texts["status"] not in _STATUSES:
            raise ValueError("its status is unknown")
        if target.hashes.keys() != {"sha256"} or not _SHA256.fullmatch(target.hashes["sha256"]):
            raise ValueError("it has no SHA-256")
        if type(target.length) is not int or not 0 < target.length <= MOST_BUNDLE:
            raise ValueError(f"a bundle has at most {MOST_BUNDLE:,} bytes")
        release = cls(
            name=texts["name"],
            version=texts["version"],
            sha256=target.hashes["sha256"],
            length=target.length,
            status=typing.cast("Status", texts["status"]),
            reason=texts["reason"],
            kind=texts["kind"],
            spec=texts["spec"],
            packages=lists["packages"],
            grants=lists["grants"],
        )
        if release.path != path:
            raise ValueError("it stands at another path")
        return release

    def check(self, bundle: Bundle) -> None:
        """Refuse a bundle whose manifest says something else than the release.

        Raises:
            NotTrusted: it does.
        """
        signed = Release.of_bundle(bundle)
        for key in ("name", "version", "sha256", "length", "kind", "spec", "packages", "grants"):
            if getattr(signed, key) != getattr(self, key):
                raise NotTrusted(
                    f"{self.name} {self.version}",
                    f"its {key} is not what the workshop signed; remove it and install it again",
                )


def read_releases(targets: Targets) -> Mapping[tuple[str, str], Release]:
    """All that targets metadata has: ``(name, version)`` -> release.

    Raises:
        NotTrusted: something in it is no release, or it delegates: this workshop does not.
    """
    if targets.delegations is not None:
        raise NotTrusted("targets.json", "it delegates to other keys, which no workshop does")
    found = {}
    for path, target in targets.targets.items():
        release = Release.of_target(path, target)
        found[release.name, release.version] = release
    return MappingProxyType(found)


def version_key(version: str) -> tuple[int, ...]:
    """Orders versions.

    Raises:
        ConfigurationError: it is none.
    """
    if not is_version(version):
        raise ConfigurationError(f"a version is three numbers, as 1.2.0, not {version!r}")
    return tuple(map(int, version.split(".")))


def _text(key: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ValueError(f"its {key} is no text of at most {_LONGEST} characters")
    if not value.isprintable():
        raise ValueError(f"its {key} has characters that cannot be seen")
    return value


def _names(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _MOST_NAMES:
        raise ValueError(f"its {key} are no list of at most {_MOST_NAMES} names")
    return tuple(_text(key, one) for one in value)
