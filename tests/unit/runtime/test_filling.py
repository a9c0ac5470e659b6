"""A call with memory to write to."""

from __future__ import annotations

from typing import Any

import pytest

from ringfence import EngineFailure
from ringfence.runtime.arena import Arena
from ringfence.runtime.evaluator import GuestProgram
from ringfence.runtime.filling import FillingGuest
from ringfence.runtime.recipe import Recipe

SOURCE = """
def write(memory, data):
    memory[8:8 + len(data)] = data
    return len(memory), 8 + len(data)
"""


@pytest.fixture
def recipe() -> Recipe:
    given: dict[str, Any] = dict.fromkeys(
        ("limits", "policy", "files", "python", "modules", "stdin", "trace", "pool")
    )
    return Recipe(engine="native", functions=(), packages=(), **given)


def test_memory_is_written_and_used_again(recipe: Recipe) -> None:
    output = Arena.of(64, guest_writes=True)
    with FillingGuest(SOURCE, recipe) as guest:
        for data in (b"abc", b"de"):
            filled = guest.fill("write", [data], 64, recipe.limits, output=output)
            assert (filled.value, filled.shared) == (64, guest.shares_memory)
            assert bytes(filled.data[8 : 8 + len(data)]) == data
        assert bytes(output[8:12]) == b"dec\0"
        assert guest.fresh() is False
        guest.discard()
        assert guest.fresh() is True
        assert guest.fill("write", [b"z"], 16, recipe.limits).value == 16


def test_where_no_descriptor_is_left(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guest writes to memory of its own, and not to what it was lent before."""
    with FillingGuest(SOURCE, recipe) as guest:
        first = Arena.of(64, guest_writes=True)
        guest.fill("write", [b"first"], 64, recipe.limits, output=first)
        monkeypatch.setattr(Arena, "open_for_guest", lambda _: None)
        filled = guest.fill("write", [b"second"], 64, recipe.limits)
        assert (filled.value, filled.shared, bytes(filled.data[8:])) == (64, False, b"second")
        assert bytes(first[8:13]) == b"first"
        with pytest.raises(EngineFailure, match="no file descriptor left to lend it by"):
            guest.fill("write", [b"third"], 64, recipe.limits, each=1.0)
        assert guest.fresh() is True


def test_a_batch_where_no_descriptor_is_left(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As much: the results are those of this batch, and not what the one before wrote."""
    with GuestProgram("def f(x): return x + 1", "f", recipe) as program:
        assert program.evaluate([[1, 2, 3]]).values.tolist() == [2, 3, 4]
        monkeypatch.setattr(Arena, "open_for_guest", lambda _: None)
        outcomes = program.evaluate([[10, 20]])
        assert (outcomes.ok, outcomes.values.tolist()) == (True, [11, 21])
        with pytest.raises(EngineFailure, match="no file descriptor left to lend it by"):
            program.evaluate([[1]], each=1.0)
        monkeypatch.undo()
        assert program.evaluate([[5]], each=1.0).values.tolist() == [6]


def test_what_fails_has_no_value(recipe: Recipe) -> None:
    with FillingGuest("def f(memory): 1 / 0\ndef g(memory): return 1", recipe) as guest:
        filled = guest.fill("f", [], 64, recipe.limits)
        assert (filled.result.status, filled.value) == ("error", None)
        assert guest.fill("g", [], 64, recipe.limits).result.status == "error"
