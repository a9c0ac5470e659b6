"""The variables of a session, as they are described."""

from __future__ import annotations

import pytest

import ringfence
from tests.conformance.conftest import Make


@pytest.mark.requirement("state.variables")
def test_variables(make: Make) -> None:
    box = make()
    assert box.variables() == {}
    box.run(
        "import math\nx = 5\nwords = ['a', 'b']\nd = {'k': (1,)}\ndef f(a, *, b=1): pass\n"
        "class A:\n    def __repr__(self): return 'an A'\na = A()\nbig = [0] * 1000\n"
        "text = 'x' * 1000\nhuge = 10 ** 5000\ns = {1}\nraw = bytes(100)"
    ).raise_for_status()
    found = box.variables()
    assert {v.name: (v.type, v.summary) for v in found.values()} == {
        "math": ("module", "<module 'math'>"),
        "x": ("int", "5"),
        "words": ("list", "['a', 'b']"),
        "d": ("dict", "{'k': (1,)}"),
        "f": ("function", "f(a, b)"),
        "A": ("type", "<class '__main__.A'>"),
        "a": ("A", "an A"),
        "big": ("list", "[0, 0, 0, 0, 0, … (1000)]"),
        "text": ("str", f"'{'x' * 60}'… (1000)"),
        "huge": ("int", "<int of 16610 bits>"),
        "s": ("set", "{1}"),
        "raw": ("bytes", f"{bytes(60)!r}"[:119] + "…"),
    }
    assert list(found) == list(dict.fromkeys(found))
    sizes = box.run("import sys\nsys.getsizeof([0] * 1000), sys.getsizeof(5)").value
    assert found["big"].size == sizes[0]
    assert found["x"] == ringfence.Variable("x", "int", sizes[1], "5")


@pytest.mark.requirement("state.variables")
def test_variables_of_numpy(make: Make, engine: str) -> None:
    if not ringfence.engines()[engine].capabilities.packages:
        pytest.skip(f"{engine} has no packages (its Capabilities)")
    box = make(packages=["numpy"])
    box.run("import numpy as np\nx = np.zeros((3, 4))\ny = x[0]\nz = np.float32(1)")
    found = box.variables()
    assert (found["x"].summary, found["x"].size) == ("array of float64, 3x4", 96)
    assert found["z"].type == "float32"


@pytest.mark.requirement("state.variables-bounded")
def test_hostile_reprs(make: Make) -> None:
    box = make()
    box.run(
        "class Raises:\n    def __repr__(self): raise SystemExit\n"
        "class Long:\n    def __repr__(self): return '\\ud800\\n' * 10 ** 6\n"
        "class Lies:\n    def __repr__(self): return 5\n"
        "class Meta(type):\n    def __getattribute__(self, name): 1 / 0\n"
        "class Odd(metaclass=Meta): pass\n"
        "class Text(str):\n    def __getitem__(self, key): return 'z' * 10 ** 6\n"
        "class Says:\n    def __repr__(self): return Text('short')\n"
        "a, b, c, e, f = Raises(), Long(), Lies(), Odd(), Says()\n"
        "d = {n: b for n in range(9)}\nglobals()['y' * 1000] = 1\nglobals()[7] = 2"
    ).raise_for_status()
    found = box.variables()
    assert found["a"].summary == "<Raises whose repr raised SystemExit>"
    assert found["b"].summary.startswith("\\ud800\n\\ud800\n")
    assert all(len(v.summary) <= 120 and len(v.name) <= 256 for v in found.values())
    assert found["c"].summary == "<Lies whose repr raised TypeError>"
    assert found["e"].type == "Odd"
    assert found["f"].summary == "short"
    assert "<int>" in found
    assert found["y" * 255 + "…"].summary == "1"
    assert box.run("1").value == 1


@pytest.mark.requirement("state.forged", "state.variables-bounded")
@pytest.mark.parametrize(
    "value",
    ["None", "[[]]", "[['x', 'int', -1, '']]", "[['x', 'int', 1.0, '']]", "[['x', 'int', 1, 'y' * 300]]",
     "[[1, 'int', 1, '']]", "[['x', 'int', 1, '']] * 2", "[['x', 'int', 1, '']] * 10 ** 5"],
)  # fmt: skip
def test_a_guest_that_lies_about_its_variables(make: Make, value: str) -> None:
    box = make()
    box.run(f"progress.__self__.state.describe = lambda: {value}").raise_for_status()
    with pytest.raises(ringfence.GuestCrashed, match="^the guest broke the protocol: a "):
        box.variables()
