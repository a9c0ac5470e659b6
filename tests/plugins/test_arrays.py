"""Arrays at hooks: checked on their way in and out, lent in shared memory, gone with the call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
import pytest

from ringfence import ConfigurationError, Limits, ValidationFailed
from ringfence.plugins import (
    AllowNonFinite,
    Array,
    Bundle,
    HookSpec,
    PluginHost,
    Range,
    Unit,
    hook,
)
from tests.plugins.specs import bundle


class Tiles(HookSpec, name="tests.counting", version="1.0"):
    """Hooks with arrays."""

    @hook()
    def shift(
        self, x: Array[np.float64, " n"], y: Array[np.float64, " n"]
    ) -> Array[np.float64, " n"]: ...

    @hook()
    def height(
        self, x: Array[np.float64, "h w"], scale: float = 1.0
    ) -> Annotated[Array[np.float64, "h w"], Range(-10, 10), Unit("m")]: ...

    @hook()
    def layers(
        self, x: Array[np.float64, "h w"]
    ) -> tuple[
        Array[np.float64, "h w"], Array[np.uint8, "h w 3"], dict[str, Array[np.int64, " k"]]
    ]: ...

    @hook()
    def point(self, x: Array[np.float64, ""]) -> Array[np.float64, " n"] | None: ...

    @hook()
    def holes(
        self, x: Annotated[Array[np.float64, "h w"], AllowNonFinite()]
    ) -> Annotated[Array[np.float64, "h w"], AllowNonFinite(), Range(0, 1)]: ...


@pytest.fixture(scope="module")
def native() -> Iterator[Any]:
    """Answers a hook by the text of a plugin, in one host for each text."""
    hosts: dict[Bundle, PluginHost] = {}

    def ask(source: str, hook: str, **arguments: Any) -> Any:
        plugin = bundle("import numpy as np\n" + source, packages=["numpy"])
        host = hosts.setdefault(
            plugin,
            PluginHost(Tiles, [plugin], engine="native", packages=["numpy"], workers=1),
        )
        answer = host.ask_plugins(hook, **arguments)
        assert answer is not None
        return answer

    yield ask
    for host in hosts.values():
        host.close()


X = np.arange(6.0).reshape(2, 3)


def test_an_array_crosses_both_ways(native: Any) -> None:
    answer = native("def height(x, scale): return x * scale", "height", x=X, scale=0.5)
    np.testing.assert_array_equal(answer.value, X * 0.5)
    assert answer.value.flags.c_contiguous


def test_the_default_of_an_argument_is_passed(native: Any) -> None:
    answer = native("def height(x, scale): return x + scale", "height", x=X)
    np.testing.assert_array_equal(answer.value, X + 1)


WRONG = {
    "return x.astype('float32')": ("an array of float64", "an array of float32 with shape 2 x 3"),
    "return x.T": ("shape 2 x 3", "shape 3 x 2"),
    "return x[0]": ("shape 2 x 3", "shape 3"),
    "return list(x)": ("an array of float64", "a value of type list"),
    "return 1.0": ("an array of float64", "a value of type float"),
    "return x * np.nan": ("finite numbers", "nan at [0, 0]"),
    "return np.where(x == 4, np.inf, x)": ("finite numbers", "inf at [1, 1]"),
    "return x * 3": ("numbers from -10 to 10", "12.0 at [1, 1]"),
    "return -x * 3": ("numbers from -10 to 10", "-12.0 at [1, 1]"),
    "return np.zeros((2, 3), 'O')": None,
    "return np.ma.masked_array(x)": None,
    "return np.zeros((2, 3)).view(np.matrix)": "fine",
    "return np.zeros((2, 3), '>f8')": "fine",
}


@pytest.mark.parametrize("body", WRONG)
def test_what_comes_back_is_checked(native: Any, body: str) -> None:
    answer = native(f"def height(x, scale): {body}", "height", x=X)
    wanted = WRONG[body]
    if wanted == "fine":
        assert answer.value.dtype == np.float64
        return
    (failure,) = answer.failures
    assert answer.value is None
    if wanted is None:
        assert failure.kind in {"wrong-value", "raised"}
    else:
        expected, got = str(wanted[0]), str(wanted[1])
        assert failure.kind == "wrong-value"
        assert failure.field == "return value"
        assert failure.reason == f"expected {expected}, got {got}"
        assert str(failure) == f"counter: height: return value: expected {expected}, got {got}"


def test_a_part_that_is_wrong_is_named(native: Any) -> None:
    source = "def layers(x): return x, np.zeros((2, 3, 3), 'u1'), {'a': np.zeros(4, 'i8'), 'b': %s}"
    good = native(source % "np.ones(4, 'i8')", "layers", x=X)
    assert list(good.value[2]) == ["a", "b"]
    (failure,) = native(source % "np.ones(5, 'i8')", "layers", x=X).failures
    assert (failure.field, failure.reason) == (
        "return value[2]['b']",
        "expected shape 4, got shape 5",
    )


def test_holes_may_be_allowed(native: Any) -> None:
    x = np.array([[np.nan, 0.5]])
    answer = native("def holes(x): return x", "holes", x=x)
    np.testing.assert_array_equal(answer.value, x)
    (failure,) = native("def holes(x): return x + 1", "holes", x=x).failures
    assert failure.reason == "expected numbers from 0 to 1, got 1.5 at [0, 1]"


@pytest.mark.parametrize(
    ("x", "error"),
    [
        (X.astype("f4"), "height: x: expected an array of float64, got an array of float32 with shape 2 x 3"),
        (X[0], "height: x: expected shape h x w, got shape 3"),
        (X * np.nan, "height: x: expected finite numbers, got nan at [0, 0]"),
        ([[1.0]], "height: x: expected an array of float64, got a value of type list"),
    ],
)  # fmt: skip
def test_the_hosts_own_arguments_are_checked(native: Any, x: Any, error: str) -> None:
    with pytest.raises(ValidationFailed) as raised:
        native("def height(x, scale): return x", "height", x=x)
    assert str(raised.value) == error


def test_a_point_stays_one_and_none_may_stand_for_an_array(native: Any) -> None:
    shape = "def point(x): return np.array([float(x.ndim)]) if x > 0 else None"
    assert native(shape, "point", x=np.array(1.0)).value.tolist() == [0.0]
    answer = native(shape, "point", x=np.array(-1.0))
    assert (answer.value, answer.plugins) == (None, ("counter",))


def test_a_gigabyte_is_a_limit() -> None:
    plugin = bundle(
        "import numpy as np\ndef height(x, scale): return np.zeros((1 << 14, 1 << 13))",
        packages=["numpy"],
    )
    limits = Limits(memory="2GiB", disk=0, threads=0, value="4MiB", wall=30)
    with PluginHost(
        Tiles, [plugin], engine="native", packages=["numpy"], limits=limits, workers=1
    ) as host:
        answer = host.ask_plugins("height", x=X)
    assert answer is not None
    (failure,) = answer.failures
    assert failure.kind == "limit"
    assert "value" in failure.reason


ARRAYS = """
kept = []
def shift(x, y):
    kept.append((x, y))
    first = np.random.randint(1 << 30)
    np.random.seed(3)
    count = 0.0
    try:
        x[0] += 1.0
        count = 1.0
    except ValueError:
        pass
    fresh = np.random.default_rng().integers(1 << 30)
    return np.full_like(x, x[0]) + y * 0 + len(kept) - 1 + count + first + fresh
