"""What guests of a service start from, as the host holds it: a wish, and what it came to."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ringfence._engines.remote.address import Address
from ringfence._engines.remote.guest import RemoteGuest
from ringfence._engines.remote.link import Link, Refused
from ringfence.engine import ImageSpec
from ringfence.errors import (
    ConfigurationError,
    EngineFailure,
    EngineNotAvailable,
    PackageNotAvailable,
    PolicyNotEnforceable,
    RingfenceError,
)
from ringfence.model import Limits, WallSet
from ringfence.system.forks import call_in_forked_children

__all__ = ["RemoteImage", "explain_refusal"]

_OF_THE_GUEST = ("fuel", "steps", "memory", "threads", "disk", "files")
"""The limits that are held where the guest is. The others are held here, as bytes arrive and by the
clocks; the service has its own for ``cpu``, beyond which no turn goes.
"""

_HELD_HERE = frozenset({"wall", "host_wall", "output", "display", "calls", "value"})

_ERRORS: Mapping[str, type[RingfenceError]] = {
    "ConfigurationError": ConfigurationError,
    "EngineFailure": EngineFailure,
    "EngineNotAvailable": EngineNotAvailable,
    "PackageNotAvailable": PackageNotAvailable,
    "PolicyNotEnforceable": PolicyNotEnforceable,
}


def explain_refusal(name: str, refused: Refused) -> RingfenceError:
    """What a service refuses, as what an engine of this machine raises; never a class that it
    chooses.
    """
    return _ERRORS.get(refused.error, EngineFailure)(f"{name}: {refused.detail}")


class RemoteImage:
    """Opens a connection for each guest, and says on each what the guest is to be.

    Args:
        name: the engine's, for people.
        address: of the service.
        spec: what guests are to be.
    """

    def __init__(self, name: str, address: Address, spec: ImageSpec) -> None:
        self._name, self._address = name, address
        self._wish = {
            "packages": list(spec.packages),
            "walls": [sorted(walls) for walls in spec.policy.wall_sets],
            "deterministic": spec.policy.deterministic,
            "limits": _limits(spec.limits),
        }
        self._lock = threading.Lock()
        self._spare: Link | None = None
        self._preparing = self._closed = False
        self._spare, told = self._open()
        _open_images.add(self)
        self.walls: WallSet = frozenset(told["walls"])
        inner = self._spare.hello["engine"]
        where = f"{inner} at {address.url}"
        self.enforced: Mapping[str, str] = MappingProxyType(
            {
                limit: how if limit in _HELD_HERE else f"{where}: {how}"
                for limit, how in told["enforced"].items()
            }
        )

    @property
    def alive(self) -> bool:
        return not self._closed

    def explain(self, limits: Limits) -> Mapping[str, Any]:
        link, _ = self._take()
        try:
            answer = link.ask("explain", wanted="explained", limits=_limits(limits))
        except Refused as refused:
            raise explain_refusal(self._name, refused) from None
        finally:
            link.close()
        profile: dict[str, Any] = answer["profile"]
        return {"service": self._address.url, "engine": link.hello["engine"], **profile}

    def start(self, limits: Limits) -> RemoteGuest:
        while True:
            link, kept = self._take()
            try:
                answer = link.ask("start", wanted="started", limits=_limits(limits))
                return RemoteGuest(link, counts=answer["counts"])
            except Refused as refused:
                link.close()
                raise explain_refusal(self._name, refused) from None
            except EngineFailure:
                link.close()
                if not kept:  # one that was kept may have ended since
                    raise

    def prepare(self, limits: Limits) -> None:
        with self._lock:
            if self._spare is not None or self._preparing or self._closed:
                return
            self._preparing = True
        threading.Thread(target=self._prepare, name="ringfence-prepare", daemon=True).start()

    def _prepare(self) -> None:
        link: Link | None = None
        try:
            link, _ = self._open()
        except RingfenceError:
            pass  # who starts the next guest is told
        with self._lock:
            self._preparing = False
            if link is not None and self._spare is None and not self._closed:
                self._spare, link = link, None
        if link is not None:
            link.close()

    def close(self) -> None:
        _open_images.discard(self)
        self._closed = True
        self.drop_spare()

    def drop_spare(self) -> None:
        """Let go of the connection that is kept for the next guest."""
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None:
            spare.close()

    def drop_after_fork(self) -> None:
        """In a forked child: whoever held the lock is not there, and the spare is the parent's."""
        self._lock = threading.Lock()
        self._spare = None
        self._preparing = False

    def _take(self) -> tuple[Link, bool]:
        """A connection with this image, and whether it was kept for a while."""
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None and not spare.is_over:
            return spare, True
        if spare is not None:
            spare.close()
        try:
            return self._open()[0], False
        except EngineNotAvailable as error:  # it was there when the image was made
            raise EngineFailure(str(error)) from error

    def _open(self) -> tuple[Link, dict[str, Any]]:
        link = Link.open(self._address)
        try:
            return link, link.ask("open", wanted="image", **self._wish)
        except Refused as refused:
            link.close()
            raise explain_refusal(self._name, refused) from None
        except BaseException:
            link.close()
            raise


def _limits(limits: Limits) -> dict[str, Any]:
    return {name: getattr(limits, name) for name in _OF_THE_GUEST}


_open_images: weakref.WeakSet[RemoteImage] = weakref.WeakSet()


def _drop_all_after_fork() -> None:
    for image in list(_open_images):
        image.drop_after_fork()


call_in_forked_children(_drop_all_after_fork)
