"""Real guests for agents' tasks, behind the function that a service would give."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

import ringfence
from ringfence.agent.model import Model
from ringfence.agent.settings import AgentSettings
from ringfence.agent.task import Answer, Reply, Step, Task
from ringfence.agent.working import work
from ringfence.model.as_json import result_as_json
from tests.support.model_endpoint import Endpoint

T = TypeVar("T")


class Guests:
    """Runs code: sessions by their id, and a fresh guest for none. Keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None, float, str | None]] = []
        self.cancelled = 0
        self._sessions: dict[str, ringfence.AsyncSandbox] = {}

    async def __call__(
        self, code: str, session_id: str | None, timeout_seconds: float, stdin: str | None
    ) -> Reply:
        self.asked.append((code, session_id, timeout_seconds, stdin))
        try:
            if session_id is None:
                async with ringfence.AsyncSandbox() as box:
                    return await self._run(box, code, timeout_seconds, stdin)
            box = self._sessions.setdefault(session_id, ringfence.AsyncSandbox())
            return await self._run(box, code, timeout_seconds, stdin)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    async def _run(
        self, box: ringfence.AsyncSandbox, code: str, seconds: float, stdin: str | None
    ) -> Reply:
        limits = box.limits.replace(wall=seconds)
        return result_as_json(await box.run(code, stdin=stdin, limits=limits))

    async def close(self) -> None:
        for box in self._sessions.values():
            await box.close()


class Desk:
    """Works on tasks as a caller does."""

    def __init__(self) -> None:
        self.guests = Guests()
        self.steps: list[Step] = []
        self.used: Answer | None = None

    def work(self, task: Task, endpoint: Endpoint | None = None, **variables: object) -> Answer:
        """One task, from its begin to its end."""
        return self.run(self.working(task, endpoint, **variables))

    async def working(
        self,
        task: Task,
        endpoint: Endpoint | None = None,
        **variables: object,
    ) -> Answer:
        environment = endpoint.variables(**variables) if endpoint else {}
        settings = AgentSettings.from_environment(environment)
        if settings.model is None:
            return await work(task, self.guests, lambda: Model(settings), told=self.steps.append)
        async with Model(settings) as model:
            return await work(
                task, self.guests, lambda: model, told=self.steps.append, answer=self.used
            )

    def run(self, working: Coroutine[Any, Any, T]) -> T:
        async def closing() -> T:
            try:
                return await working
            finally:
                await self.guests.close()

        return asyncio.run(closing())


@pytest.fixture
def desk() -> Desk:
    return Desk()
