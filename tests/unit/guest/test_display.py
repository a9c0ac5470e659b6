"""Rich results: what an object looks like to a person."""

from __future__ import annotations

from typing import Any

import pytest

from ringfence.model import Display, Limits, Progress, Result
from ringfence_guest.display import bundle
from tests.support.guests import SocketEngine, ThreadEngine


class Plain:
    def __repr__(self) -> str:
        return "plain"


def of(**methods: Any) -> Any:
    return type("Thing", (Plain,), {k: lambda self, v=v: v for k, v in methods.items()})()


class Broken(Plain):
    def _repr_html_(self) -> str:
        raise ValueError

    def __getattr__(self, name: str) -> Any:
        raise ZeroDivisionError


class Eager(Plain):
    def __getattr__(self, name: str) -> Any:
        return lambda *a: self


PLAIN = {"text/plain": "plain"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, {"text/plain": "5"}),
        ("text", {"text/plain": "'text'"}),
        (of(), PLAIN),
        (of(_repr_html_="<b>"), {"text/html": "<b>"} | PLAIN),
        (of(_repr_html_=None), PLAIN),
        (of(_repr_html_=5), PLAIN),
        (of(_repr_png_=b"\x89"), {"image/png": b"\x89"} | PLAIN),
        (of(_repr_png_=(b"\x89", {"width": 5})), {"image/png": b"\x89"} | PLAIN),
        (
            of(_repr_svg_="<svg>", _repr_jpeg_=b"j", _repr_markdown_="m", _repr_latex_="l"),
            {
                "image/svg+xml": "<svg>",
                "image/jpeg": b"j",
                "text/markdown": "m",
                "text/latex": "l",
            }
            | PLAIN,
        ),
        (
            of(_repr_mimebundle_={"a/b": "x", "text/plain": "own", 5: "y", "c": 7}),
            {"a/b": "x", "text/plain": "own"},
        ),
        (of(_repr_mimebundle_=({"a/b": "x"}, {})), {"a/b": "x"} | PLAIN),
        (of(_repr_mimebundle_={"x" * 101: "x", "y" * 100: "y"}), {"y" * 100: "y"} | PLAIN),
        (of(_repr_mimebundle_="no"), PLAIN),
        (Plain, {"text/plain": repr(Plain)}),
    ],
)
def test_what_is_shown_of_a_value(value: Any, expected: dict[str, Any]) -> None:
    assert bundle(value) == expected


@pytest.mark.parametrize("kind", [Broken, Eager])
def test_values_that_answer_anything(kind: type) -> None:
    assert bundle(kind()) == PLAIN


def test_only_so_many_kinds_of_a_value() -> None:
    many = of(_repr_mimebundle_={f"k/{i}": "x" for i in range(100)})
    assert len(bundle(many)) == 32
    assert bundle(many)["text/plain"] == "plain"


def test_long_text_is_cut() -> None:
    assert len(bundle(list(range(100_000)))["text/plain"]) == 65_536


def test_display_in_a_guest() -> None:
    code = """
class Both:
    def _repr_html_(self): return "<i>" + "h" * 300
    def _repr_mimebundle_(self): return {f"k/{i}": "," * 250 for i in range(100)}
print("before")
display(1, "two")
display(Both())
print("after")
"""
    with ThreadEngine().sandbox() as box:
        *events, result = box.stream(code)
        assert isinstance(result, Result)
        assert [type(event).__name__ for event in events] == [
            "Output", "Display", "Display", "Display", "Output",
        ]  # fmt: skip
        assert result.displays[:2] == (
            Display({"text/plain": "1"}),
            Display({"text/plain": "'two'"}),
        )
        assert len(result.displays[2].data) == 32


@pytest.mark.usefixtures("patient")
def test_the_smallest_limit_of_displays() -> None:
    with ThreadEngine().sandbox(limits=Limits(display=512)) as box:
        result = box.run("display(',' * 200)")
        assert (result.status, len(result.displays)) == ("ok", 1)
        result = box.run("display(1)\ndisplay(2)")
        assert (result.status, result.limit, len(result.displays)) == ("limit", "display", 1)


def test_progress() -> None:
    code = """
import time
progress(0.25, "a [1/4] {x}")
progress(0.3, "dropped: too soon")
time.sleep(0.03)
progress(message="no fraction")
progress(5, "done is never dropped")
time.sleep(0.03)
progress(float("nan"), "m" * 5_000)
"""
    with SocketEngine().sandbox() as box:
        *events, result = box.stream(code)
        assert isinstance(result, Result)
        assert result.status == "ok"
        told = [(e.fraction, e.message) for e in events if isinstance(e, Progress)]
        assert len(told) == len(events)
        assert told == [
            (0.25, "a [1/4] {x}"),
            (None, "no fraction"),
            (1.0, "done is never dropped"),
            (0.0, "m" * 4_096),
        ]
