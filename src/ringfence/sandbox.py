"""The façade: ``run``, ``Sandbox``, ``engines``. Composition only."""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any, Self, Unpack

from ringfence.errors import SandboxClosed
from ringfence.model import Display, Limits, Output, Package, Policy, Progress, Result
from ringfence.runtime import arguments
from ringfence.runtime.asking import ask
from ringfence.runtime.files import GuestFiles
from ringfence.runtime.freezing import Frozen, is_snapshot
from ringfence.runtime.handle import SandboxHandle, SandboxOptions
from ringfence.runtime.keeping import Seal, Thawing, left_behind
from ringfence.runtime.pool import Pool
from ringfence.runtime.recipe import Functions, Recipe, Stdin, make_check
from ringfence.runtime.registry import EngineInfo, describe_engines
from ringfence.runtime.request import Request, run_request, save_request, variables_request
from ringfence.runtime.seal import SavedState
from ringfence.runtime.session import Session
from ringfence.runtime.shell_sync import SyncShell
from ringfence.runtime.source import Engines
from ringfence.runtime.trace import Trace
from ringfence.runtime.turnstile import Turnstile
from ringfence_guest.protocol.namespaces import Restored, Variable
from ringfence_guest.protocol.turn import FileAnswer, FileQuestion, Turn

__all__ = ["Sandbox", "engines", "run"]

