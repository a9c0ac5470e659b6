"""OpenSSL for the module ``ssl``: compiling it takes minutes, so it is had from others.

The libraries are those of a package of requirements/dev.lock, whose wheels for Windows bring them.
The headers are Debian's, of an older version, as such libraries allow.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ringfence.errors import ImageNotBuilt
from ringfence.images.debian import Apt
from scripts.windows_python import wheels

__all__ = ["OpenSSL", "fetch_openssl", "requirements"]

_BRINGS_IT = "psycopg-binary"
_LIBRARIES = "psycopg_binary.libs"
_HEADERS = ("libssl-dev",)


class OpenSSL(NamedTuple):
    """What was fetched.

    Attributes:
        includes: the folders of its headers.
        libraries: its two.
    """

    includes: tuple[Path, ...]
    libraries: tuple[Path, ...]


def requirements() -> str:
    """What is fetched of the lock.

    Raises:
        ImageNotBuilt: the lock lacks it.
    """
    return wheels.requirements({_BRINGS_IT})


def fetch_openssl(apt: Apt, folder: Path) -> OpenSSL:
    """Fetch it into a folder.

    Raises:
        ImageNotBuilt: it cannot be had.
    """
    headers, packages = folder / "openssl", folder / "packages"
    headers.mkdir()
    try:
        apt.unpack(_HEADERS, headers)
    except OSError as error:
        raise ImageNotBuilt(f"OpenSSL's headers cannot be had: {error}") from error
    wheels.install(requirements(), packages, folder)
    libraries = sorted((packages / _LIBRARIES).glob("lib[cs]*.dll"))
    if len(libraries) != 2:
        raise ImageNotBuilt(f"{_BRINGS_IT} no longer brings OpenSSL")
    own = headers / "usr" / "include"
    return OpenSSL((own, *own.glob("*-linux-gnu")), tuple(libraries))
