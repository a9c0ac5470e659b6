"""What is asked of a guest when TAB is pressed, and what is taken of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import ringfence
from ringfence.cli.repl.completion import (
    LONGEST,
    MODULES,
    MOST,
    complete,
    read_names,
    word_before,
)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("np.ar", "np.ar"),
        ("f(np.linalg.", "np.linalg."),
        ("x = _a1", "_a1"),
        ("größe", "größe"),
        ("f().real", ""),
        ("'a'.up", ""),
        ("x[0].re", ""),
        ("1.re", ""),
        ("12a", ""),
        ("a..b", ""),
        ("a b", "b"),
        ("x +", ""),
        ("", ""),
    ],
)
def test_the_word_that_is_completed(text: str, word: str) -> None:
    assert word_before(text) == word


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "abc",
        ("abc",),
        {"abc": 1},
        [["abc"], 1, b"abc", None],
        ["ab\x1b]0;owned\x07", "ab c", "ab\n", "ab.c", "ab\u202e", "a", "xab", ""],
        ["ab" + "c" * LONGEST],
    ],
)
def test_answers_that_offer_nothing(answer: Any) -> None:
    assert read_names(answer, "x.ab") == ()


def test_names_are_bounded_in_number_and_offered_once() -> None:
    assert read_names(["abc", "abc", "abd"], "x.ab") == ("abc", "abd")
    many = [f"a{number}" for number in range(10 * MOST)]
    assert read_names(many, "a") == tuple(many[:MOST])


@pytest.fixture(scope="module")
def box() -> Iterator[ringfence.Sandbox]:
    with ringfence.Sandbox(modules=MODULES) as box:
        yield box


def test_the_guest_is_asked(box: ringfence.Sandbox) -> None:
    code = "value_one, value_two, _hidden = 1, 'x', 3\nclass A: b = 'text'\n"
    assert box.run(code).ok
    before = list(box.variables())
    assert complete(box, "value_") == ("value_one", "value_two")
    assert complete(box, "_hid") == ("_hidden",)
    assert complete(box, "A.") == ("b",)
    assert complete(box, "A.b.upp") == ("upper",)
    assert complete(box, "whil") == ("while",)
    assert complete(box, "zi") == ("zip",)
    assert complete(box, "nothing.x") == ()
    assert list(box.variables()) == before
    traceback = box.run("1 / 0").error
    assert traceback is not None
    assert '"<cell 2>"' in traceback.traceback  # our questions are no cells


HOSTILE = """
import sys, time
import _ringfence_repl
_ringfence_repl.names = lambda *_: """


@pytest.mark.parametrize(
    "answer",
    ["1 / 0", "time.sleep(60)", "'x' * 10**6", "['\\x1b[2J', 'x y']", "sys.exit()", "print('x')"],
)
def test_a_guest_that_lies_or_hangs_offers_nothing(answer: str) -> None:
    with ringfence.Sandbox(modules=MODULES) as box:
        assert complete(box, "xyz") == ()
        assert box.run(HOSTILE + answer).ok
        assert complete(box, "xyz") == ()
        assert box.run("1 + 1").value == 2


def test_a_guest_that_does_not_let_go_ends() -> None:
    with ringfence.Sandbox(modules=MODULES) as box:
        code = "class A:\n def __dir__(self): return sum(iter(int, 1))\na = A()"  # all of it in C
        assert box.run(code).ok
        assert complete(box, "a.") == ()
        assert not box.alive
