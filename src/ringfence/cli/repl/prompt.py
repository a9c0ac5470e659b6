"""The line that is typed at: editing, history, completion. prompt_toolkit does it.

Only what the person typed is kept in the history, in a file that nobody else may read; commands
that name a key are left out.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import (
    CompleteEvent,
    Completer,
    Completion,
    get_common_complete_suffix,
)
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition, has_completions
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import create_output

from ringfence.cli.repl import commands
from ringfence.cli.repl.completion import word_before
from ringfence.cli.repl.lines import is_command, needs_more
from ringfence.cli.repl.session import Session
from ringfence.cli.report import complain
from ringfence.errors import StateKeyNotUsable
from ringfence.runtime.state_key import key_path
from ringfence.system.access import access_of, close_to_others, make_private_folder
from ringfence.system.opening import FLAGS

__all__ = ["GuestEnded", "Prompt", "open_history"]

_INDENT = "    "


class GuestEnded(Exception):
    """The guest has ended while it was asked for names.

    Attributes:
        typed: the text at the prompt.
    """

    def __init__(self, typed: str) -> None:
        super().__init__("the guest has ended while it was asked for names")
        self.typed = typed


class Prompt:
    """Reads one block after the other.

    Args:
        session: whose guest completes.
    """

    def __init__(self, session: Session) -> None:
        self._session: PromptSession[str] = PromptSession(
            history=open_history(),
            completer=_GuestCompleter(session),
            complete_while_typing=False,  # each look is a turn of the guest
            multiline=True,
            prompt_continuation="... ",
            key_bindings=_keys(),
            output=create_output(always_prefer_tty=True),
        )

    def read(self, typed: str = "") -> str:
        """The next block, which may begin with what is ``typed`` already.

        Raises:
            EOFError: Ctrl-D.
            KeyboardInterrupt: Ctrl-C.
            GuestEnded: completing was too much for the guest.
        """
        return self._session.prompt(">>> ", default=typed)


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def _enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if not needs_more(buffer.text):
            buffer.validate_and_handle()
            return
        line = buffer.document.current_line_before_cursor
        indent = line[: len(line) - len(line.lstrip())]
        deeper = _INDENT if line.rstrip().endswith(":") else ""
        buffer.insert_text("\n" + indent + deeper)

    @Condition
    def at_line_start() -> bool:
        return not get_app().current_buffer.document.current_line_before_cursor.strip()

    @keys.add("tab", filter=at_line_start)
    def _indent(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(_INDENT)

    @keys.add("tab", filter=~at_line_start & ~has_completions)
    def _complete(event: KeyPressEvent) -> None:
        """Text changes here and now, so that an Enter that follows at once takes what is seen."""
        buffer = event.current_buffer
        asked = CompleteEvent(completion_requested=True)
        found = list(buffer.completer.get_completions(buffer.document, asked))
        if common := get_common_complete_suffix(buffer.document, found):
            buffer.insert_text(common)
        elif len(found) > 1:
            buffer.start_completion()

    return keys


class _GuestCompleter(Completer):
    def __init__(self, session: Session) -> None:
        self._session = session

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        before = document.text_before_cursor
        if is_command(before):
            return _commands(before)
        word = word_before(before)
        if not word:
            return ()
        names = self._session.complete(word)
        if not self._session.box.alive:
            get_app().exit(exception=GuestEnded(document.text))
        start = -len(word.rpartition(".")[2])
        return [Completion(name, start_position=start) for name in names]


def _commands(before: str) -> Iterator[Completion]:
    typed = before.lstrip().removeprefix("%")
    for name in commands.NAMES:
        if name.startswith(typed):
            yield Completion(name, start_position=-len(typed))


# --- history -------------------------------------------------------------------------------------


class _PrivateHistory(FileHistory):
    def store_string(self, string: str) -> None:
        if not (is_command(string) and "--key" in string):
            super().store_string(string)


def open_history() -> History:
    """The history in this user's folder for state; in memory, and told, if that cannot be."""
    try:
        path = key_path().with_name("repl_history")
        _prepare(path)
    except (OSError, StateKeyNotUsable) as error:
        complain(f"nothing that you type is kept for the next time: {error}", "history")
        return InMemoryHistory()
    return _PrivateHistory(str(path))


def _prepare(path: Path) -> None:
    """Make the file, or see that it is this user's alone."""
    make_private_folder(path.parent, parents=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | FLAGS, 0o600)
    try:
        access = access_of(fd)
        if not stat.S_ISREG(os.fstat(fd).st_mode) or not access.own:
            raise PermissionError(f"{path} is not a file of this user")
        if access.readable or access.writable:
            close_to_others(path, fd)
    finally:
        os.close(fd)
