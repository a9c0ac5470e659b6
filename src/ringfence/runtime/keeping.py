"""Saving and restoring a session: what both façades share around the turn itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ringfence.errors import ConfigurationError
from ringfence.model import Limits, Result
from ringfence.runtime.arguments import check_limits
from ringfence.runtime.freezing import Frozen, Lending, seal_snapshot, unseal_snapshot
from ringfence.runtime.handle import SandboxOptions
from ringfence.runtime.recipe import Recipe
from ringfence.runtime.request import Request, restore_request
from ringfence.runtime.seal import (
    SavedState,
    Unsealed,
    check_context,
    check_key,
    check_state,
    seal,
    unseal,
)
from ringfence.runtime.session import Session
from ringfence.runtime.state_key import user_key
from ringfence_guest.protocol.namespaces import Lost, Restored, Saved

__all__ = ["QUICK", "Seal", "Thawing", "left_behind"]

QUICK = 1 << 20
"""Bytes that are sealed and opened in so few milliseconds that an event loop may wait for it."""


class Seal(NamedTuple):
    """With which key, and for what."""

    key: bytes
    context: dict[str, str]

    @classmethod
    def of(cls, key: bytes | None, context: Mapping[str, str] | None) -> Seal:
        """Checked arguments.

        Raises:
            ConfigurationError: one of them is wrong.
            StateKeyNotUsable: there is no ``key``, and the user's own cannot be had.
        """
        checked = check_context(context)
        return cls(user_key() if key is None else check_key(key), checked)

    def closing(self, result: Result, session: Session) -> Callable[[], SavedState]:
        """What seals the outcome of a save.

        Raises:
            GuestFailure: the guest could not save.
        """
        import ringfence  # only for its version: the public face is above this room

        saved: Saved = result.raise_for_status().value
        functions = tuple(session.functions)

        def work() -> SavedState:
            return seal(
                saved,
                key=self.key,
                context=self.context,
                engine=session.engine,
                functions=functions,
                version=ringfence.__version__,
            )

        return work

    def close(self, frozen: Frozen) -> bytes:
        """A snapshot."""
        import ringfence

        version = ringfence.__version__
        return seal_snapshot(frozen, key=self.key, context=self.context, version=version)

    def opening(self, state: Any, limits: Limits) -> Callable[[], tuple[Unsealed, Request]]:
        """What opens a save, and the request that restores it.

        Raises:
            ConfigurationError: these are no bytes.
        """
        data = check_state(state)

        def work() -> tuple[Unsealed, Request]:
            unsealed = unseal(data, key=self.key, context=self.context, limit=int(limits.value))
            return unsealed, restore_request(unsealed.payload, limits)

        return work


class Thawing(NamedTuple):
    """A snapshot that was opened, and what a sandbox is made with to go on from it."""

    frozen: Frozen
    options: SandboxOptions

    @classmethod
    def of(cls, state: Any, seal: Seal, options: SandboxOptions) -> Thawing:
        """Open a snapshot.

        Raises:
            StateRefused: it is not restored.
            ConfigurationError: an option is wrong, or cannot be given to a guest that is there.
        """
        for name in ("files", "modules"):
            if options.get(name):
                raise ConfigurationError(
                    f"{name}= cannot be given with a snapshot: its guest has its own already"
                )
        pool = options.get("pool")
        limits = check_limits(options.get("limits")) if pool is None else pool.limits
        data = check_state(state)
        frozen = unseal_snapshot(data, key=seal.key, context=seal.context, limits=limits)
        if pool is None and "engine" not in options:
            options = {**options, "engine": frozen.engine}
        return cls(frozen, options)

    def refuse_others(self, recipe: Recipe) -> None:
        """Raise StateRefused unless the recipe lends what the guest knows."""
        given = Lending.of(recipe.functions, asks=recipe.ask is not None)
        self.frozen.lending.refuse_others(given)


def left_behind(unsealed: Unsealed, restored: Restored) -> tuple[Lost, ...]:
    """What was there, and is not any more: not saved, or not restored."""
    return unsealed.lost + restored.lost
