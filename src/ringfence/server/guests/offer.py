"""What guests are to be had here over a WebSocket: the service's engine, as far as it is lent."""

from __future__ import annotations

from typing import Any

from ringfence.engine import Engine, Image, ImageSpec
from ringfence.errors import EngineNotAvailable
from ringfence.model import FULL_WALLS
from ringfence.runtime.registry import Images, parse_engines
from ringfence.server.settings import Settings

__all__ = ["Offer"]


class Offer:
    """One engine, lent to clients.

    Args:
        settings: what the operator decided.
        engine: its name, or ``auto``; allowed by then.
    """

    def __init__(self, settings: Settings, engine: str) -> None:
        self._settings = settings
        self._engines = parse_engines(engine)
        self._images = Images()
        self._found: tuple[Engine, dict[str, Any]] | None = None

    def hello(self) -> dict[str, Any]:
        """What clients are told first. May take a second, once.

        Raises:
            EngineNotAvailable: none can run here.
        """
        return self._choose()[1]

    def image(self, spec: ImageSpec) -> tuple[Image, bool]:
        """What guests start from, and whether it is the caller's to close: it is shared otherwise.

        Raises:
            PolicyNotEnforceable, ConfigurationError, EngineNotAvailable, EngineFailure: as engines.
        """
        _, image, owned = self._images.get((self._choose()[0],), spec)
        return image, owned

    def close(self) -> None:
        """Let go of the images."""
        self._images.close()

    def _choose(self) -> tuple[Engine, dict[str, Any]]:
        if self._found is None:
            reasons = []
            for engine in self._engines:
                stands = engine.availability()
                walls = [one for one in stands.walls if one in FULL_WALLS]
                if walls:
                    self._found = engine, self._describe(engine, walls)
                    break
                reasons.append(f"{engine.name}: {'; '.join(stands.missing.values())}")
            else:
                raise EngineNotAvailable(f"no engine can run here: {'; '.join(reasons)}")
        return self._found

    def _describe(self, engine: Engine, standing: list[frozenset[str]]) -> dict[str, Any]:
        able = engine.capabilities
        stands = engine.availability()
        lent = {*self._settings.packages, *self._settings.default_packages}
        return {
            "engine": engine.name,
            "walls": [sorted(one) for one in able.walls if one in FULL_WALLS],
            "limits": sorted(able.limits),
            "packages": able.packages and bool(lent),
            "threads": able.threads,
            "deterministic": able.deterministic,
            "missing_modules": sorted(able.missing_modules),
            "standing": [sorted(one) for one in standing],
            "missing": {_short(what): _short(why) for what, why in stands.missing.items()},
            "remedy": _short(stands.remedy),
        }


def _short(text: str) -> str:
    return text[:1_000]
