"""Whether a service can take runs: what was tried and seen, not what was configured."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

__all__ = ["Check", "Readiness"]

_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: ``database``, ``engine``, ``owner`` or ``accepting``.
        ready: whether it is as it should be.
        told: what was seen, in a few words that hold no addresses and no secrets.
    """

    name: str
    ready: bool
    told: str


class Readiness:
    """Looks at the parts of a service. Each says in words what is wrong, and nothing where it is
    well.
    """

    def __init__(self) -> None:
        self._parts: dict[str, Callable[[], Awaitable[str | None]]] = {}

    def watch(self, name: str, look: Callable[[], Awaitable[str | None]]) -> None:
        """Look at a part, too.

        Args:
            name: of it.
            look: says what is wrong; whatever it raises is wrong as well, and so is taking long.
        """
        self._parts[name] = look

    async def checks(self) -> list[Check]:
        """Look at all of them, beside each other."""
        return list(await asyncio.gather(*map(self._check, self._parts)))

    async def _check(self, name: str) -> Check:
        try:
            async with asyncio.timeout(_PATIENCE):
                wrong = await self._parts[name]()
        except TimeoutError:
            wrong = f"did not answer in {_PATIENCE:g} seconds"
        except Exception as error:  # it is told by its name: its text may hold addresses
            wrong = f"failed: {type(error).__name__}"
        return Check(name, wrong is None, "ok" if wrong is None else wrong)
