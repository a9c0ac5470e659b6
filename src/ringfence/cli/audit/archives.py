"""Rows of the audit log in files: how they are taken out, and how they are verified there."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringfence.cli.serve.database import asked, changed
from ringfence.database.chain import Head, verify
from ringfence.errors import ConfigurationError, StoreNotUsable
from ringfence.server.store.audit import AuditRow

if TYPE_CHECKING:
    from ringfence.server.store import Work
    from ringfence.server.store.audit import Audit

__all__ = ["archived", "day_of", "verify_archive"]

_NAMES = tuple(field.name for field in fields(AuditRow))
_LONGEST = 4 << 20
"""Characters of a line."""


def day_of(text: str) -> datetime.datetime:
    """The beginning of a day in UTC.

    Raises:
        ConfigurationError: it is none.
    """
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"--before {text[:40]!a}: write a day, as 2026-01-31") from None
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC)


def archived(database: str | None, before: datetime.datetime, output: Path) -> tuple[Head, int]:
    """Take rows from before a moment out of the log, into a file that is whole first; gives the
    last of them, and how many they are.

    Raises:
        ConfigurationError: the file is there, or cannot be written.
        StoreNotUsable: the log does not hold; nothing was taken out.
    """

    def write(work: Work) -> tuple[Head, Head, int]:
        base, end = work.audit.base(), work.audit.head()
        last, count, old = base, 0, True

        def rows() -> Iterator[AuditRow]:
            nonlocal last, count, old
            for row in work.audit.rows():
                yield row  # it is verified before this goes on
                old = old and row.at < before
                if old:
                    file.write(_line(row))
                    last, count = Head(row.number, row.hash), count + 1

        verify(rows(), end, noted=None, refused=StoreNotUsable, base=base)
        return base, last, count

    part = output.with_name(f"{output.name}.part")
    try:
        if output.exists():
            raise FileExistsError(17, "it is there already")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigurationError(f"--output {output}: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            base, last, count = asked(database, write)
            file.flush()
            os.fsync(descriptor)
        if count:
            os.link(part, output)  # never over one that has come meanwhile
            changed(database, lambda work: work.audit.take_out(base, last))
    except FileExistsError:
        raise ConfigurationError(f"--output {output}: it is there already") from None
    finally:
        part.unlink(missing_ok=True)
    return last, count


def verify_archive(log: Audit, file: Path, noted: Head | None) -> bool:
    """Verify a file of rows against what the log says of where they began and ended; gives whether
    the noted row is in it.

    Raises:
        ConfigurationError: it cannot be read, or is no such file.
        StoreNotUsable: a row is not what was written, or the log knows of no such rows.
    """
    first, last, met = None, None, False

    def rows() -> Iterator[AuditRow]:
        nonlocal last, met
        for row in _rows_of(file):
            last = Head(row.number, row.hash)
            met = met or last == noted
            yield row

    for row in _rows_of(file):
        first = row.number
        break
    if first is None:
        raise StoreNotUsable(f"{file}: there are no rows in it")
    base = log.base(first)
    if first != base.number + 1:
        raise StoreNotUsable(f"{file}: rows that were taken out never began with row {first}")
    end = _end_of(file)
    if not log.is_base(end):
        raise StoreNotUsable(f"{file}: rows that were taken out never ended with row {end.number}")
    verify(rows(), end, noted=None, refused=StoreNotUsable, base=base)
    return met


def _end_of(file: Path) -> Head:
    end = Head(0, "")
    for row in _rows_of(file):
        end = Head(row.number, row.hash)
    return end


def _line(row: AuditRow) -> str:
    told = {**asdict(row), "at": row.at.astimezone(datetime.UTC).isoformat()}
    return json.dumps(told) + "\n"


def _rows_of(file: Path) -> Iterator[AuditRow]:
    try:
        with file.open(encoding="ascii") as lines:
            while line := lines.readline(_LONGEST):
                yield _row(json.loads(line))
    except OSError as error:
        raise ConfigurationError(f"--archive {file}: {error.strerror}") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise StoreNotUsable(f"{file}: a line is no row of an audit log") from None


def _row(told: Any) -> AuditRow:
    if set(told) != set(_NAMES):
        raise KeyError
    at = datetime.datetime.fromisoformat(told["at"])
    return AuditRow(**{**told, "at": at})
