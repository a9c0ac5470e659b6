"""Sessions that are saved and restored: what cannot be, and is listed instead."""

from __future__ import annotations

from typing import Any

import pytest

from ringfence import Limits, Lost
from tests.conformance.conftest import LEVEL, Make
from tests.conformance.saving import KEY, Restore

_CANNOT = {
    "g": ("(i for i in ())", "generator", "TypeError: cannot pickle 'generator' object"),
    "lock": ("threading.Lock()", "lock", "TypeError: cannot pickle '_thread.lock' object"),
    "t": ("threading.Thread(target=len)", "Thread", "TypeError: cannot pickle '_thread.lock' object"),
    "made": ("maker()", "function",
             "a function that another one made; its source needs that one's values"),
    "Local": ("local()", "type", "a class that a function made; its source needs that one's values"),
    "evaluated": ("eval('lambda: 1')", "function",
                  "a lambda that is not the plain value of an assignment"),
    "executed": ("run('def executed(): pass')", "function",
                 "a function whose source is not that of a cell"),
    "typed": ("type('typed', (), {})", "type", "a class whose source is not that of a cell"),
    "of_it": ("typed()", "typed", "it needs the class typed, which cannot be saved"),
    "old": ("Old()", "Old",
            "PicklingError: Can't pickle <class '__main__.Old'>: it's not the same object as __main__.Old"),
    "deep": ("nest(100_000)", "list", "it is nested too deeply"),
    "bad": ("Bad()", "Bad", "ZeroDivisionError: division by zero"),
    "leaves": ("Leaves()", "Leaves", "SystemExit: 3"),
    "stops": ("Stops()", "Stops", "KeyboardInterrupt"),
    "unsaid": ("Unsaid()", "Unsaid", "Unsaid.Error: (its text raised ZeroDivisionError)"),
    "frame": ("sys._getframe()", "frame", "TypeError: cannot pickle 'frame' object"),
    "huge": ("bytes(1 << 20)", "bytes", "it takes more than value=1,000,000 bytes"),
}  # fmt: skip

_HEAD = """
import sys, threading
def maker():
    def made(): pass
    return made
def local():
    class Local: pass
    return Local
def run(code):
    space = {"__name__": "__main__"}
    exec(code, space)
    return space["executed"]
def nest(depth):
    made = []
    for _ in range(depth): made = [made]
    return made
class Old: pass
class Bad:
    def __reduce__(self): 1 / 0
class Leaves:
    def __reduce__(self): raise SystemExit(3)
class Stops:
    def __reduce__(self): raise KeyboardInterrupt
class Unsaid:
    class Error(Exception):
        def __str__(self): 1 / 0
    def __reduce__(self): raise Unsaid.Error
kept = 1
"""


@pytest.mark.requirement("state.lost", "state.hostile")
def test_what_cannot_be_saved(make: Make, restore: Restore, guest_version: tuple[int, int]) -> None:
    box = make(limits=Limits(value=1_000_000))
    box.run(_HEAD).raise_for_status()
    for name, (code, _, _) in _CANNOT.items():
        if name not in ("t", "lock") or LEVEL.private:
            box.run(f"{name} = {code}").raise_for_status()
    box.run("class Old: pass\nglobals()['not a name'] = 1\nglobals()[5] = 2")
    state = box.save(key=KEY)
    found = {entry.name: (entry.type, entry.reason) for entry in state.lost}
    expected = {name: (kind, reason) for name, (_, kind, reason) in _CANNOT.items()}
    if guest_version >= (3, 13):  # a thread has another part that comes first
        expected["t"] = ("Thread", "TypeError: cannot pickle '_thread._ThreadHandle' object")
    expected["unsaid"] = ("Unsaid", "Error: (its text raised ZeroDivisionError)")
    written = "its name is not one that Python can write"
    expected |= {"not a name": ("int", written), "<int>": ("int", written)}
    if not LEVEL.private:
        del expected["t"], expected["lock"]
    assert found == expected
    assert "kept" in state.names
    again = restore(state)
    assert {entry.name for entry in again.lost} == set(expected)
    assert again.run("kept, Old.__name__").value == (1, "Old")
    assert box.run("kept").value == 1


@pytest.mark.requirement("state.lost")
def test_open_files_and_coroutines(make: Make, level: Any) -> None:
    box = make()
    files = "f = open('a', 'w')\n" if level.private else ""
    box.run(f"{files}async def c(): pass\nwaits = c()\ntask = None").raise_for_status()
    state = box.save(key=KEY)
    assert [(e.name, e.type) for e in state.lost] == [
        *([("f", "TextIOWrapper")] if files else []), ("waits", "coroutine")
    ]  # fmt: skip
    box.run("waits.close()").raise_for_status()


@pytest.mark.requirement("state.lost")
def test_what_was_changed_in_a_class(make: Make) -> None:
    box = make()
    box.run("class A:\n    def m(self): return 1\n    def n(self): return 2").raise_for_status()
    box.run("def other(self): return 3\nA.m = other\nA.extra = other").raise_for_status()
    assert box.save(key=KEY).lost == (
        Lost("A.extra", "function", "it was set after the class was made"),
    )


@pytest.mark.requirement("state.source")
def test_cells_of_one_name(make: Make, restore: Restore) -> None:
    """A host may call all its cells the same."""
    box = make()
    box.run("def f(): return 'old'\nkept = f", filename="game.py").raise_for_status()
    box.run("def f(): return 'new'\nclass A: x = 1", filename="game.py").raise_for_status()
    state = box.save(key=KEY)
    reason = "its source defines f, which is something else now"
    assert state.lost == (Lost("kept", "function", reason),)
    assert restore(state).run("f(), A.x").value == ("new", 1)


@pytest.mark.requirement("state.tracebacks")
def test_tracebacks(make: Make, restore: Restore) -> None:
    box = make()
    box.run("x = 1\n\ndef f():\n    # why\n    return 1 / 0\n").raise_for_status()
    expected = box.run("f()").error
    again = restore(box.save(key=KEY))
    found = again.run("f()").error
    assert expected is not None
    assert found is not None
    assert found.traceback == expected.traceback.replace("<cell 2>", "<cell 3>")
    assert "    return 1 / 0\n" in found.traceback