_PATIENCE = 1.0
_Stream = Generator[Output | Display | Progress | Result, None, None]


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
    packages: Sequence[Package] = (),
    python: str | os.PathLike[str] | None = None,
    modules: Mapping[str, str] | None = None,
    stdin: Stdin = None,
    inputs: Mapping[str, Any] | None = None,
    returns: Any = None,
    filename: str | None = None,
    trace: Trace | None = None,
    pool: Pool | None = None,
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
        packages: what to make importable: installed distributions by name, with all that they
            require, and wheels of pure Python (:class:`ringfence.Wheel`, or a path that ends in
            ``.whl``); see ``Capabilities.packages`` and ``Capabilities.wheels``.
        python: another CPython, 3.11 to 3.14, by path.
        modules: dotted name -> source of modules that the guest may import.
        stdin: text, or a function called for each line.
        inputs: name -> value, set as variables of the guest.
        returns: an annotation that the value must match; else the status is ``error``.
        filename: what tracebacks call the code; ``<cell 1>`` by default.
        trace: called with a TraceEvent for everything the host does.
        pool: take a warm guest from this :class:`~ringfence.Pool`, which says engine, policy,
            packages and python; ``limits`` may differ from its own per turn.

    Raises:
        ConfigurationError: an argument is wrong.
        PolicyNotEnforceable: a limit, grant or set of walls cannot be honoured here.
        EngineNotAvailable: no engine can run here.
        EngineFailure: the machine has run out of something.
    """
    arguments.check_code(code)
    check = make_check(returns)
    recipe = Recipe(
        engine, limits, policy, functions, files, packages, python, modules, stdin, trace, pool
    )
    request = run_request(
        code,
        filename=arguments.check_filename(filename),
        stdin=recipe.stdin,
        inputs=arguments.check_inputs(inputs),
        limits=recipe.limits,
    )
    session, give_back = recipe.start()
    shell: SyncShell | None = None
    try:
        shell = SyncShell(session)
        turn = session.begin(request)
        for _ in shell.drive(turn):
            pass
        return session.finish(turn, check, last=True)
    finally:
        session.close()
        if shell is not None:
            shell.close()
        if session.belongs_here:
            give_back()


class Sandbox(SandboxHandle):
    """A guest that keeps its state between runs. See :func:`run` for the arguments.

    Use it in a ``with`` block, or call :meth:`start` and :meth:`close`. Several threads may use it:
    their turns queue. Cancelling and closing work from any thread.
    """

    def _begin_with(self, recipe: Recipe) -> None:
        super()._begin_with(recipe)
        self._shell: SyncShell | None = None
        self._starting = threading.Lock()
        self._turnstile = Turnstile()
        self._streams: weakref.WeakSet[_Stream] = weakref.WeakSet()

    def start(self) -> Self:
        """Start the guest, unless it was."""
        if self._session is None:
            with self._starting:
                if self._startable():
                    session, self._give_back = self._recipe.start()
                    self._shell = SyncShell(session)
                    self._session = session
        if self._closed:
            raise SandboxClosed("this sandbox was closed")
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
        return self._drive(self._run_request(code, stdin, inputs, filename, limits), check)

    def call(self, name: str, /, *args: Any, **kwargs: Any) -> Result:
        """Call a function that the guest has defined: typed values in, a typed value out."""
        return self._drive(self._call_request(name, args, kwargs, None), None)

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
        return self._drive(self._call_request(name, args, kwargs, limits), check)

    def variables(self, *, limits: Limits | None = None) -> dict[str, Variable]:
        """What the program has defined, by name, in the order in which it did: what it imported
        and its functions too. The guest describes it, with a short ``repr``: guest text.

        Raises:
            GuestFailure: it could not, or there are more than 10,000; carries the result.
        """
        request = variables_request(self._turn_limits(limits))
        described: dict[str, Variable] = self._drive(request, None).raise_for_status().value
        return described

    def save(
        self,
        *,
        key: bytes | None = None,
        context: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> SavedState:
        """Save the variables, for :meth:`restore`. Files are not saved.

        Data is saved as it is, functions and classes as the source of the cell that defined them.
        What cannot be saved is in ``lost``, by name, with the reason.

        Args:
            key: seals the save; at least 16 bytes, and whoever has them can make saves. Without it,
                a key of this user's own is made and kept in a file.
            context: what the save belongs to, such as a tenant and a session, as text. To restore
                it the same has to be given.
            limits: for this turn; all of it must fit in ``value``.

        Raises:
            GuestFailure: the guest could not; carries the result. The sandbox may have ended.
            ConfigurationError: an argument is wrong.
        """
        request, seal = save_request(self._turn_limits(limits)), Seal.of(key, context)
        return seal.closing(self._drive(request, None), self._started())()

    def snapshot(
        self, *, key: bytes | None = None, context: Mapping[str, str] | None = None
    ) -> bytes:
        """The whole session as bytes, for :meth:`restore`: variables, open generators, files, the
        state of random numbers, all of it exactly, and as it is now. The sandbox goes on.

        Only engines whose :class:`Capabilities` have ``snapshot``. The bytes are compressed and
        sealed; they belong to the image's module, which is that of one version of Ringfence on
        every machine, and to the wheels that it was started with.

        Args:
            key: see :meth:`save`.
            context: see :meth:`save`.

        Raises:
            PolicyNotEnforceable: the engine's guests are more than their memory; see :meth:`save`.
            EngineFailure: the guest has ended meanwhile.
            ConfigurationError: an argument is wrong.
        """
        seal = Seal.of(key, context)
        return seal.close(self._freeze())

    def fork(self) -> Self:
        """A second sandbox that is where this one is: the same variables, generators, files and
        random numbers to come, and from here on each its own. It has the same arguments.

        Raises:
            PolicyNotEnforceable: the engine's guests are more than their memory.
            EngineFailure: the guest has ended meanwhile, or the machine has run out of something.
        """
        frozen = self._freeze()
        twin = type(self).__new__(type(self))
        twin._begin_with(self._recipe)
        twin._go_on_from(frozen)
        return twin

    def rollback(self) -> None:
        """Return to the state before the last turn that was begun, also when that turn has ended
        the guest. The sandbox must have been made with ``checkpoints=True``.

        Raises:
            ConfigurationError: no state was kept.
            SandboxClosed: the sandbox was closed.
            EngineFailure: the machine has run out of something.
        """
        frozen = self._last_checkpoint()
        session = self._started()
        session.refuse_inside()
        with self._turnstile:
            before, shell, give_back = self._started(), self._shell, self._give_back
            self._go_on_from(frozen)
            self._started().displays = before.displays
            before.close()
            give_back()
            if shell is not None:
                shell.close()

    def _go_on_from(self, frozen: Frozen) -> None:
        """Take a new guest, which goes on from there."""
        session, self._give_back = self._recipe.start(frozen)
        self._shell = SyncShell(session)
        self._session = session

    def _freeze(self) -> Frozen:
        self._usable()
        with self._turnstile:
            return self._started().freeze()

    @classmethod
    def restore(
        cls,
        state: bytes,
        *,
        key: bytes | None = None,
        context: Mapping[str, str] | None = None,
        **options: Unpack[SandboxOptions],
    ) -> Self:
        """A started sandbox with the variables of a save, or one that goes on from a snapshot.

        Engine and Python may be others than those that saved. ``restored`` has the names of what is
        there again, ``lost`` what is not. The sandbox is made with the arguments given here, and
        has nothing beyond them: neither limits nor functions nor packages come with a save. What
        is printed while definitions run again is dropped.

        A snapshot is restored by the engine that made it, with an equal image, and with the same
        host functions and limits of files; ``files`` and ``modules`` are in it already.

        Args:
            state: the bytes of a save or of a snapshot.
            key: what it was sealed with.
            context: what it was saved with.
            options: the arguments of a sandbox.

        Raises:
            StateRefused: these bytes are not restored; nothing was started.
            GuestFailure: the guest could not restore within its limits; carries the result.
            ConfigurationError: an argument is wrong.
        """
        if is_snapshot(state):
            return cls._thaw(Thawing.of(state, Seal.of(key, context), options))
        box = cls(**options)
        unsealed, request = Seal.of(key, context).opening(state, box.limits)()
        try:
            restored: Restored = box._drive(request, None).raise_for_status().value
        except BaseException:
            box.close()
            raise
        box._restored, box._lost = restored.names, left_behind(unsealed, restored)
        return box

    @classmethod
    def _thaw(cls, thawing: Thawing) -> Self:
        box = cls(**thawing.options)
        thawing.refuse_others(box._recipe)
        box._go_on_from(thawing.frozen)
        return box

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
        stream = self._stream(self._run_request(code, stdin, inputs, filename, limits), check)
        self._streams.add(stream)
        return stream

    def _stream(self, request: Request, check: Callable[[Any], Any] | None) -> _Stream:
        self._usable()
        with self._turnstile as turnstile:
            session, shell = self._current()
            self._keep()
            turn = session.begin(request)
            with contextlib.closing(shell.drive(turn)) as events:
                for event in events:
                    yield event
                    turnstile.claim()
            result = session.finish(turn, check)
        yield result

    def _drive(self, request: Request, check: Callable[[Any], Any] | None) -> Result:
        self._usable()
        with self._turnstile:
            session, shell = self._current()
            self._keep()
            turn = session.begin(request)
            for _ in shell.drive(turn):
                pass
            return session.finish(turn, check)

    @property
    def files(self) -> GuestFiles:
        """The files of the guest's scratch folder: a mapping of relative paths to bytes."""
        return GuestFiles(self._ask, self.limits)

    def _ask(self, question: FileQuestion) -> FileAnswer:
        self.start()
        session = self._started()
        assert self._shell is not None
        return ask(question, session, self._shell, self._turnstile, self._begin)

    def _usable(self) -> None:
        self.start()
        self._started().check_usable()  # a busy sandbox is an error, not a dead lock

    def _current(self) -> tuple[Session, SyncShell]:
        """The guest, and who drives it, once a turn may begin: while it waited for that, another
        thread may have returned to an earlier state, in another guest, or closed the sandbox.
        """
        session = self._started()
        assert self._shell is not None
        return session, self._shell

    def _keep(self) -> None:
        """Remember where the turn begins, if that was asked for."""
        if self._recipe.checkpoints:
            self._checkpoint = self._started().freeze()

    def _begin(self, request: Request) -> Turn:
        """Begin the turn, now that it is this one's; the sandbox may have closed meanwhile."""
        return self._started().begin(request)

    def cancel(self) -> bool:
        """End the running turn within 50 ms; from any thread. False when none is running."""
        return self._shell is not None and self._shell.cancel()

    def close(self) -> None:
        """End the guest; a running turn is cancelled first, an open stream is left.

        May be called again, and from any thread.

        Raises:
            SandboxBusy: called from a host function of this sandbox.
        """
        if self._closed:
            return
        session = self._session
        if session is not None and session.belongs_here:
            session.refuse_inside()
            if self._turnstile.is_mine:
                self._leave_streams()
                self._turnstile.refuse_holder()
            self._closed = True
            self.cancel()
            while not self._turnstile.acquire(_PATIENCE):
                self._leave_streams()  # one that nobody reads would hold the sandbox for ever
                self.cancel()  # a turn that was just about to begin
            self._turnstile.release()
        self._closed = True
        with self._starting:
            if self._session is not None:
                self._session.close()
                if self._session.belongs_here:
                    self._give_back()
            if self._shell is not None:
                self._shell.close()

    def _leave_streams(self) -> None:
        for stream in list(self._streams):
            with contextlib.suppress(ValueError):  # it runs right now, and will see the cancel
                stream.close()
