"""What clients do with a real service; each test is of both clients."""

from __future__ import annotations

import dataclasses
import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import ringfence
from ringfence import Display, Limits, Output, Progress
from ringfence.errors import (
    ConfigurationError,
    ServiceError,
    SessionBusy,
    SessionExists,
    SessionUnknown,
)
from tests.server.process import ServiceProcess


@dataclasses.dataclass
class Point:
    x: int
    y: float


def test_a_run_gives_the_result_that_a_sandbox_gives(client: Any) -> None:
    code = "import sys\nprint('out')\nprint('err', file=sys.stderr)\n[6 * 7, input()]"
    there = client.run(code, stdin="a line\n")
    here = ringfence.run(code, stdin="a line\n", engine="native")
    assert there.value == here.value == [42, "a line"]
    assert (there.stdout, there.stderr) == ("out\n", "err\n")
    assert (there.status, there.engine, there.walls) == ("ok", "native", here.walls)
    assert there.enforced == here.enforced
    assert there.usage.output == here.usage.output


VALUES: list[Any] = [
    None, True, -(1 << 70), float("-inf"), -0.0, 1 + 2j, "ä\ud800\udc00", b"\x00\xff", (1, [2]), {1, "a"},
    frozenset({(1,)}), {1: "a", "$type": 2}, datetime.datetime(2025, 1, 2, fold=1),
    datetime.timedelta(1, 2, 3), Decimal("1.50"), Fraction(1, 3),
]  # fmt: skip


def test_values_go_and_come_as_they_are(client: Any) -> None:
    result = client.run("[value, [str(type(one)) for one in value]]", inputs={"value": VALUES})
    values, kinds = result.raise_for_status().value
    assert list(map(repr, values)) == list(map(repr, VALUES))
    assert kinds == [str(type(one)) for one in VALUES]


def test_arrays_go_and_come_as_they_are(client: Any) -> None:
    array = np.arange(6, dtype="<i2").reshape(2, 3)
    got = client.run("a + 1", inputs={"a": array}, packages=["numpy"]).raise_for_status().value
    assert (got.dtype, got.tolist()) == (np.dtype("<i2"), [[1, 2, 3], [4, 5, 6]])


def test_a_value_is_checked_here(client: Any) -> None:
    code = "from dataclasses import dataclass\n@dataclass\nclass P: x: int; y: float\nP(1, 2.0)"
    assert client.run(code, returns=Point).value == Point(1, 2.0)
    wrong = client.run("'text'", returns=int)
    assert (wrong.status, wrong.error.type) == ("error", "ValidationFailed")
    assert wrong.error.message == "value: expected int, got str 'text'"


def test_what_a_guest_does_wrong_is_a_result(client: Any) -> None:
    failed = client.run("1 / 0")
    assert (failed.status, failed.error.type) == ("error", "ZeroDivisionError")
    late = client.run("while True: pass", timeout=1)
    assert (late.status, late.limit) == ("limit", "wall")
    full = client.run("print('x' * 10_000)", limits={"output": 2_000})
    assert (full.status, full.limit) == ("limit", "output")
    small = client.run("bytearray(100_000_000)", limits=Limits(memory="32MiB"))
    assert (small.status, small.limit) == ("limit", "memory")


