"""Where fresh guests come from: the image of a request, found or made."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, cast

from ringfence.engine import Engine, FreezableImage, Guest, Image, ImageSpec
from ringfence.errors import EngineFailure, StateRefused
from ringfence.model import Limits, Package, Policy, WallSet
from ringfence.runtime import arguments
from ringfence.runtime.freezing import Frozen, refuse_freezing
from ringfence.runtime.registry import Images, parse_engines

__all__ = ["Engines", "FreshGuest", "Source", "nothing"]

Engines = str | Engine | Sequence[str | Engine]

_images = Images()


def nothing() -> None:
    """Give nothing back."""


class FreshGuest(NamedTuple):
    """A guest that nobody has used, and what it stands behind.

    Attributes:
        guest: the guest; whoever has it closes it.
        engine: the engine's name.
        walls: the walls that stand.
        enforced: limit or grant -> mechanism.
        discard: closes the guest, where that is not ``guest.close``: its process is killed, and the
            rest is left to somebody who has time.
        give_back: to be called when the guest is closed.
        prepare: to be called when the guest has done its first work, for who asks for the next one.
        ready: it has said ``ready`` and run a turn of ours, so that its pages are at hand.
        image: the key of the image that its memory belongs to; empty where guests are more than
            their memory.
    """

    guest: Guest
    engine: str
    walls: WallSet
    enforced: Mapping[str, str]
    give_back: Callable[[], None] = nothing
    prepare: Callable[[], None] = nothing
    ready: bool = False
    image: str = ""
    discard: Callable[[], None] | None = None


class Source:
    """Starts guests of one kind.

    Args:
        engine: an engine, or several to try in order.
        limits: the limits of each guest.
        policy: what is granted.
        packages: what is importable.
        python: the interpreter, or None.
        keep: hold one image for all guests, also where each would have one of its own
            (``isolation="tenant"``); :meth:`close` lets go of it.

    Raises:
        ConfigurationError: an argument is wrong.
    """

    def __init__(
        self,
        engine: Engines,
        limits: Limits | None,
        policy: Policy | None,
        packages: Sequence[Package],
        python: str | os.PathLike[str] | None,
        *,
        keep: bool = False,
    ) -> None:
        self.limits = arguments.check_limits(limits)
        self.policy = arguments.check_policy(policy)
        self._engines = parse_engines(engine)
        names, wheels = arguments.check_packages(packages)
        self._spec = ImageSpec(
            packages=names,
            wheels=wheels,
            python=arguments.check_python(python),
            policy=self.policy,
            limits=self.limits,
        )
        self._keep = keep
        self._kept: tuple[Engine, Image, bool] | None = None
        self.renew()

    def renew(self) -> None:
        """Forget who held the lock: in a forked child it may be nobody who is there."""
        self._finding = threading.Lock()

    def fresh(self, frozen: Frozen | None = None) -> FreshGuest:
        """A fresh guest. The first of a kind takes the time of an image.

        Args:
            frozen: a session, to have a guest that goes on from there.

        Raises:
            StateRefused: it belongs to another image, or is more than the limits allow.
            PolicyNotEnforceable: the request cannot be honoured here.
            EngineNotAvailable: no engine can run here.
            EngineFailure: the machine has run out of something.
        """
        engine, image, owned = self._image()
        try:
            guest = self._start(engine, image, frozen)
        except EngineFailure:
            if image.alive or (owned and not self._keep):
                self._let_go(image, owned)
                raise
            self.close()
            engine, image, owned = self._image()
            guest = self._start(engine, image, frozen)
        except BaseException:
            self._let_go(image, owned)
            raise
        alone = owned and not self._keep
        key = cast("FreezableImage", image).key if engine.capabilities.snapshot else ""
        return FreshGuest(
            guest,
            engine.name,
            image.walls,
            image.enforced,
            give_back=image.close if alone else nothing,
            prepare=nothing if alone or frozen is not None else partial(image.prepare, self.limits),
            image=key,
        )

    def _start(self, engine: Engine, image: Image, frozen: Frozen | None) -> Guest:
        if frozen is None:
            return image.start(self.limits)
        if not engine.capabilities.snapshot:
            raise refuse_freezing(engine.name)
        freezable = cast("FreezableImage", image)
        if (frozen.engine, frozen.image) != (engine.name, freezable.key):
            raise StateRefused(
                "image",
                f"the snapshot belongs to the image {frozen.image} of {frozen.engine}, and this is "
                f"{freezable.key} of {engine.name}; restore it where that image is, or use save() "
                "and restore(), which need no image in common",
            )
        return freezable.thaw(self.limits, frozen.memory)

    def _image(self) -> tuple[Engine, Image, bool]:
        if not self._keep:
            return _images.get(self._engines, self._spec)
        with self._finding:  # or two takers would each make one, and close the other's
            if self._kept is None or not self._kept[1].alive:
                self.close()
                self._kept = _images.get(self._engines, self._spec)
            return self._kept

    def _let_go(self, image: Image, owned: bool) -> None:
        if owned and not self._keep:
            image.close()

    def close(self) -> None:
        """Let go of a kept image. Its guests live on; it may be used again."""
        kept, self._kept = self._kept, None
        if kept is not None and kept[2]:
            kept[1].close()