"""


def test_arenas_of_earlier_calls_and_numpys_random_numbers_survive_nowhere(native: Any) -> None:
    x, y = np.zeros(1 << 17), np.zeros(1 << 17)
    first = native(ARRAYS, "shift", x=x, y=y)
    assert first.failures == ()
    for number in range(8):
        again = native(ARRAYS, "shift", x=x + number, y=y)
        np.testing.assert_array_equal(again.value, first.value + number)
    assert x.max() == 0.0


def test_annotations_without_their_quotes_mean_the_same() -> None:
    source = (
        "from __future__ import annotations\n"
        "class Spec(HookSpec, name='a', version='1.0'):\n"
        "    @hook()\n"
        "    def f(self, x: Array[float64, n]) -> Array[uint8, n]: ...\n"
    )
    names: dict[str, Any] = {"HookSpec": HookSpec, "hook": hook, "Array": Array}
    exec(source, names)
    found = names["Spec"].hooks["f"]
    assert found.check_arguments({"x": np.zeros(3)})[1] == {"n": 3}
    with pytest.raises(ValidationFailed, match="expected shape 3, got shape 4"):
        found.check_returned(np.zeros(4, "u1"), {"n": 3})


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("float64", 'write Array[dtype, "dimensions"]'),
        (("colour", "h"), "Array['colour', …]: that is no dtype of NumPy's"),
        (("O", "h"), "Array['O', …]: arrays of numbers and booleans only"),
        (("f8", 3), 'Array["float64", 3]: write the dimensions as text, such as "h w"'),
        (("f8", "h w+1"), 'Array["float64", "h w+1"]: \'w+1\' is no length, no name and no _'),
    ],
)
def test_an_array_that_is_none_is_refused(given: Any, error: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Array[given]
    assert str(raised.value) == error
