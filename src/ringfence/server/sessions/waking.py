"""Giving a session its guest: a new one, or one that comes back from what was saved."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from ringfence.async_sandbox import AsyncSandbox
from ringfence.errors import ConfigurationError, GuestCrashed, GuestFailure, StateRefused
from ringfence.server.problems import Problem
from ringfence.server.sessions.keeping import Keeper, names_of
from ringfence.server.sessions.record import (
    SessionRecord,
    bounded,
    lost_as_json,
    unsaved_turns,
)

if TYPE_CHECKING:
    from ringfence.server.fleet import Fleet, Recipe
    from ringfence.server.operations.metrics import Metrics
    from ringfence.server.sessions.session import Session
    from ringfence.server.store import Store

__all__ = ["Waking"]

_RESTORING = 15.0
"""Seconds that a session has to come back in."""

_ATTEMPTS = 3
"""Guests that a session may come back in, where somebody kills them before it is there."""


class Waking:
    """Starts the guests of sessions.

    Args:
        store: where they were saved.
        fleet: starts guests.
        metrics: counts what comes back.
        keeper: opens what was saved.
    """

    def __init__(self, store: Store, fleet: Fleet, metrics: Metrics, keeper: Keeper) -> None:
        self._store, self._fleet, self._metrics, self._keeper = store, fleet, metrics, keeper

    async def wake(self, session: Session) -> None:
        """Give a session a guest.

        Raises:
            Problem: ``lost``, ``unavailable`` or ``not-enforceable``.
        """
        record = session.known
        if session.stored:
            await self._bring_back(session, record)
        else:
            await self._start(session, self._fleet.recipe_from(record.recipe))

    async def _start(self, session: Session, recipe: Recipe) -> None:
        box = self._fleet.sandbox(recipe, session.tenant)
        with self._fleet.starting(recipe, session.tenant):
            await box.start()
        self._fleet.found(recipe, box)
        record = session.known
        record.recipe = {**record.recipe, "engine": box.engine}
        session.box, session.dirty = box, False

    async def _bring_back(self, session: Session, record: SessionRecord) -> None:
        """A guest with what was saved."""
        if record.saved_turn is None:
            raise Problem(
                "lost",
                f"the session was never saved (durability {record.durability}), and its guest has "
                f"ended after turn {record.turns}: delete it, or use another id",
            )
        tenant, name = session.tenant, session.id
        state, files = await self._store.read(
            lambda work: (work.sessions.state(tenant, name), work.sessions.files(tenant, name))
        )
        recipe = self._fleet.recipe_from(record.recipe)
        lost = list(record.lost)
        if record.turns > record.saved_turn:
            lost.append(unsaved_turns(record))

        async def bring() -> AsyncSandbox:
            with self._fleet.starting(recipe, tenant):
                if state is not None:
                    return await self.thaw(recipe, tenant, name, state, files)
                box = self._fleet.sandbox(recipe, tenant, files)
                return await box.start()

        try:
            for _ in range(_ATTEMPTS - 1):
                with contextlib.suppress(GuestCrashed):  # by whatever kills guests: not by this one
                    box = await bring()
                    break
            else:
                box = await bring()
        except (StateRefused, GuestFailure, ConfigurationError) as error:
            self._metrics.session_restored("lost")
            raise Problem(
                "lost",
                "the session cannot come back: " + str(error).partition("\n")[0][:300],
            ) from error
        session.box, session.dirty = box, False
        session.file_digests = self._keeper.digests_of(files)
        session.lost = bounded([*lost, *names_of(box.lost)])
        # One that was made and never used comes back from nothing.
        session.restored = record.saved_turn > 0 or record.turns > 0 or bool(session.lost)
        record.turns = record.saved_turn
        if session.restored:
            self._metrics.session_restored("partly" if session.lost else "whole")

    async def thaw(
        self, recipe: Recipe, tenant: str, name: str, state: bytes, files: dict[str, bytes]
    ) -> AsyncSandbox:
        """A guest with a state of this session.

        Raises:
            StateRefused, GuestFailure, ConfigurationError: see :meth:`AsyncSandbox.restore`.
        """
        key, context = self._keeper.opening(tenant, name)
        options = self._fleet.options(recipe, tenant)
        if files:
            options["files"] = files
        try:
            async with asyncio.timeout(_RESTORING):
                return await AsyncSandbox.restore(state, key=key, context=context, **options)
        except TimeoutError:
            raise Problem(
                "not-enforceable",
                f"the session did not come back within {_RESTORING:g} seconds: what its own code "
                "does when values are made anew takes too long",
            ) from None

    @staticmethod
    def lost_of(box: AsyncSandbox | None) -> list[dict[str, str]]:
        """What a guest that was restored does not have, for answers."""
        return [] if box is None else lost_as_json(bounded(names_of(box.lost)))
