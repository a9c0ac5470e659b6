"""What work in a guest has used: its own code, and all that is done for it with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringfence.async_sandbox import AsyncSandbox
    from ringfence.model import Result

__all__ = ["Spending"]


class Spending:
    """CPU seconds from some moment on. Saving and restoring run a guest's code as well, and count;
    a turn whose guest was killed counts by the clock, since nobody can ask any more.
    """

    def __init__(self) -> None:
        self._box: AsyncSandbox | None = None
        self._before = self._more = 0.0

    def watch(self, box: AsyncSandbox, before: float) -> None:
        """It goes on in this guest, which had used so much."""
        self._more += self._now()
        self._box, self._before = box, before

    def add(self, seconds: float) -> None:
        """Something that no guest's clock tells."""
        self._more += seconds

    def ended(self, result: Result) -> None:
        """A turn has ended."""
        if result.usage.cpu is None:
            self._more += result.usage.wall

    @property
    def seconds(self) -> float:
        """CPU seconds until now."""
        return self._more + self._now()

    def _now(self) -> float:
        return 0.0 if self._box is None else max(0.0, self._box._cpu_used() - self._before)
