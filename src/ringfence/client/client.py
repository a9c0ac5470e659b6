"""``ringfence.Client``: a service, waited for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from types import TracebackType
from typing import Any, Literal, Self, Unpack

from ringfence.client.asking import LimitsLike, options_of
from ringfence.client.conversation import Conversation, SessionTalk, TaskAnswer
from ringfence.client.options import RunOptions, SessionOptions
from ringfence.client.replies import SessionInfo
from ringfence.client.retrying import Patience
from ringfence.client.session_handle import SessionHandle
from ringfence.client.shells import Item, Shell, address_of, key_of
from ringfence.model import Result
from ringfence.runtime.recipe import make_check
from ringfence_guest.protocol.namespaces import Variable

__all__ = ["Client", "Plugin", "Session", "SessionFiles"]


class Client:
    """A service (``ringfence serve``). Use it in a ``with`` block; several threads may use it.

    Whatever runs has an idempotency key of its own: it is sent again when the connection fails, or
    the service is busy, and never run twice. What the service answers is read as what anybody
    could have sent.

    Args:
        url: ``http://host:port``; None takes ``RINGFENCE_URL``.
        key: the API key; None takes ``RINGFENCE_API_KEY``, if that is set.
        patience: how long requests are sent again.
        most: bytes of an answer, and of a value in it.
        sleep: waits so many seconds.

    Raises:
        ConfigurationError: an argument is wrong.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        key: str | None = None,
        patience: Patience | None = None,
        most: int | str = "256MiB",
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.url = address_of(url)
        self._talk = Conversation(patience or Patience(), most)
        self._shell = Shell(self.url, key_of(key), sleep)

    def __repr__(self) -> str:
        return f"Client({self.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End its connections; sessions live on. May be called again."""
        self._shell.close()

    # --- runs --------------------------------------------------------------------------------

    def run(
        self,
        code: str,
        *,
        stdin: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        returns: Any = None,
        timeout: float | None = None,
        **options: Unpack[RunOptions],
    ) -> Result:
        """Run ``code`` in a fresh sandbox of the service's.

        Args:
            code: source text; the value of a last expression is the result's.
            stdin: what it reads.
            inputs: name -> value, set as variables before.
            returns: an annotation that the value must match; else the status is ``error``.
            timeout: seconds that it may run, 1 to 60; the operator's default is 30.
            options: ``engine``, ``packages``, ``limits`` and ``files``, as the operator allows.

        Raises:
            ServiceError: the service does not run it, and says why; see its subclasses.
            PolicyNotEnforceable: the operator does not allow it, or the engine cannot enforce it.
            ConfigurationError: an argument is wrong.
        """
        check = make_check(returns)
        request = self._talk.code(
            code, stdin=stdin, inputs=inputs, timeout=timeout, options=options_of(**options)
        )
        return self._shell.drive(self._talk.run(request, check)).result

    def stream(
        self,
        code: str,
        *,
        stdin: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        returns: Any = None,
        timeout: float | None = None,
        **options: Unpack[RunOptions],
    ) -> Iterator[Item]:
        """:meth:`run`, and yield what is printed, shown and reported as it happens; the
        :class:`~ringfence.Result` comes last. A connection that breaks is made again, and goes on
        where it was. Leaving the loop early ends the run.
        """
        request = self._talk.code(
            code, stdin=stdin, inputs=inputs, timeout=timeout, options=options_of(**options)
        )
        return self._shell.follow(self._talk.follow(request, returns))

    # --- sessions ----------------------------------------------------------------------------

    def session(
        self, session_id: str | None = None, /, **options: Unpack[SessionOptions]
    ) -> Session:
        """A session; it is made, or found, when it is first used.

        Args:
            session_id: of one that may be there already, or will be known by it. Without one the
                session is new, and deleted at the end of its ``with`` block.
            options: ``engine``, ``packages``, ``limits``, ``files`` and ``durability``, for a new
                one; with them, one that is there is a :class:`~ringfence.errors.SessionExists`.
        """
        return Session(self._shell, SessionTalk(self._talk, session_id, options_of(**options)))

    def sessions(self) -> Iterator[SessionInfo]:
        """The sessions that there are, in the order of their ids."""
        after: str | None = ""
        while after is not None:
            found, after = self._shell.drive(self._talk.page(after))
            yield from found

    def restore(
        self,
        state: bytes,
        session_id: str | None = None,
        *,
        engine: str | None = None,
        durability: Literal["per-turn", "idle", "never"] | None = None,
    ) -> Session:
        """A session with the variables that :meth:`Session.save` gave, of this service.

        Raises:
            SessionExists: there is one of this id.
            ServiceError, ConfigurationError: the state is not restored, and why.
        """
        info = self._shell.drive(self._talk.restore(state, session_id, engine, durability))
        return Session(self._shell, SessionTalk.of(self._talk, info))

    # --- plugins and agents ------------------------------------------------------------------

    def plugins(self) -> list[dict[str, Any]]:
        """What is published there, and how its hooks are called."""
        return self._shell.drive(self._talk.plugins())

    def plugin(self, name: str) -> Plugin:
        """A plugin: its hooks are methods, ``client.plugin("ridges").elevation(x=…, y=…)``."""
        return Plugin(self._shell, self._talk, name)

    def submit(
        self,
        query: str,
        *,
        mode: Literal["simple", "standard"] = "standard",
        session_id: str | None = None,
        stdin: str | None = None,
        timeout: float | None = None,
    ) -> TaskAnswer:
        """A task for the service's agent: ``Execute Python: …``, or words for its model.

        Raises:
            ServiceError: it is not done, and why; ``problem`` is ``no-model`` where no model is
                configured.
        """
        return self._shell.drive(
            self._talk.submit(query, mode=mode, session_id=session_id, stdin=stdin, timeout=timeout)
        )


