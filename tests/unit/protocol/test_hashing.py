"""Keys that cannot meet in a table of CPython's, and those that are counted because they can."""

from __future__ import annotations

import sys
from itertools import accumulate
from random import Random
from typing import Any

import pytest

from ringfence_guest.protocol import codec
from ringfence_guest.protocol.codec import DecodeError
from ringfence_guest.protocol.hashing import MAX_UNKEYED, UNCOUNTED, cannot_meet, in_order
from tests.support.values import FAR

MANY = 3_000


def sparse(missing_every: int, size: int = MANY, first: int = 0) -> list[int]:
    """Ascending integers without the last of every so many."""
    numbers = range(first, first + 2 * size + missing_every)
    return [n for n in numbers if (n - first) % missing_every != missing_every - 1][:size]


@pytest.mark.parametrize(
    "keys",
    [
        list(range(MANY)),
        list(range(1, MANY)),
        list(range(2**61 - 1_000, 2**61 + 1_000)),  # their hashes begin again at 0
        sparse(3),
        sparse(3, first=12_345),
        sparse(100),
        [1, *range(120, 120 + MANY)],  # a beginning that would not be counted
        ["a", b"b"] * UNCOUNTED,
        [],
    ],
)
def test_cannot_meet(keys: list[Any]) -> None:
    assert cannot_meet(keys)


@pytest.mark.parametrize(
    "keys",
    [
        sparse(2),
        [-1, *range(MANY)],
        list(range(MANY, 0, -1)),
        [*range(1, MANY), 0],
        [*range(MANY), MANY - 1],
        [*range(MANY), MANY * 3 // 2 + 2],  # too far at the end
        [0, *range(MANY * 2 // 3, MANY)],  # too far at the beginning, and made up for after it
        [*range(MANY - 1), "a"],
        [*range(2, MANY), True],
        [n / 2 for n in range(MANY)],
        [(n,) for n in range(MANY)],
    ],
)
def test_can_meet(keys: list[Any]) -> None:
    assert not cannot_meet(keys)


@pytest.mark.parametrize("seed", range(50))
def test_no_two_members_of_a_run_ask_for_the_same_place(seed: int) -> None:
    random = Random(seed)
    first = random.choice((0, 1, random.randrange(2**61), 2**61 - 1 - random.randrange(MANY)))
    steps = random.choices((1, 2, 3), (5, 3, 0.2), k=MANY)
    keys = list(accumulate(steps, initial=first))
    most = next(n for n in range(MANY, 0, -1) if cannot_meet(keys[:n]))
    for places in (512, 1_024, 2_048, 4_096):
        held = min(most, places * 2 // 3)  # the most that a table of so many places holds
        assert len({hash(key) % places for key in keys[:held]}) == held


def places_of_set(value: set[Any]) -> int:
    """How many places CPython gave to it; eight of them are in an empty one."""
    places, odd = divmod(sys.getsizeof(value) - sys.getsizeof(set()), 16)
    assert odd == 0
    return places


def places_of_dict(value: dict[Any, Any]) -> int:
    """How many places CPython gave to it: indices of 1, 2 or 4 bytes, and two thirds as many
    entries of 24.
    """
    size = sys.getsizeof(value)
    for log in range(9, 25):
        places = 1 << log
        expected = places * (2 if log < 16 else 4) + places * 2 // 3 * 24
        if 0 <= size - expected < 200:  # the heads of the object and of its table
            return places
    raise AssertionError(f"{size} bytes")


@pytest.mark.parametrize("held", [300, 341, 342, 1_365, 1_366, 20_000, 43_690, 43_691, 100_000])
def test_tables_have_more_places_than_three_halves_of_what_they_hold(held: int) -> None:
    keys = sparse(3, held)
    assert places_of_dict(dict(zip(keys, keys, strict=True))) * 2 > held * 3
    assert places_of_set(set(keys)) * 2 > held * 3


@pytest.mark.parametrize("first", [0, 1, 777_777])
@pytest.mark.parametrize("held", [1_000, 20_000, 43_690])
def test_each_member_of_a_run_stands_where_it_asked_to(first: int, held: int) -> None:
    """A set is walked in the order of its places."""
    keys = sparse(3, held, first)
    found = set(keys)
    places = places_of_set(found)
    assert list(found) == sorted(keys, key=lambda key: key % places)


def test_sets_of_integers_are_sent_in_order() -> None:
    numbers = {n * 9_973 % 10_007 for n in range(10_000)}
    assert list(in_order(numbers)) == sorted(numbers)
    for kind in (set, frozenset):
        packed = codec.encode(kind(numbers), limit=FAR)
        assert codec.decode(packed.body, limit=FAR) == numbers
    assert in_order(few := {3, 1, 2}) is few
    assert in_order(texts := set(map(str, numbers))) is texts


def test_a_run_is_one_only_in_order() -> None:
    """The order of a dictionary is the sender's, and its table is built in that order."""
    upwards = dict.fromkeys(range(MAX_UNKEYED + 1))
    assert codec.decode(codec.encode(upwards, limit=FAR).body, limit=FAR) == upwards
    downwards = dict.fromkeys(reversed(upwards))
    with pytest.raises(codec.EncodeError, match=f"^{MAX_UNKEYED + 1} keys or items of a set that"):
        codec.encode(downwards, limit=FAR)
    flat = ",".join(f"{key},null" for key in downwards)
    with pytest.raises(DecodeError, match="^too many keys that could be made to collide$"):
        codec.decode(f'{{"dict":[{flat}]}}'.encode(), limit=FAR)
