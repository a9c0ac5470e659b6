"""What the payloads of a guest's messages must be: :mod:`.messages` checks the headers."""

from __future__ import annotations

from typing import Any

from ringfence_guest.protocol import codec
from ringfence_guest.protocol.framing import Frame
from ringfence_guest.protocol.messages import ProtocolBroken
from ringfence_guest.protocol.report import ErrorInfo

__all__ = ["MAX_ERROR", "read_arguments", "read_bundle", "read_error"]

MAX_ERROR = 262_144
"""Bytes that an encoded error may have; a guest's own code sends at most a tenth."""

_MAX_MEDIA_TYPES = 32
_MAX_MEDIA_TYPE = 100


def read_arguments(frame: Frame, limit: int) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a ``call``."""
    content = codec.decode(frame.body, frame.blob, limit=limit)
    if type(content) is not list or len(content) != 2 or type(content[0]) is not list:
        raise ProtocolBroken("a call without arguments")
    args, kwargs = content
    if kwargs is None:
        kwargs = {}
    if type(kwargs) is not dict or not set(map(type, kwargs)) <= {str}:
        raise ProtocolBroken("a call without arguments")
    return args, kwargs


def read_bundle(frame: Frame, limit: int) -> dict[str, str | bytes]:
    """What a ``display`` shows: media type -> text or bytes."""
    data = codec.decode(frame.body, frame.blob, limit=limit)
    if type(data) is not dict or not 0 < len(data) <= _MAX_MEDIA_TYPES:
        raise ProtocolBroken("a display that is not a bundle")
    for kind, content in data.items():
        if (
            type(kind) is not str
            or len(kind) > _MAX_MEDIA_TYPE
            or type(content) not in (str, bytes)
        ):
            raise ProtocolBroken("a display that is not a bundle")
    return data


def read_error(frame: Frame) -> ErrorInfo:
    """The error of a ``done``."""
    if frame.size > MAX_ERROR:
        raise ProtocolBroken("an error that is too long")
    content = codec.decode(frame.body, frame.blob, limit=4 * MAX_ERROR)
    if type(content) is not list or [type(c) for c in content] != [str, str, str]:
        raise ProtocolBroken("an error without type, message and traceback")
    return ErrorInfo(*content)
