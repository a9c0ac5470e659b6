"""Reads, runs, tells: the same from a terminal and from a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from ringfence.cli import exits
from ringfence.cli.activity import Activity
from ringfence.cli.displays import DisplayKeeper
from ringfence.cli.interrupts import cancelling
from ringfence.cli.repl.commands import Commands, Leave
from ringfence.cli.repl.lines import blocks, is_command, read_command
from ringfence.cli.repl.session import Session
from ringfence.cli.report import complain
from ringfence.cli.screen import Screen
from ringfence.displays.folder import DisplayFolder
from ringfence.errors import ConfigurationError, GuestFailure, RingfenceError
from ringfence.model import Limits
from ringfence.runtime.handle import SandboxOptions

__all__ = ["hold_session"]

_TITLE = "Displays"


def hold_session(options: SandboxOptions, folder: DisplayFolder | None) -> int:
    """Until whoever types leaves; gives the exit status.

    Args:
        options: the arguments of the sandboxes; with ``limits``.
        folder: where displays are kept, or None.

    Raises:
        RingfenceError: no guest can be started.
        KeyboardInterrupt: Ctrl-C while there is nobody at a prompt.
    """
    limits = options["limits"]
    assert limits is not None
    with Activity("starting a guest"):
        session = Session(options, complain)
    with session:
        keeper = DisplayKeeper(folder, title=_TITLE, size=int(limits.display))
        repl = _Repl(session, Commands(session, keeper), limits)
        try:
            return _at_a_terminal(repl, session) if sys.stdin.isatty() else _from_a_pipe(repl)
        finally:
            repl.commands.keeper.close()


class _Repl:
    """What is done with a block, wherever it comes from."""

    def __init__(self, session: Session, commands: Commands, limits: Limits) -> None:
        self._session = session
        self._limits = limits
        self.commands = commands
        self.interrupted = False

    def take(self, text: str) -> int:
        """Run source or a command, with a fresh guest afterwards if this one has ended.

        Gives the exit status of it alone; what went wrong is told.

        Raises:
            Leave: it was ``%quit``.
            RingfenceError: the guest has ended, and no other can be started.
        """
        # Ctrl-C a second time must not cost the variables: the first one is about to be obeyed.
        with cancelling(self._session.cancel, leaves=lambda _: False) as interrupted:
            try:
                status = self._do(text)
            except ConfigurationError as error:
                complain(str(error))
                status = exits.USAGE
            except GuestFailure as error:
                complain(str(error), error.result.status)
                status = exits.OF_STATUS[error.result.status]
            except RingfenceError as error:
                complain(str(error), "failed")
                status = exits.ENGINE_FAILURE
            self._session.revive()
            sys.stdout.flush()
        self.interrupted = interrupted.is_set()
        return status

    def _do(self, text: str) -> int:
        if is_command(text):
            self.commands.run(read_command(text))
            return exits.OK
        with Activity("running") as activity:
            screen = Screen(activity, self._limits, self.commands.keeper, "running", session=True)
            for event in self._session.stream(text):
                screen.show(event)
            return screen.status


def _from_a_pipe(repl: _Repl) -> int:
    """Everything, also after something failed; the status is that of the first that did."""
    first = exits.OK
    try:
        for text in blocks(_lines()):
            status = repl.take(text)
            first = first or status
            if repl.interrupted:
                raise KeyboardInterrupt
    except Leave:
        pass
    return first


def _lines() -> Iterator[str]:
    for line in sys.stdin.buffer:
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            raise ConfigurationError(f"standard input is not UTF-8 text: {error}") from None


def _at_a_terminal(repl: _Repl, session: Session) -> int:
    from ringfence import __version__
    from ringfence.cli.repl.prompt import GuestEnded, Prompt

    walls = ", ".join(sorted(session.box.walls))
    sys.stdout.write(
        f"Ringfence {__version__}: {session.box.engine} behind {{{walls}}}. "
        "%help lists the commands, Ctrl-D leaves.\n"
    )
    prompt = Prompt(session)
    typed = ""
    while True:
        try:
            text = prompt.read(typed)
            typed = ""
            if text.strip():
                repl.take(text)
        except GuestEnded as ended:
            typed = ended.typed
            session.revive()
        except KeyboardInterrupt:
            typed = ""
        except (EOFError, Leave):
            return exits.OK
