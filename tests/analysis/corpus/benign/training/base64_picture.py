"""Puts a small picture into an SVG, as a data address."""
import base64
import struct
import zlib


def png(width, height, colour):
    row = b"\0" + bytes(colour) * width

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(row * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def svg(width, height, colour):
    encoded = base64.b64encode(png(width, height, colour)).decode("ascii")
    return f'<svg xmlns="http://www.w3.org/2000/svg"><image href="data:image/png;base64,{encoded}"/></svg>'
