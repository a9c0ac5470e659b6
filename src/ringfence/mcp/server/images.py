"""Whether bytes that a guest calls a picture are one: a client hands pictures to its model, and an
answer with one that nobody can read is refused from then on, each time the conversation goes on.
"""

from __future__ import annotations

import zlib

__all__ = ["is_picture"]

_PNG = b"\x89PNG\r\n\x1a\n"


def is_picture(kind: str, content: bytes) -> bool:
    """Whether it is whole, by its outer form; its pixels are not looked at.

    Args:
        kind: a media type.
        content: what is said to be of it.
    """
    match kind:
        case "image/png":
            return _is_png(content)
        case "image/jpeg":
            return content.startswith(b"\xff\xd8\xff") and content.endswith(b"\xff\xd9")
        case "image/gif":
            return content[:6] in (b"GIF87a", b"GIF89a") and content.endswith(b";")
        case "image/webp":
            size = int.from_bytes(content[4:8], "little") + 8
            return content[:4] == b"RIFF" and content[8:12] == b"WEBP" and size == len(content)
    return False


def _is_png(content: bytes) -> bool:
    """Whether its chunks follow one on the other, unharmed, from the header to the end."""
    if not content.startswith(_PNG):
        return False
    view, at, kinds = memoryview(content), len(_PNG), set[bytes]()
    while at + 12 <= len(content):
        size = int.from_bytes(view[at : at + 4], "big")
        body = view[at + 4 : at + 8 + size]
        check = view[at + 8 + size : at + 12 + size]
        if len(check) < 4 or zlib.crc32(body) != int.from_bytes(check, "big"):
            return False
        kind = bytes(body[:4])
        if not kinds and (
            kind != b"IHDR" or size != 13 or not (any(body[4:8]) and any(body[8:12]))
        ):
            return False
        kinds.add(kind)
        at += 12 + size
        if kind == b"IEND":
            return at == len(content) and b"IDAT" in kinds
    return False
