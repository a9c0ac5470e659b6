"""Host functions: how they are declared, what a guest may pass, what may go back."""

import asyncio
import dataclasses
import datetime
import functools
import json
import math
import typing
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import annotated_types
import pytest

from ringfence.errors import ConfigurationError, PolicyNotEnforceable, ValidationFailed
from ringfence.runtime.functions import host_function, register
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


class Service:
    def query(self, text: str) -> int:
        return len(text)

    @classmethod
    def count(cls, text: str) -> int:
        return len(text)

    @staticmethod
    def size(text: str) -> int:
        return len(text)


class Ask:
    """An object that is called."""

    def __call__(self, question: str) -> str:
        """Answer a question."""
        return question


class AskLater:
    async def __call__(self, question: str) -> str:
        return question


def wrong(function: Any, **options: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        host_function(function, **options)
    return str(caught.value)


class TestDeclaring:
    def test_a_plain_function(self) -> None:
        declared = host_function(lookup)
        assert (declared.name, declared.function) == ("lookup", lookup)
        assert (declared.is_async, declared.threaded, declared.timeout) == (False, False, None)
        assert declared.declaration() == {
            "name": "lookup",
            "async": False,
            "doc": "Find places.",
            "signature": "(city: str, limit: int = 5) -> list[str]",
        }
        assert declared("x", limit=2) == ["x", "x"]

    def test_an_async_function(self) -> None:
        declared = host_function(search, timeout=2)
        assert (declared.is_async, declared.timeout) == (True, 2.0)
        assert json.dumps(declared.declaration()) == (
            '{"name": "search", "async": true, "doc": "", "signature": "(query: str) -> list[str]"}'
        )

    def test_options_as_a_call_and_as_a_decorator(self) -> None:
        @host_function
        def one(x: int) -> int:
            return x

        @host_function(name="deux", threaded=True, timeout=datetime.timedelta(minutes=1))
        def two(x: int) -> int:
            return x

        assert (one.name, one.threaded) == ("one", False)
        assert (two.name, two.threaded, two.timeout) == ("deux", True, 60.0)
        assert two(5) == 5
        assert host_function(lookup, threaded=True).threaded

    @pytest.mark.parametrize(
        ("function", "name", "is_async"),
        [
            (Service().query, "query", False),
            (Service.count, "count", False),
            (Service.size, "size", False),
            (functools.partial(lookup, limit=3), "lookup", False),
            (functools.partial(search), "search", True),
        ],
    )
    def test_other_callables(self, function: Callable[..., Any], name: str, is_async: bool) -> None:
        declared = host_function(function)
        assert (declared.name, declared.is_async) == (name, is_async)
        assert declared.bind(["x"], {}) == (("x",), {})

    def test_objects_that_are_called_need_a_name(self) -> None:
        declared = host_function(Ask(), name="ask")
        assert (declared.is_async, declared.doc) == (False, "Answer a question.")
        assert declared.bind(["x"], {}) == (("x",), {})
        assert host_function(AskLater(), name="ask").is_async
        assert wrong(Ask()) == (
            f"an object of type {__name__}.Ask has no name of its own; "
            f"give it one: ringfence.host_function(f, name=...)"
        )

    def test_a_function_under_a_wrapper(self) -> None:
        @functools.wraps(lookup)
        def traced(*args: Any, **kwargs: Any) -> Any:
            return lookup(*args, **kwargs)

        declared = host_function(traced)
        assert declared.function is traced
        assert declared.signature == "(city: str, limit: int = 5) -> list[str]"

    def test_a_cached_function(self) -> None:
        declared = host_function(functools.lru_cache(lookup))
        assert declared.signature == "(city: str, limit: int = 5) -> list[str]"
        assert declared.bind(["x"], {}) == (("x",), {})

    def test_the_signature_as_the_guest_reads_it(self) -> None:
        def draw(
            at: Place,
            /,
            size: Annotated[int, annotated_types.Ge(1)] = 1,
            *,
            name: str | None = None,
            secret: Any = object(),  # noqa: B008
            long: str = "x" * 100,
        ) -> dict[str, Place]:
            """Draw."""
            raise NotImplementedError

        declared = host_function(draw)
        assert declared.signature == (
            "(at: Place, /, size: int (>= 1) = 1, *, name: str | None = None, "
            "secret: Any = ..., long: str = ...) -> dict[str, Place]"
        )
        assert declared.doc == "Draw.\n\nPlace: city: str, height: float (optional)"

    def test_a_local_class_is_found_through_the_closure(self) -> None:
        @dataclasses.dataclass
        class Local:
            x: int

        def take(it: "Local") -> int:
            assert isinstance(it, Local)
            return it.x

        assert host_function(take).bind([{"x": 1}], {}) == ((Local(1),), {})

    def test_no_return_annotation_means_anything_that_can_cross(self) -> None:
        def free(x: int):  # type: ignore[no-untyped-def]
            return x

        declared = host_function(free)
        assert declared.signature == "(x: int)"
        assert declared.check_result({1: object}) == {1: object}


def no_annotation(city, limit: int = 5) -> None: ...  # type: ignore[no-untyped-def]


def no_rest(*args, **kwargs: int) -> None: ...  # type: ignore[no-untyped-def]


def unresolved(x: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821


def file(path: typing.IO[bytes]) -> None: ...


def gives_bytearray(x: int) -> bytearray: ...  # type: ignore[empty-body]


def generator(x: int) -> Iterator[int]:
    yield x


async def async_generator(x: int) -> AsyncIterator[int]:
    yield x


def unpacked(**options: typing.Unpack[Record]) -> None: ...  # type: ignore[misc]


def unreadable(x: int) -> None: ...


unreadable.__signature__ = 5  # type: ignore[attr-defined]


class TestRefusedWhenDeclared:
    @pytest.mark.parametrize(
        ("function", "message"),
        [
            (5, "a host function must be callable, not int 5"),
            ([lookup], "a host function must be callable, not list of 1 item"),
            (Place, (f"{__name__}.Place is a class; a guest cannot hold an instance of it. "
             "Write a function that returns what the guest needs")),
            (lambda x: x, ("a lambda has neither a name nor annotations; "
             "write a `def` with annotations")),
            (no_annotation, ("no_annotation(): parameter 'city' has no annotation, so nothing "
             "could be checked; write what it takes, for example `city: str`")),
            (no_rest, ("no_rest(): parameter 'args' has no annotation, so nothing could "
             "be checked; write what it takes, for example `args: str`")),
            (Service.query, ("query(): parameter 'self' has no annotation; "
             "register the method of an object: obj.query")),
            (unresolved, ("unresolved(): the name 'Nowhere' in its annotations cannot be resolved; "
             "define it at module level, before this is declared")),
            (generator, "generator() is a generator; return a list instead"),
            (async_generator, "async_generator() is a generator; return a list instead"),
            (host_function(lookup), "lookup() is a host function already"),
            (print, ("'print' is a builtin, which the guest needs itself; choose another name: "
             "ringfence.host_function(f, name=...)")),
            (unreadable, ("unreadable(): its signature cannot be read; "
             "wrap it in a `def` with annotations")),
            (math.sqrt, ("sqrt(): parameter 'x' has no annotation, so nothing could be checked; "
             "write what it takes, for example `x: str`")),
        ],
    )  # fmt: skip
    def test_what_cannot_be_lent(self, function: Any, message: str) -> None:
        assert wrong(function) == message

    @pytest.mark.parametrize(
        ("function", "start"),
        [
            (file, "file(): parameter 'path': IO[bytes]: cannot cross; "),
            (gives_bytearray, "gives_bytearray(): its return value: bytearray: cannot cross; "),
            (unpacked, "unpacked(): parameter 'options': "),
        ],
    )
    def test_annotations_outside_the_closed_set(
        self, function: Callable[..., Any], start: str
    ) -> None:
        assert wrong(function).startswith(start)

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("", "the name of a host function must be an identifier, not str ''"),
            ("a b", "the name of a host function must be an identifier, not str 'a b'"),
            ("a.b", "the name of a host function must be an identifier, not str 'a.b'"),
            ("x" * 101, ("the name of a host function must be an identifier, not str "
             f"'{'x' * 28}…{'x' * 28}' (101 characters)")),
            (5, "the name of a host function must be an identifier, not int 5"),
            ("class", "'class' is a keyword; choose another name"),
            ("None", "'None' is a keyword; choose another name"),
            ("__import__", "'__import__' has a meaning of its own in Python; choose another name"),
            ("_", "'_' has a meaning of its own in Python; choose another name"),
            ("input", ("'input' is a builtin, which the guest needs itself; choose another name: "
             "ringfence.host_function(f, name=...)")),
            ("ﬁnd", "'ﬁnd' is not in NFKC, the form that Python gives to names in source code"),
        ],
    )  # fmt: skip
    def test_names(self, name: Any, message: str) -> None:
        assert wrong(lookup, name=name) == message
        with pytest.raises(ConfigurationError) as caught:
            register({name: lookup})
        assert str(caught.value) == message

    @pytest.mark.parametrize(
        ("timeout", "message"),
        [
            (0, "search(): timeout must be more than 0 seconds, not 0"),
            (-1.5, "search(): timeout must be more than 0 seconds, not -1.5"),
            (math.nan, "search(): timeout must be more than 0 seconds, not nan"),
            (math.inf, "search(): timeout must be more than 0 seconds, not inf"),
            (True, "search(): timeout must be seconds or a timedelta, not bool True"),
            ("5", "search(): timeout must be seconds or a timedelta, not str '5'"),
        ],
    )
    def test_timeouts(self, timeout: Any, message: str) -> None:
        assert wrong(search, timeout=timeout) == message

    def test_a_timeout_that_nothing_could_enforce(self) -> None:
        with pytest.raises(PolicyNotEnforceable) as caught:
            host_function(lookup, timeout=5)
        assert str(caught.value) == (
            "lookup(): a timeout cannot be enforced on a function that runs on the caller's "
            "thread; make it `async def`, or register it with threaded=True"
        )

    def test_threads(self) -> None:
        assert wrong(search, threaded=True) == (
            "search() is async: it can be cancelled and needs no thread; leave threaded out"
        )
        assert wrong(lookup, threaded=1) == "lookup(): threaded must be True or False, not int 1"


