"""Which folders of the cache are of this version of Ringfence, and which another has left."""

from __future__ import annotations

from typing import NamedTuple

from ringfence.cli.image.needs import naming_wasmtime
from ringfence.errors import ImageNotBuilt
from ringfence.images.cache import Kept

__all__ = ["Own", "ThisVersion"]


class Own(NamedTuple):
    """An image that this version starts guests from.

    Attributes:
        kind: what it is called.
        key: which one of them; None where there is none for this machine.
        remedy: the command that makes it, or why there is none.
    """

    kind: str
    key: str | None
    remedy: str


class ThisVersion:
    """What belongs to it.

    Attributes:
        images: all that it can have here.

    Raises:
        ConfigurationError: Wasmtime is not installed, whose version images are named by.
    """

    def __init__(self) -> None:
        with naming_wasmtime("wasi", "this command"):
            from ringfence.images.micro import recipe as micro
            from ringfence.images.wasi import recipe as wasi
        from ringfence.images.pocketpy import recipe as pocketpy

        self._wasi = wasi.image_key()
        self._used = {("build", f"{wasi.KIND}-{wasi.interpreter_key()}")}
        self.images = [
            Own(wasi.KIND, self._wasi, f"ringfence image build {wasi.KIND}"),
            Own(micro.KIND, micro.image_key(), f"ringfence image fetch {micro.KIND}"),
        ]
        try:
            own = Own(pocketpy.KIND, pocketpy.image_key(), f"ringfence image fetch {pocketpy.KIND}")
        except ImageNotBuilt as error:  # there is none for this machine
            own = Own(pocketpy.KIND, None, str(error))
        self.images.append(own)
        self._used |= {(one.kind, one.key) for one in self.images if one.key is not None}

    def uses(self, kept: Kept) -> bool:
        """Whether a folder is an image of it, a package for one, or what it would build one in."""
        if (kept.kind, kept.key) in self._used:
            return True
        _, dash, of = kept.key.partition("-")
        return kept.kind.startswith("packages-") and (not dash or of == self._wasi)
