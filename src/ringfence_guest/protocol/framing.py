"""Frames to a byte stream and back, with budgets on hostile input.

A frame is twelve bytes, then three sections of the lengths that those bytes give (unsigned 32-bit,
little-endian)::

    header length | body length | blob length | header | body | blob

The header is a flat JSON object of scalars, at most 64 KiB. Body and blob are an encoded value
(:mod:`.codec`), or raw bytes; together they may not exceed what the reader was told to accept,
which is checked before a byte of them is awaited or any memory is set aside.
"""

from __future__ import annotations

import json.encoder
import json.scanner
from struct import Struct
from typing import Any, NamedTuple

from ringfence_guest.protocol.room import Room, make_room

__all__ = [
    "MAX_HEADER",
    "Frame",
    "FrameReader",
    "FramingError",
    "Outbox",
    "frame_behind",
    "frame_buffers",
    "header_bytes",
    "read_header",
]

MAX_HEADER = 65_536
"""Bytes of a header."""

_PREFIX = Struct("<III")
_STAGE = 65_536
_COALESCE = 16_384
_ALIGNED = 64  # where the blob of a large frame begins: an array in it can stay there
_MAX_SECTION = (1 << 32) - 1

_escape = json.encoder.encode_basestring_ascii
_make_scanner: Any = json.scanner.make_scanner
_scan = _make_scanner(json.JSONDecoder())


def _refuse(value: Any) -> Any:
    raise TypeError(f"{type(value).__name__} in a header")


_make_encoder: Any = vars(json.encoder)["c_make_encoder"]
_to_json = _make_encoder(None, _refuse, _escape, None, ":", ",", False, False, False)


def header_bytes(header: dict[str, Any]) -> bytes:
    """A flat header as JSON, in the order of its fields."""
    text = "".join(_to_json(header, 0))
    if "[" in text or text.count("{") != 1:  # the reader counts them before it decodes
        inner = text[1:-1].replace("{", "\\u007b").replace("[", "\\u005b")
        text = f"{{{inner}}}"
    return text.encode("ascii")


class FramingError(ValueError):
    """The byte stream is not a sequence of frames within the budgets.

    ``frames`` are those that were complete before it broke: what a reader makes of a stream does
    not depend on how the stream was cut.
    """

    frames: tuple[Frame, ...] = ()


class Frame(NamedTuple):
    """One frame: ``header`` is a flat dict of scalars; ``body`` and ``blob`` are owned bytes."""

    header: dict[str, Any]
    body: bytes
    blob: bytes | memoryview

    @property
    def size(self) -> int:
        """Bytes of body and blob."""
        return len(self.body) + len(self.blob)


def frame_buffers(
    header: dict[str, Any], body: bytes = b"", blob: list[Any] | None = None, blob_size: int = 0
) -> list[Any]:
    """The buffers of one frame, small ones joined so that they leave in one system call."""
    return frame_behind(header_bytes(header), body, blob, blob_size)


def frame_behind(
    head: bytes, body: bytes, blob: list[Any] | None = None, blob_size: int = 0
) -> list[Any]:
    """The same for a header that is JSON already."""
    if len(head) > MAX_HEADER:
        raise FramingError(f"a header of {len(head)} bytes; at most {MAX_HEADER}")
    if len(body) > _MAX_SECTION or blob_size > _MAX_SECTION:
        raise FramingError(f"a frame of {len(body) + blob_size} bytes; 4 GiB is the most")
    first = _PREFIX.pack(len(head), len(body), blob_size) + head
    if not blob_size:
        return [first + body] if len(body) <= _COALESCE else [first, body]
    assert blob is not None
    if len(body) + blob_size <= _COALESCE:
        return [b"".join((first, body, *blob))]
    return [first + body, *(part for part in blob if len(part))]


class Outbox:
    """Buffers waiting to be written, in order; keeps its place across partial writes.

    ``size`` is how many bytes wait.
    """

    __slots__ = ("_buffers", "size")

    def __init__(self) -> None:
        self._buffers: list[memoryview] = []
        self.size = 0

    def __bool__(self) -> bool:
        return bool(self._buffers)

    def __len__(self) -> int:
        return len(self._buffers)

    def put(self, buffers: list[Any]) -> None:
        """Queue buffers. They must not change until they have been sent."""
        for buffer in buffers:
            view = memoryview(buffer)
            size = view.nbytes
            if size:
                if type(buffer) is not bytes and (view.format != "B" or view.ndim != 1):
                    view = view.cast("B")
                self._buffers.append(view)
                self.size += size

    def peek(self, most: int = 64) -> list[memoryview]:
        """The next buffers to write, at most ``most`` (``writev`` takes 1,024)."""
        return self._buffers[:most]

    def sent(self, size: int) -> bool:
        """``size`` bytes of what :meth:`peek` returned were written; returns whether more wait."""
        if size == self.size:
            self.size = 0
            self._buffers.clear()
            return False
        self.size -= size
        done = 0
        while size >= len(self._buffers[done]):
            size -= len(self._buffers[done])
            done += 1
        del self._buffers[:done]
        if size:
            self._buffers[0] = self._buffers[0][size:]
        return True


