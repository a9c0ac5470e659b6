"""What a worker says that it has compiled, which may be anything."""

from __future__ import annotations

import struct

import pytest

from ringfence._engines.wasi.compiled import _entries, _source_of


def entry(name: str, data: bytes) -> bytes:
    encoded = name.encode()
    return struct.pack("<II", len(encoded), len(data)) + encoded + data


def test_whole_entries_are_taken_and_the_rest_is_nothing() -> None:
    whole = entry("/packages/a", b"1") + entry("/packages/b", b"")
    expected = [("packages/a", b"1"), ("packages/b", b"")]
    assert list(_entries(bytearray(whole))) == expected
    for end in range(len(whole)):
        got = list(_entries(bytearray(whole[:end])))
        assert got == expected[: len(got)]
        assert len(got) < 2
    assert list(_entries(bytearray(whole + b"\xff" * 40))) == expected
    assert list(_entries(bytearray(struct.pack("<II", 2**32 - 1, 2**32 - 1)))) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("packages/__pycache__/a.cpython-313.pyc", "packages/a.py"),
        ("packages/b/__pycache__/__init__.cpython-313.pyc", "packages/b/__init__.py"),
        ("packages/a.py", ""),
        ("lib/python3.13/json/__init__.py", ""),
        ("packages/__pycache__/a.cpython-313.so", ""),
        ("__pycache__/a.cpython-313.pyc", ""),
        ("", ""),
    ],
)
def test_only_byte_code_of_a_module_has_a_source(name: str, source: str) -> None:
    assert _source_of(name) == source
