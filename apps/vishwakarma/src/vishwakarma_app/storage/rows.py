"""Rows of the tables, to and from elements, layers and geometry: every value is checked."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from vishwakarma_api.v1.fields import check_name, check_text
from vishwakarma_api.v1.shapes import SHAPES, Shape
from vishwakarma_app.document import Definition, Document, Element, Layer
from vishwakarma_app.document.transaction import (
    MOST_BLOCKS,
    MOST_ELEMENTS,
    MOST_LAYERS,
    MOST_SOURCE,
)

__all__ = ["read_rows", "write_rows"]

_PLACEHOLDERS = {"elements": 6, "layers": 3, "blocks": 3, "results": 2, "meta": 2}
_PIECE = 16 << 20
MOST_RESULTS = 256 << 20
"""Bytes of all results. What is larger is not saved, and not read: it can be evaluated again."""


def write_rows(database: sqlite3.Connection, document: Document) -> None:
    """Write a document into empty tables of the newest version."""
    tables: dict[str, Iterator[tuple[Any, ...]]] = {
        "meta": iter([("unit", document.unit), ("next_id", str(document.next_id))]),
        "layers": ((one.name, one.color, int(one.visible)) for one in document.layers.values()),
        "blocks": ((name, *one) for name, one in document.blocks.items()),
        "elements": (_element_row(one) for one in document),
        "results": (
            (start // _PIECE, document.results[start : start + _PIECE])
            for start in range(0, len(document.results), _PIECE)
            if len(document.results) <= MOST_RESULTS
        ),
    }
    for name, rows in tables.items():
        marks = ", ".join("?" * _PLACEHOLDERS[name])
        database.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)  # noqa: S608 - own names


def read_rows(database: sqlite3.Connection) -> Document:
    """Read a document from tables of the newest version.

    Raises:
        ValueError: a row is wrong.
        DocumentError: rows contradict each other.
    """
    meta = dict(_rows(database, "meta", 100))
    unit, next_id = meta.get("unit"), meta.get("next_id", "")
    if type(unit) is not str or type(next_id) is not str or not next_id.isdecimal():
        raise ValueError("meta: unit or next_id is missing or wrong")
    if len(next_id) > 19:
        raise ValueError("meta: next_id is too large")
    layers = []
    for name, color, visible in _rows(database, "layers", MOST_LAYERS):
        if visible not in {0, 1}:
            raise ValueError(f"layer {str(name)[:40]!r}: visible must be 0 or 1")
        layers.append(Layer(name, color, bool(visible)))
    blocks = {
        check_name(name): Definition(
            check_text(source, MOST_SOURCE), check_name(publisher) if publisher else ""
        )
        for name, source, publisher in _rows(database, "blocks", MOST_BLOCKS)
    }
    elements = [_element(row) for row in _rows(database, "elements", MOST_ELEMENTS)]
    return Document.restored(
        unit=unit,
        next_id=int(next_id),
        layers=layers,
        blocks=blocks,
        elements=elements,
        results=_results(database),
    )


def _rows(database: sqlite3.Connection, table: str, most: int) -> Iterator[tuple[Any, ...]]:
    orders = {"meta": "key", "layers": "rowid", "blocks": "rowid", "results": "piece"}
    order = orders.get(table, "id")
    for count, row in enumerate(database.execute(f"SELECT * FROM {table} ORDER BY {order}")):  # noqa: S608
        if count >= most:
            raise ValueError(f"{table}: more than {most} rows")
        yield row


def _element_row(element: Element) -> tuple[Any, ...]:
    shape = element.shape
    fields = {name: getattr(shape, name) for name in shape.fields}
    text = json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return (element.id, element.parent, element.layer, element.color, shape.kind, text)


def _element(row: tuple[Any, ...]) -> Element:
    number, parent, layer, color, kind, text = row
    try:
        shape = _shape(kind, text)
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"element {str(number)[:20]}: {error}") from None
    return Element(number, shape, parent, layer, color)


def _shape(kind: object, text: object) -> Shape:
    if type(kind) is not str or kind not in SHAPES:
        raise ValueError(f"no kind of shape {str(kind)[:40]!r}")
    fields = _json(text)
    if type(fields) is not dict or not fields.keys() <= SHAPES[kind].fields.keys():
        raise ValueError(f"fields are not those of a {kind}")
    return SHAPES[kind](**fields)


def _results(database: sqlite3.Connection) -> bytes:
    """The pieces put together: bytes that nobody has looked into yet."""
    pieces = []
    for place, (piece, data) in enumerate(_rows(database, "results", MOST_RESULTS // _PIECE)):
        if piece != place or type(data) is not bytes or len(data) > _PIECE:
            raise ValueError(f"results: piece {place} is missing or wrong")
        pieces.append(data)
    return b"".join(pieces)


def _json(text: object) -> Any:
    if type(text) is not str:
        raise ValueError("text was expected")
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON: {error.msg}") from None


def _refuse_constant(name: str) -> float:
    raise ValueError(f"must be finite, got {name}")
