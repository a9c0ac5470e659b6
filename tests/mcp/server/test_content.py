"""What a guest shows, as content of an answer."""

from __future__ import annotations

import asyncio
import base64
import zlib
from pathlib import Path
from typing import Any

import pytest
from mcp_types import (
    BlobResourceContents,
    CallToolResult,
    EmbeddedResource,
    ImageContent,
    TextContent,
    TextResourceContents,
)

from ringfence.mcp.server.images import is_picture
from tests.mcp.server.serving import over_stdio, run, text


def chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data).to_bytes(4, "big")
    return len(data).to_bytes(4, "big") + kind + data + check


HEADER = (1).to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", HEADER)
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)
GIF = b"GIF89a\1\0\1\0\0\0\0;"
JPEG = b"\xff\xd8\xff\xe0rest\xff\xd9"
WEBP = b"RIFF" + (12).to_bytes(4, "little") + b"WEBPVP8 \0\0\0\0"

SHOWS = """
class Shown:
    def __init__(self, bundle): self.bundle = bundle
    def _repr_mimebundle_(self, include=None, exclude=None): return self.bundle
"""


def blocks(result: CallToolResult) -> list[Any]:
    """What comes after the text, in short."""
    found: list[Any] = []
    for one in result.content[1:]:
        match one:
            case ImageContent():
                found.append((one.mime_type, base64.b64decode(one.data)))
            case TextContent():
                found.append(one.text)
            case EmbeddedResource(resource=TextResourceContents() as held):
                found.append((held.mime_type, held.text))
            case EmbeddedResource(resource=BlobResourceContents() as blob):
                found.append((blob.mime_type, base64.b64decode(blob.blob)))
    return found


@pytest.mark.parametrize(
    ("kind", "whole"),
    [("image/png", PNG), ("image/gif", GIF), ("image/jpeg", JPEG), ("image/webp", WEBP)],
)
def test_a_picture_is_whole_or_none(kind: str, whole: bytes) -> None:
    assert is_picture(kind, whole)
    for broken in (b"", whole[:-1], whole + b"x", whole[:6], b"<html>", whole[1:]):
        assert not is_picture(kind, broken), broken
    assert not is_picture("image/svg+xml", whole)


def test_a_png_is_looked_at_chunk_by_chunk() -> None:
    start = PNG[:8]
    header, data, end = chunk(b"IHDR", HEADER), chunk(b"IDAT", b"x"), chunk(b"IEND", b"")
    for broken in (
        start + data + end,  # no header
        start + header + end,  # nothing in it
        start + header + data[:-1] + b"?" + end,  # a chunk that was changed
        start + chunk(b"IHDR", bytes(13)) + data + end,  # no size
        start + header + b"\xff\xff\xff\xff" + data[4:] + end,  # a chunk of 4 GiB
    ):
        assert not is_picture("image/png", broken)


def test_tables_are_shown_as_text_and_as_html_and_pictures_as_pictures(tmp_path: Path) -> None:
    table = "<table><tr><td>1</td></tr></table>"
    hostile = "<script>alert(1)</script>\x1b]0;x\x07"

    async def main() -> None:
        async with over_stdio(tmp_path) as client:
            shown = await run(
                client,
                SHOWS
                + f"display(Shown({{'text/plain': 'a 1', 'text/html': {table!r}}}))\n"
                + f"display(Shown({{'text/html': {hostile!r}}}))\n"
                + f"display(Shown({{'image/png': {PNG!r}, 'text/plain': 'figure'}}))\n"
                + "display(Shown({'image/png': b'<svg>', 'text/plain': 'no figure'}))\n"
                + "display(Shown({'image/png': b'<svg>'}))\n",
            )
            assert text(shown) == "[ok, no output]"
            found = blocks(shown)
            assert found[:2] == ["a 1", ("text/html", table)]
            assert ("image/png", PNG) in found
            assert [one for one in found if one[0] == "image/png"] == [("image/png", PNG)]
            assert "no figure" in found
            assert not any("\x1b" in str(one) for one in found)
            data = shown.structured_content["displays"]
            assert data[2]["image/png"] == {
                "$type": "content",
                "index": 1 + found.index(("image/png", PNG)),
            }

    asyncio.run(main())


def test_a_value_that_is_larger_than_any_model_reads_is_refused(tmp_path: Path) -> None:
    async def main() -> None:
        async with over_stdio(tmp_path, "--store", "none") as client:
            large = await run(client, "'x' * (17 << 20)")
            assert large.structured_content["limit"] == "value"
            assert (await run(client, "len('x' * (17 << 20))")).structured_content[
                "value"
            ] == 17 << 20

    asyncio.run(main())
