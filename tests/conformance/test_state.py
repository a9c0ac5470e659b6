"""Sessions that are saved and restored: what comes back, and what is listed instead."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import ringfence
from ringfence import Limits, Lost, Sandbox, SavedState
from tests.conformance.conftest import LEVEL, Make, MakeAsync, finish
from tests.conformance.interpreters import SUPPORTED, find_interpreter

KEY = bytes(range(32))

Restore = Callable[..., Sandbox]


@pytest.fixture
def restore(engine: str) -> Iterator[Restore]:
    """Restores a save into a sandbox of the engine under test; closed at the end."""
    made: list[Sandbox] = []

    def restore_one(state: bytes, **options: Any) -> Sandbox:
        seal = {"key": KEY, **{k: options.pop(k) for k in ("key", "context") if k in options}}
        made.append(Sandbox.restore(state, **seal, **LEVEL.options(engine, options)))
        return made[-1]

    yield restore_one
    for box in made:
        box.close()


@pytest.fixture
def copy(make: Make, restore: Restore) -> Callable[..., Sandbox]:
    """A sandbox that was restored from one in which these cells had run."""

    def copy_of(*cells: str, **options: Any) -> Sandbox:
        box = make(**options)
        for cell in cells:
            box.run(cell).raise_for_status()
        return restore(box.save(key=KEY))

    return copy_of


Copy = Callable[..., Sandbox]


@pytest.mark.requirement("state.data")
@pytest.mark.parametrize(
    "value",
    [
        "None", "True", "-5", "10 ** 40", "0.1", "float('inf')", "1 + 2j", "'text \\ud800 é'",
        "b'bytes'", "bytearray(b'x')", "[1, [2]]", "(1, (2,))", "{1, 2}", "frozenset({3})",
        "{'a': {'b': None}}", "range(3)", "slice(1, 2)", "...", "NotImplemented",
        "__import__('datetime').datetime(2024, 2, 29, tzinfo=__import__('datetime').timezone.utc)",
        "__import__('decimal').Decimal('1.50')", "__import__('fractions').Fraction(1, 3)",
        "__import__('uuid').UUID(int=7)", "__import__('pathlib').PurePosixPath('/a')",
        "__import__('collections').Counter('aab')", "__import__('collections').deque([1], 5)",
        "__import__('collections').OrderedDict(a=1)", "__import__('array').array('i', [1, 2])",
        "__import__('re').compile('a+')", "__import__('functools').partial(int, base=2)",
        "__import__('types').SimpleNamespace(a=1)", "ValueError('x')",
    ],
)  # fmt: skip
def test_data(copy: Copy, value: str) -> None:
    box = copy(f"x = {value}\nshown = repr(x)")
    assert box.restored == ("x", "shown")
    assert box.lost == ()
    code = "(repr(x) == shown, type(x).__name__)"
    expected = (
        (True, "ValueError")
        if "ValueError" in value
        else box.run(f"(True, type({value}).__name__)").value
    )
    assert box.run(code).value == expected


@pytest.mark.requirement("state.shared")
def test_variables_share_objects_again(copy: Copy) -> None:
    box = copy(
        "rows = [[1], [2]]\nfirst = rows[0]\nalone = [3]\nloop = {}\nloop['loop'] = loop\n"
        "class Node: pass\na, b = Node(), Node()\na.other, b.other = b, a"
    )
    code = "first.append(9)\n(rows, loop['loop'] is loop, a.other is b, b.other is a, alone)"
    assert box.run(code).value == ([[1, 9], [2]], True, True, True, [3])


@pytest.mark.requirement("state.shared")
def test_plain_containers_are_shared_with_each_other_and_with_objects(copy: Copy) -> None:
    box = copy(
        "class Node: pass\nrows = [[1, 2.5], {'a': (b'b', None)}]\npair = (rows[0], {3, 'x'})\n"
        "node = Node()\nnode.rows, node.many = rows, list(range(1_000))\nmany = node.many\n"
        "keys = {(1, frozenset({2})): rows[1]}\nprinted = [print, rows]\nown = [[4]]"
    )
    assert box.lost == ()
    assert box.run(
        "rows[0].append(9)\nmany.append(7)\nrows[1]['c'] = 3\n"
        "(pair[0], pair[1] == {3, 'x'}, node.rows is rows, node.many is many, len(many),"
        " keys[1, frozenset({2})], printed[0] is print, printed[1] is rows, own)"
    ).value == (
        [1, 2.5, 9], True, True, True, 1_001, {"a": (b"b", None), "c": 3}, True, True, [[4]],
    )  # fmt: skip


@pytest.mark.requirement("state.shared")
def test_few_containers_among_many_values_are_shared(copy: Copy) -> None:
    box = copy(
        "shared = {'a'}\nnumbers = [*range(10_000), shared]\nother = [0.5] * 10_000 + [numbers]\n"
        "texts = [*map(str, range(10_000)), shared]\nbuffer = bytearray(b'b')\n"
        "views = [*range(10_000), buffer]\nodd = [1 + 2j, range(3), True, None] * 2_000 + [shared]\n"
        "ends = b'\\x94' * 10_000\ndeep = inner = []\n"
        "for _ in range(200): inner.append([]); inner = inner[0]"
    )
    assert box.lost == ()
    assert box.run(
        "shared.add('b')\nbuffer += b'!'\ninner.append(7)\nwalk = deep\n"
        "while walk[0] != 7: walk = walk[0]\n"
        "(numbers[-1] is shared, other[-1] is numbers, texts[-1] is shared, texts[9_999],"
        " views[-1] is buffer, odd[:4] == [1 + 2j, range(3), True, None], odd[-1] is shared,"
        " walk is inner, ends == b'\\x94' * 10_000)"
    ).value == (True, True, True, "9999", True, True, True, True, True)


@pytest.mark.requirement("state.shared", "state.partial")
def test_variables_that_share_nothing_are_parts_of_their_own(make: Make, restore: Restore) -> None:
    box = make(modules={"theirs": "class A: pass"})
    box.run("import theirs\ngone = theirs.A()\nlinked = [gone]\nkept = [1]\nalso = kept")
    box = restore(box.save(key=KEY))
    reason = "ModuleNotFoundError: No module named 'theirs'"
    assert box.restored == ("kept", "also")
    assert box.lost == (
        Lost("theirs", "module", reason),
        Lost("gone", "A", reason),
        Lost("linked", "list", reason),
    )
    assert box.run("kept is also, 'gone' in globals()").value == (True, False)


_SOURCE = '''
from dataclasses import dataclass, field
import xml.etree.ElementTree as ET, os.path
import collections.abc
from math import sqrt as root
try:
    import json
except ImportError:
    json = None
from collections import namedtuple
from typing import NamedTuple, TypeVar
from enum import Enum
import functools

T = TypeVar("T")
Pair = namedtuple("Pair", "a b")
square = lambda x: x * x
table = {"double": lambda x: 2 * x, "name": "table"}

class Color(Enum):
    RED = 1

@dataclass(order=True)
class Point:
    """A point."""
    x: float
    y: float = 2.0
    tags: list = field(default_factory=list)

    class Inner:
        pass

    def norm(self):
        return root(self.x ** 2 + self.y ** 2)

class Named(NamedTuple):
    n: int

def outer(x, *, y=3):
    "Doc."
    return x + y + len(points)

@functools.lru_cache(maxsize=None)
def cached(n):
    return n + 1

def shout(function):
    @functools.wraps(function)
    def wrapper(*args):
        return str(function(*args)).upper()
    return wrapper

@shout
def greet(name): return f"hello {name}"

async def later(x):
    return x

if True:
    def within(): return "if"
    class Below:
        z = 1

points = [Point(3.0, 4.0)]
inner = Point.Inner()
pair = Pair(1, 2)
named = Named(5)
red = Color.RED
alias = outer
mod = json
'''


@pytest.mark.requirement("state.source", "state.again")
def test_definitions(make: Make, restore: Restore) -> None:
    box = make()
    box.run(_SOURCE).raise_for_status()
    state = box.save(key=KEY)
    assert state.lost == ()
    code = (
        "[points[0].norm(), Point(1.0) < Point(2.0), Point.__doc__, outer(1), alias is outer,"
        " cached(1), greet('you'), within(), Below.z, await later(7), square(3),"
        " table['double'](4), pair, named.n, red is Color.RED, ET.__name__, os.path.sep,"
        " collections.abc.__name__, root(9.0), mod.dumps([1]), T.__name__, outer.__doc__,"
        " type(inner) is Point.Inner, Point.__module__]"
    )
    expected = box.run(code).raise_for_status().value
    names = set(box.variables())
    for _ in range(3):
        box = restore(state)
        assert box.lost == ()
        assert set(box.restored) == set(state.names) == names == set(box.variables())
        assert box.run(code).raise_for_status().value == expected
        state = box.save(key=KEY)
        assert state.lost == ()


@pytest.mark.requirement("state.source")
def test_the_last_definition_counts(copy: Copy) -> None:
    box = copy(
        "def f(): return 1\nclass A: x = 1",
        "def f(): return 2\nclass A: x = 2\na = A()",
        "raise SystemExit\ndef f(): return 3",
        "try:\n    1/0\n    def f(): return 4\nexcept ZeroDivisionError: pass",
    )
    assert box.lost == ()
    assert box.run("f(), A.x, a.x").value == (2, 2, 2)


@pytest.mark.requirement("state.source")
def test_future_statements_of_a_cell_hold_again(copy: Copy) -> None:
    box = copy(
        "from __future__ import annotations\ndef f(x: unknown) -> unknown: return 1\n"
        "class A:\n    x: unknown = 1"
    )
    assert [entry for entry in box.lost if entry.name != "annotations"] == []
    assert box.run("f(1), f.__annotations__['x'], A().x").value == (1, "unknown", 1)


@pytest.mark.requirement("state.order")
def test_definitions_that_need_data_and_data_that_needs_definitions(copy: Copy) -> None:
    box = copy(
        "limit = 10\nbases = (dict,)\n"
        "def f(x=limit): return x\n"
        "class A(*bases):\n    size = limit\n"
        "a = A(k=1)\n"
        "def g(y=a): return y\n"
        "class B(A): pass\n"
        "b = B(k=2)"
    )
    assert box.lost == ()
    assert box.run("f(), A.size, a, g() == a, b, type(b).__mro__[1] is A").value == (
        10, 10, {"k": 1}, True, {"k": 2}, True,
    )  # fmt: skip


@pytest.mark.requirement("state.order")
def test_registries_that_decorators_fill(copy: Copy) -> None:
    box = copy(
        "tools = {}\ncalls = []\n"
        "def tool(f):\n    calls.append(f.__name__)\n    tools[f.__name__] = f\n    return f\n"
        "@tool\ndef one(): return 1\n"
        "@tool\ndef two(): return 2\n"
    )
    assert box.lost == ()
    assert box.run("calls, tools['one']() + tools['two'](), tools['one'] is one").value == (
        ["one", "two"], 3, True,
    )  # fmt: skip


@pytest.mark.requirement("state.order")
def test_a_class_whose_decorator_wants_data_that_wants_it(copy: Copy) -> None:
    box = copy(
        "shapes = []\n"
        "class Keeper:\n    def __call__(self, c):\n        shapes.append(c)\n        return c\n"
        "keep = Keeper()\n@keep\nclass Round: r = 1\n"
        "def keep_data(c):\n    shapes[0]\n    return c\n"
        "@keep_data\nclass Other: pass\nshapes.append(Other)"
    )
    assert box.run("[c.__name__ for c in shapes], shapes[0] is Round").value[1] is True
    reasons = {entry.name: entry.reason for entry in box.lost}
    assert reasons.get("Other", "").startswith("it is there without its decorators")
    assert box.run("Other.__name__, shapes[-1] is Other").value == ("Other", True)


@pytest.mark.requirement("state.members")
def test_members(copy: Copy) -> None:
    box = copy(
        "class A:\n    count = 0\n    seen = []\n    def m(self): return 1\n"
        "A.count = 5\nA.added = 'x'\nA.seen.append(1)\nseen = A.seen\n"
        "def f(): f.calls += 1\nf.calls = 0\nf()\nf()"
    )
    assert box.lost == ()
    assert box.run("f()\nA.count, A.added, A.seen, A.seen is seen, A().m(), f.calls").value == (
        5, "x", [1], True, 1, 3,
    )  # fmt: skip


@pytest.mark.requirement("state.once")
def test_nothing_is_done_twice(make: Make, restore: Restore) -> None:
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)

    box = make(functions=[tell])
    box.run("tell('cell')\ndef f(): tell('f')\nx = tell('value') or 1\nclass A: pass\ntell('end')")
    state = box.save(key=KEY)
    assert told == ["cell", "value", "end"]
    box = restore(state, functions=[tell])
    assert told == ["cell", "value", "end"]
    box.run("f()").raise_for_status()
    assert told[3:] == ["f"]


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


_PORTABLE = (
    _SOURCE
    + """
