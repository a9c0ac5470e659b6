"""pandas' tables on their way out: columns that may cross, and how they look.

Nothing of a table is left out in silence. An index that says more than the number of the row
becomes columns, named as ``reset_index()`` names them; names that occur twice get a number; what a
missing value is in pandas' own dtypes (``<NA>``, ``NaT``) is None. pandas is never imported here:
a table of its exists only where it is loaded.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from ringfence_guest.protocol import codec

__all__ = ["columns_of", "html_of", "is_frame", "is_table"]


def _is_a(value: Any, *names: str) -> bool:
    pandas = sys.modules.get("pandas")
    kinds = tuple(kind for name in names if isinstance(kind := getattr(pandas, name, None), type))
    return isinstance(value, kinds)


def is_frame(value: Any) -> bool:
    """Whether it is a DataFrame."""
    return _is_a(value, "DataFrame")


def is_table(value: Any) -> bool:
    """Whether it is a DataFrame, a Series or an Index."""
    return _is_a(value, "DataFrame", "Series", "Index")


def columns_of(table: Any) -> Any:
    """What crosses instead of a table.

    Returns:
        name -> column; of an Index, and of a Series whose index only counts, the column alone. A
        column is an array where its dtype is a plain one, else a list.

    Raises:
        EncodeError: a column has digits that would be lost.
    """
    if _is_a(table, "Index"):
        return _column(table, "index")
    if is_frame(table):
        named = [(name, table.iloc[:, at]) for at, name in enumerate(table.columns)]
    else:
        named = [(0 if table.name is None else table.name, table)]
    labels = list(_labels(table.index))
    if not labels and not is_frame(table):
        return _column(table, table.name)
    columns: dict[Any, Any] = {}
    for name, column in (*labels, *named):
        columns[_unused(name, columns)] = _column(column, name)
    return columns


def _labels(index: Any) -> Iterable[tuple[Any, Any]]:
    """The levels of an index as named columns; none if it only counts the rows from 0."""
    if _is_a(index, "RangeIndex") and (index.start, index.step, index.name) == (0, 1, None):
        return
    for level in range(index.nlevels):
        name = index.names[level]
        if name is None:
            name = "index" if index.nlevels == 1 else f"level_{level}"
        yield name, index.get_level_values(level)


def _unused(name: Any, taken: dict[Any, Any]) -> Any:
    """``name``, or with a number as ``read_csv`` gives it: ``x.1``, ``x.2``."""
    number, unused = 0, name
    while unused in taken:
        number += 1
        unused = f"{name}.{number}"
    return unused


def _column(column: Any, name: Any) -> Any:
    if not hasattr(column.dtype, "na_value"):  # NumPy's; its objects are what they were given as
        array = column.to_numpy()
        return column.tolist() if array.dtype.kind in "OV" else array
    missing = column.isna()
    if not missing.any():
        array = column.to_numpy()
        if array.dtype.kind not in "OV":
            return array
    # An array with missing values would have floats for integers, and lose digits of large ones.
    values = [None if gone else value for value, gone in zip(column.tolist(), missing, strict=True)]
    if getattr(column.dtype, "tz", None) is not None and any(
        value is not None and value.nanosecond for value in values
    ):
        raise codec.EncodeError(
            f"the column {name!r} has nanoseconds, which a datetime with a zone cannot hold; "
            "use .dt.tz_convert(None) for an array of datetime64 in UTC, or .dt.floor('us')"
        )
    return values


def html_of(table: Any) -> str | None:
    """A Series or an Index as HTML; a DataFrame brings its own."""
    if is_frame(table) or not is_table(table):
        return None
    html = table.to_frame()._repr_html_()
    return html if isinstance(html, str) else None
