"""How block scripts' geometry lies in memory."""

from __future__ import annotations

import struct

from ringfence_guest.protocol.geometry import (
    FIELDS,
    LEAST_VERTICES,
    NOT_NEGATIVE,
    POSITIVE,
    RECORD_SIZE,
    Kind,
    Layout,
)


def test_a_record_is_six_doubles_and_two_numbers() -> None:
    assert struct.calcsize("<6dII") == RECORD_SIZE == 56
    assert set(FIELDS) == set(Kind)
    assert all(len(fields) <= 6 for fields in FIELDS.values())


def test_what_is_checked_is_there() -> None:
    for table in (POSITIVE, NOT_NEGATIVE):
        for kind, indices in table.items():
            assert all(index < len(FIELDS[kind]) for index in indices)
    assert set(LEAST_VERTICES) == {Kind.POLYLINE, Kind.POLYGON, Kind.EXTRUSION}


def test_the_parts_of_a_layout_follow_one_another() -> None:
    layout = Layout(1000, 300)
    assert layout.verdicts >= 8
    assert layout.verdicts + 1000 <= layout.lines
    assert layout.lines + 4 * 1000 <= layout.ends
    assert layout.ends + 8 * 1000 <= layout.records
    assert layout.size == layout.records + 300 * RECORD_SIZE
    assert [one % 8 for one in (layout.lines, layout.ends, layout.records)] == [0, 0, 0]
