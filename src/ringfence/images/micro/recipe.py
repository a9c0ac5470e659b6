"""What the image is made of: every input, and the key that names them."""

from __future__ import annotations

import hashlib
import inspect
import platform
from typing import NamedTuple

from ringfence.images.sources import Source
from ringfence.wasm import emscripten
from ringfence.wasm.engine import compiler_key

__all__ = ["ARCHIVE", "KIND", "MODULE", "PACKAGE", "SCOPE", "VERSION", "image_key"]

KIND = "micro"
"""What the image is called: ``ringfence image fetch micro``."""

SCOPE = "@micropython"
PACKAGE = f"{SCOPE}/micropython-webassembly-pyscript"
VERSION = "1.27.0"

ARCHIVE = Source(
    name="micropython",
    file=f"micropython-webassembly-pyscript-{VERSION}.tgz",
    sha256=("303919763c8ebfe5923b9da66226c20dce44ad72b604b225fb39338ea15367af",),
    size=221_541,
    folder="package",
    addresses=(),  # of the registry that this machine uses, see ringfence.images.npm
    package=("", ""),
)
"""The package as npm's registry has it; its integrity there is
``sha512-DnXx4EqxgkeaFESrS3uKrL7mLMk4mRTd0mMzaOd3HUSiZUOAE7t11uLnjf3ftF87N2xm4knHnWEKcVK4IYIUDA==``.
"""


class _Member(NamedTuple):
    name: str
    size: int
    sha256: str


MODULE = _Member(
    "package/micropython.wasm",
    433_743,
    "06338c955b03c5700aa0069015d3e392d76836ef8e2ce25bedbe59b88ccd373c",
)
"""The only file of it that is used."""


def image_key() -> str:
    """Names everything that the image depends on: the module, the modules that serve it, what
    compiles them to native code, and this machine.
    """
    parts = (
        MODULE.sha256,
        inspect.getsource(emscripten),
        compiler_key(),
        platform.system(),
        platform.machine(),
    )
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode()
        whole.update(len(data).to_bytes(8, "little"))
        whole.update(data)
    return whole.hexdigest()[:24]
