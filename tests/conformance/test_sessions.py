"""State that a sandbox keeps, and state that no two guests share."""

from __future__ import annotations

import socket

import pytest

import ringfence
from tests.conformance.conftest import LEVEL, Make, MakeAsync, Run, finish


@pytest.mark.requirement("session.state")
def test_state_stays(make: Make) -> None:
    box = make()
    box.run("import math\nx = [1]\ndef f(): return x\nclass A: pass\na = A()").raise_for_status()
    box.run("x.append(2)\na.b = 5\ndel A").raise_for_status()
    assert box.run("f(), a.b, math.floor(2.5), 'A' in globals()").value == ([1, 2], 5, 2, False)


@pytest.mark.requirement("session.state")
def test_state_stays_after_errors_and_limits(make: Make) -> None:
    box = make(limits=ringfence.Limits(wall=0.3, output=4_096))
    box.run("kept = {}").raise_for_status()
    for number, code in enumerate(
        ["1/0", "x = (", "while True: len('')", "print('x' * 9999)", "exit(1)"]
    ):
        box.run(f"kept[{number}] = True\n{code}")
    assert box.run("sorted(kept)").value == [0, 2, 3, 4]


@pytest.mark.requirement("session.state", "tasks.parity")
def test_state_stays_under_the_async_shell(make_async: MakeAsync) -> None:
    async def work() -> object:
        async with make_async() as box:
            await box.run("x = 5\ndef f(y): return x + y")
            return (await box.run("x")).value, (await box.call("f", 1)).value

    assert finish(work()) == (5, 6)


@pytest.mark.requirement("session.host-timeout")
def test_the_timeouts_of_the_hosts_sockets_are_not_the_guests(make: Make) -> None:
    socket.setdefaulttimeout(5)
    try:
        box = make()
        assert box.run("1").value == 1
        assert box.run("'x' * 9_000_000").value == "x" * 9_000_000
        assert box.run("len(text)", inputs={"text": "y" * 9_000_000}).value == 9_000_000
    finally:
        socket.setdefaulttimeout(None)


@pytest.mark.requirement("session.main")
def test_cells_run_as_main(make: Make) -> None:
    box = make()
    assert box.run("__name__, 'ran' if __name__ == '__main__' else ''").value == ("__main__", "ran")
    box.run("class A:\n    def __init__(self): self.x = 1\ndef f(): pass").raise_for_status()
    code = "import pickle, sys\npickle.loads(pickle.dumps([A(), f]))[0].x, A.__module__, sys.modules['__main__'].A is A"
    assert box.run(code).value == (1, "__main__", True)
    assert box.run("__builtins__.len is len, '__file__' in globals()").value == (True, False)


@pytest.mark.requirement("session.fresh")
def test_run_is_a_fresh_guest(run: Run) -> None:
    leave = (
        "import builtins, json, sys, os\nx = 1\nbuiltins.leaked = 1\njson.leaked = 1\n"
        "sys.modules['leaked'] = sys\nos.environ['LEAKED'] = '1'\nsys.path.append('/leaked')\n"
        "import random\nrandom.seed(5)\nimport decimal\ndecimal.getcontext().prec = 3\n"
    )
    look = (
        "import builtins, json, sys, os, decimal\n"
        "['x' in globals(), hasattr(builtins, 'leaked'), hasattr(json, 'leaked'),"
        " 'leaked' in sys.modules, 'LEAKED' in os.environ, '/leaked' in sys.path,"
        " decimal.getcontext().prec == 3]"
    )
    assert run(leave).status == "ok"
    assert run(look).value == [False] * 7


@pytest.mark.requirement("session.isolated")
def test_sandboxes_share_nothing(make: Make) -> None:
    one, other = make(), make()
    one.run("x = 'one'\nimport json\njson.dumps = None").raise_for_status()
    assert other.run("import json\njson.dumps(1), 'x' in globals()").value == ("1", False)
    assert one.run("x").value == "one"


@pytest.mark.requirement("session.isolated")
def test_many_sandboxes_at_once(make: Make) -> None:
    boxes = [make() for _ in range(20)]
    for number, box in enumerate(boxes):
        box.run(f"x = {number}").raise_for_status()
    assert [box.run("x").value for box in boxes] == list(range(20))


