"""NumPy arrays and scalars against annotations."""

import math
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pytest

from ringfence.errors import ConfigurationError
from ringfence.runtime.annotations import validator_for
from tests.unit.runtime.checking import check, refusal


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (np.ndarray, np.zeros(3)),
        (npt.NDArray[np.float64], np.zeros((2, 2))),
        (npt.NDArray[np.float64], np.zeros(2, ">f8")),
        (npt.NDArray[np.floating], np.zeros(2, "f4")),
        (npt.NDArray[np.float32 | np.int8], np.zeros(2, "i1")),
        (npt.NDArray[Any], np.array("abc")),
        (np.ndarray[tuple[int, int], np.dtype[np.int64]], np.zeros((2, 3), "i8")),
        (list[npt.NDArray[np.bool_]], [np.zeros(2, "?")]),
    ],
)
def test_arrays_pass_unchanged(annotation: object, value: Any) -> None:
    found = check(annotation, value)
    if isinstance(value, list):
        assert found[0] is value[0]
    else:
        assert found is value


@pytest.mark.parametrize(
    ("annotation", "value", "message"),
    [
        (np.ndarray, [1.0], "value: expected array, got list of 1 item"),
        (npt.NDArray[np.float64], np.zeros((2, 3), "i8"),
         "value: expected array of float64, got array int64[2, 3]"),
        (npt.NDArray[np.float64], np.zeros(2, "f4"),
         "value: expected array of float64, got array float32[2]"),
        (npt.NDArray[np.float64], np.float64(1),
         "value: expected array of float64, got numpy.float64"),
        (np.ndarray[tuple[int, int], np.dtype[np.float64]], np.zeros(3),
         "value: expected array of float64 with 2 dimensions, got array float64[3]"),
        (float, np.zeros(1), "value: expected float, got array float64[1]"),
        (np.uint8, 256, "value: expected numpy.uint8, got int 256"),
        (np.uint8, -1, "value: expected numpy.uint8, got int -1"),
        (np.uint8, True, "value: expected numpy.uint8, got bool True"),
        (np.float32, 0.1, "value: expected numpy.float32, got float 0.1"),
        (np.float64, "1", "value: expected numpy.float64, got str '1'"),
    ],
)  # fmt: skip
def test_the_dtype_is_checked(annotation: object, value: object, message: str) -> None:
    assert refusal(annotation, value) == message


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (int, np.int64(5), "5"),
        (float, np.float64(0.5), "0.5"),
        (float, np.float32(0.5), "0.5"),
        (float, np.int8(3), "3.0"),
        (bool, np.True_, "True"),
        (str, np.str_("a"), "'a'"),
        (complex, np.complex128(1j), "1j"),
        (Literal[1, 2], np.int64(2), "2"),
        (int | None, np.int64(5), "5"),
        (np.float64, np.float64(1), "np.float64(1.0)"),
        (np.float64, 1, "np.float64(1.0)"),
        (np.float32, 0.5, "np.float32(0.5)"),
        (np.float64, math.nan, "np.float64(nan)"),
        (np.uint8, 255, "np.uint8(255)"),
    ],
)
def test_a_scalar_is_the_number_it_holds(annotation: object, value: object, expected: str) -> None:
    assert repr(check(annotation, value)) == expected


def test_a_scalar_of_another_kind_is_refused() -> None:
    assert refusal(int, np.float64(5)) == "value: expected int, got numpy.float64"
    assert refusal(int, np.bool_(1)) == "value: expected int, got numpy.bool"


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        (np.ndarray[Any, np.float64], "is no dtype; write numpy.typing.NDArray[numpy.float64]"),  # type: ignore[type-var]
        (np.ndarray[Any, np.dtype[int]], "<class 'int'> is no NumPy scalar type"),  # type: ignore[type-var]
    ],
)
def test_what_is_no_dtype(annotation: Any, reason: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        validator_for(annotation, where="returns")
    assert str(caught.value).endswith(reason)


def test_any_dtype() -> None:
    array = np.zeros((2, 2))
    for annotation in (np.ndarray[Any, Any], np.ndarray[tuple[int, ...], np.dtype[np.generic]]):
        assert check(annotation, array) is array
