"""A host with nothing of Linux's own: no zygote stands there, and guests of wasi do all the same."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence import Sandbox
from tests.attacks.corpus import load
from tests.levels import suites
from tests.levels.hosts import BARE
from tests.levels.selection import choose_attacks
from tests.support.levels import HERE, command

_KEY = bytes(range(16))
_GO_ON = "n = text.write('gun'); [text.getvalue(), random.random()]"


@pytest.fixture(scope="module", autouse=True)
def _wasi() -> None:
    if not ringfence.engines()["wasi"].availability.walls:
        pytest.skip("wasi has no image here: ringfence image build wasi")


def _told(source: str) -> Any:
    """What a program there says, as JSON."""
    done = subprocess.run(
        command(BARE.level, "tests.levels.program", source),
        capture_output=True,
        text=True,
        cwd=HERE,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_stands_and_what_is_said_of_the_rest() -> None:
    told = _told("""
found = {name: one.availability for name, one in ringfence.engines().items()}
tell({
    "stands": {name: [sorted(one) for one in found[name].walls] for name in ("native", "wasi")},
    "missing": dict(found["native"].missing),
    "remedy": found["native"].remedy,
    "of wasi": [*found["wasi"].missing.values(), found["wasi"].remedy],
})
""")
    assert told["stands"] == {"native": [], "wasi": [["process", "wasm"]]}
    assert told["missing"] == {"zygote": "a zygote needs Linux"}
    assert told["remedy"].startswith("use engine='wasi', which runs there")
    assert told["of wasi"][-1].startswith("a jail is built by Linux alone")
    assert len(told["of wasi"]) == 3


def test_without_a_name_wasi_is_what_runs() -> None:
    told = _told("""
result = ringfence.run("6 * 7")
tell([result.value, result.engine, sorted(result.walls), result.enforced["memory"]])
""")
    assert told == [42, "wasi", ["process", "wasm"], "wasm: size of the linear memory"]


def test_a_jail_that_is_insisted_on_is_refused() -> None:
    told = _told("""
for options in ({"engine": "native"}, {"policy": Policy(walls=[{"wasm", "seccomp"}])}):
    try:
        ringfence.run("1", **options)
    except ringfence.RingfenceError as error:
        said.append([type(error).__name__, str(error)])
tell(said)
""")
    assert [kind for kind, _ in told] == ["EngineNotAvailable", "EngineNotAvailable"]
    assert "native: a zygote needs Linux" in told[0][1]
    assert "use engine='wasi', which runs there" in told[0][1]
    assert "a zygote needs Linux" in told[1][1]


def test_the_time_until_a_process_is_warm_is_nobodys() -> None:
    told = _told("""
import time
for _ in range(3):
    result = ringfence.run("import time; time.process_time()", engine="wasi")
    said.append([result.value, result.usage.cpu])
with Sandbox(engine="wasi", limits=ringfence.Limits(cpu=0.2)) as box:
    said.append(box.run("while True: pass").limit)
tell(said)
""")
    *turns, limit = told
    assert limit == "cpu"
    boot = 0.1  # seconds that it takes at least, on the fastest machine
    assert all(0 <= inside < boot and 0 <= outside < boot for inside, outside in turns)


def test_a_state_goes_there_and_comes_back(tmp_path: Path) -> None:
    """What a guest is does not depend on how its process was started."""
    there, back = tmp_path / "there", tmp_path / "back"
    with Sandbox(engine="wasi") as box:
        setup = "import io, random; text = io.StringIO(); random.seed(4); n = text.write('be')"
        box.run(setup).raise_for_status()
        there.write_bytes(box.snapshot(key=_KEY))
        with box.fork() as twin:
            expected = [twin.run(_GO_ON).value for _ in range(2)]
    told = _told(f"""
from pathlib import Path
state = Path({str(there)!r}).read_bytes()
with Sandbox.restore(state, key={_KEY!r}, engine="wasi") as box:
    said.append(box.run({_GO_ON!r}).value)
    Path({str(back)!r}).write_bytes(box.snapshot(key={_KEY!r}))
tell(said)
""")
    with Sandbox.restore(back.read_bytes(), key=_KEY, engine="wasi") as box:
        assert [*told, box.run(_GO_ON).value] == expected
    assert back.stat().st_size < 1 << 20


def test_an_array_that_could_be_shared_is_one_like_any_other() -> None:
    pytest.importorskip("numpy")
    told = _told("""
array = ringfence.empty((2, 3), "int32")
array[1] = 7
with Sandbox(engine="wasi") as box:
    result = box.run("data", inputs={"data": array.tolist()})
tell([array.tolist(), result.value, result.usage.shared])
""")
    assert told == [[[0, 0, 0], [7, 7, 7]], [[0, 0, 0], [7, 7, 7]], 0]


@pytest.mark.timeout(1_800)
def test_attacks_are_repelled(record_property: Any) -> None:
    attacks = choose_attacks(list(load()), BARE)
    count = suites.attack(BARE, attacks)
    record_property("attacks", str(count))
    assert not count.failed, "\n\n".join(count.failed)
    assert count.total == len(attacks)
    assert count.passed > len(attacks) // 4


@pytest.mark.timeout(1_800)
def test_the_conformance_suite_passes(record_property: Any) -> None:
    count = suites.conform(BARE)
    record_property("conformance", str(count))
    assert not count.failed, "\n\n".join(count.failed)
    assert count.passed > count.total // 2


def test_every_witness_stands() -> None:
    done = subprocess.run(
        command(BARE.level, "ringfence", "doctor", "--engine", "wasi", "--json"),
        capture_output=True,
        text=True,
        cwd=HERE,
        timeout=240,
        check=False,
    )
    told = json.loads(done.stdout)
    assert told["verdict"] == "stood", told
