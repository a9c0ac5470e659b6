"""Host functions that fail: what reaches the guest, and what must not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

import ringfence
from ringfence import GuestVisibleError
from tests.conformance.conftest import Make


def add(a: int, b: int = 10) -> int:
    """Add two numbers."""
    return a + b


async def add_later(a: int, b: int = 10) -> int:
    """Add two numbers, in a while."""
    await asyncio.sleep(0)
    return a + b


def _failure(result: ringfence.Result) -> tuple[str, str]:
    assert result.status == "error", result
    assert result.error is not None
    return result.error.type, result.error.message


@dataclass
class Item:
    name: str
    price: float = 0.0


class _Secret(Exception):
    pass


@pytest.mark.requirement("host.exception")
@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("postgres://user:password@db/"),
        _Secret("/etc/shadow"),
        KeyError("password"),
        TimeoutError("password"),
        TimeoutError("password"),
        StopIteration("password"),
        ringfence.ConfigurationError("password"),
        ringfence.SandboxBusy("password"),
        ExceptionGroup("password", [ValueError("password")]),
    ],
)
def test_exception_is_hidden(make: Make, error: Exception, asynchronous: bool) -> None:
    def fail() -> None:
        raise error

    async def fail_async() -> None:
        raise error

    box = make(functions={"fail": fail_async if asynchronous else fail})
    result = box.run("await fail()" if asynchronous else "fail()")
    assert _failure(result) == ("HostFunctionError", "fail")
    for secret in ("password", "shadow", "postgres", "_Secret", __file__):
        assert secret not in repr(result)
    caught = "    seen = [str(e), repr(e), e.args, e.__cause__, e.__context__]\nseen"
    call = "await fail()" if asynchronous else "fail()"
    assert box.run(f"try:\n    {call}\nexcept HostFunctionError as e:\n{caught}").value == [
        "fail",
        "HostFunctionError('fail')",
        ("fail",),
        None,
        None,
    ]


@pytest.mark.requirement("host.visible")
@pytest.mark.parametrize("asynchronous", [False, True])
def test_visible_error(make: Make, asynchronous: bool) -> None:
    def fail(city: str) -> None:
        raise GuestVisibleError(f"no such city: {city}")

    async def fail_async(city: str) -> None:
        raise GuestVisibleError(f"no such city: {city}")

    box = make(functions={"fail": fail_async if asynchronous else fail})
    result = box.run("await fail('Ä')" if asynchronous else "fail('Ä')")
    assert _failure(result) == ("HostFunctionError", "no such city: Ä")


@pytest.mark.requirement("host.visible")
def test_visible_error_hides_its_cause(make: Make) -> None:
    def fail() -> None:
        try:
            raise RuntimeError("password")
        except RuntimeError as error:
            raise GuestVisibleError("try again") from error

    result = make(functions=[fail]).run("fail()")
    assert _failure(result) == ("HostFunctionError", "try again")
    assert "password" not in repr(result)


@pytest.mark.requirement("host.caught")
def test_guest_goes_on_after_a_failure(make: Make) -> None:
    def fail() -> None:
        raise RuntimeError

    code = "seen = 0\nfor _ in range(5):\n    try:\n        fail()\n    except HostFunctionError:\n        seen += 1\nseen"
    assert make(functions=[fail]).run(code).value == 5


@pytest.mark.requirement("host.result-checked")
@pytest.mark.parametrize("value", ["5", None, 5.5, True, [5], add_later])
def test_result_that_breaks_the_annotation_is_hidden(make: Make, value: Any) -> None:
    def number() -> int:
        return value  # type: ignore[no-any-return]

    assert _failure(make(functions=[number]).run("number()")) == ("HostFunctionError", "number")


@pytest.mark.requirement("host.result-checked")
def test_result_holds_declared_fields_only(make: Make) -> None:
    @dataclass
    class Rich(Item):
        secret: str = "password"

    def item() -> Item:
        return Rich("a")

    box = make(functions=[item])
    assert box.run("item().fields").value == {"name": "a", "price": 0.0}
    assert "password" not in repr(box.run("item()"))


@pytest.mark.requirement("host.result-checked")
def test_forgotten_await_is_hidden(make: Make) -> None:
    def number() -> int:
        return add_later(1)  # type: ignore[return-value]

    assert _failure(make(functions=[number]).run("number()")) == ("HostFunctionError", "number")


@pytest.mark.requirement("host.opaque-argument")
def test_guest_object_is_opaque(make: Make) -> None:
    seen: list[Any] = []

    def take(value: Any) -> None:
        seen.append(value)

    make(functions=[take]).run("take(lambda: 1)\ntake(open)").raise_for_status()
    assert [type(value) for value in seen] == [ringfence.Opaque] * 2
    assert seen[0].type_name == "function"


@pytest.mark.requirement("host.base-exception")
def test_keyboard_interrupt_on_the_host(make: Make) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    box = make(functions=[interrupted])
    with pytest.raises(KeyboardInterrupt):
        box.run("interrupted()")
    assert box.alive is False
    with pytest.raises(ringfence.SandboxClosed):
        box.run("1")


@pytest.mark.requirement("host.own")
def test_functions_belong_to_their_sandbox(make: Make) -> None:
    lent = make(functions=[add])
    bare = make()
    assert lent.run("add(1)").value == 11
    assert _failure(bare.run("add(1)")) == ("NameError", "name 'add' is not defined")
    assert _failure(bare.run("import host\nhost.add"))[0] == "AttributeError"


@pytest.mark.requirement("host.own")
def test_guest_may_hide_and_find_a_function(make: Make) -> None:
    box = make(functions=[add])
    assert box.run("add = len\nadd([1])").value == 1
    assert box.run("import host\nhost.add(1)").value == 11
