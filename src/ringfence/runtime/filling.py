"""One call of a guest's function with memory to write to: packed results of any size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ringfence.model import Limits, Result
from ringfence.runtime.arena import Arena
from ringfence.runtime.program_guest import ProgramGuest
from ringfence.runtime.request import fill_request

__all__ = ["Filled", "FillingGuest"]


class Filled(NamedTuple):
    """What came of it.

    Attributes:
        result: of the turn; its value is not of use.
        value: what the function returned, first of its two values; None if it did not return.
        data: the memory: where it is not shared, only as much as was written, and nothing of a
            call that did not return. It is the guest's: copied, and not checked. Where it is
            shared, this is the arena itself while the guest lives.
        shared: whether it is.
    """

    result: Result
    value: Any
    data: memoryview
    shared: bool


class FillingGuest(ProgramGuest):
    """A guest whose functions are called with memory to write to.

    The first eight bytes are a counter: while it stands still for ``each`` seconds, the function is
    taken to be stuck.
    """

    @property
    def shares_memory(self) -> bool:
        """Whether what is written can be seen while it is."""
        return self._session.guest.shares_memory

    @property
    def engine(self) -> str:
        """The engine's name."""
        return self._session.engine

    def fresh(self) -> bool:
        """See that there is a guest; whether it had to be started anew."""
        return self._renew()

    def discard(self) -> None:
        """End the guest; the next one is fresh."""
        self._session.close()

    def fill(
        self,
        name: str,
        arguments: Sequence[Any],
        size: int,
        limits: Limits,
        *,
        output: Arena | None = None,
        each: float | None = None,
    ) -> Filled:
        """Call a function.

        Args:
            name: the function; it returns two values: what :attr:`Filled.value` is to be, and how
                many bytes it has written.
            arguments: what it gets after the memory.
            size: of the memory, in bytes.
            limits: of this turn.
            output: memory of that size to be used again, which was lent to this guest alone.
            each: seconds for which the counter may stand still; the guest is killed then, and the
                result's limit is ``each``.

        Raises:
            PolicyNotEnforceable: ``each`` on an engine that shares no memory with its guests.
            ConfigurationError: an argument cannot cross.
            EngineFailure: ``each``, and this process has no descriptor left.
            SandboxClosed: the guest has ended; see :meth:`fresh`.
        """
        if not self._check_each(each):
            output = None
        elif output is None:
            output = Arena.of(size, guest_writes=True)
        if output is not None:
            output[:8] = bytes(8)
        request = fill_request(name, arguments, size, limits, output)
        result, output = self._drive(request, output, each)
        answer = result.value
        told = type(answer) is list and len(answer) == 2 and type(answer[1]) is bytes
        data = memoryview(output if output is not None else answer[1] if told else b"")
        return Filled(result, answer[0] if told else None, data, output is not None)
