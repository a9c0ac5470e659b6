"""Questions about the files of a guest's scratch folder, and what its answers may be.

A question has a number of its own within its turn, and at most one is open: whoever asks more
waits. Names, sizes and reasons in an answer are the guest's word; here is where they are checked.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from ringfence_guest.protocol import codec
from ringfence_guest.protocol.file_names import printable, why_not_a_name
from ringfence_guest.protocol.messages import FileEvent, ProtocolBroken
from ringfence_guest.protocol.report import FileAnswer, FileFailure, Listing

__all__ = ["FILE_FAILURES", "NOT_LISTED", "FileQuestion", "Files", "read_failure", "read_listing"]

FILE_FAILURES = frozenset({"missing", "too-large", "too-many", "not-a-file", "memory", "refused"})
"""The kinds of failures that a guest may answer with."""

NOT_LISTED = {
    "link": "is a symbolic link",
    "special": "is no regular file",
    "deep": "is a folder that lies too deep",
    "unreadable": "is a folder that cannot be read",
}
"""Why something in the folder is no file that can be asked for: the guest's word -> for people."""

_MAX_MESSAGE = 4_096
_MAX_SIZE = 1 << 63
_MAX_PATH = 8_192
_FAILURE_LIMIT = 65_536


class FileQuestion(NamedTuple):
    """What is asked. ``packed`` is ``[operation, name, content]``, encoded.

    ``most`` is how many names a listing may have.
    """

    operation: Literal["list", "read", "write", "remove"]
    name: str
    packed: codec.Packed
    most: int = 0


class Files:
    """The question of a turn that is open, if one is."""

    __slots__ = ("_last", "_open")

    def __init__(self) -> None:
        self._last = -1
        self._open: FileQuestion | None = None

    def open(self, question: FileQuestion) -> int:
        """Remember that this was asked; returns its number.

        Raises:
            ValueError: another one is open.
        """
        if self._open is not None:
            raise ValueError("a question about a file is open already")
        self._last += 1
        self._open = question
        return self._last

    def answer(self, event: FileEvent, limit: int) -> FileAnswer:
        """What the guest answers to the open question.

        Args:
            event: its message.
            limit: bytes that the answer may have.

        Raises:
            ProtocolBroken: nothing was asked, or this is no answer to it.
            DecodeError: it is no value within ``limit``.
        """
        question, frame = self._open, event.frame
        if question is None or event.id != self._last:
            raise ProtocolBroken("an answer about a file that nobody asked for")
        self._open = None
        if not event.ok:
            return FileAnswer(
                event.id, read_failure(codec.decode(*frame[1:], limit=_FAILURE_LIMIT))
            )
        value = codec.decode(frame.body, frame.blob, limit=limit)
        if question.operation == "list":
            value = read_listing(value, question.most)
        elif type(value) is not (bytes if question.operation == "read" else type(None)):
            raise ProtocolBroken("a file that is not bytes")
        return FileAnswer(event.id, value)


def read_failure(content: Any) -> FileFailure:
    """Why a question was not answered: ``[kind, message]``.

    Raises:
        ProtocolBroken: it is something else.
    """
    if type(content) is not list or [type(c) for c in content] != [str, str]:
        raise ProtocolBroken("a failure without kind and message")
    kind, message = content
    if kind not in FILE_FAILURES or len(message) > _MAX_MESSAGE:
        raise ProtocolBroken("a failure of an unknown kind")
    return FileFailure(kind, printable(message))


def read_listing(content: Any, most: int) -> Listing:
    """A listing: ``[name, size or reason, name, size or reason, …]``.

    Args:
        content: the decoded value.
        most: how many names there may be.
    """
    if type(content) is not list or len(content) % 2 or len(content) > 2 * most:
        raise ProtocolBroken("a listing that is not one")
    sizes: dict[str, int] = {}
    refused: dict[str, str] = {}
    for name, said in zip(content[::2], content[1::2], strict=True):
        if type(name) is not str or len(name) > _MAX_PATH or name in sizes:
            raise ProtocolBroken("a listing of names that are none")
        if type(said) is int and 0 <= said < _MAX_SIZE:
            reason = why_not_a_name(name)
        elif type(said) is str and said in NOT_LISTED:
            reason = NOT_LISTED[said]
        else:
            raise ProtocolBroken("a listing of sizes that are none")
        if reason is None:
            sizes[name] = said
        else:
            refused[printable(name, _MAX_PATH)] = reason
    return Listing(dict(sorted(sizes.items())), dict(sorted(refused.items())))
