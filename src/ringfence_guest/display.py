"""Rich results: what an object looks like to a person, as a bundle of media types."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any

from ringfence_guest.link import Link
from ringfence_guest.protocol import codec

__all__ = ["Displays", "bundle"]

_METHODS = (
    ("text/html", "_repr_html_"),
    ("image/svg+xml", "_repr_svg_"),
    ("image/png", "_repr_png_"),
    ("image/jpeg", "_repr_jpeg_"),
    ("text/markdown", "_repr_markdown_"),
    ("text/latex", "_repr_latex_"),
)
_LONGEST_TEXT = 65_536
_MOST_KINDS = 32
_LONGEST_KIND = 100


def bundle(value: Any) -> dict[str, str | bytes]:
    """Media type -> text or bytes, from the display methods that notebooks use.

    A method that fails or returns None is left out. ``text/plain`` is always there.
    """
    found: dict[str, Any] = {}
    figure = _figure_png(value)
    if figure is not None:
        found["image/png"] = figure
    else:
        combined = _ask(value, "_repr_mimebundle_")
        if isinstance(combined, tuple):
            combined = combined[0]
        if isinstance(combined, dict):
            found.update(combined)
        for kind, method in _METHODS:
            if kind not in found:
                content = _ask(value, method)
                if content is not None:
                    found[kind] = content[0] if isinstance(content, tuple) else content
    kept: dict[str, str | bytes] = {}
    for kind, content in found.items():
        if len(kept) == _MOST_KINDS - 1:
            break
        if str(kind) == kind and len(kind) <= _LONGEST_KIND and isinstance(content, str | bytes):
            kept[kind] = content
    kept.setdefault("text/plain", repr(value)[:_LONGEST_TEXT])
    return kept


def _ask(value: Any, method: str) -> Any:
    if isinstance(value, type):
        return None
    try:
        function = getattr(value, method, None)
        return function() if callable(function) else None
    except Exception:  # a display method must not fail the program that displays
        return None


def _figure_png(value: Any) -> bytes | None:
    module = sys.modules.get("matplotlib.figure")
    if module is None or not isinstance(value, module.Figure):
        return None
    target = io.BytesIO()
    value.savefig(target, format="png", bbox_inches="tight")
    return target.getvalue()


class Displays:
    """``display(value)`` in guest code, and the conversion of tables on their way out."""

    def __init__(self, link: Link, before: Callable[[], None]) -> None:
        self._link = link
        self._before = before

    def display(self, *values: Any) -> None:
        """Show values to whoever runs this program."""
        for value in values:
            self.send(bundle(value))

    def send(self, content: dict[str, str | bytes]) -> None:
        """Send one bundle."""
        packed = codec.encode(content, limit=self._link.value_limit)
        self._before()
        self._link.send({"type": "display"}, packed.body, packed.blob, packed.blob_size)

    def replace(self, value: Any) -> Any:
        """What crosses instead of a value of an unknown type: a table becomes its columns, and is
        displayed as HTML; a pandas column becomes its array.
        """
        pandas = sys.modules.get("pandas")
        if pandas is None:
            return value
        if isinstance(value, pandas.DataFrame):
            self.display(value)
            return {name: _column(column) for name, column in value.items()}
        if isinstance(value, pandas.Series | pandas.Index):
            return _column(value)
        return value


def _column(column: Any) -> Any:
    array = column.to_numpy()
    return column.tolist() if array.dtype.kind in "OV" else array
