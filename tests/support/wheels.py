"""Wheels that a test makes: whole ones, and ones with something wrong in them."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

__all__ = ["build_wheel", "metadata", "record_of", "wheel_bytes", "write_archive"]

_WHEEL = "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\n"


def metadata(name: str, version: str, *lines: str) -> str:
    """A METADATA."""
    return "\n".join([f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *lines, ""])


def record_of(files: Mapping[str, bytes], info: str) -> bytes:
    """The RECORD of files."""
    rows = []
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(data)}\n")
    return "".join([*rows, f"{info}/RECORD,,\n"]).encode()


def write_archive(entries: Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    """A zip archive with these entries, in this order; the same bytes each time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in entries:
            if isinstance(entry, str):
                entry = zipfile.ZipInfo(entry)
                entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return buffer.getvalue()


def wheel_bytes(
    name: str = "gadget",
    version: str = "1.0",
    files: Mapping[str, str | bytes] | None = None,
    *,
    tag: str = "py3-none-any",
    lines: Iterable[str] = (),
    replace: Mapping[str, bytes | None] | None = None,
) -> dict[str, bytes]:
    """The files of a wheel, RECORD included.

    Args:
        name: of the distribution.
        version: of it.
        files: beside the metadata.
        tag: what it says that it was built for.
        lines: of METADATA.
        replace: files that are put there after RECORD was written; None takes one away. Names are
            below the ``.dist-info`` folder if they begin with ``@``.
    """
    info = f"{name}-{version}.dist-info"
    given = files if files is not None else {f"{name}.py": "ANSWER = 42\n"}
    content = {k: v.encode() if isinstance(v, str) else v for k, v in given.items()}
    content[f"{info}/METADATA"] = metadata(name, version, *lines).encode()
    content[f"{info}/WHEEL"] = f"{_WHEEL}Tag: {tag}\n".encode()
    content[f"{info}/RECORD"] = record_of(content, info)
    for key, data in (replace or {}).items():
        place = key.replace("@", f"{info}/")
        if data is None:
            del content[place]
        else:
            content[place] = data
    return content


def build_wheel(
    folder: Path,
    name: str = "gadget",
    version: str = "1.0",
    files: Mapping[str, str | bytes] | None = None,
    *,
    tag: str = "py3-none-any",
    lines: Iterable[str] = (),
    replace: Mapping[str, bytes | None] | None = None,
) -> Path:
    """Write a wheel into ``folder``; see :func:`wheel_bytes`."""
    content = wheel_bytes(name, version, files, tag=tag, lines=lines, replace=replace)
    path = folder / f"{name}-{version}-{tag}.whl"
    path.write_bytes(write_archive(content.items()))
    return path
