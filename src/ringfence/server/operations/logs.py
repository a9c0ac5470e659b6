"""Structured logs: one line for each event, of JSON or for people; never code and no secrets.

Lines are written by a thread of their own: a log that nobody reads keeps no run waiting. What does
not fit is dropped, and counted.
"""

from __future__ import annotations

import datetime
import json
import logging
import logging.handlers
import queue
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, TextIO

__all__ = ["Log", "logging_to"]

_MOST_WAITING = 10_000
_LONGEST = 2_000
_NAME = "ringfence.server"


class Log:
    """Writes events of the service.

    The names of fields are ours; their values may be a client's, and are written so that they are
    one value on one line.
    """

    def __init__(self) -> None:
        self._logger = logging.getLogger(_NAME)

    def event(self, name: str, *, level: int = logging.INFO, **fields: Any) -> None:
        """Something happened. Fields that are None are left out."""
        if self._logger.isEnabledFor(level):
            told = {key: one for key, one in fields.items() if one is not None}
            self._logger.log(level, name, extra={"ringfence_fields": told})

    def fault(self, name: str, error: BaseException, **fields: Any) -> None:
        """Something of ours failed: with the traceback, which holds no values."""
        told = {key: one for key, one in fields.items() if one is not None}
        self._logger.error(name, exc_info=error, extra={"ringfence_fields": told})


@contextmanager
def logging_to(
    level: str, form: Literal["json", "text"], stream: TextIO | None = None
) -> Iterator[Log]:
    """Log everything of this process as lines, until the end of the block.

    Args:
        level: the least that is written.
        form: of lines.
        stream: where they go; default: standard error.
    """
    target = logging.StreamHandler(sys.stderr if stream is None else stream)
    target.setFormatter(_AsJson() if form == "json" else _AsText())
    waiting: queue.Queue[Any] = queue.Queue(_MOST_WAITING)
    handler = _Dropping(waiting)
    handler.addFilter(_is_of_use)
    listener = logging.handlers.QueueListener(waiting, target)
    root = logging.getLogger()
    before, level_before = root.handlers[:], root.level
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(_NAME).setLevel(level.upper())
    listener.start()
    try:
        yield Log()
    finally:
        root.handlers[:] = before
        root.setLevel(level_before)
        listener.stop()


def _is_of_use(record: logging.LogRecord) -> bool:
    """Uvicorn takes a WebSocket that was refused, and told so, for a fault of the application."""
    return record.getMessage() != "ASGI callable returned without completing handshake."


class _Dropping(logging.handlers.QueueHandler):
    """Puts into a queue what fits; says how much did not, once something fits again."""

    dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Records stay as they are: the other end is in this process."""
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        """Put it there, or count it."""
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.dropped += 1
            return
        if self.dropped:
            dropped, self.dropped = self.dropped, 0
            logging.getLogger(_NAME).warning(
                "log-lines-dropped", extra={"ringfence_fields": {"lines": dropped}}
            )


def _fields(record: logging.LogRecord) -> Mapping[str, Any]:
    fields: Mapping[str, Any] = getattr(record, "ringfence_fields", {})
    return fields


def _time(record: logging.LogRecord) -> str:
    moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
    return moment.isoformat(timespec="milliseconds")


class _AsJson(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "event": _bounded(record.getMessage()),
        }
        if record.name != _NAME:
            line["logger"] = record.name
        line.update({key: _bounded(one) for key, one in _fields(record).items()})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=repr)


class _AsText(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(
            f"{key}={json.dumps(_bounded(one), default=repr)}"
            for key, one in _fields(record).items()
        )
        event = json.dumps(_bounded(record.getMessage()))[1:-1]
        text = f"{_time(record)} {record.levelname.lower():7} {event} {fields}".rstrip()
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def _bounded(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST:
        return value[: _LONGEST - 1] + "…"
    return value
