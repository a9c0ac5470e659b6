"""The façade: ``run``, ``Sandbox``, ``engines``. Composition only."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self

from ringfence.errors import SandboxClosed
from ringfence.model import Display, Limits, Output, Policy, Progress, Result
from ringfence.runtime import arguments
from ringfence.runtime.handle import SandboxHandle
from ringfence.runtime.recipe import Engines, Functions, Recipe, Stdin, make_check
from ringfence.runtime.registry import EngineInfo, describe_engines
from ringfence.runtime.shell_sync import SyncShell
from ringfence.runtime.trace import Trace
from ringfence_guest.protocol.turn import Turn

__all__ = ["Sandbox", "engines", "run"]


def engines() -> dict[str, EngineInfo]:
    """Every installed engine: what it can do, what stands here, what would mend the rest.

    Tries everything on this machine; may take a second the first time.
    """
    return describe_engines()


def run(
    code: str,
    *,
    engine: Engines = "auto",
    limits: Limits | None = None,
    policy: Policy | None = None,
    functions: Functions = (),
    files: Mapping[str, bytes] | None = None,
    packages: Sequence[str] = (),
    python: str | os.PathLike[str] | None = None,
    modules: Mapping[str, str] | None = None,
    stdin: Stdin = None,
    inputs: Mapping[str, Any] | None = None,
    returns: Any = None,
    filename: str | None = None,
    trace: Trace | None = None,
) -> Result:
    """Run ``code`` in a fresh guest, and end the guest.

    Args:
        code: Python source. The value of its last expression is ``Result.value``; ``await`` works
            at top level.
        engine: an engine's name, or a list to try in order; ``"auto"`` is native, else wasi.
        limits: what bounds the guest; the default is finite throughout.
        policy: what is granted; the default is nothing.
        functions: host functions to lend; their parameters must be annotated.
        files: relative path -> bytes, in the guest's scratch folder (its working directory).
        packages: installed distributions to make importable, with all that they require.
        python: another CPython, 3.11 to 3.14, by path.
        modules: dotted name -> source of modules that the guest may import.
        stdin: text, or a function called for each line.
        inputs: name -> value, set as variables of the guest.
        returns: an annotation that the value must match; else the status is ``error``.
        filename: what tracebacks call the code; ``<cell 1>`` by default.
        trace: called with a TraceEvent for everything the host does.

    Raises:
        ConfigurationError: an argument is wrong.
        PolicyNotEnforceable: a limit, grant or set of walls cannot be honoured here.
        EngineNotAvailable: no engine can run here.
        EngineFailure: the machine has run out of something.
    """
    arguments.check_code(code)
    values = arguments.check_inputs(inputs)
    check = make_check(returns)
    recipe = Recipe(
        engine, limits, policy, functions, files, packages, python, modules, stdin, trace
    )
    session, give_back = recipe.start()
    shell = SyncShell(session)
    try:
        turn = session.begin_run(
            code, filename=filename, stdin=recipe.stdin, inputs=values, limits=recipe.limits
        )
        for _ in shell.drive(turn):
            pass
        return session.finish(turn, check, last=True)
    finally:
        session.close()
        shell.close()
        give_back()


class Sandbox(SandboxHandle):
    """A guest that keeps its state between runs. See :func:`run` for the arguments.

    Use it in a ``with`` block, or call :meth:`start` and :meth:`close`. Several threads may use it:
    their turns queue. Cancelling and closing work from any thread.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._shell: SyncShell | None = None
        self._queue = threading.Lock()

    def start(self) -> Sandbox:
        """Start the guest, unless it was."""
        if self._closed:
            raise SandboxClosed("this sandbox was closed")
        if self._session is None:
            self._session, self._give_back = self._recipe.start()
            self._shell = SyncShell(self._session)
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(
        self,
        code: str,
        *,
        stdin: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        returns: Any = None,
        filename: str | None = None,
        limits: Limits | None = None,
    ) -> Result:
        """Run ``code`` in the guest; what it defines stays. ``limits`` may differ per turn."""
        check = make_check(returns)
        self.start()
        return self._drive(lambda: self._begin_run(code, stdin, inputs, filename, limits), check)

    def call(
        self,
        name: str,
        /,
        *args: Any,
        **kwargs: Any,
    ) -> Result:
        """Call a function that the guest has defined: typed values in, a typed value out."""
        self.start()
        return self._drive(lambda: self._begin_call(name, args, kwargs, None), None)

    def call_with(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        returns: Any = None,
        limits: Limits | None = None,
    ) -> Result:
        """:meth:`call`, with an annotation for the value and limits for the turn."""
        check = make_check(returns)
        self.start()
        return self._drive(
            lambda: self._begin_call(name, tuple(args), dict(kwargs or {}), limits), check
        )

    def stream(
        self,
        code: str,
        *,
        stdin: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        returns: Any = None,
        filename: str | None = None,
        limits: Limits | None = None,
    ) -> Iterator[Output | Display | Progress | Result]:
        """Run ``code`` and yield what it prints, shows and reports as it happens; the
        :class:`Result` comes last. Leaving the loop early ends the guest.
        """
        check = make_check(returns)
        self.start()
        with self._turn_lock():
            turn = self._begin_run(code, stdin, inputs, filename, limits)
            session, shell = self._started(), self._shell
            assert shell is not None
            yield from shell.drive(turn)
            result = session.finish(turn, check)
        yield result

    def _drive(self, begin: Callable[[], Turn], check: Callable[[Any], Any] | None) -> Result:
        with self._turn_lock():
            turn = begin()
            shell = self._shell
            assert shell is not None
            assert self._session is not None
            for _ in shell.drive(turn):
                pass
            return self._session.finish(turn, check)

    def _turn_lock(self) -> threading.Lock:
        self._started().check_usable()  # a busy sandbox is an error, not a dead lock
        return self._queue

    def cancel(self) -> bool:
        """End the running turn within 50 ms; from any thread. False when none is running."""
        return self._shell is not None and self._shell.cancel()

    def close(self) -> None:
        """End the guest; a running turn is cancelled first. May be called again."""
        if self._closed:
            return
        self._closed = True
        self.cancel()
        with self._queue:
            if self._session is not None:
                self._session.close()
            if self._shell is not None:
                self._shell.close()
            self._give_back()
