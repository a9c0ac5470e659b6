"""The façade: ``run``, ``Sandbox``, ``AsyncSandbox``, ``engines``. Composition only."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ringfence.engine import Engine, ImageSpec
from ringfence.errors import ConfigurationError, EngineFailure, SandboxClosed
from ringfence.model import Display, Limits, Output, Policy, Progress, Result, WallSet
from ringfence.runtime import arguments
from ringfence.runtime.functions import HostFunction, register
from ringfence.runtime.registry import EngineInfo, Images, describe_engines, parse_engines
from ringfence.runtime.session import ASK, Session
from ringfence.runtime.shell_async import AsyncShell
from ringfence.runtime.shell_sync import SyncShell
from ringfence.runtime.trace import Trace
from ringfence_guest.protocol.turn import Turn

__all__ = ["AsyncSandbox", "Sandbox", "engines", "run"]

Functions = Iterable[Callable[..., Any] | HostFunction] | Mapping[str, Callable[..., Any]]
Stdin = str | Callable[[], str] | None
Engines = str | Engine | Sequence[str | Engine]

_images = Images()


def engines() -> dict[str, EngineInfo]:
    """Every installed engine: what it can do, what stands here, what would mend the rest.

    Tries everything on this machine; may take a second the first time.
    """
    return describe_engines()


class _Recipe:
    """Checked arguments: everything that a guest is started with."""

    def __init__(
        self,
        engine: Engines,
        limits: Limits | None,
        policy: Policy | None,
        functions: Functions,
        files: Mapping[str, bytes] | None,
        packages: Sequence[str],
        python: str | os.PathLike[str] | None,
        modules: Mapping[str, str] | None,
        stdin: Stdin,
        trace: Trace | None,
    ) -> None:
        self.limits = arguments.check_limits(limits)
        self.policy = arguments.check_policy(policy)
        self.functions = register(functions) if functions else {}
        self.files = arguments.check_files(files, self.limits)
        self.modules = arguments.check_modules(modules)
        self.stdin, self.ask = arguments.check_stdin(stdin)
        if self.ask is not None and ASK in self.functions:
            raise ConfigurationError("functions: 'input' is taken by stdin=")
        if trace is not None and not callable(trace):
            raise ConfigurationError("trace must be a function of one TraceEvent")
        self.trace = trace
        self.engines = parse_engines(engine)
        self.spec = ImageSpec(
            packages=arguments.check_packages(packages),
            python=None if python is None else os.fspath(python),
            policy=self.policy,
            limits=self.limits,
        )

    def start(self) -> tuple[Session, Callable[[], None]]:
        """A session with a fresh guest, and what gives its image back."""
        engine, image, owned = _images.get(self.engines, self.spec)
        try:
            guest = image.start(self.limits)
        except EngineFailure:
            if image.alive or owned:
                if owned:
                    image.close()
                raise
            engine, image, owned = _images.get(self.engines, self.spec)
            guest = image.start(self.limits)
        except BaseException:
            if owned:
                image.close()
            raise
        session = Session(
            guest,
            engine=engine.name,
            walls=image.walls,
            enforced=image.enforced,
            limits=self.limits,
            functions=self.functions,
            modules=self.modules,
            files=self.files,
            ask=self.ask,
            trace=self.trace,
        )
        return session, image.close if owned else _nothing


def _nothing() -> None:
    return None


def _checker(returns: Any) -> Callable[[Any], Any] | None:
    if returns is None:
        return None
    from ringfence.runtime.annotations import validator_for

    return validator_for(returns, where="value")


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
    check = _checker(returns)
    recipe = _Recipe(
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


class _Base:
    """What both sandboxes share: arguments, and what can be asked without waiting."""

    def __init__(
        self,
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
        trace: Trace | None = None,
    ) -> None:
        self._recipe = _Recipe(
            engine, limits, policy, functions, files, packages, python, modules, stdin, trace
        )
        self._session: Session | None = None
        self._give_back: Callable[[], None] = _nothing
        self._closed = False

    @property
    def limits(self) -> Limits:
        """The sandbox's limits."""
        return self._recipe.limits

    @property
    def alive(self) -> bool:
        """Whether another turn can run."""
        return not self._closed and (self._session is None or self._session.alive)

    @property
    def engine(self) -> str:
        """The engine that runs, once started."""
        return self._started().engine

    @property
    def walls(self) -> WallSet:
        """The walls that stand, once started."""
        return self._started().walls

    @property
    def enforced(self) -> Mapping[str, str]:
        """Limit or grant -> the mechanism that enforces it, once started."""
        return self._started().enforced

    def _started(self) -> Session:
        if self._closed:
            raise SandboxClosed("this sandbox was closed")
        if self._session is None:
            raise SandboxClosed("this sandbox was not started; use it in a `with` block")
        return self._session

    def _begin_run(
        self,
        code: str,
        stdin: str | None,
        inputs: Mapping[str, Any] | None,
        filename: str | None,
        limits: Limits | None,
    ) -> Turn:
        if stdin is None:
            stdin = self._recipe.stdin
        elif not isinstance(stdin, str):
            raise ConfigurationError("stdin of one run must be text; pass a function to the sandbox")
        return self._started().begin_run(
            arguments.check_code(code),
            filename=filename,
            stdin=stdin,
            inputs=arguments.check_inputs(inputs),
            limits=arguments.turn_limits(limits, self.limits),
        )

    def _begin_call(
        self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], limits: Limits | None
    ) -> Turn:
        if not isinstance(name, str) or not name.isidentifier():
            raise ConfigurationError(f"call: {name!r} is not the name of a function")
        return self._started().begin_call(
            name, args, kwargs, arguments.turn_limits(limits, self.limits)
        )


