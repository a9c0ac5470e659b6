"""Sessions that are saved and restored: data and definitions, as they were."""

from __future__ import annotations

import pickle

import pytest

import ringfence
from ringfence import Lost
from tests.conformance.conftest import Make
from tests.conformance.saving import KEY, SOURCE, Copy, Restore


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


@pytest.mark.requirement("state.source", "state.again")
def test_definitions(make: Make, restore: Restore) -> None:
    box = make()
    box.run(SOURCE).raise_for_status()
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
