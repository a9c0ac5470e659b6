"""Bodies of JSON are counted a slice at a time, with the same verdict wherever they are cut."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest

from ringfence.server import json_bodies
from ringfence.server.problems import Problem


def verdict(body: bytes) -> bool:
    try:
        json_bodies.check_json(body)
    except Problem:
        return False
    return True


def outline(body: bytes) -> tuple[int, int, int]:
    """Values, depth and the digits of the longest number: read one character after the other."""
    values = depth = deepest = 0
    inside = False
    outside = ""
    text = re.sub(r'\\[\\"]', "", body.decode())
    for one in text:
        if one == '"':
            inside = not inside
        elif not inside:
            outside += one
            values += one in ",[{"
            depth += (one in "[{") - (one in "]}")
            deepest = max(deepest, depth)
    longest = max(map(len, re.findall(r"\d+", outside)), default=0)
    return values, deepest, longest


def made(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.randrange(7 if depth < 4 else 4)
    if kind == 0:
        return chance.randrange(10 ** chance.randrange(1, 9))
    if kind < 4:
        return "".join(chance.choice('[]{},"\\1a') for _ in range(chance.randrange(12)))
    if kind < 6:
        return [made(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {str(one): made(chance, depth + 1) for one in range(chance.randrange(3))}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_a_cut_changes_no_verdict(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(json_bodies, "_SLICE", size)
    monkeypatch.setattr(json_bodies, "MOST_VALUES", 7)
    monkeypatch.setattr(json_bodies, "MOST_DEPTH", 3)
    monkeypatch.setattr(json_bodies, "MOST_DIGITS", 6)
    monkeypatch.setattr(json_bodies, "_TOO_LONG", b"0" * 7)
    chance = random.Random(size)
    seen = set()
    for _ in range(2_000):
        body = json.dumps(made(chance)).encode()
        values, depth, digits = outline(body)
        holds = values <= 7 and depth <= 3 and digits <= 6
        assert verdict(body) is holds, body
        seen.add(holds)
    assert seen == {True, False}


def test_nothing_looks_at_more_than_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs without a pause keeps all other threads waiting."""
    seen: list[int] = []
    has_long_number = json_bodies._has_long_number

    def watched(part: bytes) -> bool:
        seen.append(len(part))
        return has_long_number(part)

    monkeypatch.setattr(json_bodies, "_has_long_number", watched)
    texts = b'"' + b"[" * 100 + b'",'
    body = b"[" + texts * 20_000 + b"1" * 10_000 + b"]"
    assert not verdict(body)
    pieces = [len(one) for one in json_bodies._outside_of_texts(body, b"")]
    most = json_bodies._SLICE + json_bodies.MOST_DIGITS
    assert max(seen) <= most
    assert max(pieces) <= most
    assert len(pieces) > len(body) // most