class FrameReader:
    """Finds frames in a byte stream.

    The caller reads *into* :meth:`buffer` and says how much came with :meth:`received`, so that a
    large frame is received where it will stay, without a copy.

    Args:
        max_payload: bytes of body and blob that one frame may have.
    """

    __slots__ = ("_begin", "_have", "_large", "_lengths", "_stage", "max_payload")

    def __init__(self, max_payload: int) -> None:
        self.max_payload = max_payload
        self._stage = bytearray(_STAGE)
        self._have = 0
        self._begin = 0  # of the frame in _large
        self._large: Room | None = None
        self._lengths = (0, 0, 0)

    @property
    def pending(self) -> int:
        """Bytes received of a frame that is not complete."""
        return self._have - self._begin

    def buffer(self) -> memoryview:
        """Where the next bytes go; never empty."""
        if self._large is not None:
            return memoryview(self._large)[self._have :]
        return memoryview(self._stage)[self._have :]

    def take_whole(self, size: int, header: bytes) -> bytes | None:
        """The body of the one frame that the ``size`` bytes put into :meth:`buffer` are, if they
        are exactly that: a whole frame behind nothing, with this very header and no blob. Else
        None, and nothing was taken: :meth:`received` has to be asked.

        Most ends of turns come like this. What is equal, byte for byte, to what the receiver would
        have written needs no parsing.
        """
        stage = self._stage
        begin = 12 + len(header)
        if self._have or self._large is not None or not stage.startswith(header, 12, size):
            return None
        lengths = _PREFIX.unpack_from(stage)
        if lengths != (begin - 12, size - begin, 0) or size - begin > self.max_payload:
            return None
        return bytes(stage[begin:size])

    def received(self, size: int) -> list[Frame]:
        """``size`` bytes were put into :meth:`buffer`; returns the frames that are now complete.

        Raises:
            FramingError: the stream is not frames within the budgets. The reader is unusable.
        """
        self._have += size
        if self._large is not None:
            if self._have < len(self._large):
                return []
            whole, self._large, self._have = self._large, None, 0
            begin, self._begin = self._begin, 0
            return [self._end_large(whole, begin)]
        frames: list[Frame] = []
        try:
            self._find_frames(frames)
        except FramingError as error:
            error.frames = tuple(frames)
            raise
        return frames

    def _find_frames(self, frames: list[Frame]) -> None:
        stage, have, at = self._stage, self._have, 0
        while have - at >= 12:
            lengths = header, body, blob = _PREFIX.unpack_from(stage, at)
            if not 2 <= header <= MAX_HEADER:
                raise FramingError(f"a header of {header} bytes")
            if body + blob > self.max_payload:
                raise FramingError(f"a frame of {body + blob} bytes; at most {self.max_payload}")
            end = at + 12 + header + body + blob
            if end <= have:
                frames.append(_parse(stage, at + 12, lengths, copy=True))
                at = end
                continue
            if end - at > _STAGE:
                self._lengths = lengths
                self._begin_large(at + 12)
                return
            break
        if at:
            if at < have:
                stage[: have - at] = stage[at:have]
            self._have = have - at

    def _begin_large(self, at: int) -> None:
        """The stage has the beginning of a large frame, behind its lengths, at ``at``."""
        header, body, blob = self._lengths
        begin = -(header + body) % _ALIGNED
        large = make_room(begin + header + body + blob)
        have = begin + self._have - at
        large[begin:have] = self._stage[at : self._have]
        self._large, self._begin, self._have = large, begin, have

    def _end_large(self, whole: Room, begin: int) -> Frame:
        return _parse(whole, begin, self._lengths)


def read_header(data: Room, at: int, end: int) -> dict[str, Any]:
    """The header that stands in ``data`` from ``at`` to ``end``.

    Raises:
        FramingError: it is not a flat JSON object.
    """
    flat = data.rfind(b"{", at, end) <= at and data.find(b"[", at, end) < 0
    if not flat:
        raise FramingError("a header that is not flat")
    try:
        header, used = _scan(data[at:end].decode("ascii"), 0)
    except (ValueError, StopIteration):
        raise FramingError("a header that is not JSON") from None
    if type(header) is not dict or used != end - at:
        raise FramingError("a header that is not an object")
    return header


def _parse(data: Room, at: int, lengths: tuple[int, int, int], *, copy: bool = False) -> Frame:
    """The frame whose header begins at ``at``; with ``copy`` it keeps nothing of ``data``."""
    header_size, body_size, blob_size = lengths
    split = at + header_size
    header = read_header(data, at, split)
    if not body_size and not blob_size:
        return Frame(header, b"", b"")
    view = memoryview(data)
    body = bytes(view[split : split + body_size])
    if not blob_size:
        return Frame(header, body, b"")
    blob = view[split + body_size : split + body_size + blob_size]
    return Frame(header, body, bytes(blob) if copy else blob)
