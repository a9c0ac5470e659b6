"""What a guest says about its variables: exactly this, or the protocol is broken."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence_guest.protocol.messages import ProtocolBroken
from ringfence_guest.protocol.namespaces import (
    MAX_LOST,
    MAX_NAME,
    MAX_NAMES,
    MAX_REASON,
    MAX_SUMMARY,
    Lost,
    Restored,
    Saved,
    Variable,
    read_restored,
    read_saved,
    read_saved_with_files,
    read_variables,
)
from ringfence_guest.protocol.report import FileFailure, Listing
from tests.support import frames as say
from tests.unit.protocol.test_turn import Machine

NAME, REASON, SUMMARY = "n" * MAX_NAME, "r" * MAX_REASON, "s" * MAX_SUMMARY


def test_a_save() -> None:
    assert read_saved(["3.13.0", b"data", ["x"], [["g", "generator", "why"]]]) == Saved(
        "3.13.0", b"data", ("x",), (Lost("g", "generator", "why"),)
    )
    assert read_saved([NAME, b"", [], []]) == Saved(NAME, b"", (), ())


def test_a_save_with_its_files() -> None:
    saved = ["3.13.0", b"data", ["x"], []]
    assert read_saved_with_files([*saved, True, ["b", 2, "a", 1, "l", "link"]], 3) == Saved(
        "3.13.0", b"data", ("x",), (), Listing({"a": 1, "b": 2}, {"l": "is a symbolic link"})
    )
    assert read_saved_with_files([*saved, False, ["too-many", "more\x1b"]], 3) == Saved(
        "3.13.0", b"data", ("x",), (), FileFailure("too-many", "more\\x1b")
    )


def test_a_restore() -> None:
    assert read_restored([["x"], [["g", "T", ""]]]) == Restored(("x",), (Lost("g", "T", ""),))


def test_variables() -> None:
    assert read_variables([["x", "int", 28, "5"], ["y", "Y", None, SUMMARY]]) == {
        "x": Variable("x", "int", 28, "5"),
        "y": Variable("y", "Y", None, SUMMARY),
    }
    assert read_variables([]) == {}


def test_the_largest_lists() -> None:
    names = [NAME] * MAX_NAMES
    assert len(read_saved(["3", b"", names, [["x", "T", "r"]] * MAX_NAMES]).names) == MAX_NAMES
    most = [[NAME, NAME, REASON]] * (MAX_LOST // 1_024)
    assert len(read_restored([[], most]).lost) == 4_096
    rows = [[f"v{i}", "int", (1 << 63) - 1, ""] for i in range(MAX_NAMES)]
    assert len(read_variables(rows)) == MAX_NAMES


Case = tuple[Callable[[Any], Any], Any, str]


def cases(read: Callable[[Any], Any], message: str, *values: Any) -> list[Case]:
    return [(read, value, message) for value in values]


BROKEN = [
    *cases(
        read_saved, "a save that is not one",
        None, {}, [], ["3", b"", []], ["3", "", [], []], ["3", bytearray(), [], []],
        [3, b"", [], []], [NAME + "n", b"", [], []], ("3", b"", [], []),
    ),
    *cases(
        partial(read_saved_with_files, most=1), "a save without its files",
        None, [], ["3", b"", [], []], ["3", b"", [], [], True], ["3", b"", [], [], 1, []],
        ["3", b"", [], [], None, None], ("3", b"", [], [], True, []),
    ),
    *cases(
        partial(read_saved_with_files, most=1), "a save that is not one",
        ["3", "", [], [], True, []],
    ),
    *cases(
        partial(read_saved_with_files, most=1), "a listing that is not one",
        ["3", b"", [], [], True, None], ["3", b"", [], [], True, ["a", 1, "b", 2]],
    ),
    *cases(
        partial(read_saved_with_files, most=1), "a failure without kind and message",
        ["3", b"", [], [], False, []], ["3", b"", [], [], False, ["refused", 1]],
    ),
    *cases(
        partial(read_saved_with_files, most=1), "a failure of an unknown kind",
        ["3", b"", [], [], False, ["fun", ""]],
    ),
    *cases(
        read_restored, "a restore that is not one",
        None, {}, [], [[]], [[], [], []], ([], []),
    ),
    *cases(
        read_restored, "a list of names that is none, or too long",
        [None, []], ["x", []], [("x",), []], [["x"] * (MAX_NAMES + 1), []],
    ),
    *cases(
        read_restored, "a name that is not a short text",
        *([[name], []] for name in (None, 1, b"x", ["x"], NAME + "n")),
    ),
    *cases(
        read_restored, "a list of what was lost that is none, or too long",
        [[], None], [[], ()], [[], {}], [[], [["x", "T", "r"]] * (MAX_NAMES + 1)],
        [[], [[NAME, NAME, REASON]] * 4_096 + [["", "", "r"]]],
    ),
    *cases(
        read_restored, "something lost without name, type and reason",
        [[], [None]], [[], [[]]], [[], [["x", "T"]]], [[], [["x", "T", 1]]],
        [[], [("x", "T", "r")]], [[], [["x", "T", REASON + "r"]]],
        [[], [["x", NAME + "n", ""]]], [[], [[NAME + "n", "T", ""]]],
    ),
    *cases(
        read_variables, "a list of variables that is none, or too long",
        None, {}, (), [["x", "T", 1, ""]] * (MAX_NAMES + 1),
    ),
    *cases(
        read_variables, "a variable without name, type, size and summary",
        [None], [[]], [["x", "T", 1]], [("x", "T", 1, "")], [[1, "T", 1, ""]],
        [["x", "T", 1, SUMMARY + "s"]], [[NAME + "n", "T", 1, ""]], [["x", b"", 1, ""]],
    ),
    *cases(
        read_variables, "a variable whose size is none",
        *([["x", "T", size, ""]] for size in (-1, 1.0, True, "1", 1 << 63)),
    ),
    *cases(read_variables, "a variable that is there twice", [["x", "T", 1, ""]] * 2),
]  # fmt: skip


@pytest.mark.parametrize(("read", "value", "message"), BROKEN)
def test_everything_else_breaks_the_protocol(
    read: Callable[[Any], Any], value: Any, message: str
) -> None:
    with pytest.raises(ProtocolBroken) as caught:
        read(value)
    assert str(caught.value) == message


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.tuples(inner, inner),
)


@given(anything)
def test_nothing_else_is_raised(value: Any) -> None:
    for read in (read_saved, read_restored, read_variables):
        try:
            read(value)
        except ProtocolBroken:
            pass


def test_a_turn_reads_the_value_as_its_request_asks() -> None:
    machine = Machine(read=read_restored)
    machine.says(say.done([["x"], []]))
    outcome = machine.turn.outcome
    assert outcome is not None
    assert outcome.value == Restored(("x",), ())
    assert machine.ending == ("ok", True, None)


def test_a_turn_whose_value_is_not_what_was_asked_for() -> None:
    machine = Machine(read=read_restored)
    machine.says(say.done("x"))
    assert machine.broken() == "a restore that is not one"


def test_a_turn_that_failed_has_no_value_to_read() -> None:
    machine = Machine(read=read_restored)
    machine.says(say.done(["ValueError", "x", ""], status="error"))
    assert machine.ending == ("error", True, None)