class Sandbox(_Base):
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

    def __enter__(self) -> Sandbox:
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
        check = _checker(returns)
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
        check = _checker(returns)
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
        :class:`Result` comes last. Leaving the loop early ends the guest."""
        check = _checker(returns)
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
            assert shell is not None and self._session is not None
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


class AsyncSandbox(_Base):
    """:class:`Sandbox`, awaited. Turns of several tasks queue."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._shell: AsyncShell | None = None
        self._queue = asyncio.Lock()

    async def start(self) -> AsyncSandbox:
        """Start the guest, unless it was. The first of its kind takes the time of an image."""
        if self._closed:
            raise SandboxClosed("this sandbox was closed")
        if self._session is None:
            loop = asyncio.get_running_loop()
            session, give_back = await loop.run_in_executor(None, self._recipe.start)
            self._session, self._give_back = session, give_back
            self._shell = AsyncShell(session)
        return self

    async def __aenter__(self) -> AsyncSandbox:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def run(
        self,
        code: str,
        *,
        stdin: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        returns: Any = None,
        filename: str | None = None,
        limits: Limits | None = None,
    ) -> Result:
        """As :meth:`Sandbox.run`. Cancelling the awaiting task ends the turn."""
        check = _checker(returns)
        await self.start()
        return await self._drive(
            lambda: self._begin_run(code, stdin, inputs, filename, limits), check
        )

    async def call(self, name: str, /, *args: Any, **kwargs: Any) -> Result:
        """As :meth:`Sandbox.call`."""
        await self.start()
        return await self._drive(lambda: self._begin_call(name, args, kwargs, None), None)

    async def call_with(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        returns: Any = None,
        limits: Limits | None = None,
    ) -> Result:
        """As :meth:`Sandbox.call_with`."""
        check = _checker(returns)
        await self.start()
        return await self._drive(
            lambda: self._begin_call(name, tuple(args), dict(kwargs or {}), limits), check
        )

    async def stream(
        self,
        code: str,
        *,
        stdin: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        returns: Any = None,
        filename: str | None = None,
        limits: Limits | None = None,
    ) -> AsyncIterator[Output | Display | Progress | Result]:
        """As :meth:`Sandbox.stream`."""
        check = _checker(returns)
        await self.start()
        self._started().check_usable()
        async with self._queue:
            turn = self._begin_run(code, stdin, inputs, filename, limits)
            session, shell = self._started(), self._shell
            assert shell is not None
            async for event in shell.drive(turn):
                yield event
            result = session.finish(turn, check)
        yield result

    async def _drive(self, begin: Callable[[], Turn], check: Callable[[Any], Any] | None) -> Result:
        self._started().check_usable()
        async with self._queue:
            turn = begin()
            shell = self._shell
            assert shell is not None and self._session is not None
            async for _ in shell.drive(turn):
                pass
            return self._session.finish(turn, check)

    def cancel(self) -> bool:
        """End the running turn within 50 ms; from any thread or task."""
        return self._shell is not None and self._shell.cancel()

    async def close(self) -> None:
        """End the guest; a running turn is cancelled first. May be called again."""
        if self._closed:
            return
        self._closed = True
        self.cancel()
        async with self._queue:
            if self._session is not None:
                self._session.close()
            self._give_back()