def test_files_go_along(client: Any) -> None:
    got = client.run("open('a/b.txt').read()", files={"a/b.txt": b"content"})
    assert got.value == "content"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"engine": "pocketpy"}, ringfence.PolicyNotEnforceable, "engine: asked for 'pocketpy'"),
        ({"packages": ["pandas"]}, ringfence.PolicyNotEnforceable, "packages: asked for 'pandas'"),
        ({"limits": {"memory": "8GiB"}}, ringfence.PolicyNotEnforceable, "limits.memory: asked"),
        ({"limits": {"speed": 1}}, ConfigurationError, "limits: there is none named 'speed'"),
        ({"limits": 5}, ConfigurationError, "limits must be ringfence.Limits(…), or limits by"),
        ({"files": {"../x": b""}}, ConfigurationError, "'../x'"),
        ({"timeout": 0.5}, ConfigurationError, "timeout_seconds"),
        ({"inputs": {"a b": 1}}, ConfigurationError, "'a b'"),
        ({"code": 5}, ConfigurationError, "code must be text, not int"),
    ],
)  # fmt: skip
def test_what_may_not_be_is_refused_by_name(
    client: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as refused:
        client.run(**{"code": "1", **options})
    assert message in str(refused.value)


# --- streams --------------------------------------------------------------------------------


def test_what_happens_comes_as_it_does(client: Any) -> None:
    code = "print('one')\nprogress(0.5, 'half')\ndisplay('plot')\nprint('two')\n'end'"
    *events, result = client.stream(code)
    assert [one for one in events if isinstance(one, Progress)] == [Progress(0.5, "half")]
    assert [one for one in events if isinstance(one, Display)] == [
        Display({"text/plain": "'plot'"})
    ]
    text = "".join(one.text for one in events if isinstance(one, Output))
    assert text == result.stdout == "one\ntwo\n"
    assert (result.status, result.value) == ("ok", "end")


def test_a_stream_checks_too(client: Any) -> None:
    *_, result = client.stream("'text'", returns=int)
    assert result.error.type == "ValidationFailed"


# --- sessions -------------------------------------------------------------------------------


def test_a_session_keeps_what_its_turns_define(client: Any) -> None:
    with client.session() as box:
        box.run("x = 1\ndef f(a, b=0): return a + b + x").raise_for_status()
        assert box.call("f", 1).value == 2
        assert box.call("f", 1, b=5).value == 7
        checked = box.call_with("f", [1], {"b": 2}, returns=str)
        assert checked.error.type == "ValidationFailed"
        assert {name: one.type for name, one in box.variables().items()} == {
            "x": "int",
            "f": "function",
        }
        *_, last = box.stream("print(x)\nx")
        assert (last.stdout, last.value) == ("1\n", 1)
        assert (box.engine, box.alive, box.restored, box.lost) == ("native", True, False, ())
        assert box.walls == last.walls
        assert box.limits["memory"] == 256 << 20
        name = box.id
    with pytest.raises(SessionUnknown):
        client.session(name).refresh()


def test_its_files(client: Any) -> None:
    with client.session(files={"a.txt": b"1"}) as box:
        assert box.run("open('a.txt').read()").value == "1"
        box.files["b/c.bin"] = b"\x00\x01"
        assert sorted(box.files) == ["a.txt", "b/c.bin"]
        assert box.files["b/c.bin"] == b"\x00\x01"
        assert box.files.sizes()["b/c.bin"] == 2
        del box.files["a.txt"]
        with pytest.raises(KeyError):
            box.files["a.txt"]


def test_it_is_saved_restored_copied_and_put_aside(client: Any, face: str) -> None:
    with client.session() as box:
        box.run("x = [1, 2]\ngone = (n for n in x)").raise_for_status()
        assert box.put_aside().live is False
        assert box.run("x").value == [1, 2]
        assert box.restored
        assert [(one.name, one.type) for one in box.lost] == [("gone", "generator")]
        twin = client.restore(box.save(), f"restored-{face}")
        assert twin.run("x + [3]").value == [1, 2, 3]
        fork = box.fork()
        fork.run("x.append(9)").raise_for_status()
        assert (box.run("x").value, fork.run("x").value) == ([1, 2], [1, 2, 9])
        for one in (twin, fork):
            one.delete()
            one.delete()  # what is not there is deleted
        assert not fork.alive
        assert box.keep().saved_turn == box.refresh().turns


def test_exact_copies_where_an_engine_can(client: Any) -> None:
    with client.session() as box:
        box.run("x = 1")
        with pytest.raises(ringfence.PolicyNotEnforceable):
            box.snapshot()
        with pytest.raises(ringfence.PolicyNotEnforceable):
            box.rollback()


def test_a_turn_that_kills_the_guest_is_undone(client: Any) -> None:
    with client.session() as box:
        box.run("x = 1")
        killed = box.run("x = 2\nimport os\nos._exit(1)")
        assert (killed.status, box.rolled_back) == ("crashed", True)
        assert box.run("x").value == 1


def test_an_id_finds_it_again(client: Any, face: str) -> None:
    name = f"mine-{face}"
    with client.session(name) as box:
        box.run("x = 5")
    with client.session(name) as box:  # its id is the caller's: it was not deleted
        assert box.run("x").value == 5
        with pytest.raises(SessionExists):
            client.session(name, packages=["numpy"]).start()
        box.delete()


def test_sessions_are_listed(client: Any, face: str) -> None:
    made = [client.session(f"listed-{face}-{n:03}").start() for n in range(3)]
    names = [one.id for one in client.sessions()]
    assert [name for name in names if name.startswith(f"listed-{face}")] == [one.id for one in made]
    for one in made:
        one.delete()


def test_an_id_that_is_none(client: Any) -> None:
    with pytest.raises(ConfigurationError):
        client.session("no/id").start()


def test_a_session_that_is_busy(running: ServiceProcess, client: Any, face: str) -> None:
    with client.session(f"busy-{face}") as box:
        box.run("1")
        events = box.stream("import time\nprint('running')\ntime.sleep(60)")
        assert next(events) == Output("stdout", "running\n")
        with ringfence.Client(running.url) as other:
            same = other.session(f"busy-{face}")
            with pytest.raises(SessionBusy):
                same.run("1", wait=False)
            assert same.cancel() is True
        *_, result = events
        assert result.status == "cancelled"
        assert box.cancel() is False
        box.delete()


# --- plugins and agents ---------------------------------------------------------------------


def test_hooks_of_plugins(client: Any) -> None:
    (plugin,) = client.plugins()
    assert plugin["name"] == "ridges"
    x = np.arange(4.0)
    answer = client.plugin("ridges").elevation(x=x, seed=1)
    assert isinstance(answer, np.ndarray)
    assert answer.tolist() == [1.0, 3.0, 5.0, 7.0]
    with pytest.raises(ServiceError) as unknown:
        client.plugin("ridges").nothing(x=1)
    assert unknown.value.problem == "unknown"
    assert not isinstance(unknown.value, SessionUnknown)


def test_tasks_of_agents(client: Any) -> None:
    done = client.submit("Execute Python: print(6 * 7)")
    assert done.answer.strip() == "42"
    assert [one.stdout for one in done.results] == ["42\n"]
    with pytest.raises(ServiceError) as refused:
        client.submit("How many roads must a man walk down?")
    assert refused.value.problem == "no-model"


# --- addresses and keys ---------------------------------------------------------------------


def test_the_environment_says_where_and_who(
    running: ServiceProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RINGFENCE_URL", raising=False)
    with pytest.raises(ConfigurationError, match="RINGFENCE_URL does not say it either"):
        ringfence.Client()
    monkeypatch.setenv("RINGFENCE_URL", running.url)
    with ringfence.Client() as client:
        assert client.run("1").value == 1
        assert repr(client) == f"Client({running.url!r})"
    for wrong in ("127.0.0.1:80", "ftp://a", "http://a:b@c", "http://a?b=c"):
        with pytest.raises(ConfigurationError):
            ringfence.Client(wrong)
    with pytest.raises(ConfigurationError) as refused:
        ringfence.Client(running.url, key="two words")
    assert "two words" not in str(refused.value)
    with (
        ringfence.Client(running.url, key="rfk_AAAA_BBBB") as client,
        pytest.raises(ringfence.errors.NotAuthorized) as unknown,
    ):
        client.run("1")
    assert (unknown.value.problem, bool(unknown.value.request_id)) == ("unauthorized", True)
