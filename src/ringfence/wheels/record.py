"""``RECORD``: every file of a wheel with its hash and size; all are checked, in both directions.

https://packaging.python.org/specifications/binary-distribution-format/#the-dist-info-directory
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from collections.abc import Iterator, Mapping

from ringfence.wheels.defect import Defect, shown

__all__ = ["check_record", "write_record"]

_HASHES = ("sha256", "sha384", "sha512")
_UNLISTED = ("RECORD", "RECORD.jws", "RECORD.p7s")


def check_record(files: Mapping[str, bytes], info: str) -> None:
    """Check files against the RECORD among them.

    Args:
        files: all of the wheel's, by name.
        info: its ``.dist-info`` folder.

    Raises:
        Defect: a file is not what the RECORD says, or is in only one of the two.
    """
    record = f"{info}/RECORD"
    unlisted = {f"{info}/{name}" for name in _UNLISTED}
    listed: set[str] = set()
    for row in _rows(files[record]):  # one by one: each must be a file that is there
        if len(row) != 3:
            raise Defect(f"its RECORD has a row that is none: {shown(','.join(row))}")
        name, digest, size = row
        if name in listed:
            raise Defect(f"its RECORD lists {shown(name)} twice")
        listed.add(name)
        if name not in files:
            raise Defect(f"its RECORD lists {shown(name)}, which is not in it")
        if name not in unlisted:
            _check(name, files[name], digest, size)
    missing = sorted(files.keys() - listed - unlisted)
    if missing:
        raise Defect(f"{shown(missing[0])} is not listed in its RECORD")


def _rows(record: bytes) -> Iterator[list[str]]:
    try:
        text = io.StringIO(record.decode(), newline="")
        yield from filter(None, csv.reader(text, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Defect(f"its RECORD cannot be read: {shown(str(error))}") from error


def _check(name: str, data: bytes, digest: str, size: str) -> None:
    kind, _, expected = digest.partition("=")
    if kind not in _HASHES:
        raise Defect(f"its RECORD has no SHA-256 or better of {shown(name)}")
    if expected.rstrip("=") != _encode(hashlib.new(kind, data).digest()):
        raise Defect(f"{shown(name)} is not the file that its RECORD names: the hash differs")
    if size and size != str(len(data)):
        raise Defect(f"{shown(name)} is not the file that its RECORD names: the size differs")


def write_record(files: Mapping[str, bytes], info: str) -> bytes:
    """A RECORD of files where they are now."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for name, data in sorted(files.items()):
        if name != f"{info}/RECORD":
            digest = _encode(hashlib.sha256(data).digest())
            writer.writerow((name, f"sha256={digest}", len(data)))
    writer.writerow((f"{info}/RECORD", "", ""))
    return text.getvalue().encode()


def _encode(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
