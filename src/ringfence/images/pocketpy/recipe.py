"""What the image is: one library, of one version, of one package, known by hash."""

from __future__ import annotations

import platform
from typing import NamedTuple

from ringfence.errors import ImageNotBuilt

__all__ = ["KIND", "LIBRARY", "PACKAGE", "RELEASE", "VERSION", "Build", "find_build", "image_key"]

KIND = "pocketpy"
"""What the image is called: ``ringfence image fetch pocketpy``."""

LIBRARY = "libpocketpy.so.2"
"""Its only file."""

PACKAGE = "libpocketpy2"
RELEASE = "sid"
VERSION = "2.1.8+ds-8"
"""The binary package of Debian's. Python's package index has a ``pocketpy`` that is another project
altogether, a client of a web site.
"""


class Build(NamedTuple):
    """The package of one architecture.

    Attributes:
        architecture: Debian's name of it.
        package: SHA-256 of the package.
        member: the library in it.
        library: SHA-256 of the library.
        size: its bytes.
    """

    architecture: str
    package: str
    member: str
    library: str
    size: int

    @property
    def file(self) -> str:
        """The name that apt-get gives the package."""
        return f"{PACKAGE}_{VERSION}_{self.architecture}.deb"


_BUILDS = {
    "x86_64": Build(
        "amd64",
        "320223651868f0e267e63584d5a8069732e95b976b09405aa4e77dc7ecac30cf",
        "./usr/lib/x86_64-linux-gnu/libpocketpy.so.2.1.8",
        "e14fca83fb835a8bac555d045abff103bfb9f595eaa03d1aaab0aa44fbaf3ce2",
        728_104,
    ),
    "aarch64": Build(
        "arm64",
        "bcb76a7e1b5e75804bd776088c7bfdf784bf9441d8aff95521286abe63a91aef",
        "./usr/lib/aarch64-linux-gnu/libpocketpy.so.2.1.8",
        "8a708e345a53ff54a17ae65662aeb89f20fa789cabb3b0456b34cb4ba0b4c733",
        789_632,
    ),
}


def find_build(machine: str | None = None) -> Build:
    """The package of a machine, or of this one.

    Raises:
        ImageNotBuilt: there is none that is known.
    """
    machine = machine or platform.machine()
    build = _BUILDS.get(machine)
    if build is None or platform.system() != "Linux":
        raise ImageNotBuilt(
            f"no build of PocketPy is known for {platform.system()} on {machine}; there is one for "
            f"Linux on {' and '.join(_BUILDS)}. Use the engine micro"
        )
    return build


def image_key() -> str:
    """Names everything that the image depends on: the library.

    Raises:
        ImageNotBuilt: there is none for this machine.
    """
    return find_build().library[:24]
