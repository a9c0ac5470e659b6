"""Cells: their values, and how their errors are told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ringfence_guest.execute import describe_exception, run_cell


def run(source: str, namespace: dict[str, Any] | None = None) -> Any:
    return run_cell(source, "<cell 7>", {} if namespace is None else namespace, asyncio.run)


def told(source: str) -> tuple[str, str, str]:
    with pytest.raises(BaseException) as caught:
        run(source)
    name, message, text = describe_exception(caught.value)
    return name, message, text


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("", None),
        ("\n", None),
        ("# nothing", None),
        ("1 + 1", 2),
        ("  1 + 1".strip(), 2),
        ("x = 1", None),
        ("x = 1\nx", 1),
        ("x = 1; x + 1", 2),
        ("'doc'", "doc"),
        ("if True:\n    5", None),
        ("def f(): return 3\nf()", 3),
        ("(\n 1,\n 2)", (1, 2)),
        ("await asyncio.sleep(0, 5)", 5),
        ("x = await asyncio.sleep(0, 5)\nx + 1", 6),
        ("async def f(): return 4\nawait f()", 4),
        ("async def f(): yield 1\n[x async for x in f()]", [1]),
        ("async with asyncio.timeout(1):\n    y = 2\ny", 2),
        ("\r\n1\r\n", 1),
    ],
)
def test_the_value_of_a_cell(source: str, value: Any) -> None:
    assert run(source, {"asyncio": asyncio}) == value


def test_names_stay() -> None:
    namespace: dict[str, Any] = {}
    run("x = 1\ndef f(): return x", namespace)
    run("x = 2", namespace)
    assert run("f()", namespace) == 2


def test_an_error_shows_the_lines_of_the_program_and_none_of_ours() -> None:
    name, message, text = told("def f():\n    return 1 / 0\n\nf()")
    assert (name, message) == ("ZeroDivisionError", "division by zero")
    assert text.startswith("Traceback (most recent call last):\n")
    assert '  File "<cell 7>", line 4, in <module>\n    f()\n' in text
    assert 'File "<cell 7>", line 2, in f\n    return 1 / 0\n' in text
    assert text.endswith("ZeroDivisionError: division by zero\n")
    assert "ringfence_guest" not in text


def test_an_error_after_an_await() -> None:
    _, _, text = told("import asyncio\nawait asyncio.sleep(0)\n1 / 0")
    assert 'File "<cell 7>", line 3, in <module>\n    1 / 0\n' in text
    assert "ringfence_guest" not in text


def test_an_error_in_the_syntax() -> None:
    name, message, text = told("x = (1\ny = 2")
    assert name == "SyntaxError"
    assert message.startswith("'(' was never closed")
    assert 'File "<cell 7>", line 1\n    x = (1\n' in text
    name, _, text = told("1 +")
    assert name == "SyntaxError"
    assert '  File "<cell 7>", line 1\n    1 +\n' in text


def test_chains_and_groups_are_shown() -> None:
    _, _, text = told(
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('b') from e"
    )
    assert "ZeroDivisionError: division by zero" in text
    assert "The above exception was the direct cause" in text
    assert "ValueError: b" in text
    name, _, text = told("raise ExceptionGroup('g', [ValueError('a'), TypeError('b')])")
    assert name == "ExceptionGroup"
    assert "ValueError: a" in text
    assert "TypeError: b" in text


class Rude(Exception):
    def __str__(self) -> str:
        raise KeyboardInterrupt


class Odd(Exception):
    __module__ = None  # type: ignore[assignment]


def test_exceptions_that_break_their_description() -> None:
    name, message, text = describe_exception(Rude())
    assert (name, message) == ("Rude", "<Rude whose str raised KeyboardInterrupt>")
    assert "Rude" in text
    name, message, _ = describe_exception(Odd("x"))
    assert (name, message) == ("Odd", "x")


def test_long_messages_are_shortened() -> None:
    name, message, text = describe_exception(ValueError("x" * 100_000))
    assert name == "ValueError"
    assert len(message) < 8_300
    assert "… 91808 characters left out …" in message
    assert len(text) < 33_000
    long_name = type("N" * 1_000, (Exception,), {})
    assert describe_exception(long_name())[0] == "N" * 256


def test_a_recursion_without_end() -> None:
    name, message, text = told("def f():\n    f()\nf()")
    assert name == "RecursionError"
    assert message.startswith("maximum recursion depth exceeded")
    assert "Previous line repeated" in text
    assert len(text) < 33_000
