"""Saving and restoring a session: what both façades share around the turn itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ringfence.model import Limits, Result
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

__all__ = ["QUICK", "Seal", "left_behind"]

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


def left_behind(unsealed: Unsealed, restored: Restored) -> tuple[Lost, ...]:
    """What was there, and is not any more: not saved, or not restored."""
    return unsealed.lost + restored.lost
