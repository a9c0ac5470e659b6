"""What a module may have beside its memory."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ringfence.errors import ConfigurationError
from ringfence.wasm.store import StoreLimits

NAMES = [field.name for field in dataclasses.fields(StoreLimits)]


def test_the_defaults() -> None:
    usual = {"table_elements": 100_000, "instances": 1, "tables": 1, "memories": 1}
    assert dataclasses.asdict(StoreLimits()) == usual


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [0, -1, True, 1.0, "5", None, 1 << 32])
def test_what_is_no_number_of_them(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        StoreLimits(**{name: value})
    assert str(caught.value) == f"{name}={value!r} must be a whole number from 1 to 4294967295"


@pytest.mark.parametrize("name", NAMES)
def test_less_than_is_needed(name: str) -> None:
    least = StoreLimits(table_elements=2, instances=2, tables=2, memories=2)
    least.refuse_less(least)
    with pytest.raises(ConfigurationError) as caught:
        dataclasses.replace(least, **{name: 1}).refuse_less(least)
    assert str(caught.value) == f"{name}=1 is less than the interpreter needs: at least 2"