import datetime, decimal, pathlib
when = datetime.datetime(2024, 2, 29, 12, 30)
price = decimal.Decimal("1.50")
where = pathlib.PurePosixPath("/a/b")
real = pathlib.Path("c")
"""
)
_PAIRS = list(itertools.permutations(SUPPORTED, 2))


@pytest.mark.requirement("state.versions")
@pytest.mark.parametrize(
    ("one", "other"), _PAIRS, ids=[f"{a[0]}.{a[1]}-{b[0]}.{b[1]}" for a, b in _PAIRS]
)
def test_another_python(
    make: Make, restore: Restore, one: tuple[int, int], other: tuple[int, int]
) -> None:
    pythons = [find_interpreter(one), find_interpreter(other)]
    for version, path in zip((one, other), pythons, strict=True):
        if path is None:
            pytest.skip(f"no CPython {version[0]}.{version[1]} on this machine")
    try:
        box = make(python=pythons[0])
        make(python=pythons[1])
    except ringfence.PolicyNotEnforceable as error:
        if "cannot be read once root's rights are given up" not in str(error):
            raise
        pytest.skip("an interpreter can be read by root only, and there is no mount namespace")
    box.run(_PORTABLE).raise_for_status()
    code = (
        "[points[0].norm(), outer(1), cached(1), greet('you'), square(3), table['double'](4), pair,"
        " red.name, when, price, str(where), str(real), type(real).__name__]"
    )
    expected = box.run(code).raise_for_status().value
    state = box.save(key=KEY)
    assert state.lost == ()
    box = restore(state, python=pythons[1])
    assert box.lost == ()
    assert box.run("import sys\nsys.version_info[:2]").value == other
    assert box.run(code).raise_for_status().value == expected
    box = restore(box.save(key=KEY), python=pythons[0])
    assert box.lost == ()
    assert box.run(code).raise_for_status().value == expected


@pytest.mark.requirement("state.no-bytecode")
def test_no_bytecode(make: Make) -> None:
    box = make()
    box.run(
        "def f(secret_constant=1234567): return secret_constant * 7654321\n"
        "data = [f, f.__name__]\ncode = f.__code__"
    ).raise_for_status()
    bytecode: bytes = box.run("f.__code__.co_code").value
    state = box.save(key=KEY)
    assert state.lost == (Lost("code", "code", "TypeError: cannot pickle code objects"),)
    assert bytecode not in bytes(state)
    assert b"return secret_constant * 7654321" in bytes(state)


@pytest.mark.requirement("state.lent")
def test_host_functions(make: Make, restore: Restore) -> None:
    def price(article: str) -> float:
        return 1.5

    def other_price(article: str) -> float:
        return 2.5

    box = make(functions=[price])
    box.run("ask = price\nshow = display\ntable = {'ask': price}\nkept = 1").raise_for_status()
    assert "price" not in box.variables()
    state = box.save(key=KEY)
    assert state.names == ("ask", "show", "table", "kept")
    again = restore(state, functions={"price": other_price})
    assert again.lost == ()
    assert again.run("ask('x'), table['ask'] is ask is price").value == (2.5, True)
    without = restore(state)
    reason = "the host function price is not lent to this sandbox"
    assert without.lost == (Lost("ask", "function", reason), Lost("table", "dict", reason))
    assert without.restored == ("show", "kept")


@pytest.mark.requirement("state.grants")
def test_grants_are_those_of_the_restore(make: Make, restore: Restore) -> None:
    def price(article: str) -> float:
        return 1.5

    box = make(functions=[price], limits=Limits(calls=5, wall=20))
    box.run("import host\ndef f(): return host.price('x')\nx = 1").raise_for_status()
    state = box.save(key=KEY)
    again = restore(state, limits=Limits(calls=0, wall=5))
    assert again.limits.wall == 5
    error = again.run("f()").error
    assert error is not None
    assert (error.type, error.message) == (
        "AttributeError", "module 'host' has no attribute 'price'",
    )  # fmt: skip
    forged = restore(state, functions={"other": price}, limits=Limits(calls=0)).run(
        "x, 'price' in globals(), callable(other)"
    )
    assert forged.value == (1, False, True)


@pytest.mark.requirement("state.grants")
def test_what_a_state_does_when_it_loads_is_jailed(make: Make, restore: Restore) -> None:
    box = make()
    box.run(
        "import os, builtins\n"
        "class Opens:\n    def __reduce__(self): return open, ('/etc/passwd',)\n"
        "class Starts:\n    def __reduce__(self): return os.system, ('touch /tmp/started',)\n"
        "class Reads:\n    def __reduce__(self): return eval, ('__import__(\"socket\").socket()',)\n"
        "a, b, c, d = Opens(), Starts(), Reads(), 4"
    ).raise_for_status()
    again = restore(box.save(key=KEY))
    lost = {entry.name: entry.reason for entry in again.lost}
    assert set(lost) >= {"a", "c"}
    assert lost["a"].startswith(("FileNotFoundError", "PermissionError"))
    assert lost["c"].startswith("PermissionError")
    code = "globals().get('b') != 0, d"
    assert again.run(code).value == (True, 4)


@pytest.mark.requirement("state.bounded")
def test_more_than_a_value_is_a_limit(make: Make, restore: Restore) -> None:
    box = make(limits=Limits(value="1MiB"))
    box.run("import os\na, b = os.urandom(600_000), os.urandom(600_000)").raise_for_status()
    with pytest.raises(ringfence.LimitExceeded) as caught:
        box.save(key=KEY)
    assert str(caught.value) == (
        "the variables take more than value=1,048,576 bytes together; delete some, or raise "
        "Limits(value=…)"
    )
    assert (caught.value.result.limit, caught.value.result.alive) == ("value", True)
    state = box.save(key=KEY, limits=box.limits.replace(value="2MiB"))
    with pytest.raises(ringfence.StateRefused) as refused:
        restore(state, limits=Limits(value="1MiB"))
    assert refused.value.reason == "too-large"
    assert restore(state).run("len(a) + len(b)").value == 1_200_000


@pytest.mark.requirement("state.bounded")
def test_nearly_as_much_as_a_value(make: Make, restore: Restore) -> None:
    """The copies that a save and a restore make fit into the default memory."""
    box = make(limits=Limits(disk=0))
    box.run("x = bytearray(56_000_000)\nx[-1] = 7").raise_for_status()
    again = restore(box.save(key=KEY), limits=Limits(disk=0))
    assert again.run("len(x), x[-1]").value == (56_000_000, 7)


@pytest.mark.requirement("state.bounded")
def test_more_variables_than_can_be_listed(make: Make) -> None:
    box = make()
    box.run("for i in range(10_001): globals()[f'v{i}'] = i").raise_for_status()
    for act in (lambda: box.save(key=KEY), box.variables):
        with pytest.raises(ringfence.GuestError) as caught:
            act()
        error = caught.value.result.error
        assert error is not None
        assert error.message == "there are 10002 variables; at most 10000 can be listed"
    box.run("del v1, v2").raise_for_status()
    assert len(box.save(key=KEY).names) == 10_000
    assert len(box.variables()) == 10_000


@pytest.mark.requirement("state.limits")
def test_a_save_runs_within_limits(make: Make) -> None:
    box = make()
    box.run(
        "import time\nclass Slow:\n    def __reduce__(self): time.sleep(1000)\n"
        "    def __repr__(self):\n        while True: pass\nx = Slow()"
    ).raise_for_status()
    for act in (box.save, box.variables):
        options: Any = {"key": KEY} if act == box.save else {}
        with pytest.raises(ringfence.LimitExceeded) as caught:
            act(limits=box.limits.replace(wall=0.2), **options)
        assert (caught.value.result.limit, caught.value.result.alive) == ("wall", True)
    assert box.run("type(x).__name__").value == "Slow"


@pytest.mark.requirement("state.limits")
@pytest.mark.parametrize(
    ("code", "limit", "raised"),
    [
        ("import time\nf = time.sleep, (1000,)", "wall", ringfence.LimitExceeded),
        ("import os\nf = os._exit, (3,)", None, ringfence.GuestCrashed),
    ],
)
def test_a_restore_that_fails_leaves_nothing(
    engine: str, make: Make, code: str, limit: str | None, raised: type[ringfence.GuestFailure]
) -> None:
    box = make()
    box.run(f"{code}\nclass A:\n    def __reduce__(self): return f\na = A()").raise_for_status()
    state = box.save(key=KEY)
    kinds: list[str] = []
    options = LEVEL.options(
        engine,
        {
            "limits": Limits(wall=0.3 if limit == "wall" else 10),
            "trace": lambda event: kinds.append(event.kind),
        },
    )
    with pytest.raises(raised) as caught:
        Sandbox.restore(state, key=KEY, **options)
    assert caught.value.result.limit == limit
    assert (kinds[0], kinds[-1]) == ("start", "close")


@pytest.mark.requirement("state.random")
def test_two_restored_sandboxes_draw_different_numbers(make: Make, restore: Restore) -> None:
    box = make()
    box.run("import random\nrandom.seed(5)\nown = random.Random(5)").raise_for_status()
    state = box.save(key=KEY)
    draws = [restore(state).run("random.random(), own.random()").value for _ in range(2)]
    assert draws[0][0] != draws[1][0]
    assert draws[0][1] == draws[1][1]  # a generator in a variable is data


@pytest.mark.requirement("state.hostile")
@pytest.mark.parametrize(
    "attack",
    [
        "import pickle, _pickle\npickle.dumps = pickle.Pickler = _pickle.Pickler = None",
        "import copyreg\ncopyreg.dispatch_table.clear()\ncopyreg.__reduce_ex__ = None",
        "import sys\nfor name in list(sys.modules):\n    if 'ringfence' in name: del sys.modules[name]",
        "import sys\nsys.setrecursionlimit(10**9)",
        "import linecache\nlinecache.cache = None",
        "import ast\nast.parse = None",
    ],
)
def test_a_guest_that_spoils_its_tools(make: Make, restore: Restore, attack: str) -> None:
    """What is then saved is what the guest says; whatever it is, nothing else is harmed."""
    box = make()
    box.run(f"kept = [1]\n{attack}").raise_for_status()
    try:
        state = box.save(key=KEY)
    except ringfence.GuestFailure as error:
        assert error.result.status == "error"
        assert box.run("kept").value == [1]
    else:
        assert restore(state).run("globals().get('kept', [1])").value == [1]


def _lies(value: str) -> str:
    return f"state = progress.__self__.state\nstate.save = lambda limit: {value}"


@pytest.mark.requirement("state.forged")
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("None", "a save that is not one"),
        ("[]", "a save that is not one"),
        ("['3', 'text', [], []]", "a save that is not one"),
        ("[3, b'', [], []]", "a save that is not one"),
        ("['3' * 300, b'', [], []]", "a save that is not one"),
        ("['3', b'', ['x'] * 10_001, []]", "a list of names that is none, or too long"),
        ("['3', b'', 'x', []]", "a list of names that is none, or too long"),
        ("['3', b'', [1], []]", "a name that is not a short text"),
        ("['3', b'', ['x' * 257], []]", "a name that is not a short text"),
        ("['3', b'', [], [['x', 'y']]]", "something lost without name, type and reason"),
        ("['3', b'', [], [['x', 'y', 'z' * 513]]]", "something lost without name, type and reason"),
        ("['3', b'', [], {}]", "a list of what was lost that is none, or too long"),
    ],
)
def test_a_guest_that_lies_about_a_save(make: Make, value: str, message: str) -> None:
    box = make()
    box.run(_lies(value)).raise_for_status()
    with pytest.raises(ringfence.GuestCrashed) as caught:
        box.save(key=KEY)
    assert str(caught.value) == f"the guest broke the protocol: {message}"
    assert not box.alive


@pytest.mark.requirement("state.forged")
def test_a_million_names_cost_the_host_nothing(make: Make) -> None:
    box = make()
    box.run(_lies("['3', b'', ['x'] * 10 ** 6, []]")).raise_for_status()
    with pytest.raises(ringfence.GuestCrashed):
        box.save(key=KEY)


@pytest.mark.requirement("state.forged")
def test_a_payload_that_no_guest_can_read(make: Make, restore: Restore) -> None:
    box = make()
    for payload in ("b''", "b'\\x02\\0\\0\\0[]'", "b'\\xff' * 64", "bytes(1000)"):
        box.run(_lies(f"['3', {payload}, ['x'], []]")).raise_for_status()
        state = box.save(key=KEY)
        assert state.names == ("x",)
        with pytest.raises(ringfence.GuestError):
            restore(state)


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


@pytest.mark.requirement("state.data", "state.partial")
def test_arrays(make: Make, restore: Restore, engine: str) -> None:
    if not ringfence.engines()[engine].capabilities.packages:
        pytest.skip(f"{engine} has no packages (its Capabilities)")
    box = make(packages=["numpy"])
    box.run(
        "import numpy as np\nfrom numpy import linalg\nx = np.arange(6.0).reshape(2, 3)\n"
        "y = np.ones(2)\npair = [x, x]\nkept = 1"
    ).raise_for_status()
    state = box.save(key=KEY)
    assert state.lost == ()
    again = restore(state, packages=["numpy"])
    code = "(x.sum(), y.dtype.name, pair[0] is pair[1] is x, linalg.norm(y) > 1)"
    assert again.run(code).value == (15.0, "float64", True, True)
    without = restore(state)
    assert {entry.name for entry in without.lost} == {"np", "linalg", "x", "y", "pair"}
    reason = (
        "ModuleNotFoundError: No module named 'numpy': it was not lent: make the sandbox with "
        "packages=['numpy']"
    )
    assert {e.reason for e in without.lost} == {reason}
    assert without.restored == ("kept",)


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


@pytest.mark.requirement("state.async", "state.variables")
def test_async(engine: str, make_async: MakeAsync) -> None:
    async def work() -> None:
        async with make_async() as box:
            await box.run(
                "def f(x): return x + y\ny = 2\ng = (i for i in ())\nbig = bytes(3 << 20)"
            )
            state = await box.save(key=KEY, context={"tenant": "a"})
            assert isinstance(state, SavedState)
            assert state.names == ("f", "y", "big")
            assert [entry.name for entry in state.lost] == ["g"]
            assert (await box.variables())["y"].summary == "2"
        options = LEVEL.options(engine, {})
        seal: Any = {"key": KEY, "context": {"tenant": "a"}}
        async with await ringfence.AsyncSandbox.restore(state, **seal, **options) as again:
            assert again.restored == ("f", "y", "big")
            assert [entry.name for entry in again.lost] == ["g"]
            assert (await again.call("f", 1)).value == 3
            assert (await again.run("len(big)")).value == 3 << 20
        with pytest.raises(ringfence.StateRefused):
            await ringfence.AsyncSandbox.restore(state, key=KEY, **options)

    finish(work())


@pytest.mark.requirement("state.async", "state.limits")
def test_an_async_restore_that_fails_leaves_nothing(engine: str, make_async: MakeAsync) -> None:
    kinds: list[str] = []

    async def work() -> None:
        async with make_async() as box:
            await box.run(
                "import time\nclass A:\n    def __reduce__(self): return time.sleep, (1000,)\na = A()"
            )
            state = await box.save(key=KEY)
        options = LEVEL.options(
            engine, {"limits": Limits(wall=0.3), "trace": lambda event: kinds.append(event.kind)}
        )
        with pytest.raises(ringfence.LimitExceeded):
            await ringfence.AsyncSandbox.restore(state, key=KEY, **options)

    finish(work())
    assert (kinds[0], kinds[-1]) == ("start", "close")


@pytest.mark.requirement("state.data")
def test_a_state_is_bytes_that_travel(make: Make, restore: Restore) -> None:
    box = make()
    box.run("x = 1\ng = (i for i in ())").raise_for_status()
    state = box.save(key=KEY)
    copied = pickle.loads(pickle.dumps(state))
    assert (copied, copied.names, copied.lost) == (state, state.names, state.lost)
    for form in (bytes(state), bytearray(state), memoryview(state), copied):
        assert restore(form).run("x").value == 1
    assert repr(state) == f"<SavedState of 1 variables, {len(state):,} bytes>"


@pytest.mark.requirement("state.data")
def test_a_new_sandbox_has_nothing_restored(make: Make) -> None:
    box = make()
    assert (box.restored, box.lost) == ((), ())
    assert box.save(key=KEY).names == ()


@pytest.mark.requirement("state.arguments")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"key": "text" * 10},
         "key must be bytes, not str; secrets.token_bytes(32) makes one"),
        ({"key": b"short"},
         "key has 5 bytes; at least 16 are needed, secrets.token_bytes(32) makes 32"),
        ({"context": "tenant"}, "context must map text to text, such as {'tenant': 'a'}"),
        ({"context": {"tenant": 1}}, "context must map text to text, such as {'tenant': 'a'}"),
        ({"context": {1: "a"}}, "context must map text to text, such as {'tenant': 'a'}"),
        ({"context": {"a": "x" * 70_000}}, "context has more than 65,536 bytes"),
    ],
)  # fmt: skip
def test_wrong_arguments(engine: str, options: dict[str, Any], message: str) -> None:
    kinds: list[str] = []
    chosen = LEVEL.options(engine, {"trace": lambda event: kinds.append(event.kind)})
    options = {"key": KEY, **options}
    for act in (
        lambda: Sandbox(**chosen).save(**options),
        lambda: Sandbox.restore(b"", **options, **chosen),
    ):
        with pytest.raises(ringfence.ConfigurationError) as caught:
            act()
        assert str(caught.value) == message
    assert kinds == []


@pytest.mark.requirement("state.arguments")
def test_a_state_must_be_bytes(engine: str) -> None:
    state: Any
    for state, name in (("text", "str"), (None, "NoneType"), (["x"], "list")):
        with pytest.raises(ringfence.ConfigurationError) as caught:
            Sandbox.restore(state, key=KEY, **LEVEL.options(engine, {}))
        assert str(caught.value) == f"state must be the bytes of a save, not {name}"


@pytest.mark.requirement("state.sealed")
def test_changed_saves_are_refused(make: Make, engine: str) -> None:
    box = make()
    box.run("x = 1").raise_for_status()
    kinds: list[str] = []
    options = LEVEL.options(engine, {"trace": lambda event: kinds.append(event.kind)})
    state = box.save(key=KEY, context={"tenant": "a"})
    middle = len(state) // 2
    changed = state[:middle] + bytes([state[middle] ^ 1]) + state[middle + 1 :]
    cases: list[tuple[bytes, dict[str, Any], str]] = [
        (b"", {}, "not-a-state"),
        (b"PK" + state[2:], {}, "not-a-state"),
        (state[:20], {}, "truncated"),
        (state[:-1], {}, "truncated"),
        (changed, {}, "tampered"),
        (state + b"x", {}, "tampered"),
        (state, {"key": bytes(16)}, "foreign-key"),
        (state, {"context": {"tenant": "b"}}, "context"),
        (state, {"context": None}, "context"),
    ]
    for data, seal, reason in cases:
        chosen = {"key": KEY, "context": {"tenant": "a"}, **seal}
        with pytest.raises(ringfence.StateRefused) as caught:
            Sandbox.restore(data, **chosen, **options)
        assert caught.value.reason == reason
    assert kinds == []


@pytest.mark.requirement("state.key")
def test_the_key_of_the_user(
    make: Make, restore: Restore, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    box = make()
    box.run("x = 1").raise_for_status()
    state = box.save()
    assert (tmp_path / "ringfence" / "state.key").stat().st_mode & 0o777 == 0o600
    assert restore(state, key=None).run("x").value == 1
    (tmp_path / "ringfence" / "state.key").unlink()
    with pytest.raises(ringfence.StateRefused) as caught:
        restore(state, key=None)
    assert caught.value.reason == "foreign-key"
