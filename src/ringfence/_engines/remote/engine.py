"""The remote engine: guests of a service, under its walls, driven from here."""

from __future__ import annotations

import os
import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ringfence.engine import Availability, Capabilities, ImageSpec
from ringfence.errors import ConfigurationError, EngineNotAvailable, PolicyNotEnforceable
from ringfence.model import WallSet
from ringfence.model.policy import WALLS, describe_walls

if TYPE_CHECKING:
    from ringfence._engines.remote.address import Address
    from ringfence._engines.remote.image import RemoteImage

__all__ = ["RemoteEngine", "configured"]

_URL, _KEY = "RINGFENCE_URL", "RINGFENCE_API_KEY"
_INSTALL = "install it: pip install 'ringfence[client]'"
_NOTHING = Capabilities(walls=(), limits=frozenset())


class RemoteEngine:
    """Guests of a service (``ringfence serve``), each over a WebSocket of its own.

    ``engine="http://host:port"`` is this with the key from ``RINGFENCE_API_KEY``, and
    ``engine="remote"`` is the one at ``RINGFENCE_URL``. What guests can do, and which walls stand,
    is what the service says: it is trusted with that, as with the code and the data that are sent
    to it.

    Args:
        url: ``http://host:port`` or ``https://host``.
        key: the API key; None takes ``RINGFENCE_API_KEY``, if that is set.
        engine: the service's engine; None leaves that to the service.

    Raises:
        ConfigurationError: an argument is wrong.
    """

    def __init__(self, url: str, *, key: str | None = None, engine: str | None = None) -> None:
        from ringfence._engines.remote.address import Address

        if key is None:
            key = os.environ.get(_KEY, "")
        self._address: Address | None = Address.of(url, key, engine)
        self.name = self._address.url
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._hello: dict[str, Any] | None = None
        self._silence: Availability | None = None

    def __repr__(self) -> str:
        return f"RemoteEngine({self.name!r})"

    @property
    def capabilities(self) -> Capabilities:
        """What guests of the service can do, as it says; nothing while it says nothing."""
        hello = self._greeted()
        if hello is None:
            return _NOTHING
        return Capabilities(
            walls=_wall_sets(hello["walls"]),
            limits=frozenset(hello["limits"]),
            packages=hello["packages"],
            threads=hello["threads"],
            deterministic=hello["deterministic"],
            missing_modules=frozenset(hello["missing_modules"]),
        )

    def availability(self) -> Availability:
        """Whether the service answers, and what stands there, as it says. Once it has answered, the
        answer is kept.
        """
        hello = self._greeted()
        if hello is None:
            assert self._silence is not None
            return self._silence
        return Availability(_wall_sets(hello["standing"]), hello["missing"], hello["remedy"])

    def image(self, spec: ImageSpec) -> RemoteImage:
        """What guests of this kind start from.

        Raises:
            EngineNotAvailable: the service does not answer, or not to this client.
            PolicyNotEnforceable, ConfigurationError, EngineFailure: it cannot be had there.
        """
        reason = _ungrantable(spec)
        if reason is not None:
            raise PolicyNotEnforceable(f"{self.name}: {reason}")
        hello = self._greeted()
        if hello is None:
            assert self._silence is not None
            missing = "; ".join(self._silence.missing.values())
            raise EngineNotAvailable(f"{self.name}: {missing}; {self._silence.remedy}")
        offered = _wall_sets(hello["walls"])
        if not set(offered) & set(spec.policy.wall_sets):
            raise PolicyNotEnforceable(
                f"{self.name}: none of the accepted sets of walls is one of its own: "
                + (", ".join(map(describe_walls, offered)) or "none")
            )
        from ringfence._engines.remote.image import RemoteImage

        assert self._address is not None
        return RemoteImage(self.name, self._address, spec)

    def _greeted(self) -> dict[str, Any] | None:
        """What the service says of itself. A service that is silent is asked again."""
        with self._lock:
            if self._hello is None:
                self._hello, self._silence = self._greet()
            return self._hello

    def _greet(self) -> tuple[dict[str, Any] | None, Availability | None]:
        if self._address is None:
            reason = f"{_URL} does not say where a service is"
            return None, Availability((), {"service": reason}, f"set {_URL}=http://host:port")
        if find_spec("websockets") is None:
            return None, Availability((), {"websockets": "it is not installed"}, _INSTALL)
        from ringfence._engines.remote.link import Link, Unreachable

        try:
            link = Link.open(self._address)
        except Unreachable as error:
            return None, Availability((), {"service": error.reason}, error.remedy)
        link.close()
        return link.hello, None


class _Configured(RemoteEngine):
    """The service that ``RINGFENCE_URL`` names, under the name of its entry point."""

    def __init__(self) -> None:
        url = os.environ.get(_URL)
        if url:
            super().__init__(url)
        else:
            self._address = None
            self._begin()
        self.name = "remote"


def configured() -> RemoteEngine:
    """The engine ``remote``.

    Raises:
        ConfigurationError: ``RINGFENCE_URL`` is no address.
    """
    try:
        return _Configured()
    except ConfigurationError as error:
        raise ConfigurationError(f"{_URL}: {error}") from None


def _wall_sets(told: list[list[str]]) -> tuple[WallSet, ...]:
    """Sets of walls that this version knows; a service of another version may have others."""
    sets = (frozenset(walls) for walls in told)
    return tuple(walls for walls in sets if walls and walls <= WALLS)


def _ungrantable(spec: ImageSpec) -> str | None:
    """Why what is asked for cannot be had of any service, and what to do instead; or None."""
    policy = spec.policy
    if spec.wheels:
        return (
            "packages= of the service's operator can be lent, by name, and no wheels from here; "
            "use engine='native' or 'wasi', which can"
        )
    if spec.python:
        return "python= cannot be chosen: the service has its own; use engine='native', which can"
    if policy.read_paths:
        return (
            "read= cannot be granted: nothing of the service's machine is granted to anybody, and "
            "nothing of this one is there; pass files="
        )
    if policy.cpu_share is not None:
        return "cpu_share= cannot be enforced: it is the operator's affair; see Limits(cpu=…)"
    if policy.isolation == "tenant":
        return (
            "isolation='tenant' cannot be enforced: it is the operator of the service that decides "
            "it, by RINGFENCE_ISOLATION"
        )
    return None
