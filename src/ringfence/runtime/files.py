"""``box.files``: the guest's scratch folder, from the host."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, MutableMapping
from typing import Any, Literal

from ringfence.errors import ConfigurationError, GuestFileError
from ringfence.model import Limits
from ringfence.runtime.arguments import check_content, check_file_name
from ringfence_guest.protocol import codec
from ringfence_guest.protocol.report import FileAnswer, FileFailure, Listing
from ringfence_guest.protocol.turn import FileQuestion

__all__ = ["AsyncGuestFiles", "GuestFiles", "listed"]

Ask = Callable[[FileQuestion], FileAnswer]
AskAsync = Callable[[FileQuestion], Coroutine[Any, Any, FileAnswer]]

_FAR = 1 << 62


# --- the mapping --------------------------------------------------------------------------------


class GuestFiles(MutableMapping[str, bytes]):
    """The files in a guest's scratch folder, its working directory: relative POSIX path -> bytes.

    Nothing is kept here: each look asks the guest. It answers between turns, and during a turn
    while it waits for a host function; while it computes, whoever asks waits until it does either.
    A host function of the same sandbox may ask as well; an async one holds up the loop that it
    shares with others meanwhile. With a ``stream`` of it open in this thread it is
    ``SandboxBusy``.

    ``files[name]`` reads, ``files[name] = content`` writes and makes the folders on the way,
    ``del files[name]`` removes; iteration is in the order of the names. One file may have what
    ``Limits(value=…)`` lets cross, a listing as many names as ``Limits(files=…)``. Links are never
    followed. What is no regular file with a usable name is not in the mapping: :meth:`refused`
    lists it. The folder ends with the guest, also when it is killed.

    Raises:
        KeyError: there is no file of this name.
        ConfigurationError: a name or content is wrong, or there is no scratch (``disk=0``).
        GuestFileError: the guest cannot do it; the message says why.
        GuestFailure: it reached a limit or crashed while it tried; see ``Result.raise_for_status``.
        SandboxClosed: the guest has ended, and its files with it.
    """

    def __init__(self, ask: Ask, limits: Limits) -> None:
        self._ask = ask
        self._limits = limits

    def __repr__(self) -> str:
        return "<files of a guest>"

    def __getitem__(self, name: str) -> bytes:
        value = _value(name, self._ask(_question(self._limits, "read", name)))
        assert type(value) is bytes
        return value

    def __setitem__(self, name: str, content: bytes | bytearray | memoryview) -> None:
        _value(name, self._ask(_question(self._limits, "write", name, content)))

    def __delitem__(self, name: str) -> None:
        _value(name, self._ask(_question(self._limits, "remove", name)))

    def __iter__(self) -> Iterator[str]:
        return iter(self.sizes())

    def __len__(self) -> int:
        return len(self.sizes())

    def __contains__(self, name: object) -> bool:
        return name in self.sizes()

    def listing(self) -> Listing:
        """:meth:`sizes` and :meth:`refused` of one moment."""
        value = _value("", self._ask(_question(self._limits, "list", "")))
        assert type(value) is Listing
        return value

    def sizes(self) -> dict[str, int]:
        """Name -> bytes. The guest says so: :meth:`__getitem__` counts."""
        return self.listing().sizes

    def refused(self) -> dict[str, str]:
        """What is in the folder and not in the mapping -> why: links, special files, folders more
        than 16 deep, names with control characters, backslashes or bytes that are no UTF-8. The
        names are escaped, for people.
        """
        return self.listing().refused


class AsyncGuestFiles:
    """:class:`GuestFiles`, awaited; it raises the same."""

    def __init__(self, ask: AskAsync, limits: Limits) -> None:
        self._ask = ask
        self._limits = limits

    def __repr__(self) -> str:
        return "<files of a guest>"

    async def read(self, name: str) -> bytes:
        """The content of a file."""
        value = _value(name, await self._ask(_question(self._limits, "read", name)))
        assert type(value) is bytes
        return value

    async def write(self, name: str, content: bytes | bytearray | memoryview) -> None:
        """Write a file, and make the folders on the way."""
        _value(name, await self._ask(_question(self._limits, "write", name, content)))

    async def remove(self, name: str) -> None:
        """Remove a file."""
        _value(name, await self._ask(_question(self._limits, "remove", name)))

    async def listing(self) -> Listing:
        """:meth:`sizes` and :meth:`refused` of one moment."""
        value = _value("", await self._ask(_question(self._limits, "list", "")))
        assert type(value) is Listing
        return value

    async def sizes(self) -> dict[str, int]:
        """Name -> bytes, in the order of the names."""
        return (await self.listing()).sizes

    async def refused(self) -> dict[str, str]:
        """What is in the folder and cannot be asked for -> why; the names are escaped."""
        return (await self.listing()).refused


# --- questions and answers ----------------------------------------------------------------------


def _question(
    limits: Limits,
    operation: Literal["list", "read", "write", "remove"],
    name: object,
    content: object = None,
) -> FileQuestion:
    if not limits.disk:
        raise ConfigurationError("files: this sandbox has no scratch folder: its limits say disk=0")
    if operation == "list":
        packed = codec.encode([operation, "", limits.files], limit=_FAR)
        return FileQuestion(operation, "", packed, limits.files)
    name = check_file_name(name)
    if operation != "write":
        return FileQuestion(operation, name, codec.encode([operation, name, None], limit=_FAR))
    data = check_content(name, content)
    try:
        packed = codec.encode([operation, name, data], limit=int(limits.value))
    except codec.ValueTooLarge:
        raise ConfigurationError(
            f"files: {name!r} has {len(data):,} bytes, more than crosses at once with "
            f"value={limits.value:,}; lend a Reader, or raise the limit"
        ) from None
    return FileQuestion(operation, name, packed)


def _value(name: str, answer: FileAnswer) -> bytes | Listing | None:
    value = answer.value
    if type(value) is not FileFailure:
        assert not isinstance(value, FileFailure)
        return value
    if value.kind == "missing":
        raise KeyError(name)
    raise GuestFileError(name, value.message)


def listed(files: Listing | FileFailure | None) -> Listing:
    """The listing that came with a save.

    Raises:
        GuestFileError: the guest could not make it.
    """
    if isinstance(files, Listing):
        return files
    assert files is not None
    raise GuestFileError("", files.message)
