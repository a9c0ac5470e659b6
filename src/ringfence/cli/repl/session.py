"""The guest that is typed at: turns, and a fresh guest when one has ended. No terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from ringfence.cli.repl.completion import MODULES, complete
from ringfence.cli.starting import start_guest
from ringfence.model import Display, Output, Progress, Result
from ringfence.runtime.handle import SandboxOptions
from ringfence.sandbox import Sandbox

__all__ = ["Session"]


class Session:
    """Use it in a ``with`` block; it starts a guest.

    Args:
        options: the arguments of each sandbox; ``modules`` are ours.
        tell: says something to the person: a message, and what it is about.

    Raises:
        RingfenceError: no guest can be started.
    """

    def __init__(self, options: SandboxOptions, tell: Callable[[str, str], None]) -> None:
        self._options = options
        self._options["modules"] = MODULES
        self._tell = tell
        self._saved: str | None = None
        self.box = self._fresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.box.close()

    def _fresh(self) -> Sandbox:
        box = Sandbox(**self._options)
        start_guest(box)
        return box

    def stream(self, code: str) -> Iterator[Output | Display | Progress | Result]:
        """One turn; the result comes last. Then :meth:`revive`."""
        return self.box.stream(code)

    def cancel(self) -> bool:
        """End the running turn; from any thread. False when none is running."""
        return self.box.cancel()

    def revive(self) -> bool:
        """If the guest has ended, start a fresh one and say what was lost; whether it had."""
        if self.box.alive:
            return False
        ended, self.box = self.box, self._fresh()
        ended.close()
        if self._saved is None:
            advice = "%save FILE keeps variables for the next time"
        else:
            advice = f"%restore {self._saved} brings back what was saved there"
        self._tell(
            "the guest has ended, and its variables and files with it. This is a fresh one; "
            f"{advice}",
            "fresh guest",
        )
        return True

    def reset(self) -> None:
        """Another guest instead of this one, whatever it has."""
        ended, self.box = self.box, self._fresh()
        ended.close()

    def complete(self, word: str) -> tuple[str, ...]:
        """Names that the last part of a dotted name may become; the guest may end."""
        return complete(self.box, word) if self.box.alive else ()

    def save(self, key: bytes | None, write: Callable[[bytes], Path]) -> tuple[str, ...]:
        """Save the variables; gives what could not be saved, as lines.

        Raises:
            RingfenceError: it cannot be done.
        """
        state = self.box.save(key=key)
        self._saved = str(write(bytes(state)))
        lost = [f"not saved: {one.name} ({one.type}): {one.reason}" for one in state.lost]
        return (f"{len(state.names):,} variables, {len(state):,} bytes", *lost)

    def restore(self, state: bytes, key: bytes | None) -> tuple[str, ...]:
        """Another guest with the variables of a save instead of this one; tells of them in lines.

        Raises:
            RingfenceError: it cannot be done; this guest stays.
        """
        box = Sandbox.restore(state, key=key, **self._options)
        ended, self.box = self.box, box
        ended.close()
        lost = [f"not restored: {one.name} ({one.type}): {one.reason}" for one in box.lost]
        return (", ".join(box.restored) or "no variables", *lost)
