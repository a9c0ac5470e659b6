"""What a guest may pass to a host function."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import pytest

from ringfence.errors import ValidationFailed
from ringfence.runtime.functions import host_function
from ringfence_guest.protocol.values import Record


@dataclasses.dataclass
class Place:
    city: str
    height: float = 0.0


def lookup(city: str, limit: int = 5) -> list[str]:
    """Find places."""
    return [city] * limit


async def search(query: str) -> list[str]:
    return [query]


def everything(
    a: int, /, b: int, c: int = 3, *rest: int, d: int, e: int = 5, **others: str
) -> None: ...


def bound(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return host_function(function).bind(list(args), kwargs)


def refusal(function: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    with pytest.raises(ValidationFailed) as caught:
        bound(function, *args, **kwargs)
    return str(caught.value)


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "expected"),
    [
        (lookup, ["x"], {}, (("x",), {})),
        (lookup, ["x", 3], {}, (("x", 3), {})),
        (lookup, ["x"], {"limit": 3}, (("x",), {"limit": 3})),
        (lookup, [], {"limit": 3, "city": "x"}, ((), {"limit": 3, "city": "x"})),
        (everything, [1, 2], {"d": 4}, ((1, 2), {"d": 4})),
        (everything, [1], {"b": 2, "d": 4}, ((1,), {"b": 2, "d": 4})),
        (everything, [1, 2, 3, 4, 5], {"d": 4, "e": 6, "f": "x"},
         ((1, 2, 3, 4, 5), {"d": 4, "e": 6, "f": "x"})),
        (everything, [1, 2], {"d": 4, "a": "x"}, ((1, 2), {"d": 4, "a": "x"})),
    ],
)  # fmt: skip
def test_like_python(
    function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any], expected: Any
) -> None:
    found = host_function(function).bind(args, kwargs)
    assert found == expected
    function(*found[0], **found[1])


def test_what_was_annotated_is_what_arrives() -> None:
    def go(to: Place, speed: float) -> None: ...

    assert bound(go, Record("anything", {"city": "x"}), 5) == ((Place("x"), 5.0), {})
    assert bound(go, {"city": "x"}, speed=5) == ((Place("x"),), {"speed": 5.0})


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "message"),
    [
        (lookup, [], {}, "args.city: expected str, got nothing"),
        (lookup, [], {"limit": 1}, "args.city: expected str, got nothing"),
        (lookup, ["x", 1, 2], {}, "args: expected at most 2 positional arguments, got 3"),
        (search, [1, 2], {}, "args: expected at most 1 positional argument, got 2"),
        (lookup, [5], {}, "args.city: expected str, got int 5"),
        (lookup, ["x", "5"], {}, "args.limit: expected int, got str '5'"),
        (lookup, ["x"], {"limit": True}, "args.limit: expected int, got bool True"),
        (lookup, ["x"], {"city": "y"},
         "args.city: expected one value, got one by position and one by name"),
        (lookup, ["x"], {"Limit": 1}, ("args: expected (city: str, limit: int = 5), "
         "got an unknown argument str 'Limit'")),
        (lookup, ["x"], {5: 1}, ("args: expected (city: str, limit: int = 5), "
         "got an unknown argument int 5")),
        (lookup, ["x"], {(): 1}, ("args: expected (city: str, limit: int = 5), "
         "got an unknown argument tuple of 0 items")),
        (everything, [1, 2], {}, "args.d: expected int, got nothing"),
        (everything, [], {"a": "1", "b": 2, "d": 4}, "args.a: expected int, got nothing"),
        (everything, [1, 2, 3, 4, "5"], {"d": 4}, "args.*rest[1]: expected int, got str '5'"),
        (everything, [1, 2], {"d": 4, "f": 5}, "args['f']: expected str, got int 5"),
        (everything, [1, 2], {"d": 4, "\x1b\n": 5},
         r"args['\x1b\n']: expected str, got int 5"),
    ],
)  # fmt: skip
def test_refused(
    function: Callable[..., Any], args: list[Any], kwargs: dict[Any, Any], message: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        host_function(function).bind(args, kwargs)
    assert str(caught.value) == message


def test_what_the_host_has_bound_is_not_the_guests_to_give() -> None:
    def query(sql: str, dsn: str, **options: str) -> str:
        return dsn

    lent = host_function(functools.partial(query, dsn="postgres://secret"))
    assert lent.signature == "(sql: str, **options: str) -> str"
    assert lent.bind(["x"], {"a": "b"}) == (("x",), {"a": "b"})
    with pytest.raises(ValidationFailed) as caught:
        lent.bind(["x"], {"dsn": "postgres://evil"})
    assert str(caught.value) == (
        "args: expected (sql: str, **options: str), got an unknown argument str 'dsn'"
    )
    with pytest.raises(ValidationFailed, match=r"at most 1 positional argument, got 2$"):
        lent.bind(["x", "postgres://evil"], {})


def test_a_million_unknown_names_cost_one() -> None:
    names = dict.fromkeys(map(str, range(1_000_000)), 0)
    assert refusal(lookup, "x", **{"0": 0}).endswith("got an unknown argument str '0'")
    with pytest.raises(ValidationFailed, match=r"got an unknown argument str '0'$"):
        host_function(lookup).bind(["x"], names)


def test_messages_are_bounded() -> None:
    message = refusal(lookup, "x", **{"k" * 1_000_000: 1})
    assert message == (
        "args: expected (city: str, limit: int = 5), got an unknown argument str "
        f"'{'k' * 28}…{'k' * 28}' (1000000 characters)"
    )
