"""The sandboxes of runs: from the warm pool where that can be, else from their image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ringfence.async_sandbox import AsyncSandbox
from ringfence.mcp.guest.functions import Lending
from ringfence.mcp.guest.modules import guest_modules
from ringfence.mcp.guest.prelude import prelude
from ringfence.runtime.pool import Pool

if TYPE_CHECKING:
    from ringfence.mcp.server.settings import McpSettings
    from ringfence.runtime.handle import SandboxOptions

__all__ = ["Guest", "Guests"]


@dataclass(frozen=True)
class Guest:
    """A sandbox, and what it is lent.

    Attributes:
        box: not started yet.
        lending: its host functions; None where it has none.
        first: source to run before its first program; None for nothing.
    """

    box: AsyncSandbox
    lending: Lending | None
    first: str | None


class Guests:
    """Makes sandboxes. What they may do is the operator's decision; a caller narrows it.

    Args:
        settings: what the operator decided.

    Attributes:
        pool: the warm guests of runs that ask for nothing special.
        lending: whether other servers' tools are lent.
    """

    def __init__(self, settings: McpSettings, *, lending: bool) -> None:
        self._settings = settings
        self._sampling = settings.sampling != "off"
        self.lending = lending
        self.pool = Pool(
            settings.pool,
            engine=settings.engine,
            limits=settings.limits,
            policy=settings.policy,
        )

    def make(self, engine: str | None, packages: tuple[str, ...]) -> Guest:
        """A sandbox of this engine (None for the default) that can import these packages."""
        settings = self._settings
        if engine in (None, settings.engine) and not packages:
            options: SandboxOptions = {"pool": self.pool, "limits": settings.limits}
        else:
            options = {
                "engine": engine or settings.engine,
                "packages": packages,
                "limits": settings.limits,
                "policy": settings.policy,
            }
        if not self.lending and not self._sampling:
            return Guest(AsyncSandbox(**options), None, None)
        lending = Lending(sampling=self._sampling)
        options["functions"] = lending.functions
        options["modules"] = guest_modules(sampling=self._sampling)
        return Guest(AsyncSandbox(**options), lending, prelude(sampling=self._sampling))