@pytest.mark.requirement("session.image-clean")
@pytest.mark.parametrize(
    "attack",
    [
        "import builtins\nbuiltins.len = lambda x: 'patched'",
        "import os\nos.fork = None; os.register_at_fork(after_in_child=lambda: 1/0)",
        "import sys\nsys.modules.clear()",
        "import gc\nfor o in gc.get_objects():\n    if type(o) is dict and 'patched' not in o and len(o) > 5 and o is not globals():\n        try: o['patched'] = 1\n        except Exception: pass",
        "import sys\nsys.setrecursionlimit(50)\nimport ctypes\nctypes.memset(id(300), 0xff, 8) if False else None",
        "import atexit, threading, signal\natexit.register(print, 'leaked')\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)",
    ],
)
def test_image_stays_clean(run: Run, attack: str) -> None:
    run(attack)
    look = (
        "import os, sys, json, signal, builtins\n"
        "len([1]), callable(os.fork), 'json' in sys.modules, 'patched' in vars(builtins),"
        " sys.getrecursionlimit(), signal.getsignal(signal.SIGTERM) == signal.SIG_DFL"
    )
    result = run(look)
    assert (result.value, result.stdout) == ((1, True, True, False, 1000, True), "")


_RANDOM = (
    "import os, random, secrets, tempfile, uuid\n"
    "drawn = [random.random(), random.Random().random(), random.SystemRandom().random(),"
    " os.urandom(8), secrets.token_hex(8), str(uuid.uuid4()), str(uuid.uuid1()),"
    " random.getrandbits(64)]\n"
) + ("drawn.append(tempfile.mktemp())\n" if LEVEL.private else "")


@pytest.mark.requirement("session.random")
def test_no_two_guests_draw_the_same(run: Run) -> None:
    results = [run(_RANDOM + "drawn") for _ in range(4)]
    for result in results:
        assert result.status == "ok", result.error
    for drawn in zip(*(result.value for result in results), strict=True):
        assert len(set(drawn)) == 4, drawn


@pytest.mark.requirement("session.random-openssl")
def test_openssl_draws_differ(run: Run) -> None:
    drawn = [run("import ssl\nssl.RAND_bytes(8)").raise_for_status().value for _ in range(4)]
    assert len(set(drawn)) == 4


@pytest.mark.requirement("session.random")
def test_numpys_generators_differ(run: Run, engine: str) -> None:
    if not ringfence.engines()[engine].capabilities.packages:
        pytest.skip(f"{engine} has no packages (its Capabilities)")
    code = _RANDOM + (
        "import numpy as np\n"
        "drawn += [np.random.rand(), np.random.default_rng().random(), np.random.randint(1 << 60),"
        " np.random.RandomState().rand(), np.random.SeedSequence().entropy]\ndrawn"
    )
    results = [run(code, packages=["numpy"]) for _ in range(4)]
    for result in results:
        assert result.status == "ok", result.error
    for drawn in zip(*(result.value for result in results), strict=True):
        assert len({str(item) for item in drawn}) == 4, drawn


@pytest.mark.requirement("session.attributes")
def test_attributes(make: Make, engine: str) -> None:
    limits = ringfence.Limits(wall=5)
    box = make(limits=limits)
    assert (box.engine, box.alive) == (engine, True)
    assert box.limits.wall == 5
    assert box.walls == (LEVEL.walls or ringfence.engines()[engine].availability.walls[0])
    assert box.enforced["network"]


@pytest.mark.requirement("session.attributes", "session.lazy-start")
def test_before_a_start(engine: str) -> None:
    box = ringfence.Sandbox(**LEVEL.options(engine, {}))
    assert box.alive is True
    for name in ("engine", "walls", "enforced"):
        with pytest.raises(ringfence.SandboxClosed) as caught:
            getattr(box, name)
        assert str(caught.value) == "this sandbox was not started; use it in a `with` block"
    box.close()


@pytest.mark.requirement("session.lazy-start")
def test_first_use_starts(engine: str) -> None:
    kinds: list[str] = []
    box = ringfence.Sandbox(**LEVEL.options(engine, {"trace": lambda e: kinds.append(e.kind)}))
    assert kinds == []
    try:
        assert box.run("x = 1\nx").value == 1
        assert box.start() is box
        with box as entered:
            assert entered.run("x").value == 1
        assert kinds.count("start") == 1
    finally:
        box.close()
