"""What a guest says about its namespace: the values of a ``done`` that ends ``save``, ``restore``
or ``variables``.

The guest gathers all of it. The payload of a save is bytes that the host carries and never reads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ringfence_guest.protocol.files import read_failure, read_listing
from ringfence_guest.protocol.messages import ProtocolBroken
from ringfence_guest.protocol.report import FileFailure, Listing

__all__ = [
    "MAX_LOST",
    "MAX_NAME",
    "MAX_NAMES",
    "MAX_REASON",
    "MAX_SUMMARY",
    "Lost",
    "Restored",
    "Saved",
    "Variable",
    "read_restored",
    "read_saved",
    "read_saved_with_files",
    "read_variables",
]

MAX_NAMES = 10_000
"""Variables that a save, a restore or a description may name."""

MAX_NAME = 256
"""Characters of the name of a variable, or of a type, in such a list."""

MAX_REASON = 512
"""Characters of the reason why a variable was lost."""

MAX_LOST = 4 << 20
"""Characters of all names, types and reasons of what was lost."""

MAX_SUMMARY = 256
"""Characters of the summary of a variable."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A variable that could not be saved, or not restored. It is the guest's text.

    Attributes:
        name: its name; ``f.calls`` is what was set on ``f``.
        type: the name of its type.
        reason: why, for people.
    """

    name: str
    type: str
    reason: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a guest, as the guest describes it: guest text.

    Attributes:
        name: its name.
        type: the name of its type.
        size: bytes that it takes by itself, without what it refers to (an array with its data);
            None where that would have to be worked out.
        summary: a short text that shows the value.
    """

    name: str
    type: str
    size: int | None
    summary: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of a save: the guest's Python version, the bytes to keep, which variables are in
    them, and which are not; and its files, where they were asked for.
    """

    python: str
    payload: bytes
    names: tuple[str, ...]
    lost: tuple[Lost, ...]
    files: Listing | FileFailure | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of a restore: which variables are there again, and which are not."""

    names: tuple[str, ...]
    lost: tuple[Lost, ...]


def _are_texts(values: Any, lengths: tuple[int, ...]) -> bool:
    return (
        type(values) is list
        and len(values) == len(lengths)
        and all(type(v) is str and len(v) <= n for v, n in zip(values, lengths, strict=True))
    )


def _names(value: Any) -> tuple[str, ...]:
    if type(value) is not list or len(value) > MAX_NAMES:
        raise ProtocolBroken("a list of names that is none, or too long")
    if not _are_texts(value, (MAX_NAME,) * len(value)):
        raise ProtocolBroken("a name that is not a short text")
    return tuple(value)


def _lost(value: Any) -> tuple[Lost, ...]:
    if type(value) is not list or len(value) > MAX_NAMES:
        raise ProtocolBroken("a list of what was lost that is none, or too long")
    if not all(_are_texts(entry, (MAX_NAME, MAX_NAME, MAX_REASON)) for entry in value):
        raise ProtocolBroken("something lost without name, type and reason")
    if sum(len(text) for entry in value for text in entry) > MAX_LOST:
        raise ProtocolBroken("a list of what was lost that is none, or too long")
    return tuple(Lost(*entry) for entry in value)


def read_saved(value: Any) -> Saved:
    """The value that ends ``save``: ``[python, payload, names, lost]``.

    Raises:
        ProtocolBroken: it is something else.
    """
    if type(value) is not list or len(value) != 4 or type(value[1]) is not bytes:
        raise ProtocolBroken("a save that is not one")
    python, payload, names, lost = value
    if not _are_texts([python], (MAX_NAME,)):
        raise ProtocolBroken("a save that is not one")
    return Saved(python, payload, _names(names), _lost(lost))


def read_saved_with_files(value: Any, most: int) -> Saved:
    """The value that ends a ``save`` that asks for ``files``: what :func:`read_saved` reads, then
    whether they could be listed, and the listing or why not.

    Args:
        value: the decoded value.
        most: how many names the listing may have.

    Raises:
        ProtocolBroken: it is something else.
    """
    if type(value) is not list or len(value) != 6 or type(value[4]) is not bool:
        raise ProtocolBroken("a save without its files")
    listed, said = value[4:]
    files = read_listing(said, most) if listed else read_failure(said)
    return replace(read_saved(value[:4]), files=files)


def read_restored(value: Any) -> Restored:
    """The value that ends ``restore``: ``[names, lost]``.

    Raises:
        ProtocolBroken: it is something else.
    """
    if type(value) is not list or len(value) != 2:
        raise ProtocolBroken("a restore that is not one")
    return Restored(_names(value[0]), _lost(value[1]))


def read_variables(value: Any) -> dict[str, Variable]:
    """The value that ends ``variables``: a list of ``[name, type, size, summary]``.

    Raises:
        ProtocolBroken: it is something else.
    """
    if type(value) is not list or len(value) > MAX_NAMES:
        raise ProtocolBroken("a list of variables that is none, or too long")
    described = {}
    for entry in value:
        if type(entry) is not list or len(entry) != 4:
            raise ProtocolBroken("a variable without name, type, size and summary")
        name, kind, size, summary = entry
        if not _are_texts([name, kind, summary], (MAX_NAME, MAX_NAME, MAX_SUMMARY)):
            raise ProtocolBroken("a variable without name, type, size and summary")
        if size is not None and (type(size) is not int or not 0 <= size < 1 << 63):
            raise ProtocolBroken("a variable whose size is none")
        described[name] = Variable(name, kind, size, summary)
    if len(described) != len(value):
        raise ProtocolBroken("a variable that is there twice")
    return described
