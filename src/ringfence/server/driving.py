"""A turn of a guest, driven for a run: within what its tenant may still use of the day, and told
as events where somebody wants them.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from ringfence.model import Display, Limits, Output, Progress, Result
from ringfence.model.as_json import display_as_json, packed
from ringfence.server.schemas import CallRequest

if TYPE_CHECKING:
    from ringfence.async_sandbox import AsyncSandbox
    from ringfence.server.jobs import Job, Used
    from ringfence.server.operations.tracing import Tracing
    from ringfence.server.runs import Run

__all__ = ["Driver", "nothing"]

_LEAST_CPU = 0.1
"""CPU seconds of a run whose tenant has next to none left today."""

_LARGE = 256 << 10
"""Bytes of a display that is written as JSON on another thread."""


class Driver:
    """Drives turns, and knows what is promised to those that run.

    Args:
        tracing: times them.
    """

    def __init__(self, tracing: Tracing) -> None:
        self._tracing = tracing
        self._promised: dict[str, float] = {}

    async def drive(
        self, run: Run, box: AsyncSandbox, job: Job, limits: Limits, used: Used
    ) -> Result:
        """The turn itself. From here on, cancelling the run ends the turn."""
        if run.cancelled:
            raise asyncio.CancelledError
        tenant, bound = used.tenant, float(limits.cpu)  # type: ignore[arg-type]
        # What its other runs may still use is not left for this one.
        left = used.left - self._promised.get(tenant, 0.0)
        if left < bound:
            bound = max(_LEAST_CPU, left)
            limits = limits.replace(cpu=bound)
        self._promised[tenant] = self._promised.get(tenant, 0.0) + bound
        run.stop_with(box.cancel)
        used.driven = True
        run.drives()
        try:
            with self._tracing.span("run") as span:
                span.set(tenant=tenant, engine=box.engine, run_id=run.id)
                result = await self._ask(run, box, job, limits)
                span.set(status=result.status)
            used.spent.ended(result)
            return result
        finally:
            run.stop_with(nothing)
            self._promised[tenant] -= bound
            if self._promised[tenant] <= 0:
                del self._promised[tenant]

    async def _ask(self, run: Run, box: AsyncSandbox, job: Job, limits: Limits) -> Result:
        request = job.request
        if isinstance(request, CallRequest):
            assert job.args is not None
            args, kwargs = job.args
            return await box.call_with(request.name, args, kwargs, limits=limits)
        if not run.recording:
            return await box.run(
                request.code, stdin=request.stdin, inputs=job.inputs, limits=limits
            )
        result: Result | None = None
        stream = box.stream(request.code, stdin=request.stdin, inputs=job.inputs, limits=limits)
        async with aclosing(stream) as events:
            async for event in events:
                if isinstance(event, Output):
                    run.tell(event.stream, {"text": event.text})
                elif isinstance(event, Display):
                    if sum(map(len, event.data.values())) <= _LARGE:
                        run.tell("display", display_as_json(event))
                    else:
                        run.tell_bytes("display", await asyncio.to_thread(_as_bytes, event))
                elif isinstance(event, Progress):
                    run.tell("progress", {"fraction": event.fraction, "message": event.message})
                else:
                    result = event
        assert result is not None
        return result


def _as_bytes(display: Display) -> bytes:
    return packed(display_as_json(display))


def nothing() -> None:
    """What cannot be stopped now."""
