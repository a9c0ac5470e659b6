"""A task that is worked on here: a guest of this machine, and the model of the environment."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import replace

from ringfence.agent.direct import direct_code
from ringfence.agent.model import Model
from ringfence.agent.settings import AgentSettings
from ringfence.agent.task import Answer, Ran, Reply, Step, Task
from ringfence.agent.working import work
from ringfence.async_sandbox import AsyncSandbox
from ringfence.cli import exits
from ringfence.cli.request import Source
from ringfence.cli.run import Request, run_program
from ringfence.cli.submit.telling import tell_answer, tell_step
from ringfence.errors import NoModel
from ringfence.model import Limits, Policy
from ringfence.model.as_json import dump, result_as_json

__all__ = ["submit_here"]


def submit_here(task: Task, *, as_json: bool) -> int:
    """Work on it; gives the exit status.

    Raises:
        NoModel: it is a request in words, and no model is configured.
        RingfenceError: a guest could not be started, or the model failed before anything ran.
    """
    code = direct_code(task.query)
    if code is None:
        return asyncio.run(_with_model(task, as_json=as_json))
    if as_json:
        answer = asyncio.run(_with_guest(task, _needless))
        sys.stdout.write(dump(answer.as_json()))
        return exits.OF_STATUS[answer.results[-1]["status"]]
    limits = Limits(wall=task.timeout_seconds)
    source = Source(code, "<query>")
    return run_program(Request(source=source, limits=limits, policy=Policy(), stdin=task.stdin))


async def _with_model(task: Task, *, as_json: bool) -> int:
    async with Model(AgentSettings.from_environment(os.environ)) as model:
        answer = await _with_guest(task, lambda: model, live=not as_json)
    return tell_answer(answer.as_json(), as_json=as_json)


async def _with_guest(task: Task, model: Callable[[], Model], *, live: bool = False) -> Answer:
    guest = _Guest()

    def told(step: Step) -> None:
        if live:
            tell_step(step.as_json(), step.reply if isinstance(step, Ran) else None)

    try:
        return await work(replace(task, session_id=_Guest.name), guest, model, told=told)
    finally:
        await guest.close()


def _needless() -> Model:
    raise NoModel("code needs no model")


class _Guest:
    """One guest for all runs of a task, and another one if it was ended."""

    name = "local"

    def __init__(self) -> None:
        self._box = AsyncSandbox()

    async def __call__(
        self, code: str, session_id: str | None, timeout_seconds: float, stdin: str | None
    ) -> Reply:
        if not self._box.alive:
            await self._box.close()
            self._box = AsyncSandbox()
        limits = self._box.limits.replace(wall=timeout_seconds)
        result = await self._box.run(code, stdin=stdin, limits=limits)
        session = {"id": self.name, "state": "kept" if result.alive else "gone"}
        return {**result_as_json(result), "session": session}

    async def close(self) -> None:
        await self._box.close()
