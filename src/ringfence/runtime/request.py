"""A request, checked and encoded before a process starts for it and before its turn comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

from ringfence.errors import ConfigurationError
from ringfence.model import Limits
from ringfence.runtime.arena import Arena, has_arenas, place_of
from ringfence.runtime.streams import Reader, Writer
from ringfence_guest.protocol import codec
from ringfence_guest.protocol.batches import Layout
from ringfence_guest.protocol.messages import MOST_DESCRIPTORS
from ringfence_guest.protocol.namespaces import (
    read_restored,
    read_saved,
    read_saved_with_files,
    read_variables,
)
from ringfence_guest.protocol.turn import FileQuestion
from ringfence_guest.protocol.values import StreamHandle

__all__ = [
    "Lent",
    "Request",
    "batch_request",
    "call_request",
    "file_request",
    "fill_request",
    "restore_request",
    "run_request",
    "save_request",
    "variables_request",
    "with_output",
]

_ENVELOPE = 1_024  # bytes and brackets that an encoding adds to one value of bytes
_NO_PAYLOAD = codec.Packed(b"", [], 0)


class Lent(NamedTuple):
    """Arrays of a request that lie in shared memory.

    Attributes:
        arenas: the memory, in the order of its numbers.
        size: bytes of the arrays.
        copy: the same values, for a guest that shares no memory with the host.
        output: what the guest may write to, or None.
    """

    arenas: list[Arena]
    size: int
    copy: Callable[[], codec.Packed]
    output: Arena | None = None


class Request(NamedTuple):
    """What one turn asks of the guest, whichever turn it will be."""

    header: dict[str, Any]
    packed: codec.Packed
    streams: dict[int, Reader | Writer]
    limits: Limits
    lent: Lent | None = None
    read: Callable[[Any], Any] | None = None

    @property
    def directions(self) -> dict[int, Literal["read", "write"]] | None:
        """Which way each lent stream goes; None without any."""
        if not self.streams:
            return None
        return {number: stream.direction for number, stream in self.streams.items()}


def run_request(
    code: str,
    *,
    filename: str | None,
    stdin: str | None,
    inputs: Mapping[str, Any],
    limits: Limits,
) -> Request:
    """Run a cell.

    Raises:
        ConfigurationError: an input cannot cross.
    """
    content = [code, filename, stdin, inputs or None]
    return _request({"type": "run"}, content, limits, "inputs")


def call_request(
    name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], limits: Limits
) -> Request:
    """Call a function of the guest.

    Raises:
        ConfigurationError: an argument cannot cross.
    """
    content = [list(args), kwargs or None]
    return _request({"type": "call", "name": name}, content, limits, f"call of {name}()")


def batch_request(
    name: str,
    columns: Sequence[Any],
    first: int,
    layout: Layout,
    limits: Limits,
    output: Arena | None,
) -> Request:
    """Call a function of the guest many times.

    Raises:
        ConfigurationError: an argument cannot cross.
    """
    content = [list(columns), first, layout.count, layout.kind, layout.width]
    request = _request({"type": "batch", "name": name}, content, limits, f"batch of {name}()")
    return request if output is None else with_output(request, output)


def fill_request(
    name: str, arguments: Sequence[Any], size: int, limits: Limits, output: Arena | None
) -> Request:
    """Call a function of the guest with memory to write to.

    Raises:
        ConfigurationError: an argument cannot cross.
    """
    content = [list(arguments), size]
    request = _request({"type": "fill", "name": name}, content, limits, f"call of {name}()")
    return request if output is None else with_output(request, output)


def with_output(request: Request, output: Arena) -> Request:
    """A call with memory for what comes of it, where the guest can be lent some."""
    request.header["output"] = True
    lent = request.lent or Lent([], 0, lambda: request.packed)
    return request._replace(lent=lent._replace(output=output))


def file_request(question: FileQuestion, limits: Limits) -> Request:
    """Ask about the files of the guest, in a turn of its own."""
    return Request({"type": "files"}, question.packed, {}, limits)


def save_request(limits: Limits, *, files: bool = False) -> Request:
    """Gather the variables; the value is a :class:`~ringfence_guest.protocol.namespaces.Saved`.

    Args:
        limits: of the turn.
        files: list the files of the scratch folder in the same turn.
    """
    if not files:
        return Request({"type": "save"}, _NO_PAYLOAD, {}, limits, read=read_saved)
    most = limits.files
    read = partial(read_saved_with_files, most=most)
    return Request({"type": "save", "files": most}, _NO_PAYLOAD, {}, limits, read=read)


def restore_request(payload: bytes, limits: Limits) -> Request:
    """Make variables anew; the value is a ``Restored``. The payload was bounded by its seal."""
    packed = codec.encode(payload, limit=len(payload) + _ENVELOPE)
    return Request({"type": "restore"}, packed, {}, limits, read=read_restored)


def variables_request(limits: Limits) -> Request:
    """Describe the variables; the value maps names to ``Variable``."""
    return Request({"type": "variables"}, _NO_PAYLOAD, {}, limits, read=read_variables)


def _request(header: dict[str, Any], content: Any, limits: Limits, what: str) -> Request:
    plain = codec.encode_plain(content, int(limits.value))
    if plain is not None:
        return Request(header, plain, {}, limits)
    streams: dict[int, Reader | Writer] = {}
    arenas: list[Arena] = []
    shared = 0

    def lend(value: Any) -> Any:
        if not isinstance(value, Reader | Writer):
            return value
        if any(value is lent for lent in streams.values()):
            raise ConfigurationError(f"{what}: the same {type(value).__name__} is there twice")
        number = len(streams)
        streams[number] = value
        return StreamHandle(number, value.direction)

    def share(array: Any) -> tuple[int, int] | None:
        nonlocal shared
        place = place_of(array)
        if place is None:
            return None
        if place.arena not in arenas:
            if len(arenas) == MOST_DESCRIPTORS - 1:  # and the output of a batch
                return None
            arenas.append(place.arena)
        shared += array.nbytes
        return arenas.index(place.arena), place.offset

    def pack(share: codec.Share | None) -> codec.Packed:
        streams.clear()
        try:
            return codec.encode(content, limit=int(limits.value), replace=lend, share=share)
        except codec.EncodeError as error:
            raise ConfigurationError(
                f"{what}: a value cannot cross to the guest: {error}"
            ) from None

    packed = pack(share if has_arenas() else None)
    lent = Lent(arenas, shared, lambda: pack(None)) if arenas else None
    return Request(header, packed, streams, limits, lent)