class Plugin:
    """A published plugin: its hooks are methods, whose arguments are given by name."""

    def __init__(self, shell: Shell, talk: Conversation, name: str) -> None:
        self._shell, self._talk, self._name = shell, talk, name

    def __getattr__(self, hook: str) -> Callable[..., Any]:
        if hook.startswith("_"):
            raise AttributeError(hook)

        def call(**arguments: Any) -> Any:
            return self._shell.drive(self._talk.hook(self._name, hook, arguments))

        return call


class Session(SessionHandle):
    """A session of a service, with the methods of :class:`~ringfence.Sandbox`.

    Its variables outlive its guest, and the service: what it was restored from, and what could not
    come back, is in ``restored`` and ``lost`` after each turn. Use it in a ``with`` block, or not
    at all: an id of one's own finds it again.
    """

    def __init__(self, shell: Shell, talk: SessionTalk) -> None:
        super().__init__(talk)
        self._shell = shell

    def start(self) -> Self:
        """Make it, or find that it is there.

        Raises:
            SessionExists: it is there, and options were given that it may not have.
            ServiceError, PolicyNotEnforceable, ConfigurationError: see :meth:`Client.run`.
        """
        self._shell.drive(self._talk.begin())
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave it. One without an id of the caller's is deleted; others stay with the service,
        which puts them aside. May be called again.
        """
        self._shell.drive(self._talk.end())

    def delete(self) -> None:
        """Delete it, and all that is kept of it; a turn that runs is cancelled."""
        self._shell.drive(self._talk.delete())

    def refresh(self) -> SessionInfo:
        """What the service tells of it now; ``info`` has that from then on."""
        return self._shell.drive(self._talk.refresh())

    # --- turns -------------------------------------------------------------------------------

    def run(
        self,
        code: str,
        *,
        stdin: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        returns: Any = None,
        limits: LimitsLike = None,
        timeout: float | None = None,
        wait: bool = True,
    ) -> Result:
        """Run ``code`` in it; what it defines stays.

        Args:
            code: source text.
            stdin: what it reads.
            inputs: name -> value, set as variables before.
            returns: an annotation that the value must match.
            limits: of this turn, narrower than what holds.
            timeout: seconds that it may run, 1 to 60.
            wait: for turns of others; False raises :class:`~ringfence.errors.SessionBusy` instead.

        Raises:
            SessionLost: what was kept cannot be brought back.
            Interrupted: the service ended while it ran; the session is as it was before.
            ServiceError, PolicyNotEnforceable, ConfigurationError: see :meth:`Client.run`.
        """
        request = self._talk.code(
            code, stdin=stdin, inputs=inputs, timeout=timeout, limits=limits, wait=wait
        )
        return self._shell.drive(self._talk.run(request, returns))

    def call(self, name: str, /, *args: Any, **kwargs: Any) -> Result:
        """Call a function that its program has defined: typed values in, a typed value out."""
        return self.call_with(name, args, kwargs)

    def call_with(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        returns: Any = None,
        limits: LimitsLike = None,
        timeout: float | None = None,
        wait: bool = True,
    ) -> Result:
        """:meth:`call`, with an annotation for the value and limits for the turn."""
        request = self._talk.called(name, args, kwargs, timeout=timeout, limits=limits, wait=wait)
        return self._shell.drive(self._talk.run(request, returns))

    def stream(
        self,
        code: str,
        *,
        stdin: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        returns: Any = None,
        limits: LimitsLike = None,
        timeout: float | None = None,
        wait: bool = True,
    ) -> Iterator[Item]:
        """:meth:`run`, with what happens as it does; see :meth:`Client.stream`."""
        request = self._talk.code(
            code, stdin=stdin, inputs=inputs, timeout=timeout, limits=limits, wait=wait
        )
        following = self._talk.follow(request, returns)
        self.start()
        return self._shell.follow(following)

    def cancel(self) -> bool:
        """End the turn that runs; from any thread. False when none does."""
        return self._shell.drive(self._talk.cancel())

    # --- what it has -------------------------------------------------------------------------

    def variables(self) -> dict[str, Variable]:
        """What its program has defined, as the guest describes it: guest text."""
        return self._shell.drive(self._talk.variables())

    @property
    def files(self) -> SessionFiles:
        """The files of its working folder: a mapping of relative paths to bytes."""
        return SessionFiles(self._shell, self._talk)

    def save(self) -> bytes:
        """Its variables as bytes, for :meth:`Client.restore`; without its files."""
        return self._shell.drive(self._talk.state())

    def keep(self) -> SessionInfo:
        """Have the service save it now, whatever its durability."""
        return self._shell.drive(self._talk.keep(aside=False))

    def put_aside(self) -> SessionInfo:
        """Have the service save it and end its guest; the next turn brings it back."""
        return self._shell.drive(self._talk.keep(aside=True))

    def fork(self, session_id: str | None = None) -> Session:
        """A second session that goes on where this one is: exactly where the engine can, or else
        with its variables and files.
        """
        return Session(self._shell, self._shell.drive(self._talk.fork(session_id)))

    def snapshot(self) -> str:
        """Have the service keep it exactly as it is; the snapshot's id, for :meth:`rollback`.

        Raises:
            PolicyNotEnforceable: its engine cannot.
        """
        return self._shell.drive(self._talk.snapshot())

    def rollback(self, snapshot_id: str | None = None) -> SessionInfo:
        """Return to a snapshot, the newest one if none is named."""
        return self._shell.drive(self._talk.rollback(snapshot_id))


class SessionFiles(MutableMapping[str, bytes]):
    """The files of a session's working folder: relative POSIX path -> bytes. Each look asks.

    Raises:
        KeyError: there is no file of this name.
        ConfigurationError: a name or content is wrong.
        ServiceError: the service cannot do it.
    """

    def __init__(self, shell: Shell, talk: SessionTalk) -> None:
        self._shell, self._talk = shell, talk

    def __repr__(self) -> str:
        return "<files of a session>"

    def __getitem__(self, name: str) -> bytes:
        return self._shell.drive(self._talk.read(name))

    def __setitem__(self, name: str, content: bytes | bytearray | memoryview) -> None:
        self._shell.drive(self._talk.write(name, content))

    def __delitem__(self, name: str) -> None:
        self._shell.drive(self._talk.remove(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self.sizes())

    def __len__(self) -> int:
        return len(self.sizes())

    def __contains__(self, name: object) -> bool:
        return name in self.sizes()

    def sizes(self) -> dict[str, int]:
        """Name -> bytes."""
        return self._shell.drive(self._talk.sizes())
