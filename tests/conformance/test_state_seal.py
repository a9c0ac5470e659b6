"""Sessions that are saved and restored: in both façades, and under seal."""

from __future__ import annotations

from typing import Any

import pytest

import ringfence
from ringfence import Limits, Sandbox, SavedState
from tests.conformance.conftest import LEVEL, Make, MakeAsync, finish
from tests.conformance.saving import KEY, Restore


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
