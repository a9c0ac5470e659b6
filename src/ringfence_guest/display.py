"""Rich results: what an object looks like to a person, as a bundle of media types.

The protocol is that of notebooks (IPython's ``Displaying rich output``): ``_repr_mimebundle_`` and
the methods for one media type each. Metadata that they give beside the content is dropped.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import sys
from collections.abc import Callable
from typing import Any

from ringfence_guest import tables
from ringfence_guest.link import Link
from ringfence_guest.protocol import codec

__all__ = ["Displays", "bundle", "show_figures"]

_METHODS = (
    ("text/html", "_repr_html_"),
    ("image/svg+xml", "_repr_svg_"),
    ("image/png", "_repr_png_"),
    ("image/jpeg", "_repr_jpeg_"),
    ("text/markdown", "_repr_markdown_"),
    ("text/latex", "_repr_latex_"),
    ("application/json", "_repr_json_"),
)
_PLAIN = "text/plain"
_BINARY = ("image/png", "image/jpeg")
_LONGEST_TEXT = 65_536
_MOST_KINDS = 32
_LONGEST_KIND = 100
_PYPLOT = "matplotlib.pyplot"


def bundle(value: Any) -> dict[str, str | bytes]:
    """Media type -> text or bytes, from the display methods that notebooks use.

    A method that fails, or returns None or what is neither text nor bytes, is left out. JSON may
    be given as what ``json.dumps`` takes, a PNG or JPEG in base 64. ``text/plain`` is always there.
    """
    figure = _figure_png(value)
    found = {"image/png": figure} if figure is not None else _ask_all(value)
    kept: dict[str, str | bytes] = {}
    for kind, given in found.items():
        if len(kept) == _MOST_KINDS - 1:
            break
        if len(kind) <= _LONGEST_KIND:
            content = _content(kind, given)
            if content is not None:
                kept[kind] = content
    if _PLAIN not in kept:
        kept[_PLAIN] = _describe(value)
    return kept


def _ask_all(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(value, type):
        return found
    combined = _ask(value, "_repr_mimebundle_", include=None, exclude=None)
    if isinstance(combined, tuple) and combined:
        combined = combined[0]  # the second is metadata
    if isinstance(combined, dict):
        for kind, content in dict.items(combined):  # not what a subclass says of itself
            if isinstance(kind, str):
                found[str.__str__(kind)] = content
    for kind, method in _METHODS:
        if kind not in found:
            content = _ask(value, method)
            if isinstance(content, tuple) and content:
                content = content[0]
            if content is not None:
                found[kind] = content
    if "text/html" not in found:
        html = tables.html_of(value)
        if html is not None:
            found["text/html"] = html
    return found


def _ask(value: Any, method: str, **options: Any) -> Any:
    try:
        function = getattr(value, method, None)
        if not callable(function):
            return None
        try:
            return function(**options)
        except TypeError:
            if not options:
                raise
            return function()  # written without the arguments that notebooks give
    except MemoryError:  # a limit that was reached is not hidden
        raise
    except Exception:  # a display method must not fail the program that displays
        return None


def _content(kind: str, given: Any) -> str | bytes | None:
    """What is sent under a media type; None is nothing."""
    if isinstance(given, str) and kind in _BINARY:
        try:
            return base64.b64decode("".join(given.split()), validate=True)
        except (binascii.Error, ValueError):
            return given
    if isinstance(given, str | bytes):
        return given
    if isinstance(given, dict | list) and (kind == "application/json" or kind.endswith("+json")):
        try:
            return json.dumps(given)
        except (TypeError, ValueError, RecursionError):
            return None
    return None


def _describe(value: Any) -> str:
    try:
        return repr(value)[:_LONGEST_TEXT]
    except Exception as error:  # as of a value that cannot cross
        return f"<{type(value).__name__} whose repr raised {type(error).__name__}>"


def _is_figure(value: Any) -> bool:
    module = sys.modules.get("matplotlib.figure")
    return module is not None and isinstance(value, module.Figure)


def _figure_png(value: Any) -> bytes | None:
    if not _is_figure(value):
        return None
    target = io.BytesIO()
    value.savefig(target, format="png", bbox_inches="tight")
    return target.getvalue()


def show_figures(display: Callable[[Any], None]) -> list[Any]:
    """Display the open figures of pyplot, and close them; returns them.

    A figure that cannot be drawn is closed too, or every later cell would fail with it.
    """
    pyplot: Any = sys.modules.get(_PYPLOT)
    shown: list[Any] = []
    for number in getattr(pyplot, "get_fignums", list)():
        figure = pyplot.figure(number)
        try:
            display(figure)
        finally:
            pyplot.close(figure)
        shown.append(figure)
    return shown


class Displays:
    """``display(value)`` in guest code, and what is shown of the value of a turn."""

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

    # --- values on their way out -----------------------------------------------------------

    def convert(self, value: Any) -> Any:
        """What crosses instead of a value of an unknown type: of a table its columns."""
        return tables.columns_of(value) if tables.is_table(value) else value

    def convert_shown(self, value: Any) -> Any:
        """The same for what is within the value of a turn: a DataFrame is displayed, too."""
        if tables.is_frame(value):
            self.display(value)
        return self.convert(value)

    def end_cell(self, value: Any) -> Callable[[Any], Any]:
        """A cell has run to its end with this value: show what a notebook would show.

        These are the figures that it left open; and the value, if its class has a look of its own:
        that is not done here, because only the encoder knows which values are plain.

        Returns:
            what the encoder asks what crosses instead of a value of an unknown type.
        """
        figures = show_figures(self.display) if _PYPLOT in sys.modules else ()

        def convert(part: Any) -> Any:
            if part is not value or tables.is_frame(part):
                return self.convert_shown(part)
            if not any(part is figure for figure in figures):
                content = bundle(part)
                if len(content) > 1:  # more than text/plain, which crosses anyway
                    self.send(content)
            return self.convert(part)

        return convert