class TestRegister:
    def test_a_list_a_mapping_and_what_is_declared_already(self) -> None:
        declared = host_function(search, timeout=5)
        assert register([]) == {}
        assert register([lookup, declared]) == {
            "lookup": host_function(lookup),
            "search": declared,
        }
        functions: dict[str, Any] = {"find": lookup, "seek": declared, "search": declared}
        renamed = register(functions)
        assert [f.name for f in renamed.values()] == ["find", "seek", "search"]
        assert (renamed["seek"].timeout, renamed["seek"].function) == (5.0, search)
        assert renamed["search"] is declared

    def test_two_of_the_same_name(self) -> None:
        with pytest.raises(ConfigurationError) as caught:
            register([lookup, host_function(search, name="lookup")])
        assert str(caught.value) == (
            "two host functions are named 'lookup'; "
            "give one another name: ringfence.host_function(f, name=...)"
        )

    @pytest.mark.parametrize(
        ("functions", "got"), [(lookup, f"{lookup!r}"), (None, "None"), (5, "int 5")]
    )
    def test_what_is_no_list(self, functions: Any, got: str) -> None:
        with pytest.raises(ConfigurationError) as caught:
            register(functions)
        assert str(caught.value) == (
            f"functions must be a list of functions, or a mapping of name to function, not {got}"
        )


class TestResults:
    def test_checked_and_made_plain(self) -> None:
        def find() -> list[Place]: ...  # type: ignore[empty-body]

        declared = host_function(find)
        assert declared.check_result([Place("x")]) == [
            Record("Place", {"city": "x", "height": 0.0})
        ]
        with pytest.raises(ValidationFailed) as caught:
            declared.check_result([Place("x", "high")])  # type: ignore[arg-type]
        assert str(caught.value) == "result[0].height: expected float, got str 'high'"

    def test_none_is_an_annotation(self) -> None:
        def note(text: str) -> None: ...

        assert host_function(note).check_result(None) is None
        with pytest.raises(ValidationFailed, match=r"^result: expected None, got int 5$"):
            host_function(note).check_result(5)

    @pytest.mark.filterwarnings("error")
    def test_a_coroutine_is_no_result(self) -> None:
        def start(query: str) -> list[str]:
            return search(query)  # type: ignore[return-value]

        async def main() -> None:
            declared = host_function(start)
            with pytest.raises(ValidationFailed) as caught:
                declared.check_result(declared.function("x"))
            assert str(caught.value) == (
                "result: expected list[str], got a coroutine "
                "(declare the function with `async def`)"
            )

        asyncio.run(main())
