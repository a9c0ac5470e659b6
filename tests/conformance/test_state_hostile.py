"""Sessions that are saved and restored: what they are granted, what they may use, and guests that lie."""

from __future__ import annotations

from typing import Any

import pytest

import ringfence
from ringfence import Limits, Lost, Sandbox
from tests.conformance.conftest import LEVEL, Make
from tests.conformance.saving import KEY, Restore, lies


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
    box.run(lies(value)).raise_for_status()
    with pytest.raises(ringfence.GuestCrashed) as caught:
        box.save(key=KEY)
    assert str(caught.value) == f"the guest broke the protocol: {message}"
    assert not box.alive


@pytest.mark.requirement("state.forged")
def test_a_million_names_cost_the_host_nothing(make: Make) -> None:
    box = make()
    box.run(lies("['3', b'', ['x'] * 10 ** 6, []]")).raise_for_status()
    with pytest.raises(ringfence.GuestCrashed):
        box.save(key=KEY)


@pytest.mark.requirement("state.forged")
def test_a_payload_that_no_guest_can_read(make: Make, restore: Restore) -> None:
    box = make()
    for payload in ("b''", "b'\\x02\\0\\0\\0[]'", "b'\\xff' * 64", "bytes(1000)"):
        box.run(lies(f"['3', {payload}, ['x'], []]")).raise_for_status()
        state = box.save(key=KEY)
        assert state.names == ("x",)
        with pytest.raises(ringfence.GuestError):
            restore(state)
